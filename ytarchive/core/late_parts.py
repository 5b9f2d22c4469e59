"""When to look again for what was not offered at first: automatic captions come within a day, others late."""

from __future__ import annotations

from ytarchive.core.instant import DAY
from ytarchive.core.item import Item

CAPTION_LOOKS_SECONDS = (DAY, 7 * DAY, 30 * DAY)


def next_caption_look(item: Item, now: int) -> int | None:
    """The next look for an item's missing captions, in seconds since the epoch; None when there is none.

    The looks follow the fetch by 1, 7 and 30 days, as far as `keep_looking` of a missing language reaches.
    """
    limits = [
        wish.keep_looking_seconds for wish in item.wanted.captions if wish.language in item.captions_missing
    ]
    longest = max(limits, default=0)
    looks = (item.provenance.fetched_at + step for step in CAPTION_LOOKS_SECONDS if step <= longest)
    return next((at for at in looks if at > now), None)
