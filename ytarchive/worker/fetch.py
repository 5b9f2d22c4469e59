"""Fetch one video: extract once, choose, download, merge, verify, and lay the files out for the commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ytarchive.core.chapters import Chapter
from ytarchive.core.item import FileRecord, Got
from ytarchive.core.job import PartOutcome
from ytarchive.core.late_parts import UNFINISHED
from ytarchive.core.nearness import is_nearer
from ytarchive.core.selection import Choice, Format
from ytarchive.core.sponsor import Sponsors
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.beside import fetch_captions, fetch_thumbnail
from ytarchive.worker.causes import chain_of
from ytarchive.worker.download import bytes_of, download, part_name
from ytarchive.worker.engine import Downloader
from ytarchive.worker.extraction import Extraction, extract, look, require_media
from ytarchive.worker.ffmpeg import FfmpegFailed
from ytarchive.worker.finishing import finish_media, own_chapters, publish_media
from ytarchive.worker.formats import told_seconds
from ytarchive.worker.http_log import status_of
from ytarchive.worker.info_json import chapters_of, info_json
from ytarchive.worker.marking import (
    Marked,
    ask_sponsors,
    cut_made,
    is_cut_otherwise,
    not_marked,
    refresh,
    wants_sponsors,
)
from ytarchive.worker.provisos import is_wanted
from ytarchive.worker.recording import choose_to_record, is_to_be_recorded, name_of, record
from ytarchive.worker.remaking import Spans
from ytarchive.worker.settling import settle
from ytarchive.worker.staging import Staging, fingerprint_of, require_space
from ytarchive.worker.verify import NotWhole, Source, check_length

# A merge needs the parts and the whole side by side.
_SPACE_FACTOR = 2
# Extractions are what is scarce: a picture, its sound and an audio part at most.
_MOST_REFUSED = 3
# YouTube cuts the silence before and after a stream.
_AS_LONG = 0.9


@dataclass(slots=True)
class Fetched:
    """What a job brought: files in `out/`, how each part beside the media went, the formats taken, and what was marked."""

    files: list[FileRecord] = field(default_factory=list)
    parts: list[PartOutcome] = field(default_factory=list)
    got: Got | None = None
    chapters: tuple[Chapter, ...] | None = None
    sponsors: Sponsors | None = None

    def take(self, marked: Marked) -> None:
        """What came of marking what is on disk."""
        self.files += marked.files
        self.parts += [marked.outcome] if marked.outcome else []
        self.sponsors = marked.sponsors


@dataclass(frozen=True, slots=True)
class _Media:
    """An extraction, what was chosen of it and why not more, and the whole parts; none where nothing is downloaded."""

    extraction: Extraction
    choice: Choice
    sources: Mapping[Format, Source]
    because: str | None = None


def fetch(downloader: Downloader, staging: Staging) -> Fetched:
    """Raise whatever stands in the way of the media; what lies beside them has its own outcome.

    Nothing is fetched where the job has provisos and no filter wants the video.
    """
    attempt = downloader.attempt
    staging.open(attempt.job)
    media = _download_media(downloader, staging)
    fetched = Fetched()
    if media is None:
        staging.close()
        return fetched
    cover = _thumbnail(downloader, media.extraction, staging, fetched, embed=bool(media.sources))
    fetched.chapters = chapters_of(media.extraction.info)
    if media.sources:
        _finish(downloader, media, cover, staging, fetched)
    else:
        fetched.take(refresh(downloader, staging, fetched.chapters))
    _fetch_captions(downloader, media.extraction, staging, fetched)
    _write_texts(downloader, media.extraction, staging, fetched)
    staging.close()
    return fetched


def _finish(
    downloader: Downloader, media: _Media, cover: Path | None, staging: Staging, fetched: Fetched
) -> None:
    """Merge, mark and cut what was downloaded. What cannot be marked or cut is whole all the same."""
    attempt, extraction = downloader.attempt, media.extraction
    target, sponsors = attempt.job.target, None
    if wants_sponsors(target):
        sponsors, outcome = ask_sponsors(downloader, target, _length(media))
        fetched.parts.append(outcome)
    made, got = finish_media(attempt, extraction, media.choice, media.sources, cover, staging, sponsors)
    if sponsors is not None and sponsors.cuts:
        chapters, title = own_chapters(target, extraction), str(extraction.info.get("title") or "")
        try:
            cut, sponsors = cut_made(
                downloader, tuple(made.values()), sponsors, chapters, title, staging.work
            )
        except (FfmpegFailed, NotWhole) as error:
            fetched.parts[-1] = not_marked(downloader, error)
            sponsors = None
        else:
            made = {output: each.path for output, each in zip(made, cut, strict=True)}
            got = replace(got, duration_seconds=cut[-1].lasts_seconds)
    fetched.sponsors = sponsors
    fetched.got = replace(got, because=got.because or media.because)
    fetched.files += publish_media(staging, made)


def _length(media: _Media) -> float:
    """Seconds, by the parts where they tell, else by the page."""
    declared = [each.duration_seconds for each in media.sources.values() if each.duration_seconds]
    ends = [end for each in media.sources.values() for end in each.ends.values()]
    return max(declared, default=0.0) or media.extraction.duration_seconds or max(ends)


def fetch_beside(downloader: Downloader, staging: Staging) -> Fetched:
    """One extraction, and what the target wants beside the media and is not on disk yet."""
    staging.open(downloader.attempt.job)
    extraction = extract(downloader, downloader.attempt)
    fetched = Fetched(chapters=chapters_of(extraction.info))
    _thumbnail(downloader, extraction, staging, fetched, embed=False)
    fetched.take(refresh(downloader, staging, fetched.chapters))
    _fetch_captions(downloader, extraction, staging, fetched)
    _write_texts(downloader, extraction, staging, fetched)
    staging.close()
    return fetched


def _fetch_captions(
    downloader: Downloader, extraction: Extraction, staging: Staging, fetched: Fetched
) -> None:
    files, outcomes = fetch_captions(downloader, extraction, staging, _spans(downloader, fetched))
    fetched.files += files
    fetched.parts += outcomes


def _spans(downloader: Downloader, fetched: Fetched) -> Spans:
    """What is cut out of the media that the captions are for."""
    item = downloader.attempt.job.item
    known = item.sponsors if item is not None and fetched.got is None else None
    sponsors = fetched.sponsors or known
    return sponsors.spans if sponsors else ()


def _download_media(downloader: Downloader, staging: Staging) -> _Media | None:
    """Addresses of media live for hours and for one client: a refused one is asked for again, once a format."""
    attempt = downloader.attempt
    refused: set[tuple[object, ...]] = set()
    while True:
        begun: list[Format] = []
        try:
            return _extract_and_download(downloader, staging, begun)
        except Exception as error:
            if 403 not in (status_of(each) for each in chain_of(error)) or attempt.stage != "download":
                raise
            name = name_of(begun[-1]) if begun else ()
            if name in refused or len(refused) >= _MOST_REFUSED:
                raise
            refused.add(name)
        attempt.log("warning", "YouTube refused the media addresses; asking for new ones")


def _extract_and_download(downloader: Downloader, staging: Staging, begun: list[Format]) -> _Media | None:
    """Each format is added to `begun` before its download begins. None: no filter wants the video."""
    attempt = downloader.attempt
    extraction = look(downloader, attempt)
    if extraction.offers and not is_wanted(attempt, extraction):
        return None
    if is_to_be_recorded(attempt):
        return _record(downloader, staging, extraction)
    require_media(attempt, extraction)
    attempt.stage = "select"
    choice, because = settle(attempt, extraction)
    chosen = _chosen(choice)
    if not chosen or not _is_to_be_downloaded(downloader, extraction, choice):
        return _Media(extraction, choice, {})
    folder, paths = _parts_of(attempt, staging, extraction, chosen)
    sources = _download_parts(downloader, extraction, paths, folder, begun)
    return _Media(extraction, choice, sources, because)


def _record(downloader: Downloader, staging: Staging, extraction: Extraction) -> _Media:
    """Nothing is left of a recording that breaks off: the next one begins at the stream's start again."""
    attempt = downloader.attempt
    attempt.stage = "select"
    choice = choose_to_record(attempt, extraction)
    _, paths = _parts_of(attempt, staging, extraction, _chosen(choice))
    attempt.stage = "download"

    def tell(done_bytes: int, recorded_seconds: float) -> None:
        attempt.progress(
            "download", done_bytes, None, always=not done_bytes, recorded_seconds=recorded_seconds
        )

    try:
        return _Media(extraction, choice, record(downloader, extraction, paths, tell), "LIVE_NOW")
    except BaseException:
        staging.discard_parts()
        raise


def _chosen(choice: Choice) -> list[Format]:
    return list(dict.fromkeys(each for each in (choice.video, choice.sound, choice.audio) if each))


def _parts_of(
    attempt: Attempt, staging: Staging, extraction: Extraction, chosen: list[Format]
) -> tuple[Path, dict[Format, Path]]:
    """The folder of exactly these formats, and the path of each in it."""
    attempt.seen.client = chosen[0].client or _answering_client(attempt.seen.playability)
    folder = staging.parts(fingerprint_of(chosen, f"{attempt.job.id}.{attempt.job.attempt}"))
    paths = {
        media: folder / part_name(place, extraction.source_of(media)) for place, media in enumerate(chosen)
    }
    return folder, paths


def _is_to_be_downloaded(downloader: Downloader, extraction: Extraction, choice: Choice) -> bool:
    """Always, unless this is a look: then only what is nearer to the wish, the whole of what was cut, and what
    SponsorBlock cuts otherwise by now.

    A recording that YouTube made is not the whole where it is shorter than our own: of long streams it keeps a part.
    """
    attempt = downloader.attempt
    job = attempt.job
    if job.got is None:
        return True
    if job.cut and attempt.seen.live_status not in UNFINISHED:
        lasts, there = extraction.duration_seconds, job.got.duration_seconds
        return lasts is None or there is None or lasts >= _AS_LONG * there
    return is_nearer(choice, job.got, job.target) or is_cut_otherwise(downloader)


def _download_parts(
    downloader: Downloader,
    extraction: Extraction,
    paths: Mapping[Format, Path],
    folder: Path,
    begun: list[Format],
) -> dict[Format, Source]:
    attempt = downloader.attempt
    attempt.stage = "download"
    expected = sum(bytes_of(media, extraction.duration_seconds) for media in paths)
    there = sum(each.stat().st_size for each in folder.iterdir())
    copies = _SPACE_FACTOR + bool(attempt.job.target.cuts)
    require_space(folder, copies * expected - there, attempt.job.min_free_bytes)
    sources: dict[Format, Source] = {}
    before = 0
    again: set[Format] = set()
    for media, path in paths.items():
        begun.append(media)
        progress = _Progress(attempt, before, expected or None)
        try:
            sources[media] = download(downloader, extraction, media, path, progress.tell)
        except NotWhole as error:
            again.add(media)
            sources[media] = _once_more(downloader, extraction, media, path, error)
        before += path.stat().st_size
    for media, path in paths.items():
        try:
            _check_length(attempt, extraction, media, sources)
        except NotWhole as error:
            path.unlink()
            if media in again:
                raise
            begun.append(media)
            sources[media] = _once_more(downloader, extraction, media, path, error)
            _check_length(attempt, extraction, media, sources)
    attempt.stage = "download"
    return sources


def _once_more(
    downloader: Downloader, extraction: Extraction, media: Format, path: Path, error: NotWhole
) -> Source:
    """One bad answer is often the only one."""
    attempt = downloader.attempt
    attempt.stage = "download"
    attempt.log("warning", f"{error}; downloading it once more")
    return download(downloader, extraction, media, path, _Progress(attempt, 0, None).tell)


def _check_length(
    attempt: Attempt, extraction: Extraction, media: Format, sources: Mapping[Format, Source]
) -> None:
    attempt.stage = "verify"
    others = tuple(each for other, each in sources.items() if other is not media)
    told = (extraction.duration_seconds, told_seconds(extraction.source_of(media)))
    check_length(sources[media], media, others, tuple(each for each in told if each))


@dataclass(frozen=True, slots=True)
class _Progress:
    """Progress of one part, told as progress of all: `before` bytes are there already."""

    attempt: Attempt
    before: int
    expected: int | None

    def tell(self, status: Mapping[str, Any]) -> None:
        self.attempt.check()
        self.attempt.progress(
            "download",
            self.before + int(status.get("downloaded_bytes") or 0),
            self.expected,
            bytes_per_second=status.get("speed"),
            eta_seconds=status.get("eta"),
        )


def _thumbnail(
    downloader: Downloader,
    extraction: Extraction,
    staging: Staging,
    fetched: Fetched,
    *,
    embed: bool = True,
) -> Path | None:
    """The cover to embed, when one is wished and there; published as well when it is a wished sidecar."""
    embed = embed and "thumbnail" in downloader.attempt.job.target.embed
    publish = "thumbnail" in _sidecars(downloader)
    if not embed and not publish:
        return None
    content, suffix, outcome = fetch_thumbnail(downloader, extraction)
    if publish:
        fetched.parts.append(outcome)
        if content:
            fetched.files.append(staging.write(content, suffix, "thumbnail"))
    if not content or not embed:
        return None
    cover = staging.work / f"cover{suffix}"
    cover.write_bytes(content)
    return cover


def _write_texts(downloader: Downloader, extraction: Extraction, staging: Staging, fetched: Fetched) -> None:
    sidecars = _sidecars(downloader)
    if "info_json" in sidecars:
        fetched.files.append(staging.write(info_json(extraction), ".info.json", "info_json"))
    if "description" in sidecars:
        text = str(extraction.info.get("description") or "")
        fetched.files.append(
            staging.write(text.encode("utf-8", errors="replace"), ".description", "description")
        )


def _sidecars(downloader: Downloader) -> frozenset[str]:
    """The wished sidecars that are not on disk yet."""
    job = downloader.attempt.job
    return frozenset(job.target.sidecars) - set(job.have)


def _answering_client(playability: tuple[tuple[str, str, str], ...]) -> str | None:
    return next((client for client, status, _ in playability if status == "OK" and client != "page"), None)
