"""`ytarchive explain`: everything about one video."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli.app import invocation
from ytarchive.cli.arguments import VIDEO, VideoCommand

if TYPE_CHECKING:
    from ytarchive.cli.output import Cell, Screen
    from ytarchive.reconciler import Explanation, World


@click.command(cls=VideoCommand, short_help="Everything about one video")
@click.argument("video", type=VIDEO, metavar="VIDEO")
def explain(video: str) -> int:
    """Tell everything about a video: who wants it and how, what is on disk, what was tried, what comes next.

    VIDEO is an id (also one that begins with -) or any address of it.
    """
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import open_reading

    options = invocation()
    screen = Screen(options)
    with open_reading(options.settings()) as world:
        return tell(screen, world, video, brief=False)


def tell(screen: Screen, world: World, video: str, *, brief: bool) -> int:
    """Print what is known; `brief` leaves out the wish and the files."""
    from ytarchive.reconciler import explain as explained

    found = explained(world, video)
    if screen.json:
        screen.document(found)
        return 0
    now = world.clock.now()
    _draw_standing(screen, found, now)
    _draw_lists(screen, found, now)
    _draw_attempts(screen, found, now)
    _draw_drifts(screen, found, now)
    if not brief:
        _draw_wish(screen, found)
        _draw_item(screen, found)
    return 0


def _draw_standing(screen: Screen, found: Explanation, now: int) -> None:
    from ytarchive.cli.words import when
    from ytarchive.core.plan_words import REASONS, VERBS

    title = found.record.title if found.record else None
    screen.heading(f"{found.video}  {title or ''}".rstrip())
    if found.decision is None:
        screen.say("  no entry wants it", "yellow")
    else:
        decision = found.decision
        screen.say(f"  {decision.bucket}: {REASONS[decision.reason]}")
        if decision.action:
            screen.say(f"  the next pass would: {VERBS[decision.action]}")
        if decision.due_at is not None:
            screen.say(f"  next look {when(decision.due_at, now)}")
        places = [f"{entry.name} ({entry.file}:{entry.line})" for entry in found.entries]
        by_hand = [name for name in decision.entries if name not in {entry.name for entry in found.entries}]
        screen.say(f"  wanted by {', '.join([*places, *by_hand])}")
    if found.acknowledgement and found.acknowledgement.holds(now):
        said = found.acknowledgement
        until = f"until {when(said.until, now)}" if said.until is not None else "for good"
        held = "given up as lost" if said.is_lost else f"ignored {until}"
        screen.say(f"  {held}{f': {said.why}' if said.why else ''}", "yellow")
    if found.let_go:
        _draw_let_go(screen, found, now)
    elif found.removal:
        _draw_removal(screen, found)
    elif found.kept:
        screen.say("  it came out of quarantine, and stays whatever the policies say", "yellow")
    if found.lowered:
        less = found.lowered
        screen.say(
            f"  whatever quality there is will do, since {when(less.at, now)}{f': {less.why}' if less.why else ''}",
            "yellow",
        )


def _draw_removal(screen: Screen, found: Explanation) -> None:
    """That a policy takes it away, and what stands against that."""
    removal, held = found.removal, found.held
    assert removal is not None
    word = "put it into quarantine" if removal.how == "quarantine" else "delete it"
    screen.say(f"  its policy would {word}: {removal.why}", "yellow")
    if held is None:
        return
    screen.say(f"  kept: {held.what}")
    if held.cure:
        screen.say(f"  cure: {held.cure}")


_LET_GO = {
    "quarantine": "put into quarantine",
    "delete": "deleted by its policy",
    "respect": "deleted by somebody, which is respected",
    "missing": "gone from disk with many others",
}


def _draw_let_go(screen: Screen, found: Explanation, now: int) -> None:
    """What became of it, and how a person brings it back."""
    from ytarchive.cli.words import when

    gone = found.let_go
    assert gone is not None
    screen.say(f"  {_LET_GO[gone.how]} {when(gone.at, now)}: {gone.why}", "yellow")
    restore = f"ytarchive quarantine restore {found.video}; or " if gone.how == "quarantine" else ""
    screen.say(
        f"  it is not fetched again for entries; to have it back: {restore}ytarchive workplan retry {found.video}"
    )


_OUTCOMES = {"wanted": "green", "excluded": "yellow", "undecided": "yellow"}


def _draw_lists(screen: Screen, found: Explanation, now: int) -> None:
    """What each entry that lists it makes of it, and since when it stands in which list."""
    from ytarchive.cli.output import Column, styled
    from ytarchive.cli.words import when

    told = [one for one in found.standing if one.rule]
    if told:
        screen.say()
        columns = [Column("Entry", wide=True), Column("Wants it"), Column("By"), Column("Because", wide=True)]
        rows: list[list[Cell]] = [
            [one.entry, styled(one.outcome, _OUTCOMES[one.outcome]), one.rule or "", one.why or ""]
            for one in told
        ]
        screen.table(columns, rows)
    lists = [one for one in found.history if not one.source.startswith(("videos:", "pins:", "request:"))]
    if lists:
        screen.say()
        columns = [
            Column("List", wide=True),
            Column("Place", right=True),
            Column("Put there"),
            Column("First seen"),
            Column("Last seen"),
        ]
        screen.table(
            columns,
            [
                [
                    one.source,
                    "" if one.last_seen_at is not None else f"{one.position + 1:,}",
                    when(one.added_at, now) if one.added_at is not None else "",
                    when(one.first_seen_at, now),
                    f"{when(one.last_seen_at, now)}: gone from it"
                    if one.last_seen_at is not None
                    else "still there",
                ]
                for one in lists
            ],
        )
    if found.tombstone is not None:
        stone = found.tombstone
        sure = "" if stone.confirmed_at is not None else "; another look a day later will make sure"
        screen.say()
        screen.say(
            f"YouTube has it no more ({stone.code}), first noticed {when(stone.first_at, now)}{sure}",
            "yellow",
        )
        if stone.message:
            screen.say(f"  seen: {stone.message}")


def _draw_attempts(screen: Screen, found: Explanation, now: int) -> None:
    from ytarchive.cli.words import count, when
    from ytarchive.core.confirmation import unconfirmed
    from ytarchive.core.failure_table import policy

    for attempt in found.attempts:
        screen.say()
        status = f" (HTTP {attempt.status})" if attempt.status else ""
        doubt = unconfirmed(attempt.code, attempt.looks)
        kind = f"{attempt.kind}, {doubt}" if doubt else attempt.kind
        screen.heading(f"{attempt.part}: {attempt.code}, {kind}{status}")
        rule = policy(attempt.code)
        screen.say(f"  {rule.meaning}")
        if attempt.message:
            screen.say(f"  seen: {attempt.message}")
        tries = count(attempt.n, "attempt")
        screen.say(f"  {tries}, last {when(attempt.last_at, now)}, next {when(attempt.next_attempt_at, now)}")


def _draw_drifts(screen: Screen, found: Explanation, now: int) -> None:
    """How its files differ from what was left on disk, or did the last time."""
    from ytarchive.cli.words import when
    from ytarchive.core.drift import MEANINGS

    for drift in found.drifts:
        screen.say()
        since = f", {when(drift.at, now)}" if drift.at is not None else ""
        over = ", made good since" if drift.is_over and drift.kind != "moved" else ""
        screen.say(f"{drift.kind}{since}{over}: {MEANINGS[drift.kind]}", "dim" if drift.is_over else "yellow")
        screen.say(f"  seen: {drift.told}")
        if not drift.is_over or drift.kind == "moved":
            screen.say(f"  {drift.follows}")


def _draw_wish(screen: Screen, found: Explanation) -> None:
    from ytarchive.cli.output import Column

    if not found.merged:
        return
    screen.say()
    screen.heading("Wanted")
    everyone = {entry.name for entry in found.entries}
    rows = [
        [
            one.field,
            _shown(one.value),
            "" if set(one.entries) == everyone else ", ".join(one.entries) or "together",
        ]
        for one in found.merged
        if one.value not in (None, ())
    ]
    screen.table(
        [Column("Part"), Column("Wish", wide=True), Column("Because of", wide=True, style="dim")], rows
    )


def _draw_item(screen: Screen, found: Explanation) -> None:
    from ytarchive.cli.output import Column
    from ytarchive.cli.words import moment, size
    from ytarchive.core.identity import GUEST

    item = found.item
    if item is None:
        return
    screen.say()
    screen.heading("On disk")
    got = item.got
    parts = [_format(one) for one in (got.video, got.sound, got.audio) if one is not None]
    screen.say(f"  {' + '.join(parts)}{_shortfall(found)}")
    told = item.provenance
    who = "" if told.identity == GUEST else f", as {told.identity}"
    how = f"fetched by yt-dlp {told.engine}{who}" if told.adopted is None else told.adopted.words
    screen.say(f"  {moment(told.fetched_at)} {how}", "dim")
    if (sponsors := item.sponsors) is not None:
        known = f"{len(sponsors.marks)} parts marked, {len(sponsors.spans)} cut out"
        screen.say(f"  {moment(sponsors.asked_at)} SponsorBlock: {known}", "dim")
    rows = [
        [file.role, size(file.bytes), f"videos/{item.shard}/{item.id}/{file.name}"] for file in item.files
    ]
    rows += [["library", "", f"library/{path}"] for path in found.library]
    screen.table([Column("File"), Column("Size", right=True), Column("Path", wide=True)], rows)


def _shortfall(found: Explanation) -> str:
    """How what is on disk falls short of the wish, and whether that may change."""
    assert found.item is not None
    got = found.item.got
    if got.because == "MERGE_FAIL":
        return ", in mkv since nothing else could be made of it"
    if got.because == "LIVE_NOW":
        return ", recorded while the stream ran: YouTube's own recording replaces it once there is one"
    if not got.below_wish:
        early = found.row is not None and "quality" in found.row.late
        return ", taken when the video was new: more may be offered later" if early else ""
    why = f" ({got.because}: YouTube has more, which could not be had)" if got.because else ""
    looks = found.row is not None and found.row.late_due_at is not None
    more = "it is looked at again" if looks else "no better was offered in the looks after the download"
    return f", below the wish{why}: {more}"


def _format(one: Any) -> str:
    """`1080p60 vp9`, `opus en`."""
    if one.kind == "audio":
        return " ".join(part for part in (one.audio_codec, one.language) if part) or one.itag
    fps = f"{one.fps:.0f}" if one.fps and one.fps > 30 else ""
    return (
        " ".join(part for part in (f"{one.label}p{fps}" if one.label else "", one.codec) if part) or one.itag
    )


def _shown(value: object) -> str:
    """A wish in the words of a manifest: `max 1080p, codecs av1 vp9`."""
    from dataclasses import fields, is_dataclass

    if is_dataclass(value):
        told = {field.name: getattr(value, field.name) for field in fields(value)}
        return ", ".join(
            f"{name} {_shown(one)}" for name, one in told.items() if one not in (None, (), False)
        )
    if isinstance(value, tuple):
        return ("; " if any(is_dataclass(one) for one in value) else " ").join(_shown(one) for one in value)
    return str(value)
