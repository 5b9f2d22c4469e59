"""What lies beside the media: captions, the thumbnail, the description. Each has its own outcome.

None of them can fail a video: a refused caption (HTTP 429 is common) is a line in the receipt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from yt_dlp.networking import Request
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import DownloadCancelled

from ytarchive.core.caption_cuts import cut_captions
from ytarchive.core.desired import CaptionWish
from ytarchive.core.failure import Failure, classify
from ytarchive.core.item import FileRecord
from ytarchive.core.job import PartOutcome
from ytarchive.core.selection import CaptionTrack, choose_captions
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed, gather
from ytarchive.worker.extraction import Extraction
from ytarchive.worker.http_log import Purpose
from ytarchive.worker.staging import Staging
from ytarchive.worker.verify import NotWhole, check_caption, picture_suffix

_MOST_BYTES = 64 * 1024 * 1024
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")


def offered_captions(extraction: Extraction) -> tuple[CaptionTrack, ...]:
    """Every track; what has `tlang` in its address is a machine's translation."""
    return tuple(
        CaptionTrack(language, automatic, tuple(forms), translated)
        for automatic, language, forms, translated in _tracks(extraction.info)
    )


def fetch_captions(
    downloader: Downloader, extraction: Extraction, staging: Staging, gone: Sequence[tuple[float, float]] = ()
) -> tuple[list[FileRecord], list[PartOutcome]]:
    """The captions that the target wishes and are not on disk yet, in each wished format.

    `gone` is what is cut out of the media that they are for.
    """
    job = downloader.attempt.job
    wishes = tuple(wish for wish in job.target.captions if f"captions:{wish.language}" not in job.have)
    files: list[FileRecord] = []
    outcomes: dict[str, PartOutcome] = {}
    throttled: Failure | None = None
    downloader.attempt.stage = "captions"
    for wish, track in choose_captions(offered_captions(extraction), wishes):
        part = f"captions:{wish.language}"
        if track is None:
            outcomes[part] = PartOutcome(part, "absent")
            continue
        for form in wish.formats:
            failure = throttled
            if failure is None:
                failure = _try(
                    downloader, _caption_job(downloader, extraction, staging, wish, track, form, files, gone)
                )
            if failure is not None and failure.code == "SUBS_429":
                throttled = failure  # the next ones would be refused as well, and make it worse
            if failure is not None or part not in outcomes:
                outcomes[part] = PartOutcome(part, "failed" if failure else "got", failure)
    return files, list(outcomes.values())


def fetch_thumbnail(downloader: Downloader, extraction: Extraction) -> tuple[bytes, str, PartOutcome]:
    """The picture, its true suffix, and the outcome; empty bytes when it could not be had."""
    found: list[tuple[bytes, str]] = []
    downloader.attempt.stage = "captions"

    def fetch() -> None:
        error: Exception | None = None
        for address in _thumbnail_addresses(extraction):
            try:
                content = _read(downloader, address, "thumbnail")
            except HTTPError as refused:
                error = refused
                continue
            suffix = picture_suffix(content)
            if suffix is not None:
                found.append((content, suffix))
                return
            error = NotWhole("The thumbnail is no JPEG, PNG or WebP")
        raise error or JobFailed("No thumbnail is offered")

    failure = _try(downloader, fetch)
    if failure is not None:
        return b"", "", PartOutcome("thumbnail", "failed", failure)
    return *found[0], PartOutcome("thumbnail", "got")


def _caption_job(
    downloader: Downloader,
    extraction: Extraction,
    staging: Staging,
    wish: CaptionWish,
    track: CaptionTrack,
    form: str,
    files: list[FileRecord],
    gone: Sequence[tuple[float, float]],
) -> Callable[[], None]:
    def fetch() -> None:
        address = _caption_address(extraction.info, track, form)
        if address is None:
            raise JobFailed(f"These captions are not offered as {form}")
        content = _read(downloader, address, "caption")
        check_caption(content, form)
        content = fitted(content, form, gone)
        language = _language_of(track, wish)
        record = staging.write(
            content, f".{language}.{form}", "caption", language=language, automatic=track.automatic
        )
        if record not in files:
            files.append(record)

    return fetch


def fitted(content: bytes, form: str, gone: Sequence[tuple[float, float]]) -> bytes:
    """Captions as they fit media out of which something is cut; as they are where they cannot be read."""
    if not gone:
        return content
    try:
        return cut_captions(content.decode("utf-8-sig"), form, gone).encode()
    except ValueError:
        return content


def _try(downloader: Downloader, step: Callable[[], None]) -> Failure | None:
    """None, or why the step failed. What stops the job passes on, and so does a full disk."""
    attempt = downloader.attempt
    since = len(attempt.http)
    try:
        step()
    except DownloadCancelled:
        raise
    except OSError as error:
        if error.errno:
            raise
        return classify(gather(error, attempt, since=since))
    except Exception as error:
        return classify(gather(error, attempt, since=since))
    return None


def _read(downloader: Downloader, address: str, purpose: Purpose) -> bytes:
    with downloader.attempt.http.purpose(purpose):
        response = downloader.urlopen(Request(address))
        try:
            content: bytes = response.read(_MOST_BYTES)
            # The end of the answer must be met, else its connection is lost to the next request.
            if response.read(1):
                raise NotWhole(f"More than {_MOST_BYTES} bytes")
        finally:
            response.close()
    return content


def _tracks(info: Mapping[str, Any]) -> Iterator[tuple[bool, str, list[str], bool]]:
    for automatic, key in ((False, "subtitles"), (True, "automatic_captions")):
        for language, forms in (info.get(key) or {}).items():
            if language != "live_chat" and forms:
                yield (
                    automatic,
                    str(language),
                    [str(each.get("ext")) for each in forms],
                    any("tlang=" in str(each.get("url")) for each in forms),
                )


def _caption_address(info: Mapping[str, Any], track: CaptionTrack, form: str) -> str | None:
    container = info.get("automatic_captions" if track.automatic else "subtitles") or {}
    addresses = (each.get("url") for each in container.get(track.language) or () if each.get("ext") == form)
    return next((str(each) for each in addresses if each), None)


def _language_of(track: CaptionTrack, wish: CaptionWish) -> str:
    """The track's own language where it is one: YouTube adds marks of its own to some."""
    language = track.language.removesuffix("-orig")
    return language if _LANGUAGE.fullmatch(language) else wish.language


def _thumbnail_addresses(extraction: Extraction) -> Iterator[str]:
    """The best one that is known to exist, as a JPEG where there is one; then the one that every video has."""
    best = str(extraction.info.get("thumbnail") or "")
    if "/vi_webp/" in best:
        yield best.replace("/vi_webp/", "/vi/").replace(".webp", ".jpg")
    if best:
        yield best
    yield f"https://i.ytimg.com/vi/{extraction.info['id']}/hqdefault.jpg"
