"""How items of the work plan are drawn, and what a person can do about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from ytarchive.cli.output import Cell, Column, Screen
from ytarchive.cli.reports import draw_notice
from ytarchive.cli.words import count, size, when
from ytarchive.core.work_plan import OnlyCopy, WorkPlan, WorkPlanItem
from ytarchive.core.work_plan_changes import Changes
from ytarchive.core.work_plan_choice import narrowed as narrowed_to

SHOWN_PER_CAUSE = 10


def draw_items(screen: Screen, plan: WorkPlan, items: Iterable[WorkPlanItem], now: int) -> None:
    for notice in plan.notices:
        draw_notice(screen, notice)
        screen.say()
    narrowed = narrowed_to(plan, items)
    by_code = {code: list(some) for code, some in groupby(narrowed.items, key=lambda item: item.code)}
    for group in narrowed.groups:
        found = by_code[group.code]
        known = group.acknowledged - group.lost
        ignored = (f", {known} ignored" if known else "") + (f", {group.lost} lost" if group.lost else "")
        screen.heading(f"{group.code} ({group.count}{ignored}): {group.meaning}")
        _draw_rows(screen, found, now)
        for action in group.actions:
            screen.say(f"  {_action(action)}", "dim")
        screen.say()
    owed = (
        f"{narrowed.owed:,} of them {'is' if narrowed.owed == 1 else 'are'} missed"
        if narrowed.owed
        else "nothing is missed"
    )
    given_up = f"; {narrowed.lost:,} given up as lost" if narrowed.lost else ""
    screen.say(
        f"{count(narrowed.count, 'item')}; {owed}{given_up}.", "bold yellow" if narrowed.owed else "green"
    )


def _draw_rows(screen: Screen, items: Sequence[WorkPlanItem], now: int) -> None:
    most = len(items) if screen.verbose else SHOWN_PER_CAUSE
    titled = any(item.title for item in items)
    columns = [
        Column("Video"),
        *([Column("Title", wide=True)] if titled else []),
        Column("Entry", wide=True),
        Column("Next"),
    ]
    rows = []
    for item in items[:most]:
        if item.acknowledged:
            until = item.acknowledged.until
            next_ = "lost" if item.is_lost else "ignored" + (f" until {when(until, now)}" if until else "")
        else:
            next_ = when(item.next.at, now).partition(" (")[0] if item.next.at is not None else "-"
        rows.append([item.subject, *([item.title or ""] if titled else []), ", ".join(item.entries), next_])
    screen.table(columns, rows)
    if len(items) > most:
        screen.say(f"… and {len(items) - most:,} more (-v shows all)", "dim")


def draw_item(screen: Screen, item: WorkPlanItem, now: int) -> None:
    screen.heading(f"{item.subject}  {item.title or ''}".rstrip())
    status = f" (HTTP {item.evidence.status})" if item.evidence.status else ""
    stage = f", at the stage {item.evidence.stage}" if item.evidence.stage else ""
    screen.say(f"  {item.code}, {item.kind}{status}{stage}: {item.evidence.message}")
    if item.entries:
        screen.say(f"  wanted by {', '.join(item.entries)}")
    screen.say(
        f"  {count(item.attempts, 'attempt')}, first {when(item.first_at, now)}, last {when(item.last_at, now)}"
    )
    for end in item.tried:
        screen.say(f"    {end.times:,} x {end.code}, last {when(end.last_at, now)}", "dim")
    at = f", {when(item.next.at, now)}" if item.next.at is not None else ""
    screen.say(f"  next: {item.next.what}{at}")
    if item.acknowledged:
        until = f" until {when(item.acknowledged.until, now)}" if item.acknowledged.until else " for good"
        held = "given up as lost" if item.is_lost else f"ignored{until}"
        screen.say(f"  {held}{f': {item.acknowledged.why}' if item.acknowledged.why else ''}", "yellow")
    if item.on_disk:
        screen.say("  there is a copy on disk, which does not answer the wish", "dim")
    for action in item.actions:
        screen.say(f"  you can: {_action(action)}", "dim")
    screen.say()


CHANGES_SHOWN = 50


def draw_changes(screen: Screen, changes: Changes, now: int) -> None:
    if changes.since is None:
        screen.say("There is no earlier work plan to compare with.")
        return
    screen.heading(f"Since {when(changes.since, now)}")
    for word, some in (("New", changes.new), ("Open no more", changes.gone), ("Changed", changes.changed)):
        if not some:
            continue
        screen.say()
        screen.heading(f"{word}: {count(len(some), 'item')}")
        shown = some if screen.verbose else some[:CHANGES_SHOWN]
        screen.table(
            [Column("Video"), Column("Title", wide=True), Column("Before"), Column("Now")],
            [[one.subject, one.title or "", ", ".join(one.before), ", ".join(one.after)] for one in shown],
        )
        if len(some) > len(shown):
            screen.say(f"… and {len(some) - len(shown):,} more (-v shows all)", "dim")
    if not changes.any:
        screen.say("Nothing has changed.", "green")


def draw_only_copies(screen: Screen, copies: Sequence[OnlyCopy], now: int) -> None:
    if not copies:
        screen.say("Nothing that is here is known to be gone from YouTube.", "green")
        return
    for channel, some in groupby(
        copies, key=lambda copy: copy.channel or copy.channel_id or "no known channel"
    ):
        screen.heading(channel)
        columns = [
            Column("Video"),
            Column("Title", wide=True),
            Column("Published"),
            Column("Cause", wide=True),
            Column("Gone since"),
            Column("Confirmed"),
            Column("Size", right=True),
        ]
        screen.table(columns, [_copy_row(copy, now) for copy in some])
        screen.say()
    damaged = sum(copy.damaged for copy in copies)
    screen.say(
        f"{count(len(copies), 'video')}, {size(sum(copy.bytes for copy in copies))}: have a backup.", "bold"
    )
    if damaged:
        screen.say(f"{damaged:,} of them damaged on disk: keep what is left of the files.", "bold red")


def _copy_row(copy: OnlyCopy, now: int) -> list[Cell]:
    sure = "not yet" if copy.confirmed_at is None else when(copy.confirmed_at, now).partition(" (")[0]
    gone = when(copy.gone_at, now).partition(" (")[0]
    title = copy.title or ""
    return [
        copy.video,
        f"(damaged) {title}" if copy.damaged else title,
        copy.uploaded_on or "",
        f"{copy.code}: {copy.evidence}" if copy.evidence else copy.code,
        gone,
        sure,
        size(copy.bytes),
    ]


def _action(action: Any) -> str:
    """`Try again now: ytarchive workplan retry ...`, or an edit of a file."""
    parts = [part for part in (action.command, action.edit) if part]
    return f"{action.what}: {'; '.join(parts)}" if parts else str(action.what)
