"""Scenarios of the choice of formats and captions, one line of data each in `selection/*.yaml`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ytarchive.core.codec import adapter
from ytarchive.core.desired import Audio, CaptionWish, Quality, Target
from ytarchive.core.item import Got
from ytarchive.core.plan import ItemFacts
from ytarchive.core.selection import (
    CaptionTrack,
    Choice,
    Format,
    audio_container,
    choose,
    choose_captions,
    label_of,
    missing_captions,
    missing_of,
    satisfied,
)

SCENARIOS = Path(__file__).parent / "selection"


def read(name: str) -> Any:
    return yaml.safe_load((SCENARIOS / name).read_text(encoding="utf-8"))


CATALOGUE = read("formats.yaml")


def offered(scenario: dict[str, Any]) -> tuple[Format, ...]:
    formats = []
    for each in scenario["offered"]:
        fields = {"itag": each} if isinstance(each, str) else each
        formats.append({**CATALOGUE.get(fields["itag"], {}), **fields})
    return adapter(tuple[Format, ...]).validate_python(formats)


def cases(*names: str) -> list[Any]:
    return [pytest.param(each, id=each["case"]) for name in names for each in read(name)]


@pytest.mark.parametrize("scenario", cases("quality.yaml", "sound.yaml", "containers.yaml"))
def test_offered_formats_give_the_expected_choice(scenario: dict[str, Any]) -> None:
    formats = offered(scenario)
    target = adapter(Target).validate_python(scenario.get("target", {"video": {}}))

    choice = choose(formats, target)

    expected = scenario["expect"]
    assert tell(choice) == (None if expected is None else {**NOTHING, "container": "mkv", **expected})
    assert choose(reversed(formats), target) == choice


NOTHING: dict[str, Any] = {"video": None, "sound": None, "audio": None, "below_wish": False}


def tell(choice: Choice | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    parts = {"video": choice.video, "sound": choice.sound, "audio": choice.audio}
    return {
        **{part: media.itag if media else None for part, media in parts.items()},
        "container": choice.container,
        "below_wish": choice.below_wish,
    }


@pytest.mark.parametrize("scenario", cases("captions.yaml"))
def test_offered_captions_give_the_expected_tracks(scenario: dict[str, Any]) -> None:
    tracks = [
        CaptionTrack(**{"automatic": False, "formats": ("vtt",), **each}) for each in scenario["tracks"]
    ]
    wishes = tuple(CaptionWish(**each) for each in scenario["wishes"])

    found = choose_captions(tracks, wishes)

    assert [
        (wish.language, track and track.language, bool(track and track.automatic)) for wish, track in found
    ] == [(each["wish"], each["track"], each.get("automatic", False)) for each in scenario["expect"]]
    assert choose_captions(reversed(tracks), wishes) == found


@pytest.mark.parametrize(
    ("note", "width", "height", "label"),
    [
        ("1080p60", 1920, 1080, 1080),
        ("2160p60 HDR", 3840, 2160, 2160),
        ("1440s", 2880, 1440, 1440),
        ("English original (default), 720p50, DRC", None, None, 720),
        ("1080p", 1920, 640, 1080),
        ("1080p Premium", 1920, 1080, 1080),
        ("medium", 1280, 720, 720),
        ("h264p", 640, 360, 360),
        ("12345p", 640, 360, 360),
        (None, 1920, 640, 1080),  # ultra-wide
        (None, 2560, 1080, 1440),
        (None, 384, 480, 360),  # vertical
        (None, 1080, 1920, 1080),
        (None, 1080, 1080, 1080),  # square
        (None, 640, 480, 480),  # 4:3
        (None, 854, 480, 480),
        (None, 256, 144, 144),
        (None, 7680, 4320, 4320),
        (None, 1, 1, 144),
        (None, 1600, 900, 720),  # as near to 720 as to 1080: the smaller promise
        (None, None, 1080, None),
        (None, 1920, None, None),
        ("", 0, 0, None),
        (None, -16, 9, None),
        (None, 16, -9, None),
    ],
)
def test_a_picture_has_the_label_that_youtube_gives_it(
    note: str | None, width: int | None, height: int | None, label: int | None
) -> None:
    assert label_of(note, width, height) == label


@pytest.mark.parametrize(
    ("codec", "container"), [("opus", "opus"), ("aac", "m4a"), ("ac-3", "mka"), (None, "mka")]
)
def test_an_audio_part_has_the_file_type_of_its_codec(codec: str | None, container: str) -> None:
    assert audio_container(Format("251", "audio", audio_codec=codec)) == container


PICTURE = Format("137", "video", label=1080, codec="h264", fps=30)
SMALLER = Format("136", "video", label=720, codec="h264", fps=30)
SOUND = Format("251", "audio", audio_codec="opus")
OTHER_SOUND = Format("140", "audio", audio_codec="aac")
OFFERED = (PICTURE, SMALLER, SOUND, OTHER_SOUND)
ON_DISK = ItemFacts(
    offered=OFFERED, got=Got(video=PICTURE, sound=SOUND), captions=("en-GB",), roles=("video", "thumbnail")
)
VIDEO = Target(video=Quality())


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        pytest.param(VIDEO, True, id="what would be chosen is there"),
        pytest.param(Target(video=Quality(max=1080)), True, id="a limit that changes nothing"),
        pytest.param(Target(video=Quality(max=720)), False, id="another format would be chosen"),
        pytest.param(Target(video=Quality(max=1080, min=2160)), False, id="nothing would be chosen"),
        pytest.param(replace(VIDEO, sound=Audio(codec="aac")), False, id="another sound"),
        pytest.param(replace(VIDEO, container="mp4"), False, id="another container and sound"),
        pytest.param(replace(VIDEO, container="webm"), True, id="webm cannot hold it, mkv is there"),
        pytest.param(Target(), True, id="nothing of it is wanted"),
        pytest.param(Target(audio=Audio()), False, id="sound alone is not there"),
        pytest.param(replace(VIDEO, captions=(CaptionWish("en"),)), True, id="captions are there"),
        pytest.param(replace(VIDEO, captions=(CaptionWish("de"),)), False, id="captions are not there"),
        pytest.param(replace(VIDEO, sidecars=("thumbnail",)), True, id="a sidecar is there"),
        pytest.param(replace(VIDEO, sidecars=("info_json",)), False, id="a sidecar is not there"),
        pytest.param(replace(VIDEO, sidecars=("nfo",)), True, id="an nfo belongs to a view"),
    ],
)
def test_an_item_answers_a_target_exactly_when_nothing_else_would_be_fetched(
    target: Target, answer: bool
) -> None:
    assert satisfied(ON_DISK, target) is answer


@pytest.mark.parametrize(
    ("target", "lacking"),
    [
        pytest.param(VIDEO, "nothing", id="all is there"),
        pytest.param(Target(video=Quality(max=720)), "media", id="other media"),
        pytest.param(Target(video=Quality(min=2160)), "media", id="media that nobody offers"),
        pytest.param(
            replace(VIDEO, captions=(CaptionWish("fr"),)), "beside", id="a caption never looked for"
        ),
        pytest.param(
            replace(VIDEO, captions=(CaptionWish("en"),)), "nothing", id="a narrower caption is there"
        ),
        pytest.param(replace(VIDEO, captions=(CaptionWish("EN-gb"),)), "nothing", id="case does not matter"),
        pytest.param(
            replace(VIDEO, captions=(CaptionWish("en-US"),)), "beside", id="another narrower caption"
        ),
        pytest.param(replace(VIDEO, captions=(CaptionWish("e"),)), "beside", id="no prefix of letters"),
        pytest.param(replace(VIDEO, captions=(CaptionWish("de"),)), "nothing", id="known not to be offered"),
        pytest.param(
            replace(VIDEO, captions=(CaptionWish("de", required=True),)),
            "beside",
            id="required, known not to be offered",
        ),
        pytest.param(
            replace(VIDEO, captions=(CaptionWish("en", required=True),)), "nothing", id="required, and there"
        ),
        pytest.param(
            replace(VIDEO, captions=(CaptionWish("de"), CaptionWish("fr"))),
            "beside",
            id="one of two looked for",
        ),
        pytest.param(replace(VIDEO, sidecars=("info_json",)), "beside", id="a sidecar"),
        pytest.param(replace(VIDEO, sidecars=("thumbnail", "nfo")), "nothing", id="sidecars that are there"),
        pytest.param(
            Target(video=Quality(max=720), captions=(CaptionWish("fr"),)), "media", id="media before captions"
        ),
    ],
)
def test_an_item_lacks_media_or_what_lies_beside_them(target: Target, lacking: str) -> None:
    facts = replace(ON_DISK, captions_missing=("de",))
    assert missing_of(facts, target) == lacking
    assert satisfied(facts, target) == (lacking == "nothing")


@pytest.mark.parametrize(
    ("known", "changes", "lacking"),
    [
        ({}, {"marks": ("sponsor",)}, "marks"),
        ({}, {"cuts": ("sponsor",)}, "marks"),
        ({"marked": ("sponsor",)}, {"marks": ("sponsor",)}, "nothing"),
        ({"marked": ("sponsor", "intro")}, {"marks": ("sponsor",)}, "nothing"),
        ({"marked": ("sponsor",)}, {}, "nothing"),
        ({"marked": ("sponsor",)}, {"cuts": ("sponsor",)}, "marks"),
        ({"removed": ("sponsor",)}, {"cuts": ("sponsor",)}, "nothing"),
        ({"removed": ("sponsor",)}, {}, "nothing"),  # there was nothing to cut
        ({"removed": ("sponsor",), "cut": ("sponsor",)}, {}, "media"),
        ({"removed": ("sponsor",), "cut": ("sponsor",)}, {"marks": ("sponsor",)}, "media"),
        ({"removed": ("sponsor",), "cut": ("sponsor",)}, {"cuts": ("sponsor",)}, "nothing"),
        ({"removed": ("sponsor",), "cut": ("sponsor",)}, {"cuts": ("sponsor", "intro")}, "media"),
        (
            {"removed": ("sponsor",), "cut": ("sponsor",)},
            {"cuts": ("sponsor",), "marks": ("intro",)},
            "marks",
        ),
        ({}, {"marks": ("sponsor",), "sidecars": ("info_json",)}, "beside"),
    ],
)
def test_what_sponsorblock_was_not_asked_for_is_marked_and_what_was_cut_is_fetched(
    known: dict[str, tuple[str, ...]], changes: dict[str, tuple[str, ...]], lacking: str
) -> None:
    facts = replace(ON_DISK, **known)  # type: ignore[arg-type]
    assert missing_of(facts, replace(VIDEO, **changes)) == lacking  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on_disk", "missing"),
    [
        ((), ("en", "pt-BR")),
        (("en",), ("pt-BR",)),
        (("en-GB", "pt-br"), ()),
        (("pt", "eng"), ("en", "pt-BR")),
    ],
)
def test_a_wished_language_is_missing_unless_it_or_a_narrower_one_is_there(
    on_disk: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    target = replace(VIDEO, captions=(CaptionWish("en"), CaptionWish("pt-BR")))
    assert missing_captions(on_disk, target) == missing


def test_captions_known_to_be_missing_are_no_reason_to_fetch() -> None:
    facts = replace(ON_DISK, captions_missing=("de",))
    assert satisfied(facts, replace(VIDEO, captions=(CaptionWish("de"), CaptionWish("en"))))


def test_another_container_alone_is_a_reason_to_fetch() -> None:
    facts = replace(ON_DISK, got=Got(video=PICTURE, sound=OTHER_SOUND))
    wish = replace(VIDEO, container="mp4")
    assert not satisfied(facts, wish)
    assert satisfied(replace(facts, got=replace(facts.got, container="mp4")), wish)


def test_a_new_encode_of_the_same_format_is_no_reason_to_fetch() -> None:
    encoded_again = replace(PICTURE, clen=1_000, lmt="1700000000000000", client="web")
    facts = replace(ON_DISK, offered=(encoded_again, SMALLER, SOUND))
    assert satisfied(facts, VIDEO)


def test_another_audio_track_of_the_same_itag_is_a_reason_to_fetch() -> None:
    dub = replace(SOUND, language="de", track="German")
    facts = replace(ON_DISK, offered=(*OFFERED, dub))
    assert satisfied(facts, VIDEO)
    assert not satisfied(facts, replace(VIDEO, sound=Audio(languages=("de",))))


@pytest.mark.parametrize(
    "got",
    [
        replace(PICTURE, label=1440),
        replace(PICTURE, codec="vp9"),
        replace(PICTURE, itag="299"),
        replace(PICTURE, kind="muxed"),
    ],
)
def test_a_picture_of_another_identity_is_a_reason_to_fetch(got: Format) -> None:
    assert not satisfied(replace(ON_DISK, got=Got(video=got, sound=SOUND)), VIDEO)


@pytest.mark.parametrize(
    "got",
    [
        replace(SOUND, drc=True),
        replace(SOUND, track="German"),
        replace(SOUND, language="de"),
        replace(SOUND, audio_codec="aac"),
        None,
    ],
)
def test_sound_of_another_identity_is_a_reason_to_fetch(got: Format | None) -> None:
    assert not satisfied(replace(ON_DISK, got=Got(video=PICTURE, sound=got)), VIDEO)


def test_an_audio_part_on_disk_answers_a_wish_for_it() -> None:
    facts = replace(ON_DISK, got=Got(audio=SOUND))
    assert satisfied(facts, Target(audio=Audio()))
    assert not satisfied(facts, Target(audio=Audio(codec="aac")))
