"""Partial downloads outlive addresses and are joined to nothing else; merges that fail end as mkv."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from test_worker_traps import ffmpeg_that
from worker_desk import SMALL, Desk, WorkerProcess, wishing

from ytarchive.core.desired import Quality
from ytarchive.simulator import WELL_KNOWN, Simulator

BYTES = 25_000_000
NORMAL = WELL_KNOWN["ordinary"]


def sent(youtube: Simulator) -> int:
    return sum(each.sent_bytes for each in youtube.log() if each.kind == "media")


def test_an_address_that_expires_in_mid_download_costs_an_extraction_and_no_byte_twice(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    """yt-dlp asks for pieces of about 10 MiB: the second one of the picture is refused."""
    youtube.set_video("sim_Expires", media_bytes=BYTES)
    youtube.add_fault("status", value=403, request="media", skip=1, count=1)

    receipt = worker.run(desk.job("sim_Expires"))

    assert receipt.outcome == "done", receipt.failure
    assert youtube.counters()["requests"]["watch"] == 2
    assert BYTES < sent(youtube) < BYTES + 1_000_000


def test_an_address_that_expires_while_the_video_is_encoded_anew_begins_anew(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_video("sim_Expires", media_bytes=BYTES)
    youtube.add_fault("status", value=403, request="media", skip=1, count=1)
    youtube.add_fault("reencode", request="watch", skip=1, count=1)
    job = desk.job("sim_Expires")
    before = youtube.video("sim_Expires")

    receipt = worker.run(job)

    assert receipt.outcome == "done", receipt.failure
    assert before is not None
    (path,) = desk.out(job, receipt, "video")
    stamps = {stamp[-4:] for stamp in re.findall(rb"ytsim:[\w-]{11}:\d{4}:\w{8}:\d{4}", path.read_bytes())}
    assert stamps == {f"{before.revision + 1:04d}".encode()}
    assert receipt.got is not None
    assert receipt.got.video is not None
    assert receipt.got.video.clen == BYTES + 1000 * (before.revision + 1)


@pytest.mark.parametrize("fault", [{"kind": "truncate", "value": 0.5}, {"kind": "reset", "value": 100_000}])
def test_a_body_that_is_cut_is_resumed_within_the_job(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, fault: dict[str, object]
) -> None:
    youtube.set_video("sim_IsCut01", media_bytes=2_000_000)
    youtube.add_fault(**fault, request="media", count=1)  # type: ignore[arg-type]

    receipt = worker.run(desk.job("sim_IsCut01"))

    assert receipt.outcome == "done", receipt.failure
    assert youtube.counters()["requests"]["watch"] == 1
    assert sent(youtube) < 2_500_000


# Merging


IN_MP4 = replace(SMALL, container="mp4", embed=("tags",))
NEVER_MP4 = 'case "$LAST" in *.mp4) echo "Could not write header"; exit 1;; esac; exec $REAL "$@"'


def test_a_merge_that_fails_twice_ends_as_an_mkv_of_the_same_parts(
    own_worker: Callable[..., WorkerProcess], desk: Desk, youtube: Simulator, tmp_path: Path
) -> None:
    worker = own_worker(**ffmpeg_that(tmp_path, NEVER_MP4))

    first = worker.run(desk.job(NORMAL, IN_MP4))

    assert first.failure is not None
    assert first.failure.code == "MERGE_FAIL"
    job = desk.job(NORMAL, IN_MP4, attempt=2, failed_with="MERGE_FAIL")
    assert list(Path(job.staging).glob("parts.*")) == []
    youtube.reset_counters()

    receipt = worker.run(job)

    assert receipt.got is not None
    assert (receipt.got.container, receipt.got.because, receipt.got.below_wish) == (
        "mkv",
        "MERGE_FAIL",
        False,
    )
    assert [path.suffix for path in desk.out(job, receipt, "video")] == [".mkv"]
    assert youtube.counters()["requests"]["watch"] == 1


def test_where_nothing_can_be_merged_it_stays_a_failure(
    own_worker: Callable[..., WorkerProcess], desk: Desk, tmp_path: Path
) -> None:
    worker = own_worker(**ffmpeg_that(tmp_path, "echo broken; exit 1"))

    receipt = worker.run(desk.job(NORMAL, IN_MP4, attempt=2, failed_with="MERGE_FAIL"))

    assert receipt.failure is not None
    assert receipt.failure.code == "MERGE_FAIL"


def test_formats_whose_challenge_is_not_solved_are_waited_for(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    """Only h264 can be had: the clients that have AV1 need a solve."""
    youtube.set_video("sim_Unsolvd", codecs=["avc1", "av01"], best=2160)
    youtube.set_addresses(solving=["TVHTML5", "WEB", "WEB_EMBEDDED_PLAYER", "ANDROID_VR", "IOS", "ANDROID"])
    wish = wishing(video=Quality(max=2160))
    try:
        early = worker.run(desk.job("sim_Unsolvd", wish))
        late = worker.run(desk.job("sim_Unsolvd", wish, attempt=4, failed_with="JS_FAIL"))
    finally:
        youtube.set_addresses()

    assert early.failure is not None
    assert early.failure.code in ("JS_FAIL", "SABR_ONLY")
    assert late.got is not None
    assert late.got.video is not None
    assert (late.got.video.label, late.got.below_wish, late.got.because) == (1080, True, early.failure.code)
