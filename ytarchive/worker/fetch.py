"""Fetch one video: extract once, choose, download, merge, verify, and lay the files out for the commit."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ytarchive.core.item import FileRecord, Got
from ytarchive.core.job import PartOutcome
from ytarchive.core.selection import Choice, Format, audio_container, choose
from ytarchive.worker.beside import fetch_captions, fetch_thumbnail
from ytarchive.worker.causes import chain_of
from ytarchive.worker.download import bytes_of, download, part_name
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed
from ytarchive.worker.extraction import Extraction, extract
from ytarchive.worker.ffmpeg import FfmpegFailed, FfmpegMissing
from ytarchive.worker.http_log import status_of
from ytarchive.worker.info_json import chapters_of, info_json
from ytarchive.worker.media import Output, Trimmings, make_media, needs_ffmpeg, tags_of
from ytarchive.worker.staging import Staging, fingerprint_of, require_space
from ytarchive.worker.verify import NotWhole, Source, check_media

# A merge needs the parts and the whole side by side.
_SPACE_FACTOR = 2
# A container that could not be written twice is given up for the one that takes everything.
_ATTEMPTS_IN_WISHED_CONTAINER = 2


@dataclass(slots=True)
class Fetched:
    """What a job brought: files in `out/`, how each part beside the media went, and the formats taken."""

    files: list[FileRecord] = field(default_factory=list)
    parts: list[PartOutcome] = field(default_factory=list)
    got: Got | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """The chosen formats, once each, and where their parts lie."""

    choice: Choice
    parts: tuple[tuple[Format, Path], ...]

    def path_of(self, media: Format | None) -> Path | None:
        return next((path for each, path in self.parts if each is media), None)


def fetch(downloader: Downloader, staging: Staging) -> Fetched:
    """Raise whatever stands in the way of the media; what lies beside them has its own outcome."""
    attempt = downloader.attempt
    staging.open(attempt.job)
    extraction, plan, sources = _download_media(downloader, staging)
    fetched = Fetched()
    cover = _thumbnail(downloader, extraction, staging, fetched)
    if plan.parts:
        _finish_media(downloader, extraction, plan, sources, cover, staging, fetched)
    captions, outcomes = fetch_captions(downloader, extraction, staging, ())
    fetched.files += captions
    fetched.parts += outcomes
    _write_texts(downloader, extraction, staging, fetched)
    staging.close()
    return fetched


def fetch_missing_captions(downloader: Downloader, staging: Staging) -> Fetched:
    """One extraction and the captions that are not on disk yet."""
    staging.open(downloader.attempt.job)
    extraction = extract(downloader, downloader.attempt)
    files, outcomes = fetch_captions(downloader, extraction, staging, downloader.attempt.job.have)
    staging.close()
    return Fetched(files, outcomes)


def _download_media(downloader: Downloader, staging: Staging) -> tuple[Extraction, _Plan, dict[Path, Source]]:
    """Addresses of media live for hours and for one address: refused ones are asked for again, once."""
    extraction = extract(downloader, downloader.attempt)
    plan = _plan(downloader, extraction, staging)
    try:
        return extraction, plan, _download_parts(downloader, extraction, plan)
    except Exception as error:
        if 403 not in (status_of(each) for each in chain_of(error)):
            raise
    downloader.attempt.log("warning", "YouTube refused the media addresses; asking for new ones")
    extraction = extract(downloader, downloader.attempt)
    plan = _plan(downloader, extraction, staging)
    return extraction, plan, _download_parts(downloader, extraction, plan)


def _plan(downloader: Downloader, extraction: Extraction, staging: Staging) -> _Plan:
    attempt = downloader.attempt
    attempt.stage = "select"
    choice = choose(extraction.offered, attempt.job.target)
    if choice is None:
        labels = sorted({each.label for each in extraction.offered if each.label})
        raise JobFailed(
            f"Requested format is not available; offered are {', '.join(f'{x}p' for x in labels) or 'none'}"
        )
    if attempt.job.attempt > _ATTEMPTS_IN_WISHED_CONTAINER and choice.container != "mkv":
        choice = replace(choice, container="mkv", below_wish=True)
    chosen: list[Format] = []
    for media in (choice.video, choice.sound, choice.audio):
        if media is not None and not any(media is each for each in chosen):
            chosen.append(media)
    if not chosen:
        return _Plan(choice, ())
    attempt.seen.client = chosen[0].client or _answering_client(attempt.seen.playability)
    folder = staging.parts(fingerprint_of(chosen, f"{attempt.job.id}.{attempt.job.attempt}"))
    parts = tuple(
        (media, folder / part_name(place, extraction.source_of(media))) for place, media in enumerate(chosen)
    )
    return _Plan(choice, parts)


def _download_parts(downloader: Downloader, extraction: Extraction, plan: _Plan) -> dict[Path, Source]:
    attempt = downloader.attempt
    attempt.stage = "download"
    expected = sum(bytes_of(media, extraction.duration_seconds) for media, _ in plan.parts)
    there = sum(_size(path) + _size(path.with_name(path.name + ".part")) for _, path in plan.parts)
    if plan.parts:
        require_space(plan.parts[0][1].parent, _SPACE_FACTOR * expected - there, attempt.job.min_free_bytes)
    sources: dict[Path, Source] = {}
    before = 0
    for media, path in plan.parts:

        def tell(status: Mapping[str, Any], before: int = before) -> None:
            attempt.check()
            attempt.progress(
                "download",
                before + int(status.get("downloaded_bytes") or 0),
                expected or None,
                bytes_per_second=status.get("speed"),
                eta_seconds=status.get("eta"),
            )

        sources[path] = download(downloader, extraction, media, path, tell)
        before += _size(path)
    return sources


def _finish_media(
    downloader: Downloader,
    extraction: Extraction,
    plan: _Plan,
    sources: dict[Path, Source],
    cover: Path | None,
    staging: Staging,
    fetched: Fetched,
) -> None:
    attempt = downloader.attempt
    choice, target = plan.choice, attempt.job.target
    folder = staging.work
    made: list[tuple[Output, Format | None, Format | None]] = []
    if choice.video is not None:
        sound = choice.video if choice.video.kind == "muxed" else choice.sound
        output = Output(
            folder / f"video.{choice.container}",
            plan.path_of(choice.video),
            plan.path_of(sound),
            (choice.sound or choice.video).language,
        )
        made.append((output, choice.video, sound))
    if choice.audio is not None:
        path = folder / f"audio.{audio_container(choice.audio)}"
        made.append(
            (Output(path, None, plan.path_of(choice.audio), choice.audio.language), None, choice.audio)
        )
    trimmings = Trimmings(
        target.embed,
        tags_of(extraction.info, music=choice.video is None),
        chapters_of(extraction.info),
        cover if cover is None or cover.suffix in (".jpg", ".png") else None,
    )
    try:
        lasts = 0.0
        attempt.stage = "merge"
        finished = _make(made, trimmings, folder, downloader)
        attempt.stage = "verify"
        for output, picture, sound in made:
            attempt.progress("verify", 0, None, always=True)
            lasts = check_media(
                finished[output.path],
                picture=picture,
                sound=sound,
                sources=tuple(
                    sources[path]
                    for path in dict.fromkeys((output.picture, output.sound))
                    if path is not None
                ),
                duration_seconds=extraction.duration_seconds,
            )
    except (FfmpegFailed, NotWhole) as error:
        raise _garbage(error, staging.folder) from error
    for output, picture, _ in made:
        role = "video" if picture is not None else "audio"
        fetched.files.append(
            staging.publish(
                finished[output.path], output.path.suffix, "video" if role == "video" else "audio"
            )
        )
    fetched.got = Got(
        choice.video, choice.sound, choice.audio, choice.container, choice.below_wish, round(lasts, 3)
    )


def _make(
    made: list[tuple[Output, Format | None, Format | None]],
    trimmings: Trimmings,
    folder: Path,
    downloader: Downloader,
) -> dict[Path, Path]:
    """Where each output is now: a part that is the finished file already is taken as it is."""
    finished = {}
    to_make = []
    for output, picture, sound in made:
        part = output.picture or output.sound
        if part is None or needs_ffmpeg(output, picture or sound, trimmings):  # type: ignore[arg-type]
            to_make.append(output)
            finished[output.path] = output.path
        else:
            finished[output.path] = part
    if to_make:
        downloader.attempt.progress("merge", 0, None, always=True)
        try:
            make_media(to_make, trimmings, folder, downloader.attempt)
        except FfmpegMissing as error:
            raise JobFailed(str(error)) from error
    return finished


def _garbage(error: Exception, folder: Path) -> JobFailed:
    """What cannot be merged or read; the policy of these failures discards the parts.

    ffmpeg does not always name a full disk.
    """
    merged = isinstance(error, FfmpegFailed)
    full = merged and ("No space left" in str(error) or _is_full(folder))
    return JobFailed(
        str(error),
        cause="FFmpegPostProcessorError" if merged else "NotWhole",
        error_number=errno.ENOSPC if full else None,
    )


def _is_full(folder: Path) -> bool:
    stat = os.statvfs(folder)
    return stat.f_bavail == 0


def _thumbnail(
    downloader: Downloader, extraction: Extraction, staging: Staging, fetched: Fetched
) -> Path | None:
    """The cover to embed, when one is wished and there; published as well when it is a wished sidecar."""
    target = downloader.attempt.job.target
    if "thumbnail" not in (*target.embed, *target.sidecars):
        return None
    content, suffix, outcome = fetch_thumbnail(downloader, extraction)
    if "thumbnail" in target.sidecars:
        fetched.parts.append(outcome)
        if content:
            fetched.files.append(staging.write(content, suffix, "thumbnail"))
    if not content or "thumbnail" not in target.embed:
        return None
    cover = staging.work / f"cover{suffix}"
    cover.write_bytes(content)
    return cover


def _write_texts(downloader: Downloader, extraction: Extraction, staging: Staging, fetched: Fetched) -> None:
    sidecars = downloader.attempt.job.target.sidecars
    if "info_json" in sidecars:
        fetched.files.append(staging.write(info_json(extraction), ".info.json", "info_json"))
    if "description" in sidecars:
        text = str(extraction.info.get("description") or "")
        fetched.files.append(
            staging.write(text.encode("utf-8", errors="replace"), ".description", "description")
        )


def _answering_client(playability: tuple[tuple[str, str, str], ...]) -> str | None:
    return next((client for client, status, _ in playability if status == "OK" and client != "page"), None)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
