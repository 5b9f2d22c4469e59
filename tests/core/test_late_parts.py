"""Captions that are missing at first are looked for after 1, 7 and 30 days, within `keep_looking`."""

from __future__ import annotations

import pytest

from ytarchive.core.desired import CaptionWish, Target
from ytarchive.core.instant import DAY
from ytarchive.core.item import Got, Item, Metadata, Provenance
from ytarchive.core.late_parts import next_caption_look


def item(missing: tuple[str, ...], keep_looking_days: int) -> Item:
    wish = Target(captions=(CaptionWish("en", keep_looking_seconds=keep_looking_days * DAY),))
    return Item(
        id="v", shard="_", wanted_by=("a",), wanted=wish, target="t", offered=(), got=Got(), files=(),
        metadata=Metadata("t"), provenance=Provenance("e", None, None, 0, "g"), captions_missing=missing,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "keep_looking_days", "now_days", "expected_days"),
    [
        ((), 30, 0, None),
        (("en",), 30, 0, 1),
        (("en",), 30, 1, 7),
        (("en",), 30, 8, 30),
        (("en",), 30, 30, None),
        (("en",), 7, 1, 7),
        (("en",), 7, 7, None),
        (("en",), 0, 0, None),
        (("de",), 30, 0, None),
    ],
)
def test_the_next_look_follows_the_fetch_in_growing_steps(
    missing: tuple[str, ...], keep_looking_days: int, now_days: int, expected_days: int | None
) -> None:
    look = next_caption_look(item(missing, keep_looking_days), now_days * DAY)
    assert look == (None if expected_days is None else expected_days * DAY)
