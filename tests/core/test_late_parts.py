"""What an item lacks is looked for after 1, 7 and 30 days: captions within `keep_looking`, everything else thrice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.desired import CaptionWish, Quality, Target
from ytarchive.core.failure_table import CODES
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.late_parts import (
    GIVEN_UP_SECONDS,
    LOOKS_SECONDS,
    is_beside,
    late_of,
    late_under,
    look_after_failure,
    next_look,
)
from ytarchive.core.plan import ItemFacts
from ytarchive.core.selection import Format
from ytarchive.core.sponsor import Segment, Sponsors

SD = Format("134", "video", label=360, codec="h264")
HD = Format("136", "video", label=720, codec="h264")
SOUND = Format("140", "audio", audio_codec="aac", language_preference=10)
WISH = Target(video=Quality(max=720), captions=(CaptionWish("en", keep_looking_seconds=7 * DAY),))
MARKING = replace(WISH, marks=("sponsor",), cuts=("intro",))
LAST = LOOKS_SECONDS[-1]
CUT = Sponsors(LAST, ("sponsor",), ("intro",), cuts=(Segment(1, 2, "intro"),))
MADE = Item(
    id="v", shard="_", wanted_by=("a",), wanted=WISH, target="t", offered=(SD, SOUND), got=Got(SD, SOUND),
    files=(FileRecord("v.mkv", 1, "0" * 64, "video"),), metadata=Metadata("t"),
    provenance=Provenance("e", None, None, 0, "g"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "late"),
    [
        ({}, ()),
        ({"got": Got(SD, SOUND, below_wish=True)}, ("quality",)),
        ({"captions_missing": ("en",)}, ("captions",)),
        ({"captions_missing": ("fr",)}, ()),
        ({"wanted": replace(WISH, sidecars=("thumbnail",))}, ("thumbnail",)),
        ({"metadata": Metadata("t", live_status="post_live")}, ("recording",)),
        ({"metadata": Metadata("t", live_status="was_live")}, ()),
        ({"captions_missing": ("en",), "got": Got(SD, below_wish=True)}, ("quality", "captions")),
        ({"wanted": MARKING}, ("marks",)),
        ({"wanted": MARKING, "sponsors": Sponsors(LAST - 1, ("sponsor",), ("intro",))}, ("marks",)),
        ({"wanted": MARKING, "sponsors": Sponsors(LAST, ("sponsor",), ("intro",))}, ()),
        ({"wanted": MARKING, "sponsors": Sponsors(LAST, ("sponsor",))}, ("marks",)),
        ({"wanted": MARKING, "sponsors": replace(CUT, asked_at=LAST - 1)}, ("cuts",)),
        ({"wanted": MARKING, "sponsors": CUT}, ()),
        ({"sponsors": CUT}, ()),
    ],
)
def test_what_is_late_is_what_the_wish_names_and_was_not_offered(
    changes: dict[str, object], late: tuple[str, ...]
) -> None:
    assert late_of(replace(MADE, **changes)) == late  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("highest", "label", "uploaded_on", "late"),
    [
        (None, 360, "2026-11-22", ("quality",)),
        (None, 360, "2026-11-23", ("quality",)),
        (None, 720, "2026-11-21", ()),
        (None, 1080, "2026-11-23", ()),
        (None, None, "2026-11-23", ()),
        (None, 360, None, ()),
        (None, 360, "2026-99-99", ()),
        (720, 360, "2026-11-23", ()),
    ],
)
def test_low_quality_of_a_new_video_is_early_where_the_wish_has_no_limit(
    highest: int | None, label: int | None, uploaded_on: str | None, late: tuple[str, ...]
) -> None:
    made = replace(
        MADE,
        wanted=Target(video=Quality(max=highest)),
        got=Got(replace(SD, label=label), SOUND),
        metadata=Metadata("t", uploaded_on=uploaded_on),
        provenance=Provenance("e", None, None, 1_795_392_000, "g"),  # 2026-11-23
    )
    assert late_of(made) == late
    assert late_of(replace(made, wanted=Target(), got=Got(audio=SOUND))) == ()


def test_a_thumbnail_on_disk_is_not_late() -> None:
    picture = FileRecord("v.jpg", 1, "0" * 64, "thumbnail")
    made = replace(MADE, wanted=replace(WISH, sidecars=("thumbnail",)), files=(*MADE.files, picture))
    assert late_of(made) == ()


def test_under_another_wish_the_offer_of_the_fetch_tells_what_is_late() -> None:
    facts = ItemFacts((SD, SOUND), Got(SD, SOUND), captions_missing=("en",), roles=("video",))
    assert late_under(facts, WISH, ()) == ("quality", "captions")
    assert late_under(facts, Target(video=Quality(max=360)), ("recording",)) == ("recording",)
    assert late_under(facts, Target(video=Quality(max=720, min=720)), ()) == ("quality",)


@pytest.mark.parametrize(
    ("late", "missing", "keep_looking_days", "now_days", "expected_days"),
    [
        ((), (), 30, 0, None),
        (("captions",), ("en",), 30, 0, 1),
        (("captions",), ("en",), 30, 1, 7),
        (("captions",), ("en",), 30, 8, 30),
        (("captions",), ("en",), 30, 30, None),
        (("captions",), ("en",), 7, 1, 7),
        (("captions",), ("en",), 7, 7, None),
        (("captions",), ("en",), 0, 0, None),
        (("captions",), ("de",), 30, 0, None),
        (("quality",), (), 30, 0, 1),
        (("quality",), (), 30, 7, 30),
        (("quality",), (), 30, 30, None),
        (("thumbnail", "captions"), ("en",), 1, 8, 30),
    ],
)
def test_the_next_look_follows_the_fetch_in_growing_steps(
    late: tuple[str, ...],
    missing: tuple[str, ...],
    keep_looking_days: int,
    now_days: int,
    expected_days: int | None,
) -> None:
    wish = Target(captions=(CaptionWish("en", keep_looking_seconds=keep_looking_days * DAY),))
    look = next_look(late, wish, missing, 0, now_days * DAY)
    assert look == (None if expected_days is None else expected_days * DAY)


@given(
    st.sets(st.sampled_from(["recording", "quality", "captions", "thumbnail"])),
    st.integers(0, 90 * DAY),
)
def test_looks_lie_ahead_and_come_to_an_end(late: set[str], now: int) -> None:
    looks: list[int] = []
    while (at := next_look(late, WISH, ("en",), 0, looks[-1] if looks else now)) is not None:
        looks.append(at)
    assert looks == [
        at for at in LOOKS_SECONDS if at > now and (late - {"captions"} or at <= 7 * DAY) and late
    ]


@pytest.mark.parametrize(
    ("code", "looks", "retry_at", "expected"),
    [
        ("TIMEOUT", 1, DAY + HOUR, DAY + HOUR),
        ("TIMEOUT", 1, GIVEN_UP_SECONDS + 1, None),
        ("REMOVED", 1, 2 * DAY, 2 * DAY),
        ("REMOVED", 2, 2 * DAY, None),
        ("MEMBERS", 5, 31 * DAY, 31 * DAY),
    ],
)
def test_a_look_that_failed_is_made_up_for_while_there_is_hope(
    code: str, looks: int, retry_at: int, expected: int | None
) -> None:
    assert look_after_failure(code, looks, retry_at, 0) == expected


@given(st.sampled_from(sorted(CODES)), st.integers(1, 9), st.integers(1, 200 * DAY))
def test_failing_looks_end(code: str, looks: int, retry_at: int) -> None:
    at = look_after_failure(code, looks, retry_at, 0)
    assert at is None or retry_at <= GIVEN_UP_SECONDS


def test_captions_and_the_thumbnail_lie_beside_the_media() -> None:
    parts = ("media", "look", "captions", "captions:en", "captions:pt-BR", "thumbnail")
    assert [part for part in parts if is_beside(part)] == ["captions:en", "captions:pt-BR", "thumbnail"]


@pytest.mark.parametrize(("known", "late"), [(("marks",), ("marks",)), (("cuts",), ("cuts",)), ((), ())])
def test_sponsorblock_is_asked_again_under_another_wish_for_marks_alone(
    known: tuple[str, ...], late: tuple[str, ...]
) -> None:
    facts = ItemFacts((HD, SOUND), Got(HD, SOUND))
    assert late_under(facts, replace(MARKING, captions=()), known) == late
    assert late_under(facts, replace(WISH, captions=()), known) == ()
