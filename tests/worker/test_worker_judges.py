"""What YouTube tells wrongly costs no video, and one bad answer is tried again within the job."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from worker_desk import Desk, WorkerProcess

from ytarchive.core.desired import Audio, Target
from ytarchive.core.selection import Choice, Format
from ytarchive.simulator import WELL_KNOWN, Simulator
from ytarchive.worker.finishing import _outputs
from ytarchive.worker.verify import NotWhole, Source

NORMAL = WELL_KNOWN["ordinary"]
PICTURE = Format("137", "video", codec="h264")
SOUND = Format("140", "audio", audio_codec="aac")
MUXED = Format("18", "muxed", codec="h264", audio_codec="aac")


def part(name: str, **codecs: str) -> Source:
    return Source(Path(name), 1.0, dict.fromkeys(codecs, 1.0), codecs)


@pytest.mark.parametrize(
    ("choice", "codecs", "name", "sound"),
    [
        (Choice(PICTURE, SOUND, container="mp4"), {"video": "h264"}, "video.mp4", SOUND),
        (Choice(PICTURE, SOUND, container="mp4"), {"video": "vp9"}, "video.mkv", SOUND),
        (Choice(PICTURE, SOUND), {"video": "vp9"}, "video.mkv", SOUND),
        (Choice(PICTURE, SOUND), {"video": "h264", "audio": "aac"}, "video.mkv", SOUND),
        (Choice(PICTURE), {"video": "h264", "audio": "aac"}, "video.mkv", PICTURE),
        (Choice(PICTURE), {"video": "h264"}, "video.mkv", None),
        (Choice(MUXED, container="mp4"), {"video": "h264", "audio": "aac"}, "video.mp4", MUXED),
        (Choice(MUXED, container="mp4"), {"video": "h264", "audio": "vorbis"}, "video.mkv", MUXED),
        (Choice(MUXED, container="mp4"), {"video": "h264"}, "video.mp4", None),
    ],
)
def test_a_video_goes_into_a_file_that_holds_what_is_in_its_parts(
    choice: Choice, codecs: dict[str, str], name: str, sound: Format | None
) -> None:
    assert choice.video is not None
    sources = {choice.video: part("0", **codecs), SOUND: part("1", audio="aac")}

    (output,) = _outputs(choice, sources, Path("work"))

    assert (output.path.name, output.picture, output.sound) == (name, choice.video, sound)


@pytest.mark.parametrize(
    ("codec", "name"), [("aac", "audio.m4a"), ("opus", "audio.opus"), ("mp3", "audio.mka")]
)
def test_sound_goes_into_a_file_of_its_real_codec(codec: str, name: str) -> None:
    (output,) = _outputs(Choice(audio=SOUND), {SOUND: part("0", audio=codec)}, Path("work"))

    assert output.path.name == name


def test_sound_cannot_be_taken_out_of_a_silent_file() -> None:
    with pytest.raises(NotWhole, match="itag 18: no audio"):
        _outputs(Choice(audio=MUXED), {MUXED: part("0", video="h264")}, Path("work"))


def test_sound_is_copied_out_of_a_muxed_file_where_there_is_no_other(
    worker: WorkerProcess, desk: Desk
) -> None:
    job = desk.job(WELL_KNOWN["progressive_only"], Target(audio=Audio()))

    receipt = worker.run(job)

    assert receipt.outcome == "done", receipt.failure
    (path,) = desk.out(job, receipt, "audio")
    assert path.suffix == ".m4a"
    with av.open(path) as container:
        assert [each.codec_context.name for each in container.streams] == ["aac"]
    assert receipt.got is not None
    assert (receipt.got.video, receipt.got.audio and receipt.got.audio.itag) == (None, "18")


@pytest.mark.parametrize("skip", [0, 1])
def test_one_bad_answer_of_a_part_is_tried_again_at_once(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, skip: int
) -> None:
    youtube.add_fault("status", value=200, request="media", skip=skip, count=1)

    receipt = worker.run(desk.job(NORMAL))

    assert receipt.outcome == "done", receipt.failure
    assert youtube.counters()["requests"]["watch"] == 1
    assert youtube.counters()["requests"]["media"] >= 3


def test_answers_that_stay_bad_are_a_failure_that_names_no_path(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=200, request="media")
    job = desk.job(NORMAL)

    receipt = worker.run(job)

    assert receipt.failure is not None
    assert receipt.failure.code == "MEDIA_CUT"
    assert job.staging not in receipt.failure.evidence.message
    assert 2 <= youtube.counters()["requests"]["media"] <= 4  # a dropped connection may cost one more
    assert not list(Path(job.staging).glob("parts.*/*"))


def test_each_format_may_be_refused_once(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> None:
    youtube.add_fault("status", value=403, request="media", count=1)
    youtube.add_fault("status", value=403, request="media", skip=2, count=1)

    receipt = worker.run(desk.job(NORMAL))

    assert receipt.outcome == "done", receipt.failure
    assert youtube.counters()["requests"]["watch"] == 3
    assert youtube.counters()["requests"]["media"] >= 4
