"""The rules of taking away: whose word counts, what protects an item, and when a person is asked first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ytarchive.core.instant import DAY, Instant, to_iso
from ytarchive.core.removal import Cause, Held, Hold, Holding, Left, Removal, Removals, digest_of
from ytarchive.core.removal_policies import Policies, Policy, most_careful
from ytarchive.core.sources import kind_of

MANUAL = "manual"
"""The entry that stands for what a person asked for by hand."""
GUARD_LEAST = 3
"""So many items go without a question, however few the archive has: a tenth of ten videos would be one."""
HALVED_LEAST = 3
"""So many may leave a list in any case."""
ANSWER_HOLDS_SECONDS = 7 * DAY
"""So long it counts that YouTube said it has a video."""
NAMED_AT_MOST = 10

ListTrouble = Literal["unread", "partial", "short", "shrunken", "failing"]
_LACKING: frozenset[ListTrouble] = frozenset({"unread", "partial", "shrunken"})
"""In these, not even what is left out by a count of the newest is sure; a short list shows all that it shows."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for all items alike.

    `policies` are those of each entry, completed by the settings' (`settings`). `troubles` are entries one of whose lists
    is not known to be whole, `held` is how many videos each list has now. `obstacles` keep everything where it is; those in `loud` are told of though nothing would go.
    `notices` are told in any case. `gone_files`: manifests that vanished with entries
    that no other names. `guard_share` of `items` may go at once.
    """

    policies: Mapping[str, Policies]
    settings: Policies
    suspended: frozenset[str] = frozenset()
    troubles: Mapping[str, ListTrouble] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    obstacles: tuple[Held, ...] = ()
    notices: tuple[Held, ...] = ()
    gone_files: tuple[str, ...] = ()
    loud: frozenset[Hold] = frozenset()
    even_last_copies: bool = False
    guard_share: float = 0.1
    items: int = 0
    now: Instant = 0

    @property
    def allowance(self) -> int:
        """How many items may go at once without a question."""
        return allowance_of(self.guard_share, self.items)


def allowance_of(share: float, items: int) -> int:
    """How many of so many items may go at once without a question."""
    return max(GUARD_LEAST, int(share * items))


def plan_removals(holdings: Iterable[Holding], around: Circumstances) -> Removals:
    """What of these goes now, what stays and why. The order of holdings does not matter."""
    sorting = _Sorting(around)
    for holding in holdings:
        removal = removal_of(holding, around)
        if removal is not None:
            sorting.add(holding, removal, hold_on(holding, removal, around))
    if around.obstacles:
        everything = sorting.everything()
        held = (_counted(obstacle, everything) for obstacle in around.obstacles)
        told = tuple(one for one in held if one.count or one.code in around.loud)
        return Removals(held=(*told, *around.notices))
    sorting.ask_about_halves()
    sorting.ask_about_much()
    kept = sorting.kept
    waiting = _sorted([one for hold in ASKED_ABOUT for one in kept.get(hold, ())])
    return Removals(
        now=_sorted([*sorting.free, *sorting.confirmed]),
        held=(*(_held(hold, kept[hold], around) for hold in Hold if hold in kept), *around.notices),
        waiting=waiting,
        digest=digest_of(waiting) if waiting else "",
        unasked=tuple(one.video for one in _sorted(kept.get(Hold.UNASKED, ()))),
    )


ASKED_ABOUT = (Hold.HALVED, Hold.GUARD, Hold.MANIFEST_GONE)
"""What a person's word lets go."""


@dataclass(slots=True)
class _Sorting:
    """Removals by what becomes of them: `free` ones go, `unasked` ones once YouTube answered, `confirmed` ones in any case."""

    around: Circumstances
    free: list[Removal] = field(default_factory=list)
    unasked: list[Removal] = field(default_factory=list)
    confirmed: list[Removal] = field(default_factory=list)
    kept: dict[Hold, list[Removal]] = field(default_factory=dict)
    left: dict[str, set[str]] = field(default_factory=dict)

    def add(self, holding: Holding, removal: Removal, hold: Hold | None) -> None:
        if hold not in (None, Hold.UNASKED) or (hold and holding.is_confirmed):
            self.kept.setdefault(hold, []).append(removal)
        elif holding.is_confirmed:
            self.confirmed.append(removal)
        else:
            (self.unasked if hold else self.free).append(removal)
            if removal.cause is Cause.REMOVED_FROM_SOURCE:
                for left in holding.left:
                    self.left.setdefault(left.source, set()).add(removal.video)

    def everything(self) -> list[Removal]:
        return [
            *self.free,
            *self.unasked,
            *self.confirmed,
            *(one for some in self.kept.values() for one in some),
        ]

    def ask_about_halves(self) -> None:
        """A list that lost more than it still has may be another one, or broken, however short it is."""
        halved = (
            videos
            for source, videos in self.left.items()
            if len(videos) >= HALVED_LEAST and len(videos) > self.around.held.get(source, 0)
        )
        if doubtful := {video for videos in halved for video in videos}:
            self.kept[Hold.HALVED] = [one for one in (*self.free, *self.unasked) if one.video in doubtful]
            self.free = [one for one in self.free if one.video not in doubtful]
            self.unasked = [one for one in self.unasked if one.video not in doubtful]

    def ask_about_much(self) -> None:
        """The guard: what waits for YouTube's answer counts as well."""
        if len(self.free) + len(self.unasked) > self.around.allowance:
            self.kept[Hold.GUARD] = [*self.free, *self.unasked]
            self.free = []
        elif self.unasked:
            self.kept.setdefault(Hold.UNASKED, []).extend(self.unasked)


def removal_of(holding: Holding, around: Circumstances) -> Removal | None:
    """How an item goes by the word of all who have one; None: it stays."""
    if MANUAL in holding.wanting or holding.doubtful or (holding.wanting and not holding.confirmed):
        return None
    opinions = tuple(_opinions(holding, around))
    policy = most_careful(said for _, _, said, _ in opinions)
    if policy == "keep":
        return None
    _, cause, _, why = next(one for one in opinions if one[2] == policy)
    return Removal(
        video=holding.video,
        how=policy,
        cause=cause,
        why=why,
        entries=tuple(entry for entry, _, _, _ in opinions if entry),
        title=holding.title,
        bytes=holding.bytes,
    )


def _opinions(holding: Holding, around: Circumstances) -> Iterator[tuple[str, Cause, Policy | None, str]]:
    """(entry, cause, policy, why) of everybody who has a word."""
    listing = {*holding.wanting, *holding.left_out}
    for entry in holding.wanting:
        policy = "keep" if entry in around.suspended else around.policies[entry].when_unavailable
        yield entry, Cause.UNAVAILABLE, policy, f"YouTube has it no more ({holding.gone})"
    for entry in holding.left_out:
        policy = "keep" if entry in around.suspended else around.policies[entry].when_unwanted
        yield entry, Cause.UNWANTED, policy, f"{entry} does not want it"
    for left in holding.left:
        if left.entry not in listing:
            listing.add(left.entry)
            yield left.entry, *_opinion_of_leaving(left, around)
    if not listing:
        policy = around.settings.when_unwanted if holding.is_ours else "keep"
        yield "", Cause.NO_ENTRY, policy, "no entry of the manifests wants it any more"


def _opinion_of_leaving(left: Left, around: Circumstances) -> tuple[Cause, Policy | None, str]:
    """What a person took out of a manifest is unwanted; what a list does not show any more was removed from it."""
    policies, day = around.policies[left.entry], to_iso(left.last_seen_at)[:10]
    by_hand = kind_of(left.source) in ("videos", "pins")
    cause = Cause.UNWANTED if by_hand else Cause.REMOVED_FROM_SOURCE
    policy = policies.when_unwanted if by_hand else policies.when_removed_from_source
    why = f"{left.entry} names it no more" if by_hand else f"{left.source} showed it last on {day}"
    return cause, "keep" if left.entry in around.suspended else policy, why


def hold_on(holding: Holding, removal: Removal, around: Circumstances) -> Hold | None:
    """What keeps an item that would go; None: nothing. What YouTube may not have any more is asked about first."""
    if holding.running:
        return Hold.RUNNING
    if holding.gone is not None and not around.even_last_copies:
        return Hold.ONLY_COPY
    if removal.cause is Cause.NO_ENTRY and around.gone_files and not holding.is_confirmed:
        return Hold.MANIFEST_GONE
    troubles = {around.troubles[entry] for entry in removal.entries if entry in around.troubles}
    if removal.cause is Cause.REMOVED_FROM_SOURCE and troubles:
        return Hold.LISTING
    if removal.cause is Cause.UNWANTED and troubles & _LACKING:
        return Hold.LISTING
    if holding.gone is None and not around.even_last_copies and not _is_there(holding, around.now):
        return Hold.UNASKED
    return None


def _is_there(holding: Holding, now: Instant) -> bool:
    """Whether YouTube is known to have it: a list shows it, or it was asked lately for this very reason."""
    at = holding.answered_at
    return holding.is_listed or (at is not None and 0 <= now - at <= ANSWER_HOLDS_SECONDS)


def _sorted(removals: Iterable[Removal]) -> tuple[Removal, ...]:
    return tuple(sorted(removals, key=lambda one: one.video))


def _counted(held: Held, removals: list[Removal]) -> Held:
    videos = tuple(one.video for one in _sorted(removals)[:NAMED_AT_MOST])
    return Held(held.code, held.what, held.cure, len(removals), videos)


def _held(hold: Hold, removals: list[Removal], around: Circumstances) -> Held:
    number = len(removals)
    items = "1 item" if number == 1 else f"{number:,} items"
    what, cure = _WORDS[hold]
    told = what.format(
        items=items,
        allowance=f"{around.allowance:,}",
        share=f"{around.guard_share:.0%}",
        files=", ".join(around.gone_files[:3]),
    )
    return _counted(Held(hold, told, cure), removals)


_CONFIRM = "see them with `ytarchive plan`; if that is meant: ytarchive quarantine confirm"
_WORDS: dict[Hold, tuple[str, str | None]] = {
    Hold.RUNNING: ("{items} would be taken away, and a job works on them", None),
    Hold.ONLY_COPY: (
        "{items} would be taken away, and YouTube has them no more: you hold the only copy, which is kept",
        "`ytarchive workplan only-copies` lists them; `ytarchive reconcile --once --even-last-copies` takes them away",
    ),
    Hold.MANIFEST_GONE: (
        "{items} are wanted by no entry since {files} is gone: a manifest that vanished takes nothing away",
        f"put the file back; or {_CONFIRM}",
    ),
    Hold.LISTING: (
        "{items} would be taken away, and a list that says so was not read as a whole the last time",
        "nothing: they are looked at again with the next whole reading (`ytarchive status` shows the lists)",
    ),
    Hold.UNASKED: (
        "{items} would be taken away once YouTube said that it still has them: no only copy goes",
        "nothing: YouTube is asked in the next passes",
    ),
    Hold.HALVED: (
        "{items} would be taken away since their list lost more videos than it still has: none is before you say so",
        _CONFIRM,
    ),
    Hold.GUARD: (
        "{items} would be taken away at once, more than the guard lets pass ({allowance}, archive.guard {share}): none is",
        _CONFIRM,
    ),
}
