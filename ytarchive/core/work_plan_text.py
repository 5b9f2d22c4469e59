"""The work plan as YAML for programs and careful readers, and as Markdown for everyone.

Text from the network is inert in both: YAML quotes it, Markdown shows it in code spans.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ytarchive.core.codec import plain
from ytarchive.core.failure_table import Cure
from ytarchive.core.instant import to_iso
from ytarchive.core.text import printable
from ytarchive.core.work_plan import BelowWish, OnlyCopy, WorkPlan, WorkPlanGroup, WorkPlanItem
from ytarchive.core.work_plan_changes import Changes

HEADER = (
    "# What ytarchive could not archive, why, and what can be done. Written anew by each pass; edits are lost.\n"
    "# Review it with `ytarchive workplan`. The codes are explained in docs/work-plan.md.\n"
)
WIDTH = 100


def to_yaml(plan: WorkPlan) -> str:
    """YAML that `yaml.safe_load` reads back as `codec.plain` gave it, without the keys that hold nothing.

    Written by hand: 10,000 items take a third of a second, a tenth of what PyYAML takes.
    """
    return HEADER + "\n".join(_mapping(plain(plan), "")) + "\n"


def _mapping(data: dict[str, Any], pad: str) -> Iterator[str]:
    for key, value in data.items():
        if value is None:
            continue
        if isinstance(value, dict):
            yield f"{pad}{key}:"
            yield from _mapping(value, pad + "  ")
        elif isinstance(value, list):
            yield f"{pad}{key}:" if value else f"{pad}{key}: []"
            yield from _sequence(value, pad + "  ")
        else:
            yield f"{pad}{key}: {_scalar(value, pad + '  ')}"


def _sequence(values: list[Any], pad: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            lines = _mapping(value, pad + "  ")
            yield f"{pad}- {next(lines).lstrip()}"
            yield from lines
        else:
            yield f"{pad}- {_scalar(value, pad + '  ')}"


# Letters first, and nothing that YAML gives a meaning to.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.,()/+'-]*(?: [A-Za-z0-9_.,()/+'-]+)*")
_WORDS_WITH_A_MEANING = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# Not printable in YAML, or not visible: shown as escapes. Joiners inside words and emoji stay.
_HIDDEN = re.compile(
    "[^\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
    "|[\\xad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\U000e0000-\\U000e0fff]"
)


def _scalar(value: object, pad: str) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if len(value) + len(pad) > WIDTH and _foldable(value):
        return ">-\n" + "\n".join(pad + line for line in _folded(value, WIDTH - len(pad)))
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS_WITH_A_MEANING:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _HIDDEN.sub(lambda match: _escape(match[0]), quoted)


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"


def _foldable(text: str) -> bool:
    return not (text[0] == " " or text[-1] == " " or "  " in text or _HIDDEN.search(text))


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def to_markdown(plan: WorkPlan, changes: Changes | None = None) -> str:
    """What changed, then grouped by cause: counts, the meaning, the cure, and a table of the items; last, only copies."""
    file = f" The commands are meant with the settings of {_code(plan.settings)}." if plan.settings else ""
    lines = ["# Work plan", "", f"Archive {_code(plan.archive)}, {to_iso(plan.made_at)}.{file}", ""]
    for notice in plan.notices:
        lines += [f"**Downloads pause** since {to_iso(notice.since)}. {notice.what}", ""]
        lines += [*(line for action in notice.actions for line in _action(action)), ""]
    if plan.items:
        known = plan.acknowledged - plan.lost
        lines += [
            f"{_counted(plan.count, 'open item')}: {plan.owed} to settle, "
            f"{plan.count - plan.owed - plan.acknowledged} settled by time alone, {known} acknowledged, {plan.lost} lost.",
            "",
            "| Cause | Items | Meaning |",
            "|---|---:|---|",
            *(f"| {group.code} | {group.count} | {group.meaning} |" for group in plan.groups),
            "",
        ]
    else:
        lines += ["Nothing is open: all that is wanted is archived.", ""]
    if changes is not None and changes.since is not None:
        lines += [*_changed(changes, changes.since), ""]
    items = {code: list(members) for code, members in groupby(plan.items, key=lambda item: item.code)}
    for group in plan.groups:
        lines += [*_section(group, items[group.code]), ""]
    if plan.only_copies:
        lines += [*_only_copies(plan.only_copies), ""]
    if plan.below_wish:
        lines += [*_below_wish(plan.below_wish), ""]
    return "\n".join(lines)


CHANGES_TOLD = 100
"""Of one sort; `workplan diff` tells all."""


def _changed(changes: Changes, since: int) -> Iterator[str]:
    counts = f"{len(changes.new)} new, {len(changes.gone)} open no more, {len(changes.changed)} with another cause."
    yield f"## Since {to_iso(since)}"
    yield ""
    yield counts if changes.any else "Nothing has changed."
    for word, some in (("new", changes.new), ("open no more", changes.gone), ("changed", changes.changed)):
        if some:
            yield ""
        for change in some[:CHANGES_TOLD]:
            causes = " to ".join(" and ".join(codes) for codes in (change.before, change.after) if codes)
            title = f" {_code(change.title)}" if change.title else ""
            yield f"- {word}: {_code(change.subject)}{title}, {causes}"
        if len(some) > CHANGES_TOLD:
            yield f"- {word}: {len(some) - CHANGES_TOLD} more, which `ytarchive workplan diff` tells"


def _only_copies(copies: tuple[OnlyCopy, ...]) -> Iterator[str]:
    yield f"## You hold the only copy: {_counted(len(copies), 'video')}"
    yield ""
    yield "YouTube has these no more. Nothing takes them away; a backup is what they lack."
    yield ""
    yield "| Channel | Video | Title | Published | Cause | Gone since | Fetched |"
    yield "|---|---|---|---|---|---|---|"
    for copy in copies:
        sure = (
            f", confirmed {to_iso(copy.confirmed_at)}"
            if copy.confirmed_at is not None
            else ", not confirmed yet"
        )
        cells = (
            _code(copy.channel or copy.channel_id or ""),
            _code(copy.video) + (" (damaged)" if copy.damaged else ""),
            _code(copy.title or ""),
            _code(copy.uploaded_on or ""),
            _code(copy.code),
            f"{to_iso(copy.gone_at)}{sure}",
            to_iso(copy.fetched_at),
        )
        yield f"| {' | '.join(cells)} |"


BELOW_WISH_TOLD = 100
"""Nothing has to be done about these: the YAML file has all of them."""


def _below_wish(some: tuple[BelowWish, ...]) -> Iterator[str]:
    yield f"## Here below the wish: {_counted(len(some), 'video')}"
    yield ""
    yield "These count as archived. They are looked at again by themselves, and replaced once more is offered."
    yield ""
    yield "| Video | Title | Here | Wished | Because | Next look |"
    yield "|---|---|---|---|---|---|"
    for one in some[:BELOW_WISH_TOLD]:
        cells = (
            _code(one.video),
            _code(one.title or ""),
            _code(one.got) + (" (cut)" if one.cut else ""),
            _code(one.wished or ""),
            _code(one.because or "not offered"),
            to_iso(one.next_look_at) if one.next_look_at is not None else "none left",
        )
        yield f"| {' | '.join(cells)} |"
    if len(some) > BELOW_WISH_TOLD:
        yield ""
        yield f"And {len(some) - BELOW_WISH_TOLD} more."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _section(group: WorkPlanGroup, items: list[WorkPlanItem]) -> Iterator[str]:
    known = f", {group.acknowledged} of them acknowledged" if group.acknowledged else ""
    known += f" ({group.lost} lost)" if group.lost else ""
    yield f"## {group.code}: {_counted(group.count, 'item')}{known}"
    yield ""
    yield group.meaning
    if group.actions:
        yield ""
        yield "What you can do:"
        yield ""
        for action in group.actions:
            yield from _action(action)
    yield ""
    yield "| Video | Title | Entry | Seen | Tried | Next |"
    yield "|---|---|---|---|---|---|"
    for item in items:
        yield _row(item)


def _action(action: Cure) -> Iterator[str]:
    yield f"- {action.what}{':' if action.command or action.edit else ''}"
    if action.edit:
        yield f"  - {_code(action.edit)}"
    if action.command:
        yield f"  - {_code(action.command)}"


def _row(item: WorkPlanItem) -> str:
    seen = _code(item.evidence.message) if item.evidence.message else ""
    if item.evidence.status:
        seen = f"HTTP {item.evidence.status} {seen}".strip()
    cells = (
        _linked(item),
        _code(item.title) if item.title else "",
        ", ".join(_code(name) for name in item.entries),
        seen,
        _tried(item),
        _next(item),
    )
    return f"| {' | '.join(cells)} |"


def _tried(item: WorkPlanItem) -> str:
    """How often, when, and with which codes if they were several."""
    others = [end for end in item.tried if end.code != item.code]
    codes = "; ".join(f"{end.times} x {end.code}, last {to_iso(end.last_at)}" for end in others)
    return f"{item.attempts} x, {_span(item)}" + (f" ({codes})" if codes else "")


def _span(item: WorkPlanItem) -> str:
    first, last = to_iso(item.first_at), to_iso(item.last_at)
    return first if first == last else f"{first} to {last}"


def _next(item: WorkPlanItem) -> str:
    step = f"{item.next.what}, {to_iso(item.next.at)}" if item.next.at is not None else item.next.what
    if item.acknowledged is None:
        return step
    until = f" until {to_iso(item.acknowledged.until)}" if item.acknowledged.until is not None else ""
    held = "lost" if item.is_lost else f"acknowledged{until}"
    why = f": {_code(item.acknowledged.why)}" if item.acknowledged.why else ""
    return f"{held}{why}; {step}"


_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_LIST_ID = re.compile(r"[A-Za-z0-9_-]{2,64}")


def _linked(item: WorkPlanItem) -> str:
    if item.video and _VIDEO_ID.fullmatch(item.video):
        return f"[{_code(item.video)}](https://www.youtube.com/watch?v={item.video})"
    if item.source and _LIST_ID.fullmatch(item.source):
        return f"[{_code(item.source)}](https://www.youtube.com/playlist?list={item.source})"
    return _code(item.subject)


def _code(text: str) -> str:
    """A code span that holds whatever the text is: nothing in it is a link, markup, HTML or a table's border."""
    inert = printable(text, 1000).replace("`", "'").replace("|", "¦")
    return f"`{inert}`" if inert else ""
