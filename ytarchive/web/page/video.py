"""Everything about one video, as `explain` tells it: what is here, who wants it and why, what was tried, what comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from ytarchive.adapters.index import TextRecord
from ytarchive.core.confirmation import unconfirmed
from ytarchive.core.failure_table import policy
from ytarchive.core.item import FileRecord
from ytarchive.core.selection import Format
from ytarchive.reconciler import Explanation, World, explain
from ytarchive.web.page.failing import NotThere

_PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that fails: what its code means, what was seen, and how often."""

    part: str
    code: str
    kind: str
    meaning: str
    message: str
    status: int | None
    doubt: str | None
    times: int
    last_at: int
    next_at: int


@dataclass(frozen=True, slots=True)
class Wish:
    """One part of what is wanted, and the entries because of which; none named: all of them."""

    part: str
    value: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VideoView:
    """`got` tells the formats on disk in words; `folder` is below the archive's root."""

    told: Explanation
    title: str | None
    bucket: str
    got: str
    folder: str
    has_picture: bool
    troubles: tuple[Trouble, ...]
    wishes: tuple[Wish, ...]
    titles: tuple[TextRecord, ...]
    description: str | None


def video(world: World, id_: str) -> VideoView:
    """Raise `NotThere` when nothing at all is known of it."""
    told = explain(world, id_)
    if told.record is None and told.row is None and told.item is None and not told.history:
        raise NotThere("nothing is known of this video", cure="ytarchive download asks for a video by hand")
    texts = world.index.texts(id_)
    item = told.item
    title = told.record.title if told.record and told.record.title else item.metadata.title if item else None
    descriptions = [text.value for text in texts if text.field == "description"]
    return VideoView(
        told=told,
        title=title,
        bucket=told.decision.bucket if told.decision else "have" if item else "out",
        got=" + ".join(_format(one) for one in (item.got.video, item.got.sound, item.got.audio) if one)
        if item
        else "",
        folder=f"videos/{item.shard}/{item.id}" if item else "",
        has_picture=_picture_of(told) is not None,
        troubles=tuple(_troubles(told)),
        wishes=tuple(_wishes(told)),
        titles=tuple(text for text in texts if text.field == "title"),
        description=descriptions[-1] if descriptions else None,
    )


def picture(world: World, id_: str) -> tuple[Path, str]:
    """The thumbnail on disk and its media type. Raise `NotThere` when there is none."""
    item = world.item(id_)
    found = next((file for file in item.files if _is_picture(file)), None) if item else None
    if item is None or found is None:
        raise NotThere("there is no picture of this video")
    path = world.archive.root / "videos" / item.shard / item.id / found.name
    if not path.is_file():
        raise NotThere("the picture of this video is not where it should be")
    return path, _PICTURES[path.suffix]


def _picture_of(told: Explanation) -> FileRecord | None:
    return next((file for file in told.item.files if _is_picture(file)), None) if told.item else None


def _is_picture(file: FileRecord) -> bool:
    return file.role == "thumbnail" and Path(file.name).suffix in _PICTURES


def _troubles(told: Explanation) -> Iterator[Trouble]:
    for attempt in told.attempts:
        yield Trouble(
            part=attempt.part,
            code=attempt.code,
            kind=attempt.kind,
            meaning=policy(attempt.code).meaning,
            message=attempt.message,
            status=attempt.status,
            doubt=unconfirmed(attempt.code, attempt.looks) or None,
            times=attempt.n,
            last_at=attempt.last_at,
            next_at=attempt.next_attempt_at,
        )


def _wishes(told: Explanation) -> Iterator[Wish]:
    everyone = {entry.name for entry in told.entries}
    for one in told.merged:
        if one.value not in (None, ()):
            because = () if set(one.entries) == everyone else one.entries or ("all of them together",)
            yield Wish(one.field, _words(one.value), because)


def _format(one: Format) -> str:
    """`1080p60 vp9`, `opus en`."""
    if one.kind == "audio":
        return " ".join(part for part in (one.audio_codec, one.language) if part) or one.itag
    fps = f"{one.fps:.0f}" if one.fps and one.fps > 30 else ""
    label = f"{one.label}p{fps}" if one.label else ""
    return " ".join(part for part in (label, one.codec) if part) or one.itag


def _words(value: object) -> str:
    """A wish in the words of a manifest: `max 1080p, codecs av1 vp9`."""
    if is_dataclass(value):
        told = {field.name: getattr(value, field.name) for field in fields(value)}
        return ", ".join(
            f"{name} {_words(one)}" for name, one in told.items() if one not in (None, (), False)
        )
    if isinstance(value, tuple):
        return ("; " if any(is_dataclass(one) for one in value) else " ").join(_words(one) for one in value)
    return str(value)
