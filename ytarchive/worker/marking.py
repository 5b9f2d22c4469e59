"""What SponsorBlock says, put into media: chapters among the video's own, and spans that are cut out.

What is there stays until what was made of it is verified; where that fails, the video is whole and without marks, and
SponsorBlock is asked again later.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ytarchive.core import sponsor
from ytarchive.core.chapters import Chapter, arranged
from ytarchive.core.desired import Target
from ytarchive.core.failure import verdict
from ytarchive.core.item import FileRecord, Item
from ytarchive.core.job import PartOutcome
from ytarchive.core.layout import suffix_of
from ytarchive.core.sponsor import Sponsors, after_cuts, as_cut, differ, settled, spans
from ytarchive.worker.beside import fitted
from ytarchive.worker.engine import Downloader
from ytarchive.worker.evidence import JobFailed, gather
from ytarchive.worker.ffmpeg import FfmpegFailed
from ytarchive.worker.remaking import Made, Spans, at_key_frames, remake
from ytarchive.worker.sponsorblock import PART, ask
from ytarchive.worker.staging import Staging, require_space
from ytarchive.worker.verify import NotWhole, chapters_in

_MEDIA = ("video", "audio")


@dataclass(frozen=True, slots=True)
class Marked:
    """Files in `out/`, what came of asking (None where nothing did), and how that went."""

    files: list[FileRecord] = field(default_factory=list)
    sponsors: Sponsors | None = None
    outcome: PartOutcome | None = None


def wants_sponsors(target: Target) -> bool:
    return bool(target.marks or target.cuts)


def ask_sponsors(downloader: Downloader, target: Target, lasts: float) -> tuple[Sponsors | None, PartOutcome]:
    """What to mark in media of this length and what to cut out, where SponsorBlock answers."""
    found, outcome = ask(downloader, (*target.marks, *target.cuts), lasts)
    if found is None:
        return None, outcome
    marks, cuts = settled(found, target.marks, target.cuts, lasts)
    told = Sponsors(int(time.time()), target.marks, target.cuts, marks, cuts, lasts_seconds=lasts)
    return told, outcome


def cut_made(
    downloader: Downloader,
    made: Sequence[Path],
    sponsors: Sponsors,
    chapters: Sequence[Chapter],
    title: str,
    folder: Path,
) -> tuple[list[Made], Sponsors]:
    """Files without the spans that are to be cut out, in the order of `made`, whose first one has the picture.

    Raise `FfmpegFailed` and `NotWhole` as `remake` does.
    """
    lasts = sponsors.lasts_seconds or 0.0
    gone = at_key_frames(made[0], spans(sponsors.cuts), lasts)
    sponsors = as_cut(sponsors, gone)
    arranged_chapters = arranged(chapters, sponsors.marks, gone, lasts, title)
    cut = [
        remake(path, folder / f"cut.{place}{path.suffix}", arranged_chapters, gone, lasts, downloader.attempt)
        for place, path in enumerate(made)
    ]
    return cut, sponsors


def not_marked(downloader: Downloader, error: Exception) -> PartOutcome:
    """The media are kept as they are, and made anew another time. A full disk passes on."""
    attempt = downloader.attempt
    if isinstance(error, OSError) or "No space left" in str(error):
        raise error
    attempt.log("warning", f"{error}; nothing is marked or cut for now")
    attempt.stage = "marks"
    return PartOutcome(PART, "failed", verdict("SPONSORBLOCK", gather(JobFailed(str(error)), attempt)))


def mark(downloader: Downloader, staging: Staging) -> Marked:
    """The job of its own: no request to YouTube. Raise `JobFailed` where SponsorBlock does not answer."""
    staging.open(downloader.attempt.job)
    marked = refresh(downloader, staging, None)
    if marked.outcome is not None and marked.outcome.failure is not None:
        failure = marked.outcome.failure
        downloader.attempt.stage = "marks"
        raise JobFailed(failure.evidence.message, code=failure.code)
    staging.close()
    return marked


def is_cut_otherwise(downloader: Downloader) -> bool:
    """Whether what is cut out of the item of a look is not what is to be cut out now: only other media help then."""
    job = downloader.attempt.job
    known = job.item.sponsors if job.item else None
    if known is None or not known.cuts or known.lasts_seconds is None:
        return False
    told, _ = ask_sponsors(downloader, job.target, known.lasts_seconds)
    return told is not None and sponsor.is_cut_otherwise(known, told)


def refresh(downloader: Downloader, staging: Staging, chapters: Sequence[Chapter] | None) -> Marked:
    """Ask about what is on disk, and make its files anew where that says something else. `chapters` as they are now."""
    job = downloader.attempt.job
    item = job.item
    if item is None or not wants_sponsors(job.target):
        return Marked()
    known = item.sponsors
    lasts = (known and known.lasts_seconds) or item.got.duration_seconds or item.metadata.duration_seconds
    if not lasts:
        return Marked()
    told, outcome = ask_sponsors(downloader, job.target, lasts)
    if told is None:
        return Marked(outcome=outcome)
    before = known or Sponsors(0)
    try:
        if before.cuts:
            told = after_cuts(before, told)
        elif told.cuts:
            first = _media(downloader, item)[0][1]
            told = as_cut(told, () if job.keeps_whole else at_key_frames(first, spans(told.cuts), lasts))
        if not differ(before.marks, told.marks) and not differ(before.cuts, told.cuts):
            same = replace(told, marks=before.marks, cuts=before.cuts)
            return Marked(sponsors=same, outcome=outcome)
        files = _anew(downloader, staging, item, told, chapters)
    except (FfmpegFailed, NotWhole) as error:
        return Marked(outcome=not_marked(downloader, error))
    return Marked(files, told, outcome)


def _media(downloader: Downloader, item: Item) -> list[tuple[FileRecord, Path]]:
    """The media files of the item on disk, the picture first."""
    folder = Path(downloader.attempt.job.folder)
    media = [each for each in item.files if each.role in _MEDIA]
    return [(each, folder / each.name) for each in sorted(media, key=lambda each: _MEDIA.index(each.role))]


def _require_stored(record: FileRecord, path: Path) -> None:
    """Raise `NotWhole` for a file that is not what was stored: made anew, rot would get a checksum of its own."""
    with path.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != record.sha256:
            raise NotWhole(f"{record.name} is damaged on disk, and was left as it is: `ytarchive verify`")


def _anew(
    downloader: Downloader,
    staging: Staging,
    item: Item,
    told: Sponsors,
    chapters: Sequence[Chapter] | None,
) -> list[FileRecord]:
    """The media files with other chapters, and without what is to be cut out of them now; then captions as well."""
    attempt, media = downloader.attempt, _media(downloader, item)
    for record, path in media:
        _require_stored(record, path)
    require_space(staging.folder, sum(each.bytes for each, _ in media), attempt.job.min_free_bytes)
    is_cut = item.sponsors is not None and bool(item.sponsors.spans)
    gone_now: Spans = () if is_cut else told.spans
    lasts = told.lasts_seconds or 0.0
    own = _own_chapters(attempt.job.target, item, chapters, media[0][1])
    every = arranged(own, told.marks, told.spans, lasts, item.metadata.title)
    files = []
    for place, (record, path) in enumerate(media):
        made = remake(path, staging.work / f"made.{place}{path.suffix}", every, gone_now, lasts, attempt)
        files.append(staging.publish(made.path, path.suffix, record.role))
    return files + (_captions(staging, item, Path(attempt.job.folder), gone_now) if gone_now else [])


def _own_chapters(
    target: Target, item: Item, chapters: Sequence[Chapter] | None, path: Path
) -> Sequence[Chapter]:
    if "chapters" not in target.embed:
        return ()
    known = chapters if chapters is not None else item.chapters
    return known if known is not None else chapters_in(path)


def _captions(staging: Staging, item: Item, folder: Path, gone: Spans) -> list[FileRecord]:
    """The captions on disk, without what is cut out of the media."""
    files = []
    for record in item.files:
        if record.role == "caption":
            _require_stored(record, folder / record.name)
            content = fitted((folder / record.name).read_bytes(), record.name.rpartition(".")[2], gone)
            suffix = suffix_of(record.name, item.id) or ""
            language, automatic = record.language, record.automatic
            files.append(staging.write(content, suffix, "caption", language=language, automatic=automatic))
    return files
