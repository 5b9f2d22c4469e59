"""What of an item may still come, and when to look again.

YouTube makes the low qualities of a new video first and the high ones in hours, automatic captions within a day, and
the recording of a long stream within days; SponsorBlock's viewers need to see a video first. So the looks follow the fetch of the media by 1, 7 and 30 days. Each look
is one extraction, and downloads nothing where nothing better is offered.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from ytarchive.core.confirmation import is_final
from ytarchive.core.instant import DAY
from ytarchive.core.selection import choose
from ytarchive.core.sponsor import covers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ytarchive.core.desired import Target
    from ytarchive.core.item import Got, Item
    from ytarchive.core.plan import ItemFacts

Late = Literal["recording", "quality", "captions", "thumbnail", "cuts", "marks"]
"""`marks`: SponsorBlock may say more, for which nobody asks YouTube; `cuts`: also of what is cut out of the media."""

LOOKS_SECONDS = (DAY, 7 * DAY, 30 * DAY)
GIVEN_UP_SECONDS = 60 * DAY
"""Looks that fail are made up for until this long after the fetch."""
LOW_LABEL = 1080
NEW_SECONDS = 2 * DAY
"""Only the day of an upload is known, not the hour."""
_EPOCH = date(1970, 1, 1).toordinal()
UNFINISHED = frozenset({"is_live", "post_live"})
"""Of what was fetched in these states, YouTube may still make the whole recording."""


def is_beside(part: str) -> bool:
    """Whether a part of the attempts is one that lies beside the media, with a next time of its own."""
    return part == "thumbnail" or part.startswith("captions:")


def late_of(item: Item) -> tuple[Late, ...]:
    """What an item lacks of the target that it was made for: in a fixed order, for good once no look is left."""
    if item.got.adopted is not None:
        return _late_of_adopted(
            item.got, item.wanted, item.captions_missing, [file.role for file in item.files]
        )
    roles = [file.role for file in item.files]
    cut, below = item.metadata.live_status in UNFINISHED, item.got.below_wish or _is_early(item)
    sponsors = _of_sponsors(item)
    return _late(item.wanted, item.captions_missing, roles, cut=cut, below=below, sponsors=sponsors)


def _of_sponsors(item: Item) -> Late | None:
    """Until SponsorBlock was asked after the last look."""
    wish, known = item.wanted, item.sponsors
    if not wish.marks and not wish.cuts:
        return None
    if known is None:
        return "marks"
    cut = {each.part for each in known.cuts}
    if covers(known.marked, known.removed, cut, wish.marks, wish.cuts):
        last = item.provenance.fetched_at + LOOKS_SECONDS[-1]
        if known.asked_at >= last:
            return None
    return "cuts" if cut else "marks"


def _is_early(item: Item) -> bool:
    """Whether the best of what was offered may not have been all: low, and of a video that was new then.

    A wish without a limit is never below itself.
    """
    wish, got = item.wanted.video, item.got.video
    if wish is None or wish.max is not None or got is None or (got.label or LOW_LABEL) >= LOW_LABEL:
        return False
    try:
        published = date.fromisoformat(item.metadata.uploaded_on or "")
    except ValueError:
        return False
    began = (published.toordinal() - _EPOCH) * DAY
    return item.provenance.fetched_at < began + NEW_SECONDS


def late_under(facts: ItemFacts, target: Target, known: Iterable[str]) -> tuple[Late, ...]:
    """What an item lacks of another target that it answers; `known` is what it lacked of its own."""
    if facts.got.adopted is not None:
        return _late_of_adopted(facts.got, target, facts.captions_missing, facts.roles)
    choice = choose(facts.offered, target)
    below = choice is None or choice.below_wish
    before = tuple(known)
    sponsors: Late | None = None
    if target.marks or target.cuts:
        sponsors = "cuts" if "cuts" in before else "marks" if "marks" in before else None
    cut = "recording" in before
    return _late(target, facts.captions_missing, facts.roles, cut=cut, below=below, sponsors=sponsors)


OF_SPONSORBLOCK: frozenset[str] = frozenset({"cuts", "marks"})
"""Nobody misses these: they say that somebody is asked again."""


def _late_of_adopted(
    got: Got, target: Target, captions_missing: Iterable[str], roles: Iterable[str]
) -> tuple[Late, ...]:
    """Nothing of what is taken as it is. What was offered is unknown: below the limit, and where there is none, a look tells."""
    if got.adopted == "as-is":
        return ()
    wish, label = target.video, got.video.label if got.video else None
    below = wish is not None and (wish.max is None or (label or 0) < wish.max)
    return _late(target, captions_missing, roles, cut=False, below=below, sponsors=None)


def _late(
    target: Target,
    captions_missing: Iterable[str],
    roles: Iterable[str],
    *,
    cut: bool,
    below: bool,
    sponsors: Late | None,
) -> tuple[Late, ...]:
    missing = {*captions_missing} & {wish.language for wish in target.captions}
    lacking: dict[Late, bool] = {
        "recording": cut,
        "quality": below,
        "captions": bool(missing),
        "thumbnail": "thumbnail" in target.sidecars and "thumbnail" not in roles,
        "cuts": sponsors == "cuts",
        "marks": sponsors == "marks",
    }
    return tuple(part for part, lacks in lacking.items() if lacks)


def next_look(
    late: Iterable[str], target: Target, captions_missing: Iterable[str], fetched_at: int, now: int
) -> int | None:
    """The next look for what is late, in seconds since the epoch; None when there is none.

    For captions they go as far as `keep_looking` of a missing language reaches.
    """
    missing = {*captions_missing}
    limits = [0, *(LOOKS_SECONDS[-1] for part in late if part != "captions")]
    if "captions" in late:
        limits += [wish.keep_looking_seconds for wish in target.captions if wish.language in missing]
    looks = (fetched_at + step for step in LOOKS_SECONDS if step <= max(limits))
    return next((at for at in looks if at > now), None)


def look_after_failure(code: str, looks: int, retry_at: int, fetched_at: int) -> int | None:
    """When a look that failed is made up for; None: never, since the video is gone for good or it is too late.

    `retry_at` is what the code's policy says; so many `looks` on different days agree on it.
    """
    if is_final(code, looks):
        return None
    return retry_at if retry_at <= fetched_at + GIVEN_UP_SECONDS else None
