"""What is looked into before a file is called whole, on real media of three seconds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from ytarchive.core.selection import Format
from ytarchive.worker.extractors import _trim
from ytarchive.worker.verify import NotWhole, Source, check_media, check_part

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
    both = ("-i", str(folder / "picture.mp4"), "-i", str(folder / "sound.m4a"), "-c", "copy")
    make(folder / "whole.mkv", *both)
    make(folder / "cut.mkv", *both, "-t", "2")
    return folder


def parts(media: Path, *names: str) -> tuple[Source, ...]:
    return tuple(check_part(media / name, PICTURE if name.startswith("picture") else SOUND) for name in names)


def look(
    media: Path, name: str, seconds: float | None, sources: tuple[Source, ...], **changes: Format | None
) -> float:
    chosen = {"picture": PICTURE, "sound": SOUND} | changes
    return check_media(
        media / name,
        picture=chosen["picture"],
        sound=chosen["sound"],
        sources=sources,
        duration_seconds=seconds,
    )


@pytest.mark.parametrize("seconds", [3.0, 4.0, None])
def test_a_whole_file_is_whole(media: Path, seconds: float | None) -> None:
    assert look(media, "whole.mkv", seconds, parts(media, "picture.mp4", "sound.m4a")) == pytest.approx(
        3.0, abs=0.1
    )


def test_two_parts_that_agree_are_believed_before_the_page(media: Path) -> None:
    assert look(media, "whole.mkv", 60.0, parts(media, "picture.mp4", "sound.m4a")) > 2.5


def test_one_part_alone_is_not_believed_before_the_page(media: Path) -> None:
    with pytest.raises(NotWhole, match=r"Lasts 3\.0 s, expected 60\.0 s"):
        look(media, "whole.mkv", 60.0, parts(media, "picture.mp4"))


def test_a_copy_that_ends_before_its_parts_is_not_whole(media: Path) -> None:
    with pytest.raises(NotWhole, match="packet is at"):
        look(media, "cut.mkv", 3.0, parts(media, "picture.mp4", "sound.m4a"))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sound": None}, "1 video and 1 audio streams, expected 1 and 0"),
        ({"picture": None}, "1 video and 1 audio streams, expected 0 and 1"),
        ({"picture": Format("160", "video", height=144, codec="h264")}, "64 lines of picture, expected 144"),
        ({"picture": Format("160", "video", codec="av1")}, "The codec is h264, expected av1"),
        ({"sound": Format("251", "audio", audio_codec="opus")}, "The codec is aac, expected opus"),
    ],
)
def test_what_was_not_chosen_is_not_whole(media: Path, changes: dict[str, Format | None], text: str) -> None:
    with pytest.raises(NotWhole, match=text):
        look(media, "whole.mkv", 3.0, parts(media, "picture.mp4", "sound.m4a"), **changes)


def test_a_file_that_cannot_be_opened_is_not_whole(media: Path) -> None:
    (media / "empty.mkv").touch()

    with pytest.raises(NotWhole, match="empty"):
        look(media, "empty.mkv", 3.0, ())


def test_a_part_that_was_cut_off_is_not_whole(media: Path) -> None:
    content = (media / "picture.mp4").read_bytes()
    (media / "picture-cut.mp4").write_bytes(content[: len(content) // 2])

    with pytest.raises(NotWhole):
        check_part(media / "picture-cut.mp4", PICTURE)


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
