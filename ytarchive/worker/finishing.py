"""From whole parts to verified media files in `out/`."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ytarchive.core.chapters import Chapter, arranged
from ytarchive.core.desired import Target
from ytarchive.core.item import FileRecord, Got
from ytarchive.core.selection import Choice, Format, FormatKind, audio_container, fits
from ytarchive.core.sponsor import Sponsors
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.evidence import JobFailed
from ytarchive.worker.extraction import Extraction
from ytarchive.worker.ffmpeg import FfmpegFailed, FfmpegMissing
from ytarchive.worker.info_json import chapters_of
from ytarchive.worker.media import Output, Trimmings, is_finished, make_media, tags_of
from ytarchive.worker.staging import Staging
from ytarchive.worker.verify import NotWhole, Source, check_media

_COVERS = (".jpg", ".png")


def finish_media(
    attempt: Attempt,
    extraction: Extraction,
    choice: Choice,
    sources: Mapping[Format, Source],
    cover: Path | None,
    staging: Staging,
    sponsors: Sponsors | None = None,
) -> tuple[dict[Output, Path], Got]:
    """Merge and look inside; what SponsorBlock marks is marked. Raise `JobFailed` when what was made is not what was chosen."""
    attempt.stage = "verify"
    outputs = _outputs(choice, sources, staging.work)
    target = attempt.job.target
    chapters, embed = own_chapters(target, extraction), target.embed
    if sponsors is not None and sponsors.marks:
        lasts, title = sponsors.lasts_seconds or 0.0, str(extraction.info.get("title") or "")
        chapters, embed = arranged(chapters, sponsors.marks, (), lasts, title), (*embed, "chapters")
    trimmings = Trimmings(
        embed,
        tags_of(extraction.info, music=choice.video is None),
        chapters,
        cover if cover is None or cover.suffix in _COVERS else None,
    )
    because = None
    try:
        try:
            made = _make(attempt, outputs, trimmings, staging.work)
        except FfmpegFailed as error:
            others = _as_mkv(attempt, outputs, staging.folder)
            if not others:
                raise
            attempt.log("warning", f"{error}; making an mkv instead, which takes every codec")
            made, because = _make(attempt, others, trimmings, staging.work), "MERGE_FAIL"
        lasts = _verify(attempt, made, sources, extraction.duration_seconds)
    except FfmpegMissing as error:
        raise JobFailed(str(error)) from error
    except FfmpegFailed as error:
        raise _merge_failed(error, staging.folder) from error
    container = "mkv" if because else choice.container
    got = Got(
        choice.video, choice.sound, choice.audio, container, choice.below_wish, round(lasts, 3), because
    )
    return made, got


def own_chapters(target: Target, extraction: Extraction) -> tuple[Chapter, ...]:
    """The video's own, where they are wished."""
    return chapters_of(extraction.info) if "chapters" in target.embed else ()


def publish_media(staging: Staging, made: Mapping[Output, Path]) -> list[FileRecord]:
    """Move finished media to `out/`."""
    return [
        staging.publish(path, output.path.suffix, "audio" if output.picture is None else "video")
        for output, path in made.items()
    ]


def _as_mkv(attempt: Attempt, outputs: list[Output], folder: Path) -> list[Output]:
    """The same in mkv, where the parts were downloaded anew and cannot be merged either; empty where that is no help."""
    picture = [each for each in outputs if each.picture is not None and each.path.suffix != ".mkv"]
    if attempt.job.failed_with != "MERGE_FAIL" or not picture or _is_full(folder):
        return []
    return [
        replace(each, path=each.path.with_suffix(".mkv")) if each in picture else each for each in outputs
    ]


def _is_full(folder: Path) -> bool:
    return os.statvfs(folder).f_bavail == 0


def _outputs(choice: Choice, sources: Mapping[Format, Source], folder: Path) -> list[Output]:
    """By what is in the parts: a picture brings its own sound where none was chosen, and codecs that were told
    wrongly get a file that holds the real ones."""
    parts = {media: source.path for media, source in sources.items()}
    outputs = []
    if choice.video is not None:
        own_sound = choice.video if "audio" in sources[choice.video].codecs else None
        sound = choice.sound or own_sound
        streams = [_served(choice.video, "video", sources)]
        streams += [_served(sound, "audio", sources)] if sound else []
        container = choice.container if all(fits(each, choice.container) for each in streams) else "mkv"
        outputs.append(Output(folder / f"video.{container}", choice.video, sound, parts))
    if choice.audio is not None:
        if "audio" not in sources[choice.audio].codecs:
            raise NotWhole(f"itag {choice.audio.itag}: no audio to take out of it")
        suffix = audio_container(_served(choice.audio, "audio", sources))
        outputs.append(Output(folder / f"audio.{suffix}", None, choice.audio, parts))
    return outputs


def _served(media: Format, kind: FormatKind, sources: Mapping[Format, Source]) -> Format:
    """One stream of a format, with the codecs that are in the part."""
    codecs = sources[media].codecs
    return replace(media, kind=kind, codec=codecs.get("video"), audio_codec=codecs.get("audio"))


def _make(attempt: Attempt, outputs: list[Output], trimmings: Trimmings, folder: Path) -> dict[Output, Path]:
    """Where each output is now: a part that is the finished file already is taken as it is."""
    attempt.stage = "merge"
    to_make = [each for each in outputs if not is_finished(each, trimmings)]
    if to_make:
        attempt.progress("merge", 0, None, always=True)
        make_media(to_make, trimmings, folder, attempt)
    return {each: each.path if each in to_make else each.sources[0] for each in outputs}


def _verify(
    attempt: Attempt,
    made: Mapping[Output, Path],
    sources: Mapping[Format, Source],
    duration_seconds: float | None,
) -> float:
    """Seconds that the last of the files lasts."""
    attempt.stage = "verify"
    attempt.progress("verify", 0, None, always=True)
    by_path = {each.path: each for each in sources.values()}
    lasts = 0.0
    for output, path in made.items():
        lasts = check_media(
            path,
            picture=output.picture,
            sound=output.sound,
            sources=tuple(by_path[part] for part in output.sources),
            duration_seconds=duration_seconds,
            note=lambda text: attempt.log("warning", text),
        )
    return lasts


def _merge_failed(error: FfmpegFailed, folder: Path) -> JobFailed:
    """ffmpeg does not always name a full disk."""
    full = "No space left" in str(error) or _is_full(folder)
    return JobFailed(
        str(error), cause="FFmpegPostProcessorError", error_number=errno.ENOSPC if full else None
    )
