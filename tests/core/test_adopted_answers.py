"""What another tool fetched answers any wish as it is; compared, its label and what lies beside it count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ytarchive.core.desired import Audio, CaptionWish, Quality, Target
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.late_parts import late_of, late_under
from ytarchive.core.plan import ItemFacts
from ytarchive.core.selection import Format, missing_of

PICTURE = Format("", "muxed", label=720, codec="vp9", audio_codec="opus")
AS_IS = ItemFacts(offered=(), got=Got(PICTURE, container="mp4", adopted="as-is"), roles=("video",))
COMPARED = replace(AS_IS, got=replace(AS_IS.got, adopted="compared"))
SOUND_ALONE = replace(AS_IS, got=Got(audio=PICTURE, adopted="as-is"), roles=("audio",))
BEST = Target(video=Quality())
HD = Target(video=Quality(max=720))
UHD = Target(video=Quality(max=2160, min=1440))
CAPTIONED = replace(HD, captions=(CaptionWish("en", required=True),), sidecars=("thumbnail",))
LISTEN = Target(audio=Audio())


@pytest.mark.parametrize(
    "target", [BEST, HD, UHD, CAPTIONED, LISTEN], ids=["best", "hd", "uhd", "cc", "audio"]
)
def test_a_picture_as_it_is_answers_every_wish_and_lacks_nothing(target: Target) -> None:
    assert missing_of(AS_IS, target) == "nothing"
    assert late_under(AS_IS, target, ("recording",)) == ()


def test_sound_alone_answers_no_wish_for_a_picture() -> None:
    assert missing_of(SOUND_ALONE, LISTEN) == "nothing"
    assert missing_of(SOUND_ALONE, HD) == "media"


@pytest.mark.parametrize(
    ("target", "lacking", "late"),
    [
        pytest.param(BEST, "nothing", ("quality",), id="no limit: only a look can tell"),
        pytest.param(HD, "nothing", (), id="at the limit"),
        pytest.param(Target(video=Quality(max=1080)), "nothing", ("quality",), id="below the limit"),
        pytest.param(UHD, "media", ("quality",), id="below the least"),
        pytest.param(
            Target(video=Quality(codecs=("av1",), codecs_only=True)), "media", ("quality",), id="codec"
        ),
        pytest.param(CAPTIONED, "beside", ("thumbnail",), id="what lies beside"),
        pytest.param(LISTEN, "nothing", (), id="no picture wished"),
    ],
)
def test_compared_it_is_measured_by_its_label_and_what_lies_beside(
    target: Target, lacking: str, late: tuple[str, ...]
) -> None:
    assert missing_of(COMPARED, target) == lacking
    assert late_under(COMPARED, target, ()) == late


def test_sound_that_is_compared_is_looked_after_for_the_picture_that_is_wished() -> None:
    facts = replace(COMPARED, got=replace(SOUND_ALONE.got, adopted="compared"))

    assert missing_of(facts, HD) == "media"
    assert late_under(facts, HD, ()) == ("quality",)


def test_an_adopted_item_is_late_for_the_target_that_it_names_only_when_it_is_compared() -> None:
    item = Item(
        id="v", shard="_", wanted_by=(), wanted=BEST, target="t", offered=(), got=COMPARED.got,
        files=(FileRecord("v.mp4", 1, "0" * 64, "video"),), metadata=Metadata("t", live_status="is_live"),
        provenance=Provenance("e", None, None, 0, "g"),
    )  # fmt: skip

    assert late_of(item) == ("quality",)
    assert late_of(replace(item, got=AS_IS.got)) == ()
