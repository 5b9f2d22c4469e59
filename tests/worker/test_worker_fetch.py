"""One video from the stand-in to files that are ready to commit."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import pytest
from worker_desk import SMALL, Desk, WorkerProcess, captions, wishing

from ytarchive.core.codec import decode
from ytarchive.core.desired import Audio, Quality, Target
from ytarchive.core.job import Lease, Receipt
from ytarchive.simulator import WELL_KNOWN, Simulator

NORMAL = WELL_KNOWN["ordinary"]


def stamps(path: Path) -> set[str]:
    """The ids that the streams of a file name: the simulator's media carry them through a merge."""
    with av.open(path) as container:
        names = [
            stream.metadata.get("HANDLER_NAME", stream.metadata.get("handler_name", ""))
            for stream in container.streams
        ]
        names += [container.metadata.get("COMMENT", container.metadata.get("comment", ""))]
    return {name.split(":")[1] for name in names if name.startswith("ytsim:")}


def codecs(path: Path) -> list[str]:
    with av.open(path) as container:
        return [
            stream.codec_context.name for stream in container.streams if stream.type in ("video", "audio")
        ]


def test_an_ordinary_video_ends_as_one_verified_file(worker: WorkerProcess, desk: Desk) -> None:
    job = desk.job(NORMAL)

    receipt = worker.run(job)

    assert (receipt.outcome, receipt.failure) == ("done", None)
    (record,) = receipt.files
    (path,) = desk.out(job, receipt, "video")
    content = path.read_bytes()
    assert stamps(path) == {NORMAL}
    assert record.sha256 == hashlib.sha256(content).hexdigest()
    assert record.bytes == len(content)
    assert path.name == f"{NORMAL}.{record.sha256[:10]}.mkv"
    assert path.stat().st_mode & 0o777 == 0o444
    assert receipt.got is not None
    assert (receipt.got.video and receipt.got.video.label, receipt.got.below_wish) == (144, False)
    assert receipt.metadata is not None
    assert receipt.metadata.title == f"Simulated video {NORMAL}"
    assert receipt.engine is not None
    assert (receipt.engine.yt_dlp, receipt.engine.ejs) == (worker.hello.engine, worker.hello.ejs)
    assert receipt.engine.client


def test_a_finished_staging_folder_holds_the_lease_and_the_files(worker: WorkerProcess, desk: Desk) -> None:
    job = desk.job(NORMAL)

    receipt = worker.run(job)

    staging = Path(job.staging)
    assert sorted(each.name for each in staging.iterdir()) == ["lease.json", "out"]
    assert [each.name for each in (staging / "out").iterdir()] == [receipt.files[0].name]
    lease = decode(Lease, (staging / "lease.json").read_bytes())
    assert (lease.job, lease.process_group) == (job.id, worker.process.pid)


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("ordinary", Target(video=Quality(codecs=("av1",)), sound=Audio()), ("399", 1080, "av1", "opus")),
        (
            "ordinary",
            Target(video=Quality(max=360, codecs=("h264",)), sound=Audio(codec="aac"), container="mp4"),
            ("134", 360, "h264", "aac"),
        ),
        (
            "ultra_wide",
            Target(video=Quality(max=720, codecs=("vp9",)), sound=Audio(), container="webm"),
            ("247", 720, "vp9", "opus"),
        ),
        (
            "progressive_only",
            Target(video=Quality(), sound=Audio(), container="mp4"),
            ("18", 360, "h264", None),
        ),
    ],
)
def test_the_choice_is_what_is_on_disk(
    worker: WorkerProcess, desk: Desk, name: str, target: Target, expected: tuple[str, int, str, str | None]
) -> None:
    job = desk.job(WELL_KNOWN[name], target)

    receipt = worker.run(job)

    assert receipt.outcome == "done", receipt.failure
    assert receipt.got is not None
    assert receipt.got.video is not None
    got = receipt.got
    assert (got.video.itag, got.video.label, got.video.codec, got.sound and got.sound.audio_codec) == expected
    (path,) = desk.out(job, receipt, "video")
    assert path.suffix == f".{target.container}"
    assert len(codecs(path)) == 2
    assert stamps(path) == {WELL_KNOWN[name]}


def test_one_video_asks_no_more_than_the_command_line(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, tmp_path: Path
) -> None:
    worker.run(desk.job(NORMAL))  # so that the connections are there, as they are in a run of many
    youtube.reset_counters()

    receipt = worker.run(desk.job(NORMAL))
    ours = youtube.counters()
    youtube.reset_counters()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "yt_dlp",
            "--ignore-config",
            "--no-cache-dir",
            "--compat-options",
            "no-certifi",
            "-q",
            "--no-progress",
            "-f",
            "160+251",
            "--merge-output-format",
            "mkv",
            "--ffmpeg-location",
            _ffmpeg(),
            "-o",
            str(tmp_path / "theirs.%(ext)s"),
            f"https://www.youtube.com/watch?v={NORMAL}",
        ],
        env=os.environ | youtube.environment(),
        check=True,
        timeout=60,
    )
    theirs = youtube.counters()

    assert receipt.outcome == "done"
    assert ours["total_requests"] <= theirs["total_requests"]
    assert ours["requests"] == {"watch": 1, "player": 2, "media": 2}
    assert ours["tls_handshakes"] == 0
    assert len(receipt.http) == ours["total_requests"]
    assert stamps(tmp_path / "theirs.mkv") == {NORMAL}


def test_a_sound_part_comes_from_the_same_extraction(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(NORMAL, wishing(audio=Audio(codec="opus")))

    receipt = worker.run(job)

    (sound,) = desk.out(job, receipt, "audio")
    assert (sound.suffix, codecs(sound)) == (".opus", ["opus"])
    assert len(desk.out(job, receipt, "video")) == 1
    requests = youtube.counters()["requests"]
    assert (requests["watch"], requests["media"]) == (1, 2)


@pytest.mark.parametrize(("codec", "suffix"), [("opus", ".opus"), ("aac", ".m4a")])
def test_music_has_tags_and_a_cover(worker: WorkerProcess, desk: Desk, codec: str, suffix: str) -> None:
    target = Target(audio=Audio(codec=codec), embed=("tags", "thumbnail"))  # type: ignore[arg-type]
    job = desk.job(NORMAL, target)

    receipt = worker.run(job)

    assert receipt.outcome == "done", receipt.failure
    (path,) = desk.out(job, receipt, "audio")
    assert path.suffix == suffix
    with av.open(path) as container:
        tags = {**container.metadata, **container.streams.audio[0].metadata}
        assert tags["title"] == f"Simulated video {NORMAL}"
        assert next(each.type for each in container.streams) == "audio"
        assert len(container.streams) == (2 if suffix == ".m4a" else 1)


def test_a_video_takes_tags_cover_and_chapters_in_one_file(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_video(
        "sim_Chapter", duration_seconds=12, description="0:00 Beginning\n0:04 =Middle; #2\n0:08 The end\n"
    )
    job = desk.job("sim_Chapter", wishing(embed=("tags", "chapters", "thumbnail"), sidecars=("thumbnail",)))

    receipt = worker.run(job)

    assert receipt.outcome == "done", receipt.failure
    (path,) = desk.out(job, receipt, "video")
    with av.open(path) as container:
        assert container.metadata["title"] == "Simulated video sim_Chapter"
        chapters = [(each["start"], each["metadata"]["title"]) for each in container.chapters()]
        assert chapters == [(0, "Beginning"), (4_000_000_000, "=Middle; #2"), (8_000_000_000, "The end")]
        assert [each.type for each in container.streams][:2] == ["video", "audio"]
        assert len(container.streams) == 3
    (thumbnail,) = desk.out(job, receipt, "thumbnail")
    assert thumbnail.suffix == ".jpg"
    assert thumbnail.read_bytes().startswith(b"\xff\xd8\xff")


def test_captions_are_fetched_in_each_format_manual_before_automatic(
    worker: WorkerProcess, desk: Desk
) -> None:
    wishes = (*captions("en", formats=("vtt", "srt", "json3", "srv3")), *captions("de", "sv"))
    job = desk.job(WELL_KNOWN["manual_captions"], wishing(captions=wishes))

    receipt = worker.run(job)

    found = {
        (each.language, Path(each.name).suffix, each.automatic)
        for each in receipt.files
        if each.role == "caption"
    }
    assert found == {("en", suffix, False) for suffix in (".vtt", ".srt", ".json3", ".srv3")} | {
        ("de", ".vtt", False)
    }
    assert {each.part: each.outcome for each in receipt.parts} == {
        "captions:en": "got",
        "captions:de": "got",
        "captions:sv": "absent",
    }
    texts = [path.read_text() for path in desk.out(job, receipt, "caption") if path.suffix == ".vtt"]
    assert all(text.startswith("WEBVTT") and WELL_KNOWN["manual_captions"] in text for text in texts)


def test_a_french_video_gives_no_translated_english(worker: WorkerProcess, desk: Desk) -> None:
    job = desk.job(WELL_KNOWN["french_captions"], wishing(captions=captions("en", "fr")))

    receipt = worker.run(job)

    assert {each.part: each.outcome for each in receipt.parts} == {
        "captions:en": "absent",
        "captions:fr": "got",
    }
    assert [(each.language, each.automatic) for each in receipt.files if each.role == "caption"] == [
        ("fr", True)
    ]


def test_late_captions_cost_one_extraction_and_no_media(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(
        WELL_KNOWN["manual_captions"],
        wishing(captions=captions("en", "de")),
        kind="beside",
        have=("captions:en",),
    )

    receipt = worker.run(job)

    assert [(each.language, each.role) for each in receipt.files] == [("de", "caption")]
    requests = youtube.counters()["requests"]
    assert (requests["watch"], requests.get("media", 0)) == (1, 0)


def test_a_probe_tells_what_is_offered_and_takes_nothing(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    receipt = worker.run(desk.job(WELL_KNOWN["ultra_hd"], kind="probe"))

    assert receipt.outcome == "done"
    assert max(each.label or 0 for each in receipt.offered) == 2160
    assert {each.codec for each in receipt.offered if each.kind == "video"} == {"av1", "vp9", "h264"}
    assert all(each.clen and each.lmt for each in receipt.offered if each.kind != "muxed")
    assert "media" not in youtube.counters()["requests"]


def test_info_json_holds_named_fields_and_no_address_of_ours(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_video(NORMAL, tags=("simulated", "tag1"))
    job = desk.job(NORMAL, wishing(sidecars=("info_json", "description"), captions=captions("en")))

    receipt = worker.run(job)

    (info,) = desk.out(job, receipt, "info_json")
    data = json.loads(info.read_text())
    assert (data["id"], data["title"]) == (NORMAL, f"Simulated video {NORMAL}")
    assert {each["itag"] for each in data["offered"]} >= {"160", "251"}
    canaries = (
        "cookie",
        "videoplayback",
        "timedtext",
        "127.0.0.1",
        "sig=",
        "expire=",
        "http_headers",
        "ip=",
        "VISITOR",
    )
    written = b"".join(path.read_bytes() for path in Path(job.staging).rglob("*.json"))
    assert [canary for canary in canaries if canary.lower().encode() in written.lower()] == []
    (description,) = desk.out(job, receipt, "description")
    assert description.read_text() == f"Everything about {NORMAL}.\n\nhttps://example.com/{NORMAL}"


@pytest.mark.parametrize(
    "name", ["leading_dash", "option_like", "title_terminal", "title_traversal", "title_long"]
)
def test_a_difficult_name_changes_nothing_on_disk(worker: WorkerProcess, desk: Desk, name: str) -> None:
    video = WELL_KNOWN[name]
    job = desk.job(video, wishing(embed=("tags",), sidecars=("info_json",)))

    receipt = worker.run(job)

    assert receipt.outcome == "done", receipt.failure
    names = sorted(path.name for path in (Path(job.staging) / "out").iterdir())
    assert names == sorted(
        f"{video}.{each.sha256[:10]}{''.join(Path(each.name).suffixes[1:])}" for each in receipt.files
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("private", "PRIVATE"),
        ("members", "MEMBERS"),
        ("geo", "GEO"),
        ("terminated", "TERMINATED"),
        ("bot_check", "BOT_CHECK"),
        ("upcoming", "UPCOMING"),
        ("live_now", "LIVE_NOW"),
        ("post_live", "POST_LIVE"),
        ("age", "AGE"),
        ("paid", "PAID"),
    ],
)
def test_what_cannot_be_had_says_why(worker: WorkerProcess, desk: Desk, name: str, code: str) -> None:
    receipt = worker.run(desk.job(WELL_KNOWN[name]))

    assert receipt.outcome == "failed"
    assert receipt.failure is not None
    assert receipt.failure.code == code
    assert receipt.failure.evidence.playability
    assert (receipt.failure.until is not None) == (code == "UPCOMING")


def test_a_thumbnail_that_cannot_be_had_fails_nothing_else(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=404, request="thumbnail")

    receipt = worker.run(desk.job(NORMAL, wishing(embed=("thumbnail",), sidecars=("thumbnail",))))

    assert [each.role for each in receipt.files] == ["video"]
    assert [(each.part, each.outcome) for each in receipt.parts] == [("thumbnail", "failed")]


def test_a_file_that_needs_no_merge_is_taken_as_it_came(worker: WorkerProcess, desk: Desk) -> None:
    job = desk.job(WELL_KNOWN["progressive_only"], Target(video=Quality(), sound=Audio(), container="mp4"))

    receipt = worker.run(job)

    assert receipt.got is not None
    assert receipt.got.video is not None
    assert receipt.files[0].bytes == receipt.got.video.clen
    assert [each.data["phase"] for each in worker.events if each.kind == "progress"].count("merge") == 0


def test_refused_media_are_asked_for_again_once(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=403, request="media", count=1)

    receipt = worker.run(desk.job(NORMAL))

    assert receipt.outcome == "done"
    assert youtube.counters()["requests"]["watch"] == 2


def test_media_that_stay_refused_are_a_failure_after_two_extractions(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=403, request="media")

    receipt = worker.run(desk.job(NORMAL))

    assert receipt.failure is not None
    assert receipt.failure.code == "MEDIA_403"
    assert youtube.counters()["requests"]["watch"] == 2


def test_a_disk_without_room_is_noticed_before_the_download(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    receipt = worker.run(desk.job(NORMAL, min_free_bytes=1 << 60))

    assert receipt.failure is not None
    assert (receipt.failure.code, receipt.failure.evidence.error_number) == ("DISK_FULL", 28)
    assert "media" not in youtube.counters()["requests"]


def test_a_deadline_ends_a_download_and_keeps_what_was_got(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("throttle", value=200_000, request="media")
    job = desk.job(WELL_KNOWN["large"], deadline_at=int(time.time()) + 2)

    receipt = worker.run(job)

    assert receipt.failure is not None
    assert receipt.failure.code == "DEADLINE"
    assert list(Path(job.staging).glob("parts.*/*.part"))


def test_every_job_gets_a_receipt_whatever_its_folder_is(worker: WorkerProcess, desk: Desk) -> None:
    missing = replace(desk.job(NORMAL), staging="/nonexistent/staging")

    receipt: Receipt = worker.run(missing)

    assert receipt.outcome == "failed"
    assert receipt.failure is not None
    assert worker.run(desk.job(NORMAL, SMALL)).outcome == "done"


def _ffmpeg() -> str:
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())
