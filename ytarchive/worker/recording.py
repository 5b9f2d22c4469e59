"""Record a stream while it runs, from its first fragment on: picture and sound in turns, until YouTube says it is over.

YouTube numbers the fragments of a running stream (`sq`) and keeps those of its last 120 hours; each answer, also to a
HEAD request for the bare address, names the newest one (`X-Head-Seqnum`). So yt-dlp's `_live_adaptive_fragments` has
it. What is not taken from there: its generators sleep where nobody can stop them, need a thread each to keep picture
and sound abreast, and take half a minute without news for the end. Here a fragment is had of every format before the
next one is asked for: sound does not wait for the end of the picture, when its fragments may be gone, and what is
recorded ends at one place. A fragment that cannot be had is never left out: the recording ends
before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from yt_dlp.networking import Request
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils import DownloadCancelled, YoutubeDLError, update_url_query

from ytarchive.core.instant import HOUR
from ytarchive.core.selection import Choice, Format, choose
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed
from ytarchive.worker.extraction import Extraction, look
from ytarchive.worker.options import MEDIA_RETRIES, retry_pause_seconds
from ytarchive.worker.staging import require_space
from ytarchive.worker.verify import NotWhole, Source, check_part

LONGEST_SECONDS = 120 * HOUR
"""What YouTube keeps of a stream that runs (`MAX_DURATION` of yt-dlp)."""
SILENCE_SECONDS = HOUR
"""A stream may fall silent and go on, says YouTube, for longer than anybody waits."""
_SHORTEST_PAUSE_SECONDS = 1.0
_FIRST_LOOK_FRAGMENTS = 3
_UNFINISHED_FRAGMENTS = 2  # the newest may be announced before they are there
_LEAST_SHARE = 0.75  # of what the fragments are told to last: less was not read to its end
_BLOCK_BYTES = 64 * 1024
_FRAGMENT_CAP_BYTES = 512 * 1024 * 1024
_GONE = (404, 410)

Tell = Callable[[int, float], None]
"""Told how many bytes, and how many seconds of the stream there are."""


def is_to_be_recorded(attempt: Attempt) -> bool:
    """A stream that runs, where the target says so. What is on disk of it already is not recorded once more."""
    job = attempt.job
    return attempt.seen.live_status == "is_live" and job.target.live == "record" and job.got is None


def choose_to_record(attempt: Attempt, extraction: Extraction) -> Choice:
    """What to take of the formats that are there from the stream's start: nothing hidden is waited for meanwhile.

    Raise `JobFailed` (LIVE_NOW: its recording is waited for) where the stream cannot be recorded well.
    """
    formats = [each.format for each in extraction.offers if each.source.get("is_from_start")]
    if not formats:
        raise _waits(attempt, "YouTube offers none of its formats from the start")
    choice = choose(formats, attempt.job.target)
    if choice is None:
        raise _waits(attempt, "none of its formats fits the wish")
    return choice


def record(
    downloader: Downloader, extraction: Extraction, paths: Mapping[Format, Path], tell: Tell
) -> dict[Format, Source]:
    """The whole parts at `paths`, all as long as each other. Raise as `choose_to_record`, what yt-dlp raises or OSError.

    `attempt.seen` stays what it was when the stream ran, but for the details.
    """
    attempt = downloader.attempt
    seen = attempt.seen
    at_first = (seen.offered, seen.metadata, seen.live_status)
    recording = _Recording(downloader, _addresses(extraction, paths), _fragment_seconds(extraction, paths))
    attempt.log("info", "The stream runs: it is recorded from its start until it ends")
    try:
        with ExitStack() as files, attempt.http.purpose("media"):
            recording.files = {media: files.enter_context(path.open("wb")) for media, path in paths.items()}
            recording.run(min(path.parent for path in paths.values()), tell)
    finally:
        seen.offered, seen.metadata, seen.live_status = at_first
    attempt.stage = "verify"
    sources = {media: check_part(path, media) for media, path in paths.items()}
    _require_length(sources, recording.seconds)
    attempt.stage = "download"
    return sources


@dataclass(slots=True)
class _Recording:
    """`had` fragments of `fragment_seconds` are in the file of every format; `trouble` is what kept the next away."""

    downloader: Downloader
    addresses: dict[Format, str]
    fragment_seconds: float
    files: Mapping[Format, BinaryIO] = field(default_factory=dict)
    had: int = 0
    written_bytes: int = 0
    trouble: Exception | None = None

    @property
    def seconds(self) -> float:
        return self.had * self.fragment_seconds

    def run(self, folder: Path, tell: Tell) -> None:
        """Until the stream is over, was silent for an hour, or is longer than what may be recorded."""
        attempt = self.downloader.attempt
        tell(0, 0.0)
        silent_since, ask_after = time.monotonic(), 0.0
        while self.seconds < LONGEST_SECONDS:
            attempt.check()
            if self._take_news(folder, tell):
                silent_since, ask_after = time.monotonic(), 0.0
            # Twice as long after each answer: every look is an extraction.
            ask_after = ask_after or _FIRST_LOOK_FRAGMENTS * self.fragment_seconds
            silent = time.monotonic() - silent_since
            if silent >= SILENCE_SECONDS or (silent >= ask_after and not self.had):
                break
            if silent >= ask_after:
                ask_after *= 2
                if not self._runs():
                    self._take_news(folder, tell)
                    break
            attempt.wait(max(_SHORTEST_PAUSE_SECONDS, self.fragment_seconds))
        if isinstance(self.trouble, TransportError) or (isinstance(self.trouble, HTTPError) and not self.had):
            raise self.trouble
        if not self.had:
            raise _waits(attempt, str(self.trouble or "it has no fragments yet"))

    def _take_news(self, folder: Path, tell: Tell) -> bool:
        """Take what there is and was not. Whether there was anything."""
        before = self.had
        try:
            head = self._head()
            self.trouble = None
            if not before and head * self.fragment_seconds > LONGEST_SECONDS:
                raise _waits(self.downloader.attempt, "it has run for longer than YouTube keeps its start")
            while self.had <= head:
                parts = {media: self._fragment(media, self.had) for media in self.files}
                if any(part is None for part in parts.values()):
                    self._require_unfinished(head)
                    break
                self._write(folder, {media: part for media, part in parts.items() if part})
                tell(self.written_bytes, self.seconds)
        except DownloadCancelled:
            raise
        except (YoutubeDLError, _Refused) as error:
            self.trouble = error
        return self.had > before

    def _require_unfinished(self, head: int) -> None:
        """Raise where the next fragment is missing, and not only not there yet."""
        if self.had > head - _UNFINISHED_FRAGMENTS:
            return
        if not self.had:
            raise _waits(self.downloader.attempt, "YouTube does not keep its start")
        raise _Refused(f"fragment {self.had + 1} not found, unable to continue")

    def _write(self, folder: Path, parts: Mapping[Format, bytes]) -> None:
        """Raise `OSError` (ENOSPC) while there still is room for the file that is made of the parts."""
        size = sum(map(len, parts.values()))
        job = self.downloader.attempt.job
        require_space(folder, self.written_bytes + 2 * size, job.min_free_bytes)
        for media, part in parts.items():
            self.files[media].write(part)
            self.files[media].flush()
        self.written_bytes += size
        self.had += 1

    def _runs(self) -> bool:
        """Ask YouTube, which gives new addresses, too. True when it does not answer."""
        attempt = self.downloader.attempt
        try:
            extraction = look(self.downloader, attempt)
            runs = attempt.seen.live_status == "is_live"
            self.addresses |= _addresses(extraction, self.files) if runs else {}
        except DownloadCancelled:
            raise
        except (YoutubeDLError, JobFailed) as error:
            self.trouble = error
            return True
        finally:
            attempt.stage = "download"
        return runs

    def _head(self) -> int:
        """The number of the newest fragment, of every format alike. Raise where none is named."""
        request = Request(next(iter(self.addresses.values())), method="HEAD")
        with self.downloader.urlopen(request) as answer:
            named = answer.headers.get("X-Head-Seqnum") or ""
        if not named.isdecimal() and not self.had:
            raise _waits(self.downloader.attempt, "its fragments are not numbered")
        if not named.isdecimal():
            raise _Refused("the stream's newest fragment is not named")
        return int(named)

    def _fragment(self, media: Format, number: int) -> bytes | None:
        """None where there is no such fragment (yet). What fails in passing is asked for again."""
        renewed = False
        for failed in range(MEDIA_RETRIES + 1):
            try:
                return self._read(update_url_query(self.addresses[media], {"sq": str(number)})) or None
            except HTTPError as error:
                if error.status in _GONE:
                    return None
                if error.status == 403 and not renewed:
                    renewed = True
                    if not self._runs():
                        raise
                elif error.status < 500 or failed == MEDIA_RETRIES:
                    raise
            except TransportError:
                if failed == MEDIA_RETRIES:
                    raise
            self.downloader.attempt.wait(retry_pause_seconds(failed))
        raise AssertionError("the last failure is raised")

    def _read(self, address: str) -> bytes:
        attempt = self.downloader.attempt
        most = attempt.job.network.bytes_per_second
        began = time.monotonic()
        content = bytearray()
        with self.downloader.urlopen(Request(address)) as answer:
            while block := answer.read(_BLOCK_BYTES):
                content += block
                if len(content) > _FRAGMENT_CAP_BYTES:
                    raise JobFailed(f"A fragment of more than {_FRAGMENT_CAP_BYTES:,} bytes")
                if most:
                    attempt.wait(max(0.0, began + len(content) / most - time.monotonic()))
                attempt.check()
        return bytes(content)


class _Refused(Exception):
    """The media server answers, and not with what was asked for."""


def _addresses(extraction: Extraction, wanted: Mapping[Format, object]) -> dict[Format, str]:
    """Where each format is had from the start now; those that are not offered keep the address that they had."""
    there = {
        name_of(each.format): str(each.source["url"])
        for each in reversed(extraction.offers)
        if each.source.get("is_from_start") and each.source.get("url")
    }
    return {media: there[name_of(media)] for media in wanted if name_of(media) in there}


def name_of(media: Format) -> tuple[object, ...]:
    """What stays of a format while its addresses change."""
    return (media.itag, media.language, media.track, media.drc)


def _fragment_seconds(extraction: Extraction, paths: Mapping[Format, object]) -> float:
    told = [extraction.source_of(media).get("target_duration") for media in paths]
    return max((float(each) for each in told if isinstance(each, int | float) and each > 0), default=5.0)


def _require_length(sources: Mapping[Format, Source], seconds: float) -> None:
    """Raise `NotWhole` where a part cannot be read to its end, though all its fragments are there."""
    for media, source in sources.items():
        last = max(source.ends.values())
        if last < _LEAST_SHARE * seconds:
            raise NotWhole(f"itag {media.itag}: the last packet is at {last:.1f} s of {seconds:.1f} s")


def _waits(attempt: Attempt, why: str) -> JobFailed:
    text = f"The video is live now and is not recorded: {why}; its recording is waited for"
    attempt.log("info", text)
    return JobFailed(text, code="LIVE_NOW")
