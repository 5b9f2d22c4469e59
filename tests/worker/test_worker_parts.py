"""The worker's smaller pieces: options, formats, evidence, verification, and the program that merges."""

from __future__ import annotations

import errno
import itertools
import ssl
from io import StringIO
from pathlib import Path

import pytest
from yt_dlp.networking.exceptions import ProxyError, TransportError
from yt_dlp.utils import DownloadError, ExtractorError

from ytarchive.core.chapters import Chapter
from ytarchive.core.job import Job, Network
from ytarchive.core.selection import Format
from ytarchive.worker import ffmpeg
from ytarchive.worker.attempt import Attempt, Cancelled, Deadline
from ytarchive.worker.causes import cause_of
from ytarchive.worker.evidence import MOST_CHARACTERS, JobFailed, gather
from ytarchive.worker.extraction import Extraction
from ytarchive.worker.formats import read_format, read_offers, told_seconds
from ytarchive.worker.http_log import MOST_EXCHANGES, HttpLog
from ytarchive.worker.info_json import chapters_of, info_json
from ytarchive.worker.media import tags_of
from ytarchive.worker.options import ALLOWED, engine_options, retry_pause_seconds
from ytarchive.worker.staging import Staging, fingerprint_of
from ytarchive.worker.verify import NotWhole, check_caption, check_part, check_size, picture_suffix


def attempt(**changes: object) -> Attempt:
    return Attempt(Job("j", "fetch", "sim_Normal0", **changes), lambda event: None)  # type: ignore[arg-type]


def not_whole() -> NotWhole:
    """As a verification raises it that met an error in reading the file."""
    error = NotWhole("itag 160: Invalid data found")
    error.__cause__ = OSError(1094995529, "Invalid data found")
    return error


# Options


def test_every_option_is_on_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    for proxy, ca, source, rate, cookies, variable in itertools.product(
        *[(None, "x")] * 3, (None, 5), (None, StringIO()), (None, "x")
    ):
        if variable:
            monkeypatch.setenv("SSL_CERT_FILE", variable)
        else:
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        network = Network(proxy=proxy, ca_file=ca, source_address=source, bytes_per_second=rate)

        options = engine_options(network, logger=None, wait=lambda seconds: None, cookies=cookies)

        assert set(options) <= ALLOWED
        assert (options.get("compat_opts") == ["no-certifi"]) == bool(ca or variable)


def test_no_option_that_runs_a_program_or_reads_a_plugin_is_on_the_list() -> None:
    dangerous = {
        "exec",
        "exec_cmd",
        "netrc_cmd",
        "usenetrc",
        "external_downloader",
        "postprocessors",
        "plugin_dirs",
    }
    assert ALLOWED.isdisjoint(
        dangerous | {"enable_file_urls", "nocheckcertificate", "allow_unplayable_formats"}
    )


def test_pauses_between_retries_grow_and_end() -> None:
    pauses = [retry_pause_seconds(failed) for failed in range(12)]
    assert pauses[:3] == [0.25, 0.5, 1.0]
    assert max(pauses) == 8.0


def test_a_pause_ends_when_the_job_is_cancelled() -> None:
    waiting = attempt()
    options = engine_options(Network(), logger=None, wait=waiting.wait)
    waiting.cancel()

    with pytest.raises(Cancelled):
        options["retry_sleep_functions"]["http"](10)


def test_a_deadline_that_has_passed_stops_the_next_step() -> None:
    with pytest.raises(Deadline):
        attempt(deadline_at=1).check()


# Formats


def source(**changes: object) -> dict[str, object]:
    url = "https://r1.googlevideo.com/videoplayback?itag=137&clen=1234&lmt=1700000000000001&c=WEB&sig=secret"
    return {
        "format_id": "137",
        "vcodec": "avc1.640028",
        "acodec": "none",
        "url": url,
        "format_note": "1080p60",
    } | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"itag": "137", "kind": "video", "label": 1080, "codec": "h264", "clen": 1234, "lmt": "1700000000000001", "client": "WEB"}),
        ({"format_note": None, "width": 1920, "height": 640}, {"label": 1080}),
        ({"vcodec": "av01.0.08M.08.0.110", "dynamic_range": "HDR10"}, {"codec": "av1", "hdr": True}),
        ({"vcodec": "vp09.02.51.10", "format_note": "2160p60 HDR"}, {"codec": "vp9", "hdr": True, "label": 2160}),
        ({"vcodec": "none", "acodec": "mp4a.40.2", "format_note": "medium"}, {"kind": "audio", "audio_codec": "aac", "label": None, "codec": None}),
        ({"acodec": "mp4a.40.2"}, {"kind": "muxed", "codec": "h264", "audio_codec": "aac"}),
        ({"vcodec": "none", "acodec": "opus", "language": "en", "language_preference": 10, "format_note": "English original (default), medium"}, {"track": "English original", "language": "en", "language_preference": 10}),
        ({"format_id": "251-drc", "vcodec": "none", "acodec": "opus"}, {"itag": "251", "drc": True}),
        ({"format_id": "137-sr"}, {"upscaled": True}),
        ({"format_note": "1080p, DAMAGED"}, {"damaged": True}),
        ({"vcodec": None, "acodec": None, "width": 256, "height": 144}, {"kind": "video", "codec": None}),
        ({"vcodec": None, "acodec": None, "asr": 48000, "ext": "webm"}, {"kind": "audio", "label": None}),
        ({"vcodec": None, "acodec": None, "ext": "m4a"}, {"kind": "audio"}),
        ({"vcodec": None, "acodec": None, "width": 640, "asr": 44100}, {"kind": "muxed"}),
        ({"vcodec": None, "acodec": None, "width": 640, "format_id": "18"}, {"kind": "muxed"}),
        ({"vcodec": None, "acodec": None}, {"kind": "muxed"}),
        ({"has_drm": True}, {"drm": True}),
        ({"has_drm": "maybe"}, {"drm": False}),
        ({"url": "https://x/videoplayback?itag=137", "filesize": 99}, {"clen": 99, "lmt": None}),
        ({"url": "https://x/videoplayback?itag=137"}, {"clen": None, "lmt": None, "client": None}),
        ({"url": "https://x/videoplayback/itag/137/clen/77/lmt/88/"}, {"clen": 77, "lmt": "88"}),
        ({"url": None}, {"has_url": False}),
    ],
)  # fmt: skip
def test_a_format_is_read_in_terms_that_stay_true(
    changes: dict[str, object], expected: dict[str, object]
) -> None:
    read = read_format(source(**changes))

    assert read is not None
    assert {key: getattr(read, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"filesize_approx": 125_000, "tbr": 100.0}, 10.0),
        ({"filesize_approx": None, "tbr": 100.0}, None),
        ({"filesize_approx": 125_000}, None),
        ({"filesize_approx": 125_000, "tbr": 0}, None),
    ],
)
def test_the_duration_of_a_format_is_read_out_of_its_estimated_size(
    changes: dict[str, object], seconds: float | None
) -> None:
    assert told_seconds(source(**changes)) == seconds


def test_a_storyboard_is_no_format() -> None:
    board = source(format_id="sb0", vcodec="none", acodec="none", ext="mhtml", protocol="mhtml")

    assert read_offers([board, source()])[0].format.itag == "137"


def test_a_fingerprint_changes_with_the_encode_and_never_matches_an_unknown_one() -> None:
    known = Format("137", "video", clen=10, lmt="1")

    assert fingerprint_of([known], "a") == fingerprint_of([known], "b")
    assert (
        len(
            {
                fingerprint_of([Format("137", "video", clen=clen, lmt=lmt)], "a")
                for clen in (10, 11)
                for lmt in ("1", "2")
            }
        )
        == 4
    )
    assert fingerprint_of([Format("137", "video")], "a") != fingerprint_of([Format("137", "video")], "b")


# Evidence


def test_evidence_is_taken_from_the_depth_of_an_exception() -> None:
    try:
        try:
            raise OSError(errno.ECONNREFUSED, "Connection refused")
        except OSError as refused:
            raise ExtractorError(
                "Unable to download API page", cause=TransportError(cause=refused)
            ) from refused
    except ExtractorError as error:
        outer = DownloadError("ERROR: [youtube] x: Unable to download API page", (type(error), error, None))
    failing = attempt()
    failing.stage = "extract"

    evidence = gather(outer, failing)

    assert (evidence.message, evidence.cause) == ("Unable to download API page", "ConnectionRefusedError")
    assert evidence.error_number == errno.ECONNREFUSED


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ProxyError(cause=ConnectionRefusedError(111, "refused")), "ProxyError"),
        (ProxyError(cause=ConnectionResetError(104, "reset")), "ConnectionResetError"),
        (TransportError(cause=ssl.SSLCertVerificationError("bad")), "SSLCertVerificationError"),
        (ValueError("x"), "ValueError"),
        (not_whole(), "NotWhole"),
    ],
)
def test_the_cause_is_what_tells_most(error: BaseException, cause: str) -> None:
    assert cause_of(error) == cause


def test_a_chain_that_bites_its_tail_ends() -> None:
    error = ValueError("x")
    error.__cause__ = other = TypeError("y")
    other.__cause__ = error

    assert cause_of(error) in ("ValueError", "TypeError")


def test_text_from_the_network_is_one_short_harmless_line() -> None:
    failing = attempt()

    evidence = gather(JobFailed("\x1b[31mred\u202e\r\n" + "x" * 5000), failing)

    assert len(evidence.message) <= MOST_CHARACTERS
    assert evidence.message.isprintable()


def test_no_message_names_a_folder_that_will_be_gone() -> None:
    failing = attempt(staging="/archive/.ytarchive/staging/sim_Normal0")
    failing.warnings.append("/archive/.ytarchive/staging/sim_Normal0/work/cover.jpg: odd")

    evidence = gather(
        JobFailed("'/archive/.ytarchive/staging/sim_Normal0/parts.1357d368/0.webm' and '/etc/hosts'"), failing
    )

    assert evidence.message == "'0.webm' and '/etc/hosts'"
    assert evidence.warnings == ("cover.jpg: odd",)


def test_only_a_listing_fails_for_an_answer_without_its_data() -> None:
    def options(*, listing: bool) -> dict[str, object]:
        return engine_options(Network(), logger=None, wait=lambda seconds: None, listing=listing)

    assert "extractor_args" not in options(listing=False)
    assert options(listing=True)["extractor_args"] == {"youtube": {"raise_incomplete_data": ["true"]}}


def test_a_log_of_many_requests_keeps_the_first_and_the_last() -> None:
    log = HttpLog()
    for number in range(MOST_EXCHANGES + 50):
        with pytest.raises(ZeroDivisionError):
            log.send(f"https://host{number}.example/watch?v=secret", lambda: 1 / 0)

    found = log.exchanges()

    assert len(found) == MOST_EXCHANGES
    assert (found[0].host, found[-1].host) == ("host0.example", f"host{MOST_EXCHANGES + 49}.example")
    assert {each.purpose for each in found} == {"watch"}
    assert "secret" not in repr(found)


# Files


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"\xff\xd8\xff\xe0" + b"0" * 200, ".jpg"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 20, ".png"),
        (b"RIFF0000WEBPVP8 ", ".webp"),
        (b"<html>not found</html>", None),
        (b"", None),
    ],
)
def test_a_picture_is_what_its_bytes_say(content: bytes, suffix: str | None) -> None:
    assert picture_suffix(content) == suffix


@pytest.mark.parametrize(
    ("content", "form", "whole"),
    [
        (b"\xef\xbb\xbfWEBVTT\n\n", "vtt", True),
        (b"<html></html>", "vtt", False),
        (b"", "vtt", False),
        (b"1\n00:00:00,000 --> 00:00:01,000\nHi\n", "srt", True),
        (b"WEBVTT\n\n00:00 --> 00:01\n", "srt", False),
        (b'{"events": []}', "json3", True),
        (b"[" * 100_000, "json3", False),
        (b"{}", "json3", False),
        (b'<?xml version="1.0"?><timedtext format="3"></timedtext>', "srv3", True),
        (b'<?xml version="1.0"?><timedtext>', "srv3", False),
    ],
)
def test_captions_are_what_they_claim_to_be(content: bytes, form: str, whole: bool) -> None:
    if whole:
        check_caption(content, form)
    else:
        with pytest.raises(NotWhole):
            check_caption(content, form)


@pytest.mark.parametrize(("size", "clen"), [(10, 11), (10, None), (0, None)])
def test_a_part_that_is_no_media_is_not_whole(tmp_path: Path, size: int, clen: int | None) -> None:
    part = tmp_path / "0.mp4"
    part.write_bytes(b"x" * size)

    with pytest.raises(NotWhole):
        _check(part, Format("137", "video", clen=clen))


def _check(part: Path, media: Format) -> None:
    check_size(part, media)
    check_part(part, media)


def test_a_published_file_has_the_name_of_its_content(tmp_path: Path) -> None:
    staging = Staging(tmp_path, "-leadDash01")
    staging.open(Job("j", "fetch", "-leadDash01"))

    first = staging.write(b"one", ".en.vtt", "caption", language="en", automatic=False)
    second = staging.write(b"two", ".en.vtt", "caption", language="en", automatic=True)

    assert first.name == f"-leadDash01.{first.sha256[:10]}.en.vtt"
    assert sorted(each.name for each in staging.out.iterdir()) == sorted((first.name, second.name))


def test_chapters_have_an_end_and_an_order() -> None:
    info = {
        "duration": 30,
        "chapters": [{"start_time": 0, "title": "A"}, {"start_time": 10, "end_time": 12}, {"start_time": 40}],
    }

    assert chapters_of(info) == (Chapter(0.0, 10.0, "A"), Chapter(10.0, 12.0, ""))


def test_tags_of_music_name_the_track_and_the_artists() -> None:
    info = {
        "id": "x",
        "title": "Artist - Song (Official)",
        "track": "Song",
        "artists": ["A", "B"],
        "upload_date": "20200102",
    }

    assert {key: tags_of(info, music=True)[key] for key in ("title", "artist", "date")} == {
        "title": "Song",
        "artist": "A, B",
        "date": "2020-01-02",
    }
    assert tags_of(info, music=False)["title"] == "Artist - Song (Official)"


def test_info_json_takes_a_field_only_in_its_own_type() -> None:
    info = {
        "id": "x",
        "title": ["no"],
        "duration": "5",
        "tags": ["a", 1],
        "cookies": "c",
        "description": "\ud800",
    }

    text = info_json(Extraction(info, ())).decode()

    assert '"tags": [\n  "a"\n ]' in text
    assert not {"cookies", '"title"', '"duration"'} & {
        word for word in ("cookies", '"title"', '"duration"') if word in text
    }


# The program that merges


def fake(folder: Path, version: str) -> str:
    folder.mkdir()
    script = folder / "ffmpeg"
    script.write_text(f'#!/bin/sh\necho "{version}"\n')
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(
    ("version", "trusted"),
    [
        ("ffmpeg version 7.0.2-static", True),
        ("ffmpeg version n9.0.2-17-g2a571b6068", True),
        ("ffmpeg version 8.1", True),
        ("ffmpeg version 7.0.1", False),
        ("ffmpeg version 5.1.6-0+deb12u1", False),
        ("ffmpeg version N-109542-g7bf85d2d3a", False),
        ("nothing of the kind", False),
    ],
)
def test_only_an_ffmpeg_that_reports_a_full_disk_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, trusted: bool
) -> None:
    system = fake(tmp_path / "bin", version)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert (ffmpeg.find_ffmpeg() == system) == trusted


def test_a_missing_ffmpeg_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "")
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", _no_ffmpeg)
    ffmpeg._bundled.cache_clear()

    with pytest.raises(ffmpeg.FfmpegMissing, match="ffmpeg is not installed"):
        ffmpeg.find_ffmpeg()


def _no_ffmpeg() -> str:
    raise RuntimeError("No ffmpeg exe could be found")
