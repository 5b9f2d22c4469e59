"""One video of another tool's library, brought into staging: the best of its files, looked into and hashed.

Nothing here knows the index: videos are prepared in several threads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ytarchive.adapters.archive import Archive, NoSpace, NotTaken, Staged
from ytarchive.adapters.archive.durable import telling
from ytarchive.adapters.archive.taking import How, take
from ytarchive.adapters.foreign import Inspectors, Unreadable, read_json
from ytarchive.core.adoption import Info
from ytarchive.core.file_kinds import caption_problem, picture_suffix
from ytarchive.core.foreign_names import as_text
from ytarchive.core.info_fields import document
from ytarchive.core.inspection import Inspection, better
from ytarchive.core.item import FileRecord, Role
from ytarchive.core.layout import item_file_name
from ytarchive.reconciler.adoptable import INFO_BYTES, Beside, LeftBehind, Media

BESIDE_BYTES = 64 * 1024 * 1024
"""Captions and pictures are far smaller."""
_DESCRIPTION_BYTES = 1024 * 1024


class Stopped(Exception):
    """The adoption ends; what is in staging is of no use."""


@dataclass(slots=True)
class Prepared:
    """A video in staging, ready to commit; `main` is the file that is named as where it came from.

    Without `staging` there was nothing whole to adopt. `taken` are the files that are in staging as they were.
    """

    video: str
    staging: Path | None = None
    main: Media | None = None
    picture: Inspection | None = None
    sound: Inspection | None = None
    container: str = ""
    files: list[FileRecord] = field(default_factory=list)
    taken: list[Staged] = field(default_factory=list)
    left: list[LeftBehind] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preparing:
    """How files come into staging. `on_read` is told of bytes as they are hashed; it may raise `Stopped`."""

    archive: Archive
    root: Path
    inspectors: Inspectors
    how: How
    min_free_bytes: int
    on_read: Callable[[int], None]

    def prepare(self, video: str, media: Sequence[Media]) -> Prepared:
        """Stage the best picture and the best sound on its own, and what lies beside them."""
        made = Prepared(video)
        with telling(f"Adopting {video}", self.archive.root):
            self._prepare(made, media)
        return made

    def _prepare(self, made: Prepared, media: Sequence[Media]) -> None:
        ranked = self._ranked(media, made)
        try:
            for candidates in ranked.values():
                self._first_whole(made, candidates)
            if made.staging is not None and made.main is not None:
                chosen = [
                    one
                    for one in media
                    if one.seen.path in {_path_of(self.root, each) for each in made.taken}
                ]
                for one in chosen:
                    self._beside(made, one)
                self._info_json(made, chosen)
        except BaseException:
            if made.staging is not None:
                self.archive.clear(made.staging)
            raise

    def _ranked(self, media: Sequence[Media], made: Prepared) -> dict[Role, list[Media]]:
        """The candidates for each part, the best first. Of a single file its kind shows when it is hashed."""
        if len(media) == 1:
            return {"video": list(media)}
        parts: dict[Role, list[tuple[tuple[object, ...], Media]]] = {"video": [], "audio": []}
        for one in media:
            found = self.inspectors.inspect(self.root / one.seen.path)
            if found.problem:
                made.left.append(LeftBehind(as_text(one.seen.path), found.problem, is_loss=True))
            else:
                parts["video" if found.has_picture else "audio"].append((better(found), one))
        return {
            role: [one for _, one in sorted(ranked, key=lambda pair: pair[0], reverse=True)]
            for role, ranked in parts.items()
        }

    def _first_whole(self, made: Prepared, candidates: list[Media]) -> None:
        for place, one in enumerate(candidates):
            if self._media(made, one):
                why = f"another file of {made.video} is the better one: {as_text(one.seen.path)}"
                made.left += [LeftBehind(as_text(rest.seen.path), why) for rest in candidates[place + 1 :]]
                return

    def _media(self, made: Prepared, one: Media) -> bool:
        """Stage a media file, and say whether it is whole and of this video."""
        try:
            staged = self._take(made, one.seen.path, one.seen.bytes)
        except NotTaken as reason:
            made.left.append(LeftBehind(as_text(one.seen.path), str(reason), is_loss=True))
            return False
        found = self.inspectors.inspect(staged.path, digest=True, on_read=self.on_read)
        self.on_read(0)  # when the adoption was stopped, nothing is to be believed of this
        inside = found.tagged(strictly=True)
        problem = found.problem
        if inside not in (None, made.video):
            problem = f"its tags say {inside}, and not {made.video}"
        if problem or found.sha256 is None:
            self.archive.disk.unlink(staged.path)
            made.left.append(LeftBehind(as_text(one.seen.path), problem or "it was not read", is_loss=True))
            return False
        role: Role = "video" if found.has_picture else "audio"
        if not self._publish(made, staged, one.seen.named.suffix, found.sha256, found.bytes, role):
            return False
        if role == "video" or made.main is None:
            made.main, made.container = one, one.seen.named.suffix[1:]
        if role == "video":
            made.picture = found
        else:
            made.sound = found
        return True

    def _take(self, made: Prepared, path: str, size: int) -> Staged:
        if made.staging is None:
            made.staging = self.archive.stage(made.video, passing=True)
        if self.how == "copy" and self.archive.free_bytes() - size < self.min_free_bytes:
            raise NoSpace(
                f"there is no room for {as_text(path)} ({size:,} bytes) besides archive.min_free",
                cure="free some space, lower archive.min_free, or adopt with --link or --move on one file system",
            )
        target = made.staging / "out" / f"taken.{len(made.taken)}"
        self.archive.disk.unlink(target)
        return take(self.archive.disk, self.root / path, target, self.how)

    def _publish(
        self,
        made: Prepared,
        staged: Staged,
        suffix: str,
        sha256: str,
        size: int,
        role: Role,
        language: str | None = None,
    ) -> bool:
        """Give a staged file its final name, unless the item has one of that name already."""
        name = item_file_name(made.video, sha256, suffix)
        if name.casefold() in {file.name.casefold() for file in made.files}:
            self.archive.disk.unlink(staged.path)
            return False
        self.archive.disk.rename(staged.path, staged.path.with_name(name))
        made.files.append(FileRecord(name, size, sha256, role, language))
        made.taken.append(staged)
        return True

    def _beside(self, made: Prepared, media: Media) -> None:
        for one in media.beside:
            kind = one.seen.named.kind
            if kind != "caption" and any(file.role == _ROLES[kind] for file in made.files):
                continue
            try:
                self._small_file(made, one, _ROLES[kind])
            except NotTaken as reason:
                made.left.append(LeftBehind(as_text(one.seen.path), str(reason)))

    def _small_file(self, made: Prepared, one: Beside, role: Role) -> None:
        """Stage captions, a picture or a description, if it is what its name says. Raise `NotTaken`."""
        limit = _DESCRIPTION_BYTES if role == "description" else BESIDE_BYTES
        if one.seen.bytes > limit:
            raise NotTaken(f"it is larger than {limit // 2**20} MiB")
        staged = self._take(made, one.seen.path, one.seen.bytes)
        try:
            content = staged.path.read_bytes()
        except OSError as error:
            self.archive.disk.unlink(staged.path)
            raise NotTaken(f"it cannot be read: {error.strerror}") from None
        suffix: str | None = one.seen.named.suffix
        problem = None
        if role == "caption":
            problem = caption_problem(content, one.seen.named.suffix[1:])
            suffix = f".{one.language}{suffix}" if one.language else suffix
        elif role == "thumbnail":
            suffix = picture_suffix(content)
        if problem or suffix is None:
            self.archive.disk.unlink(staged.path)
            raise NotTaken(problem or "it is no picture")
        self._publish(
            made, staged, suffix, hashlib.sha256(content).hexdigest(), len(content), role, one.language
        )

    def _info_json(self, made: Prepared, chosen: Sequence[Media]) -> None:
        """Of an info.json only the fields that we keep, as a file of our own: the rest holds cookies and addresses."""
        assert made.staging is not None
        for one in chosen:
            if one.info is not None and one.info_file is not None:
                content = self._document(one.info, one.info_file.path, made)
                if content is not None:
                    sha256 = hashlib.sha256(content).hexdigest()
                    name = item_file_name(made.video, sha256, ".info.json")
                    self.archive.disk.write_new(
                        made.staging / "out" / name, content, self.archive.disk.sealed_mode
                    )
                    made.files.append(FileRecord(name, len(content), sha256, "info_json"))
                return

    def _document(self, info: Info, path: str, made: Prepared) -> bytes | None:
        try:
            data = read_json(self.root / path, INFO_BYTES)
        except Unreadable as wrong:
            made.left.append(LeftBehind(as_text(path), f"it {wrong}"))
            return None
        return document(data, info.video) if isinstance(data, dict) else None


_ROLES: dict[str, Role] = {"caption": "caption", "picture": "thumbnail", "description": "description"}


def _path_of(root: Path, taken: Staged) -> str:
    return taken.source.relative_to(root).as_posix()


def sources_of(media: Sequence[Media]) -> Iterator[str]:
    """The paths of what lies beside media, as far as it is taken over as it is, and then of the media."""
    for one in media:
        yield from (each.seen.path for each in one.beside)
    for one in media:
        yield one.seen.path
