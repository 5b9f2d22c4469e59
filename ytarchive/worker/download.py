"""Download one format with yt-dlp's downloader, resuming what an earlier attempt left under the same fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from yt_dlp.downloader import get_suitable_downloader
from yt_dlp.networking.exceptions import HTTPError

from ytarchive.core.selection import Format
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed
from ytarchive.worker.extraction import Extraction
from ytarchive.worker.verify import NotWhole, Source, check_part, check_size

_RANGE_REFUSED = 416
_FROM_VIDEO = ("id", "title", "duration", "live_status", "is_live", "was_live", "extractor", "webpage_url")


def download(
    downloader: Downloader,
    extraction: Extraction,
    media: Format,
    path: Path,
    on_progress: Callable[[Mapping[str, Any]], None],
) -> Source:
    """The whole part at `path`. Raise what yt-dlp raises, `NotWhole`, or what stops the attempt."""
    partial = Path(f"{path}.part")
    _take_up(partial, path, media)
    served: list[int | None] = [None]

    def remember(status: Mapping[str, Any]) -> None:
        if status.get("status") == "downloading" and status.get("fragment_count") is None:
            served[0] = status.get("total_bytes")

    source = extraction.source_of(media)
    info = {key: extraction.info.get(key) for key in _FROM_VIDEO} | dict(source)
    info.setdefault("ext", path.suffix[1:])
    fetcher = get_suitable_downloader(info, downloader.params)(downloader, downloader.params)
    with suppress(AttributeError):
        # Its own progress line is made, at some cost, and shown to nobody.
        fetcher._progress_hooks.clear()
    fetcher.add_progress_hook(remember)
    fetcher.add_progress_hook(on_progress)
    if info.get("http_headers") is None:
        info["http_headers"] = downloader._calc_headers(info)
    with downloader.attempt.http.purpose("media"):
        succeeded = _download_anew_if_refused(fetcher, path, partial, info)
    if not succeeded:
        raise JobFailed("unable to download video data: the downloader gave no reason")
    try:
        check_size(path, media, served[0])
        downloader.attempt.stage = "verify"
        source_of_part = check_part(path, media)
    except NotWhole:
        path.unlink(missing_ok=True)
        raise
    downloader.attempt.stage = "download"
    return source_of_part


def part_name(place: int, source: Mapping[str, Any]) -> str:
    """A name within the parts of one fingerprint. Nothing of it comes from YouTube but the type of file."""
    extension = str(source.get("ext") or "")
    return f"{place}.{extension if extension.isalnum() else 'bin'}"


def bytes_of(media: Format, duration_seconds: float | None) -> int:
    """What a format will weigh, as far as it is known; an estimate for fragmented ones."""
    if media.clen is not None:
        return media.clen
    return int((media.bitrate_kbps or 0.0) * 125 * (duration_seconds or 0.0))


def _download_anew_if_refused(fetcher: Any, path: Path, partial: Path, info: dict[str, Any]) -> bool:
    """HTTP 416 to a resumed download: what is there is none of this file's beginnings, and goes.

    yt-dlp means to do so itself, but its second request repeats the range of the first.
    """
    try:
        succeeded, _ = fetcher.download(str(path), info)
    except HTTPError as error:
        if error.status != _RANGE_REFUSED or not partial.exists():
            raise
        partial.unlink()
        succeeded, _ = fetcher.download(str(path), info)
    return bool(succeeded)


def _take_up(partial: Path, path: Path, media: Format) -> None:
    """What an earlier attempt left: whole parts stay, also one that was only not renamed yet.

    yt-dlp takes any file of the name for downloaded, and asks for what comes after the end of a whole part.
    """
    if not path.exists() and media.clen is not None and partial.exists():
        if partial.stat().st_size < media.clen:
            return
        partial.rename(path)
    if path.exists():
        try:
            check_size(path, media)
            check_part(path, media)
        except NotWhole:
            path.unlink()
