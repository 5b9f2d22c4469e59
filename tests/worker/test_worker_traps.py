"""Twelve ways in which yt-dlp says "ok" on bad data, each with the defence that is ours."""

from __future__ import annotations

import http.server
import os
import re
import threading
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import yt_dlp_ejs
from worker_desk import Desk, WorkerProcess, captions, wishing
from yt_dlp.extractor.youtube.jsc._builtin import vendor
from yt_dlp.utils import DownloadError

from ytarchive.core.codec import decode
from ytarchive.core.desired import Audio, Quality, Target
from ytarchive.core.job import Job, Lease
from ytarchive.core.selection import Format
from ytarchive.simulator import WELL_KNOWN, Simulator, computed_playlist_id
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.download import download
from ytarchive.worker.engine import EnginePool
from ytarchive.worker.extraction import Extraction
from ytarchive.worker.formats import Offer
from ytarchive.worker.options import ALLOWED

NORMAL = WELL_KNOWN["ordinary"]
LARGE = WELL_KNOWN["large"]
ROOT = Path(__file__).parents[2]


def stop_half_way(worker: WorkerProcess, youtube: Simulator, job: Job) -> Path:
    """Cancel a download that is under way; its partial file."""
    youtube.add_fault("throttle", value=1_500_000, request="media")
    worker.send(job)
    worker.until_event(lambda event: event.data.get("done_bytes", 0) > 300_000)
    worker.cancel(job)
    assert worker.receipt().outcome == "cancelled"
    youtube.remove_faults()
    (part,) = Path(job.staging).glob("parts.*/*.part")
    return part


def ffmpeg_that(tmp_path: Path, does: str, version: str = "9.9.9") -> dict[str, str]:
    """An environment in which the system's ffmpeg is a script around the real one (`$REAL "$@"`)."""
    script = tmp_path / "bin" / "ffmpeg"
    script.parent.mkdir()
    script.write_text(
        f"#!/bin/sh\nREAL={imageio_ffmpeg.get_ffmpeg_exe()}\n"
        f'case "$1" in -version) echo "ffmpeg version {version}"; exit;; esac\n'
        f"for LAST; do :; done\n{does}\n"
    )
    script.chmod(0o755)
    return {"PATH": f"{script.parent}:{os.environ['PATH']}"}


@pytest.mark.parametrize(("fault", "cause"), [("empty_page", "ExtractorError"), ("short_list", None)])
def test_trap_01_a_truncated_playlist_is_never_complete(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, fault: str, cause: str | None
) -> None:
    youtube.add_fault(fault, request="browse", skip=2)

    receipt = worker.run(desk.job(computed_playlist_id(900, "trap"), kind="list"))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.expected) == ("partial", 900)
    assert 0 < receipt.listing.got < 900
    assert receipt.failure is not None
    assert (receipt.failure.code, receipt.failure.evidence.cause) == ("TRUNCATED", cause)


def test_trap_02_a_missing_fragment_is_an_error(tmp_path: Path) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = b"" if "missing" in self.path else b"x" * 1000
            self.send_response(200 if content else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/"
        source = {
            "url": base,
            "ext": "mp4",
            "protocol": "http_dash_segments",
            "fragments": [{"url": base + name} for name in ("first", "missing", "last")],
        }
        media = Format("137", "video")
        attempt = Attempt(Job("j", "fetch", NORMAL), lambda event: None)
        pool = EnginePool()
        try:
            with pytest.raises(DownloadError, match="404"):
                download(
                    _impatient(pool, attempt),
                    Extraction({"id": NORMAL, "title": "t"}, (Offer(media, source),)),
                    media,
                    tmp_path / "0.mp4",
                    lambda status: None,
                )
        finally:
            attempt.http.close()
            pool.close()
            server.shutdown()
    assert not (tmp_path / "0.mp4").exists()


def _impatient(pool: EnginePool, attempt: Attempt) -> Any:
    downloader = pool.open(attempt)
    downloader.params["fragment_retries"] = 1
    return downloader


def test_trap_03_a_new_encode_is_not_joined_to_the_old_one(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_video("sim_Encodes", media_bytes=10_000_000)
    job = desk.job("sim_Encodes")
    old = stop_half_way(worker, youtube, job)
    youtube.reencode("sim_Encodes")
    youtube.reset_counters()

    again = desk.job("sim_Encodes", attempt=2)
    receipt = worker.run(again)

    assert receipt.outcome == "done", receipt.failure
    assert not old.parent.exists()
    assert sum(each.sent_bytes for each in youtube.log() if each.kind == "media") > 10_000_000
    (path,) = desk.out(again, receipt, "video")
    stamps = set(re.findall(rb"ytsim:[\w-]{11}:\d{4}:\w{8}:\d{4}", path.read_bytes()))
    assert {stamp[-4:] for stamp in stamps} == {b"0001"}


def test_trap_04_a_staging_folder_names_the_one_who_works_in_it(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("latency", value=200, request="watch")
    job = desk.job(LARGE)
    youtube.add_fault("throttle", value=3_000_000, request="media")
    worker.send(job)
    worker.until_event(lambda event: event.kind == "progress")

    lease = decode(Lease, (Path(job.staging) / "lease.json").read_bytes())

    assert (lease.job, lease.process_group) == (job.id, os.getpgid(worker.process.pid))
    assert lease.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    worker.cancel(job)
    assert worker.receipt().outcome == "cancelled"


@pytest.mark.parametrize(
    "does", ['$REAL "$@"; head -c 8000 "$LAST" > "$LAST.cut"; mv "$LAST.cut" "$LAST"; exit 0', ': > "$LAST"']
)
def test_trap_05_a_merge_that_says_ok_on_a_full_disk_is_looked_into(
    own_worker: Callable[..., WorkerProcess], desk: Desk, tmp_path: Path, does: str
) -> None:
    worker = own_worker(**ffmpeg_that(tmp_path, does))

    receipt = worker.run(desk.job(NORMAL))

    assert receipt.failure is not None
    assert receipt.failure.code == "BAD_MEDIA"
    assert receipt.files == ()


def test_trap_05_an_ffmpeg_that_hides_a_full_disk_is_not_used(
    own_worker: Callable[..., WorkerProcess], desk: Desk, tmp_path: Path
) -> None:
    worker = own_worker(**ffmpeg_that(tmp_path, "exit 0", version="6.0.1"))

    assert worker.run(desk.job(NORMAL)).outcome == "done"


def test_trap_06_parts_that_could_not_be_merged_are_not_used_again(
    own_worker: Callable[..., WorkerProcess], desk: Desk, youtube: Simulator, tmp_path: Path
) -> None:
    worker = own_worker(
        **ffmpeg_that(
            tmp_path, f'test -e {tmp_path}/once && exec $REAL "$@"; : > {tmp_path}/once; echo garbage; exit 1'
        )
    )
    job = desk.job(NORMAL)

    failed = worker.run(job)

    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.evidence.stage) == ("MERGE_FAIL", "merge")
    assert list(Path(job.staging).glob("parts.*")) == []
    youtube.reset_counters()
    assert worker.run(desk.job(NORMAL, attempt=2)).outcome == "done"
    assert youtube.counters()["requests"]["media"] >= 2


def test_trap_06_a_merge_that_met_a_full_disk_says_so_and_gives_its_room_back(
    own_worker: Callable[..., WorkerProcess], desk: Desk, tmp_path: Path
) -> None:
    worker = own_worker(
        **ffmpeg_that(tmp_path, "echo 'Error writing trailer: No space left on device'; exit 228")
    )
    job = desk.job(NORMAL)

    receipt = worker.run(job)

    assert receipt.failure is not None
    assert (receipt.failure.code, receipt.failure.evidence.error_number) == ("DISK_FULL", 28)
    assert list(Path(job.staging).glob("parts.*")) == []


def test_trap_07_sizes_are_decided_before_a_download_and_never_by_an_option() -> None:
    assert ALLOWED.isdisjoint({"max_filesize", "min_filesize", "match_filter", "max_downloads"})


def test_trap_08_a_file_of_the_right_name_is_not_taken_for_downloaded(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    part = stop_half_way(worker, youtube, desk.job(LARGE))
    part.with_suffix("").write_bytes(b"what somebody left here")
    youtube.reset_counters()

    again = desk.job(LARGE, attempt=2)
    (Path(again.staging) / "out" / "left.mkv").write_bytes(b"from an attempt that died")
    receipt = worker.run(again)

    assert receipt.outcome == "done", receipt.failure
    assert [path.name for path in (Path(again.staging) / "out").iterdir()] == [receipt.files[0].name]
    assert (receipt.got and receipt.got.video and receipt.got.video.clen) == 10_000_000
    # It was dropped before the download, not found out after it.
    assert [each.data for each in worker.events if each.kind == "log"] == []


def test_trap_09_a_refused_caption_does_not_fail_the_video(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=429, request="caption")
    job = desk.job(WELL_KNOWN["manual_captions"], wishing(captions=captions("en", "de")))

    receipt = worker.run(job)

    assert receipt.outcome == "done"
    assert [each.role for each in receipt.files] == ["video"]
    assert {each.part: (each.outcome, each.failure and each.failure.code) for each in receipt.parts} == {
        "captions:en": ("failed", "SUBS_429"),
        "captions:de": ("failed", "SUBS_429"),
    }
    assert youtube.counters()["requests"]["caption"] == 1


@pytest.mark.parametrize(
    ("name", "minimum", "code"),
    [
        ("low_quality", 4320, "POLICY_MISS"),
        ("drm", None, "DRM"),
        ("drm_storyboards", None, "DRM"),
        ("sabr_only", None, "SABR_ONLY"),
        ("no_formats", None, "NO_FORMATS"),
    ],
)
def test_trap_10_no_acceptable_format_has_as_many_codes_as_causes(
    worker: WorkerProcess, desk: Desk, name: str, minimum: int | None, code: str
) -> None:
    target = Target(video=Quality(min=minimum), sound=Audio())

    receipt = worker.run(desk.job(WELL_KNOWN[name], target))

    assert receipt.failure is not None
    assert receipt.failure.code == code


def test_trap_11_throttling_is_seen_although_the_text_hides_it(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=429)

    receipt = worker.run(desk.job(NORMAL))

    assert receipt.failure is not None
    assert receipt.failure.code == "HTTP_429"
    assert 429 in {each.status for each in receipt.http}


def test_trap_12_what_yt_dlp_needs_is_pinned_and_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[=<>!~\[; ]", each)[0].lower(): each for each in project["dependencies"]}
    wanted = {
        re.split(r"[=<>!~\[; ]", each)[0].lower()
        for each in metadata.requires("yt-dlp") or []
        if re.search(r"extra == .default", each) and "!= 'cpython'" not in each
    }

    assert named["yt-dlp"] == f"yt-dlp=={metadata.version('yt-dlp')}"
    assert named["yt-dlp-ejs"] == f"yt-dlp-ejs=={yt_dlp_ejs.version}"
    assert yt_dlp_ejs.version == vendor.VERSION
    assert wanted - {"mutagen"} <= set(named)  # ffmpeg writes our tags and covers
    assert "requests" in wanted


def test_every_trap_has_a_test_of_its_own() -> None:
    told = {int(found) for name in globals() for found in re.findall(r"^test_trap_(\d+)_", name)}

    assert told == set(range(1, 13))
