"""The work plan: everything wanted that could not be had, why, what happens next, and what a person can do.

A value for files, for the command line and for the page. Its items are sorted by cause, so that each group of the
summary is one run of items.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Literal

from ytarchive.core.confirmation import unconfirmed
from ytarchive.core.failure_table import LOST, Cure, Kind, Rule, policy
from ytarchive.core.halts import Notice
from ytarchive.core.instant import Instant
from ytarchive.core.text import printable

VERSION = 1
NAME_LIMIT = 200
PATH_LIMIT = 500
TITLE_LIMIT = 200
MESSAGE_LIMIT = 300
WHY_LIMIT = 300

About = Literal["video", "source"]
NOT_IGNORED = Cure("Owe it again", command="ytarchive workplan ignore --undo {video}")
NOT_LOST = Cure("Owe it again", command="ytarchive workplan lost --undo {video}")
# What a person can do something about comes first.
_KINDS: tuple[Kind, ...] = ("user", "engine", "permanent", "transient", "wait")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person said that this is known; `until` None: for good. `lost`: that nobody can have it any more."""

    why: str = ""
    until: Instant | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a manifest says something: the path of the file, the line (from 1), and what is meant there, if not all of it."""

    file: str
    line: int
    what: str = ""

    def __str__(self) -> str:
        place = f"{printable(self.file, PATH_LIMIT)}:{self.line}"
        return f"{place}, {_name(self.what)}" if self.what else place


@dataclass(frozen=True, slots=True)
class Tried:
    """Attempts that ended with one code: how many, the first and the last."""

    code: str
    times: int
    first_at: Instant
    last_at: Instant


@dataclass(frozen=True, slots=True)
class OpenRow:
    """One failure as the index keeps it. `subject` is the id of a video, or of the playlist that cannot be listed.

    `on_disk`: there is an item of that video, which does not answer. `places` are the entries that want it, as far as
    they are known, `named_at` is where manifests name the very video. `stage` and `tried` as in `Seen` and `WorkPlanItem`.
    """

    subject: str
    code: str
    attempts: int
    first_at: Instant
    last_at: Instant
    next_at: Instant | None = None
    looks: int = 1
    about: About = "video"
    title: str | None = None
    entries: tuple[str, ...] = ()
    status: int | None = None
    message: str = ""
    acknowledged: Acknowledged | None = None
    on_disk: bool = False
    stage: str = ""
    tried: tuple[Tried, ...] = ()
    places: tuple[Place, ...] = ()
    named_at: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: the HTTP status, where there was one, the message, and how far it came (`core.evidence.Stage`)."""

    message: str = ""
    status: int | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What happens by itself, and when."""

    what: str
    at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPlanItem:
    """One video that is wanted and not had, or one source that could not be listed: exactly one of both is set.

    `owed`: it counts against convergence: no known time settles it, and nobody acknowledged it. `on_disk`: what is there
    is damaged, or not what is wanted by now. `attempts` failed in a row, from `first_at` to `last_at`; `tried` is what they
    ended with, as far as the jobs are still known.
    """

    video: str | None = None
    source: str | None = None
    title: str | None = None
    entries: tuple[str, ...] = ()
    code: str
    kind: Kind
    owed: bool
    acknowledged: Acknowledged | None = None
    evidence: Seen
    attempts: int
    first_at: Instant
    last_at: Instant
    tried: tuple[Tried, ...] = ()
    next: Next
    actions: tuple[Cure, ...] = ()
    on_disk: bool = False

    @property
    def subject(self) -> str:
        return self.video or self.source or ""

    @property
    def is_lost(self) -> bool:
        return self.acknowledged is not None and self.acknowledged.lost


@dataclass(frozen=True, slots=True)
class WorkPlanGroup:
    """All items of one cause, counted. `actions` are for all of those that nobody acknowledged.

    `acknowledged` counts those that are `lost` too.
    """

    code: str
    kind: Kind
    meaning: str
    count: int
    owed: int
    acknowledged: int
    lost: int = 0
    actions: tuple[Cure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyCopy:
    """A video on disk that YouTube has no more (`code`): noticed first at `gone_at`, certain since `confirmed_at`.

    `uploaded_on` is a date, as YouTube told it once; `damaged`: what is on disk is not whole. `evidence`: what YouTube
    said last.
    """

    video: str
    title: str | None = None
    channel: str | None = None
    channel_id: str | None = None
    uploaded_on: str | None = None
    code: str
    gone_at: Instant
    confirmed_at: Instant | None = None
    fetched_at: Instant
    bytes: int
    damaged: bool = False
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BelowWish:
    """A video on disk in less than the wished quality, or as far as a stream was recorded (`cut`).

    `got` is what is there ("360p h264"), `wished` the label; `because` the code of what kept more away. It is looked at
    again at `next_look_at`; None: no more. Nothing has to be done about it, and nobody owes it.
    """

    video: str
    title: str | None = None
    got: str
    wished: str | None = None
    cut: bool = False
    because: str | None = None
    fetched_at: Instant
    next_look_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPlan:
    """What is open at one time. `owed` items make the exit code 3; `notices` tell what pauses all downloads;
    `only_copies` are what nobody else has any more, `below_wish` what is had, and may come in better quality. `settings` is
    the file with which the commands are meant."""

    version: int = VERSION
    archive: str
    made_at: Instant
    count: int = 0
    owed: int = 0
    acknowledged: int = 0
    lost: int = 0
    settings: str | None = None
    notices: tuple[Notice, ...] = ()
    groups: tuple[WorkPlanGroup, ...] = ()
    items: tuple[WorkPlanItem, ...] = ()
    only_copies: tuple[OnlyCopy, ...] = ()
    below_wish: tuple[BelowWish, ...] = ()


def draft(
    rows: Iterable[OpenRow],
    *,
    archive: str,
    made_at: int,
    settings: str | None = None,
    notices: tuple[Notice, ...] = (),
    only_copies: Iterable[OnlyCopy] = (),
    below_wish: Iterable[BelowWish] = (),
) -> WorkPlan:
    """The work plan of these failures; the order of the rows makes no difference."""
    file = settings and printable(settings, PATH_LIMIT)
    items = tuple(sorted((_item(row, made_at, file) for row in rows), key=_place))
    return WorkPlan(
        archive=archive,
        made_at=made_at,
        count=len(items),
        owed=sum(item.owed for item in items),
        acknowledged=sum(item.acknowledged is not None for item in items),
        lost=sum(item.is_lost for item in items),
        settings=file,
        notices=notices,
        groups=tuple(_group(code, list(some)) for code, some in groupby(items, key=lambda item: item.code)),
        items=items,
        only_copies=tuple(sorted(map(_cleaned, only_copies), key=_shelf)),
        below_wish=tuple(sorted(map(_shown, below_wish), key=lambda one: one.video)),
    )


def unrecognised(plan: WorkPlan) -> tuple[str, ...]:
    """What was seen of the first items that nothing in the tables explains."""
    unknown = (item for item in plan.items if item.code == "UNKNOWN")
    return tuple(f"{item.subject}: {item.evidence.message}" for item in islice(unknown, _TOLD_AT_MOST))


_TOLD_AT_MOST = 5


def _cleaned(copy: OnlyCopy) -> OnlyCopy:
    return replace(
        copy,
        video=_name(copy.video),
        title=copy.title and printable(copy.title, TITLE_LIMIT),
        channel=copy.channel and printable(copy.channel, TITLE_LIMIT),
        channel_id=copy.channel_id and _name(copy.channel_id),
        uploaded_on=copy.uploaded_on and _name(copy.uploaded_on),
        code=policy(copy.code).code,
        evidence=copy.evidence and printable(copy.evidence, MESSAGE_LIMIT),
    )


def _shown(one: BelowWish) -> BelowWish:
    return replace(
        one,
        video=_name(one.video),
        title=one.title and printable(one.title, TITLE_LIMIT),
        got=_name(one.got),
        because=one.because and _name(one.because),
    )


def _shelf(copy: OnlyCopy) -> tuple[str, ...]:
    """By channel, the oldest first; what has no channel comes first."""
    return (copy.channel or "", copy.channel_id or "", copy.uploaded_on or "", copy.video)


def _item(row: OpenRow, made_at: int, settings: str | None) -> WorkPlanItem:
    rule = policy(row.code)
    return WorkPlanItem(
        code=rule.code,
        kind=rule.kind,
        owed=row.acknowledged is None and not rule.converged,
        evidence=Seen(printable(row.message, MESSAGE_LIMIT), row.status, _name(row.stage) or None),
        attempts=row.attempts,
        tried=_tried(row),
        first_at=row.first_at,
        last_at=row.last_at,
        next=_next(rule, row, made_at),
        actions=_actions(rule, row, settings),
        video=_name(row.subject) if row.about == "video" else None,
        source=_name(row.subject) if row.about == "source" else None,
        title=printable(row.title, TITLE_LIMIT) if row.title else None,
        entries=tuple(_name(name) for name in row.entries),
        acknowledged=row.acknowledged
        and replace(row.acknowledged, why=printable(row.acknowledged.why, WHY_LIMIT)),
        on_disk=row.on_disk,
    )


def _tried(row: OpenRow) -> tuple[Tried, ...]:
    """Of this trouble: what ended before it began was another one, which is over."""
    return tuple(replace(end, code=policy(end.code).code) for end in row.tried if end.last_at >= row.first_at)


def _name(name: str) -> str:
    """An id or an entry's name: ours, so this changes nothing, unless the index was tampered with."""
    return printable(name, NAME_LIMIT)


def _actions(rule: Rule, row: OpenRow, settings: str | None) -> tuple[Cure, ...]:
    """What can be done about one item. A cure is there once for each place that it is about."""
    whom = _whom([row.subject])
    if row.acknowledged is not None:
        return ((NOT_LOST if row.acknowledged.lost else NOT_IGNORED).filled(whom),)
    return tuple(
        _naming(cure.filled(whom, where, _name(row.subject)), settings)
        for cure in rule.cures
        if _helps(cure, row)
        for where in _wheres(cure, row)
    )


def _naming(action: Cure, settings: str | None) -> Cure:
    """An edit of the settings names their file, where there is one."""
    if settings is None or not (action.edit or "").startswith(_SETTINGS):
        return action
    return replace(action, edit=f"{settings}{(action.edit or '').removeprefix(_SETTINGS)}")


_SETTINGS = "settings"


def _whom(subjects: list[str]) -> str:
    """Names for a command, so that the shell passes them on, and none is taken for an option."""
    names = " ".join(shlex.quote(_name(subject)) for subject in subjects)
    return f"-- {names}" if any(subject.startswith("--") for subject in subjects) else names


_OF_VIDEOS = ("ytarchive explain", "ytarchive workplan accept-lower", "ytarchive workplan lost")


def _helps(cure: Cure, row: OpenRow) -> bool:
    if row.about == "source" and (cure.command or "").startswith(_OF_VIDEOS):
        return False
    return not (cure is LOST and row.on_disk)


def _wheres(cure: Cure, row: OpenRow) -> Iterable[str]:
    edit = cure.edit or ""
    if edit.startswith("{named}"):
        return [str(place) for place in row.named_at]
    if edit.startswith("{place}"):
        return [str(place) for place in row.places] or [
            "entry " + (", ".join(_name(name) for name in row.entries) or "that wants it")
        ]
    return [""]


def _next(rule: Rule, row: OpenRow, made_at: int) -> Next:
    """What was due before this plan was made is due now."""
    if row.next_at is None:
        return Next("nothing by itself")
    return Next(_next_step(rule, row, made_at), max(row.next_at, made_at))


def _next_step(rule: Rule, row: OpenRow, made_at: int) -> str:
    if doubt := unconfirmed(rule.code, row.looks):
        return f"another look on another day, to confirm it: {doubt}"
    if rule.charged_to == "identity":
        return "another try, once the cookies file has changed"
    if rule.charged_to == "egress":
        return "another try, once YouTube trusts the address again"
    if row.next_at is not None and row.next_at <= made_at:
        return "the next pass tries it"
    if rule.waits is not None and row.attempts > rule.waits:
        return "another look, though it is waiting for you to decide"
    return _NEXT_STEPS[rule.kind]


_NEXT_STEPS: dict[Kind, str] = {
    "permanent": "another look, should it have come back",
    "user": "another look, should that have changed",
    "engine": "another try, should a newer engine be there",
    "transient": "another try",
    "wait": "another look",
}


def _place(item: WorkPlanItem) -> tuple[int, str, tuple[str, ...], str]:
    return (_KINDS.index(item.kind), item.code, item.entries, item.subject)


# Up to here a command names its videos; beyond, it names the cause.
_NAMED_AT_MOST = 20
_EDITS_AT_MOST = 3


def _group(code: str, items: list[WorkPlanItem]) -> WorkPlanGroup:
    rule = policy(code)
    open_items = [item for item in items if item.acknowledged is None]
    return WorkPlanGroup(
        code=code,
        kind=rule.kind,
        meaning=rule.meaning,
        count=len(items),
        owed=sum(item.owed for item in items),
        acknowledged=len(items) - len(open_items),
        lost=sum(item.is_lost for item in items),
        actions=_group_actions(rule, open_items),
    )


def _group_actions(rule: Rule, items: list[WorkPlanItem]) -> tuple[Cure, ...]:
    """What the items can do, each once; one command for all that it is good for."""
    actions: dict[Cure, None] = {}
    for cure in rule.cures:
        alike = [(item, action) for item in items for action in item.actions if action.what == cure.what]
        if cure.command and "{video}" in cure.command and alike:
            subjects = list(dict.fromkeys(item.subject for item, _ in alike))
            if "workplan" not in cure.command:
                whom = _whom(subjects[:1])
            else:
                whom = _whom(subjects) if len(subjects) <= _NAMED_AT_MOST else f"--cause {rule.code}"
            actions[replace(alike[0][1], command=cure.filled(whom).command)] = None
        else:
            actions |= _some(list(dict.fromkeys(action for _, action in alike)))
    return tuple(actions)


def _some(actions: list[Cure]) -> dict[Cure, None]:
    """At most a few edits of one sort; the others are told with the items."""
    few = actions[:_EDITS_AT_MOST]
    if rest := len(actions) - len(few):
        few.append(Cure(f"{few[-1].what}: {rest:,} more places, told with the items"))
    return dict.fromkeys(few)
