"""What of another tool's library can be adopted: every media file with its video, or with why that is not known.

Only names, records and info.json files are read; media are looked into where nothing else tells whose they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from ytarchive.adapters.foreign import (
    Inspectors,
    Records,
    Seen,
    Unreadable,
    Walk,
    may_be_records,
    read_json,
    read_records,
    walk,
)
from ytarchive.core.adoption import Claim, Info, Match, NoMatch, claims_of, identify, info_of
from ytarchive.core.foreign_names import IdInName, as_text, id_in_name, owner_of
from ytarchive.errors import UsageError
from ytarchive.reconciler.world import World

INFO_BYTES = 64 * 1024 * 1024  # with comments they are tens of MB
Phase = Literal["looking", "adopting", "reading"]
OnProgress = Callable[[Phase, int, int], None]
"""(phase, what is done, all there is): files that are looked at, or bytes that are read."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A file that stays where it is, below the adopted folder, and why. `is_loss`: it is of a known video."""

    file: str
    why: str
    is_loss: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that lies beside media: captions with their language, a picture, a description."""

    seen: Seen
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A media file of a known video, and all that is said of it and lies beside it."""

    seen: Seen
    match: Match
    info: Info | None = None
    claim: Claim | None = None
    info_file: Seen | None = None
    beside: tuple[Beside, ...] = ()


@dataclass(slots=True)
class Survey:
    """A library as it was found. `videos` are to be adopted, by id; of `here` there is a whole item already."""

    root: Path
    seen: int = 0
    videos: dict[str, list[Media]] = field(default_factory=dict)
    here: dict[str, list[Media]] = field(default_factory=dict)
    left: list[LeftBehind] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    told: frozenset[str] = frozenset()

    @property
    def bytes(self) -> int:
        return sum(one.seen.bytes for media in self.videos.values() for one in media)

    def not_found(self, is_here: Callable[[str], bool]) -> tuple[str, ...]:
        """Videos that a download archive lists and that are neither in the library nor `is_here`."""
        known = {*self.videos, *self.here}
        return tuple(sorted(video for video in self.told - known if not is_here(video)))


def survey(
    world: World,
    root: Path,
    inspectors: Inspectors,
    *,
    records: Sequence[Path] = (),
    on_progress: OnProgress = lambda _phase, _done, _all: None,
) -> Survey:
    """Look through a library. Nothing is changed, there and here. Raise `UsageError` for what is no folder to adopt."""
    root = _checked(world, root)
    found = Survey(root)
    told = list(_records_given(found, records))
    try:
        walked = walk(root, without=(world.archive.root, world.settings.state.path))
    except OSError as error:
        raise UsageError(
            f"{root} cannot be read: {error.strerror}", cure="name the folder of the old library"
        ) from None
    told += _records_found(found, walked)
    found.told = frozenset().union(*(one.ids for one in told))
    found.left += [LeftBehind(as_text(one.path), one.why) for one in walked.passed]
    _Matching(world, found, inspectors, _by_name(told)).run(walked, on_progress)
    return found


def _checked(world: World, root: Path) -> Path:
    try:
        real = root.resolve(strict=True)
    except (OSError, RuntimeError):
        raise UsageError(f"{root} is not there", cure="name the folder of the old library") from None
    if not real.is_dir():
        raise UsageError(f"{root} is not a folder", cure="name the folder that it lies in")
    if real.is_relative_to(world.archive.root.resolve()):
        raise UsageError(f"{root} is in the archive itself", cure="name the folder of another tool's library")
    return real


def _records_given(found: Survey, paths: Iterable[Path]) -> Iterator[Records]:
    """Those that a person names must be readable."""
    for path in paths:
        try:
            records = read_records(path.absolute())
        except Unreadable as wrong:
            raise UsageError(
                f"{path} {wrong}",
                cure="name a download archive of yt-dlp, a database of TubeSync or Pinchflat, a backup of TubeArchivist, "
                "or the .json of a subscription of ytdl-sub",
            ) from None
        found.records.append(_described(path.name, records))
        yield records


def _records_found(found: Survey, walked: Walk) -> Iterator[Records]:
    """Those that lie in the library are used where they can be."""
    for one in walked.others:
        if may_be_records(one.name):
            try:
                records = read_records(found.root / one.path)
            except Unreadable as wrong:
                found.left.append(LeftBehind(as_text(one.path), f"it {wrong}"))
            else:
                found.records.append(_described(one.path, records))
                yield records


def _described(name: str, records: Records) -> str:
    held = f"{len(records.ids):,} ids" if records.ids else f"{len(records.claims):,} files"
    return f"{as_text(name)}: {records.tool}, {held}"


def _by_name(told: Iterable[Records]) -> dict[str, list[Claim]]:
    known: dict[str, list[Claim]] = {}
    for records in told:
        for claim in records.claims:
            known.setdefault(claim.place[-1], []).append(claim)
    return known


@dataclass(slots=True)
class _Matching:
    """Goes through the files folder by folder, and tells of each media file which video it is of."""

    world: World
    found: Survey
    inspectors: Inspectors
    known: Mapping[str, list[Claim]]

    def run(self, walked: Walk, on_progress: OnProgress) -> None:
        done = 0
        for folder, files in groupby(walked.files, key=attrgetter("folder")):
            together = list(files)
            self._folder(folder, together)
            done += len(together)
            on_progress("looking", done, len(walked.files))

    def _folder(self, folder: str, files: list[Seen]) -> None:
        stems = {one.named.stem for one in files if one.named.kind == "media"}
        infos: dict[str, Seen] = {}
        beside: dict[str, list[Beside]] = {}
        for one in files:
            owner = owner_of(one.named, stems) if one.named.kind != "media" else None
            if owner is None:
                continue
            if one.named.kind == "info_json":
                infos[owner[0]] = one
            else:
                beside.setdefault(owner[0], []).append(Beside(one, owner[1]))
        for one in files:
            if one.named.kind == "media":
                stem = one.named.stem
                self._media(folder, one, infos.get(stem), tuple(beside.get(stem, ())))

    def _media(self, folder: str, seen: Seen, info_file: Seen | None, beside: tuple[Beside, ...]) -> None:
        self.found.seen += 1
        claims = claims_of((*self.found.root.parts, *seen.path.split("/")), self.known)
        named = id_in_name(seen.named.stem, (folder or self.found.root.name).rpartition("/")[2])
        info = self._info(info_file, named)
        match = identify(claims, info, named, confirmed=named is not None and self._is_known(named.video))
        if match is None:
            match = self._by_tags(seen, named)
        if isinstance(match, NoMatch):
            self.found.left.append(LeftBehind(as_text(seen.path), match.why))
            return
        claim = next((claim for claim in claims if claim.video == match.video), None)
        place = self.found.here if self._is_here(match.video) else self.found.videos
        place.setdefault(match.video, []).append(Media(seen, match, info, claim, info_file, beside))

    def _info(self, file: Seen | None, named: IdInName | None) -> Info | None:
        """What the info.json says; it is not read where the video is here, by a name that is sure."""
        if file is None or (named is not None and named.sure and self._is_here(named.video)):
            return None
        data = self._json(file)
        return info_of(data) if data is not None else None

    def _json(self, file: Seen) -> Any:
        try:
            return read_json(self.found.root / file.path, INFO_BYTES)
        except Unreadable as wrong:
            self.found.left.append(LeftBehind(as_text(file.path), f"it {wrong}"))
            return None

    def _by_tags(self, seen: Seen, named: IdInName | None) -> Match | NoMatch:
        inspection = self.inspectors.inspect(self.found.root / seen.path)
        video = inspection.tagged()
        if video is not None:
            return Match(video, "tags", "yt-dlp")
        if named is not None:
            return NoMatch(f"nothing confirms that {named.video} in its name is the id of a video")
        if inspection.problem:
            return NoMatch(f"nothing tells which video it is, and {inspection.problem}")
        return NoMatch("nothing tells which video it is: name, info.json, records, tags")

    def _is_known(self, video: str) -> bool:
        return video in self.found.told or self.world.index.video(video) is not None

    def _is_here(self, video: str) -> bool:
        return is_here(self.world, video)


def is_here(world: World, video: str) -> bool:
    """Whether a whole item of this video is in the archive."""
    return world.index.item_location(video) is not None and world.index.damage(video) is None


def on_other_file_system(world: World, root: Path) -> bool:
    """Whether hard links are out of the question."""
    return os.stat(root).st_dev != os.stat(world.archive.root).st_dev  # noqa: PTH116 - follows links
