"""Streams that are recorded while they run: from their start to their end, or not at all."""

from __future__ import annotations

import json
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest
from worker_desk import Desk, WorkerProcess, wishing

from ytarchive.core.item import Got
from ytarchive.core.job import Event, Job, Receipt
from ytarchive.core.selection import Format
from ytarchive.simulator import WELL_KNOWN, Simulator
from ytarchive.worker.verify import check_part

STREAM = "sim_Records"
LASTS = 60
RECORD = wishing(live="record")


@pytest.fixture(autouse=True)
def _stream(youtube: Simulator) -> Iterator[None]:
    """It has run for nine of its sixty seconds; a test moves the clock to its end."""
    youtube.set_video(STREAM, duration_seconds=LASTS)
    youtube.set_stream(STREAM, begins_in=-9, lasts=LASTS, fragment_seconds=1)
    yield
    youtube.clear_schedule()


def recorded(event: Event) -> bool:
    return event.kind == "progress" and event.data.get("recorded_seconds", 0) >= 8


def record_to_the_end(worker: WorkerProcess, youtube: Simulator, job: Job) -> Receipt:
    """The stream ends once eight seconds of it are there."""
    worker.events.clear()
    worker.send(job)
    worker.until_event(recorded)
    youtube.advance(LASTS)
    try:
        return worker.receipt()
    finally:
        youtube.clear_schedule()
        youtube.advance(-LASTS)


def code_of(receipt: Receipt) -> str | None:
    return receipt.failure.code if receipt.failure else None


def left_of(job: Job) -> list[Path]:
    return [each for each in Path(job.staging).rglob("*") if each.is_file() and each.name != "lease.json"]


def test_a_stream_is_recorded_from_its_start_until_it_ends(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(STREAM, replace(RECORD, sidecars=("info_json",)))

    receipt = record_to_the_end(worker, youtube, job)

    assert receipt.outcome == "done", receipt.failure
    assert receipt.got is not None
    assert receipt.got.because == "LIVE_NOW"
    assert receipt.got.duration_seconds == pytest.approx(LASTS, abs=1)
    assert receipt.metadata is not None
    assert receipt.metadata.live_status == "is_live"
    assert receipt.details is not None
    assert receipt.details.live_status == "post_live"
    told = [
        each.data for each in worker.events if each.kind == "progress" and "recorded_seconds" in each.data
    ]
    assert told[0]["done_bytes"] == 0
    assert told[-1]["done_bytes"] > 0
    assert all("total_bytes" not in each for each in told)
    (info,) = desk.out(job, receipt, "info_json")
    assert json.loads(info.read_bytes())["live_status"] == "is_live"
    # The page was read before and after, not in between.
    assert youtube.counters()["requests"]["watch"] == 2


def test_addresses_that_are_refused_and_answers_that_break_off_cost_no_fragment(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=403, request="media", skip=5, count=1)
    youtube.add_fault("status", value=503, request="media", skip=9, count=2)
    youtube.add_fault("reset", value=10, request="media", skip=13, count=1)

    receipt = record_to_the_end(worker, youtube, desk.job(STREAM, RECORD))

    assert receipt.outcome == "done", receipt.failure
    assert receipt.got is not None
    assert receipt.got.duration_seconds == pytest.approx(LASTS, abs=1)
    assert youtube.counters()["requests"]["watch"] == 3


def test_a_recording_that_is_cancelled_leaves_nothing_and_the_next_one_begins_at_the_start(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(STREAM, RECORD)
    worker.events.clear()
    worker.send(job)
    worker.until_event(recorded)
    began = time.monotonic()
    worker.cancel(job)
    receipt = worker.receipt()

    assert receipt.outcome == "cancelled"
    assert time.monotonic() - began < 5
    assert left_of(job) == []

    receipt = record_to_the_end(worker, youtube, desk.job(STREAM, RECORD, attempt=2))

    assert receipt.outcome == "done", receipt.failure
    assert receipt.got is not None
    assert receipt.got.duration_seconds == pytest.approx(LASTS, abs=1)


@pytest.mark.parametrize(
    ("live", "fragment_seconds", "age_seconds"),
    [("wait", 1, 11), ("record", 0, 11), ("record", 5, 121 * 3600)],
)
def test_a_stream_that_is_not_to_be_had_from_its_start_is_waited_for(
    worker: WorkerProcess,
    desk: Desk,
    youtube: Simulator,
    live: str,
    fragment_seconds: int,
    age_seconds: int,
) -> None:
    youtube.set_stream(STREAM, begins_in=-age_seconds, lasts=10**6, fragment_seconds=fragment_seconds)
    job = desk.job(STREAM, wishing(live=live))

    receipt = worker.run(job)

    assert code_of(receipt) == "LIVE_NOW"
    assert left_of(job) == []
    assert not any(each.sent_bytes for each in youtube.log() if each.kind == "media")
    said = [each.data["text"] for each in worker.events if each.kind == "log"]
    assert [("is not recorded" in text) for text in said[-1:]] == ([True] if live == "record" else [])


def test_a_stream_whose_fragments_are_not_numbered_is_waited_for(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job(WELL_KNOWN["live_now"], RECORD))

    assert code_of(receipt) == "LIVE_NOW"


def test_a_look_at_a_stream_that_still_runs_does_not_record_it_again(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    receipt = worker.run(desk.job(STREAM, RECORD, got=Got(because="LIVE_NOW"), cut=True))

    assert code_of(receipt) == "LIVE_NOW"
    assert "media" not in youtube.counters()["requests"]


def test_a_recording_ends_before_it_fills_the_disk(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(STREAM, RECORD, min_free_bytes=1 << 60)

    receipt = worker.run(job)

    assert code_of(receipt) == "DISK_FULL"
    assert left_of(job) == []


def test_fragments_that_each_begin_with_a_header_are_whole_as_far_as_they_go(tmp_path: Path) -> None:
    """So YouTube's are: yt-dlp has `FFmpegFixupDuplicateMoovPP` for what is joined of them."""
    header, fragments = _fragments_of(tmp_path / "stream.mp4", seconds=4)
    joined = tmp_path / "0.mp4"
    for count in (4, 2):
        joined.write_bytes(b"".join(header + fragment for fragment in fragments[:count]))

        assert check_part(joined, Format("160", "video")).ends["video"] == pytest.approx(count, abs=0.2)


def _fragments_of(path: Path, seconds: int) -> tuple[bytes, list[bytes]]:
    """The header of a fragmented MP4 file, and its fragments of one second each."""
    source = ["-f", "lavfi", "-i", f"testsrc=s=256x144:r=10:d={seconds}", "-c:v", "libx264", "-g", "10"]
    form = ["-movflags", "empty_moov+default_base_moof+frag_keyframe", "-f", "mp4", str(path)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *form], check=True)
    header, fragments, rest = b"", [], path.read_bytes()
    while rest:
        size, kind = struct.unpack(">I4s", rest[:8])
        box, rest = rest[:size], rest[size:]
        match kind:
            case b"ftyp" | b"moov":
                header += box
            case b"moof":
                fragments.append(box)
            case b"mdat":
                fragments[-1] += box
    return header, fragments
