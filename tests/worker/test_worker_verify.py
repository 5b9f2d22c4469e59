"""What is looked into before a file is called whole, on real media of three seconds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from ytarchive.core.selection import Format, FormatKind
from ytarchive.worker.extractors import _trim
from ytarchive.worker.verify import NotWhole, Source, check_length, check_media, check_part, check_size

PICTURE = Format("160", "video", height=64, codec="h264")
SOUND = Format("140", "audio", audio_codec="aac")


def make(path: Path, *arguments: str) -> Path:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments, str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make(folder / "picture.mp4", "-f", "lavfi", "-i", "color=red:s=64x64:r=10:d=3", "-c:v", "libx264")
    make(folder / "sound.m4a", "-f", "lavfi", "-i", "sine=d=3", "-c:a", "aac")
    make(folder / "short.m4a", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac")
    live = ("-c:v", "libvpx", "-deadline", "realtime", "-live", "1", "-f", "webm")
    make(folder / "live.webm", "-f", "lavfi", "-i", "color=red:s=64x64:r=10:d=3", *live)
    both = ("-i", str(folder / "picture.mp4"), "-i", str(folder / "sound.m4a"), "-c", "copy")
    make(folder / "whole.mkv", *both)
    make(folder / "cut.mkv", *both, "-t", "2")
    return folder


def parts(media: Path, *names: str) -> tuple[Source, ...]:
    return tuple(check_part(media / name, PICTURE if name.startswith("picture") else SOUND) for name in names)


def look(
    media: Path,
    name: str,
    seconds: float | None,
    sources: tuple[Source, ...],
    notes: list[str] | None = None,
    **changes: Format | None,
) -> float:
    chosen = {"picture": PICTURE, "sound": SOUND} | changes
    return check_media(
        media / name,
        picture=chosen["picture"],
        sound=chosen["sound"],
        sources=sources,
        duration_seconds=seconds,
        note=([] if notes is None else notes).append,
    )


@pytest.mark.parametrize("seconds", [3.0, 4.0, None])
def test_a_whole_file_is_whole(media: Path, seconds: float | None) -> None:
    notes: list[str] = []

    lasts = look(media, "whole.mkv", seconds, parts(media, "picture.mp4", "sound.m4a"), notes)

    assert lasts == pytest.approx(3.0, abs=0.1)
    assert notes == []


@pytest.mark.parametrize("names", [("picture.mp4",), ("picture.mp4", "sound.m4a")])
def test_a_whole_file_is_believed_before_the_page(media: Path, names: tuple[str, ...]) -> None:
    notes: list[str] = []

    assert look(media, "whole.mkv", 60.0, parts(media, *names), notes) > 2.5

    assert notes == ["Lasts 3.0 s, told were 60.0 s"]


def test_a_copy_that_ends_before_its_parts_is_not_whole(media: Path) -> None:
    with pytest.raises(NotWhole, match="packet is at"):
        look(media, "cut.mkv", 3.0, parts(media, "picture.mp4", "sound.m4a"))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sound": None}, "1 video and 1 audio streams, expected 1 and 0"),
        ({"picture": None}, "1 video and 1 audio streams, expected 0 and 1"),
    ],
)
def test_what_was_not_chosen_is_not_whole(media: Path, changes: dict[str, Format | None], text: str) -> None:
    with pytest.raises(NotWhole, match=text):
        look(media, "whole.mkv", 3.0, parts(media, "picture.mp4", "sound.m4a"), [], **changes)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"picture": Format("160", "video", height=1080, codec="h264")},
            "64 lines of picture, told were 1080",
        ),
        ({"picture": Format("160", "video", codec="av1")}, "The codec is h264, told was av1"),
        ({"sound": Format("251", "audio", audio_codec="opus")}, "The codec is aac, told was opus"),
    ],
)
def test_what_youtube_told_wrongly_is_noted(
    media: Path, changes: dict[str, Format | None], text: str
) -> None:
    notes: list[str] = []

    assert look(media, "whole.mkv", 3.0, parts(media, "picture.mp4", "sound.m4a"), notes, **changes) > 2.5

    assert notes == [text]


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [("sound.m4a", "video", "no video in"), ("picture.mp4", "audio", "no audio in")],
)
def test_a_part_without_its_stream_is_not_whole(media: Path, name: str, kind: FormatKind, text: str) -> None:
    with pytest.raises(NotWhole, match=text):
        check_part(media / name, Format("1", kind))


def test_a_muxed_part_is_without_sound_only_where_no_sound_was_told(media: Path) -> None:
    assert set(check_part(media / "picture.mp4", Format("18", "muxed")).codecs) == {"video"}
    with pytest.raises(NotWhole, match="no audio in"):
        check_part(media / "picture.mp4", Format("18", "muxed", audio_codec="aac"))


# Sizes and durations that are told


@pytest.mark.parametrize(
    ("told", "served", "whole"),
    [
        (0, None, True),
        (7, None, False),
        (7, 0, True),
        (7, 7, False),
        (7, 3, False),
        (0, 7, True),
        (None, 7, True),
    ],
)
def test_the_answer_of_the_media_server_is_believed_before_the_player(
    media: Path, told: int | None, served: int | None, whole: bool
) -> None:
    path = media / "picture.mp4"
    size = path.stat().st_size
    part = Format("160", "video", clen=None if told is None else size + told)

    if whole:
        check_size(path, part, None if served is None else size + served)
    else:
        with pytest.raises(NotWhole, match=f"Downloaded {size} bytes, expected {part.clen} .itag 160."):
            check_size(path, part, None if served is None else size + served)


def test_a_part_of_another_size_has_to_declare_a_duration(media: Path) -> None:
    path = media / "live.webm"

    with pytest.raises(NotWhole, match="Downloaded"):
        check_size(path, Format("278", "video", clen=1), path.stat().st_size)


TOLD = Source(Path("told"), 30.0, {"audio": 30.0}, {"audio": "opus"})
LIVE = Source(Path("live"), None, {"audio": 18.0}, {"audio": "opus"})


@pytest.mark.parametrize(
    ("last", "others", "told", "whole"),
    [
        (18.0, (), (30.0,), False),
        (28.0, (), (30.0,), True),
        (26.9, (), (30.0,), False),
        (95.0, (), (100.0,), True),
        (40.0, (), (30.0,), True),
        (18.0, (), (), True),
        (18.0, (), (212.0, 18.5), True),
        (30.0, (TOLD,), (212.0,), True),
        (18.0, (TOLD,), (), False),
        (18.0, (LIVE,), (30.0,), False),
        (18.0, (LIVE,), (), True),
    ],
)
def test_a_part_that_declares_no_duration_has_to_reach_one_that_is_known(
    last: float, others: tuple[Source, ...], told: tuple[float, ...], whole: bool
) -> None:
    part = Source(Path("0.webm"), None, {"video": last}, {"video": "vp9"})
    picture = Format("278", "video")

    if whole:
        check_length(part, picture, others, told)
    else:
        with pytest.raises(NotWhole, match=rf"itag 278: the last packet is at {last:.1f} s, expected 30.0 s"):
            check_length(part, picture, others, told)


def test_a_part_that_declares_its_duration_needs_no_page() -> None:
    check_length(Source(Path("0.mp4"), 1.2, {"video": 1.2}, {}), PICTURE, (TOLD,), (212.0,))


def test_a_live_part_declares_no_duration(media: Path) -> None:
    part = check_part(media / "live.webm", Format("278", "video"))

    assert (part.duration_seconds, part.codecs) == (None, {"video": "vp8"})
    assert part.ends["video"] == pytest.approx(3.0, abs=0.2)


def test_a_file_that_cannot_be_opened_is_not_whole(media: Path) -> None:
    (media / "empty.mkv").touch()

    with pytest.raises(NotWhole, match=r"^empty\.mkv: Invalid data found"):
        look(media, "empty.mkv", 3.0, ())


def test_a_part_that_was_cut_off_is_not_whole(media: Path) -> None:
    content = (media / "picture.mp4").read_bytes()
    (media / "picture-cut.mp4").write_bytes(content[: len(content) // 2])

    with pytest.raises(NotWhole) as caught:
        check_part(media / "picture-cut.mp4", PICTURE)
    assert str(media) not in str(caught.value)


@pytest.mark.parametrize(
    ("formats", "details", "kept"),
    [
        ([{"itag": 1, "url": "https://x"}], {}, False),
        ([{"itag": 1, "signatureCipher": "s=x"}], {}, False),
        ([], {"isLive": True}, False),
        ([{"itag": 1}], {}, True),
        (None, {}, True),
    ],
)
def test_a_manifest_is_asked_for_where_nothing_else_is_offered(
    formats: object, details: dict[str, object], kept: bool
) -> None:
    response = {
        "streamingData": {
            "adaptiveFormats": formats,
            "hlsManifestUrl": "https://x",
            "dashManifestUrl": "https://y",
        },
        "videoDetails": details,
        "captions": {"playerCaptionsTracklistRenderer": {"translationLanguages": [{}], "captionTracks": []}},
        "storyboards": {},
    }

    _trim([response])

    assert ("hlsManifestUrl" in response["streamingData"]) == kept
    assert "storyboards" not in response
    assert response["captions"] == {"playerCaptionsTracklistRenderer": {"captionTracks": []}}
