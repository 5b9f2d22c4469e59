"""Taking over what another tool fetched, without asking YouTube: verified, hashed, and committed like a download.

The order for each video: its files into staging (a second name, or a copy), a look into them and their checksums, the
commit, the index; to move, only then the sources are removed. A kill between any two leaves the source whole, and
the next adoption goes on from what is on disk.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from threading import Lock

from ytarchive.adapters.archive import CommitConflict, Committed, LinksRefused, NotAsPromised, Staged
from ytarchive.adapters.archive.taking import How, let_go
from ytarchive.adapters.foreign import Inspectors, Unreadable, open_regular
from ytarchive.core.adoption import NOTHING_WANTED, NOTHING_WANTED_DIGEST, got_of, metadata_of
from ytarchive.core.desired import Target
from ytarchive.core.foreign_names import as_text
from ytarchive.core.item import Adoption, Item, Provenance
from ytarchive.core.journal import Decision
from ytarchive.core.late_parts import late_of, next_look
from ytarchive.core.layout import is_id
from ytarchive.core.plan import ItemFacts
from ytarchive.core.selection import missing_captions, missing_of
from ytarchive.core.views import day_of
from ytarchive.errors import ArchiveError
from ytarchive.reconciler import linking
from ytarchive.reconciler.adoptable import LeftBehind, Media, OnProgress, Survey, is_here
from ytarchive.reconciler.staging_adopted import Prepared, Preparing, Stopped, sources_of
from ytarchive.reconciler.world import World

THREADS = 8
"""They mostly wait for the disk, which writes what several of them ask for in one go."""
PORTION = 32
"""So many videos are prepared, committed and recorded together."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to adopt: by links or copies, whether to `move` (the sources go), and whether to `compare` with the wishes."""

    how: How = "link"
    move: bool = False
    compare: bool = False


@dataclass(slots=True)
class AdoptionReport:
    """What an adoption did, or with `dry_run` would do.

    `seen` media files were in the folder; `adopted` videos are new in the archive, of which `unmanaged` ones no entry
    wants; `here` were there before, of which `compared` ones answered every wish until now. `copied_bytes` were written of media and what lies beside them. `by_tool` counts
    the adopted videos by who made them. `not_found` are videos that a download archive lists, without a file here or
    there. `left` files stay where they are, with why; of `lost` of them the video is known, and there is no whole file.
    """

    path: str
    dry_run: bool
    seen: int = 0
    adopted: int = 0
    bytes: int = 0
    copied_bytes: int = 0
    here: int = 0
    unmanaged: int = 0
    moved: int = 0
    compared: int = 0
    linked: int = 0
    lost: int = 0
    by_tool: dict[str, int] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()
    left: list[LeftBehind] = field(default_factory=list)


def foreseen(world: World, survey: Survey) -> AdoptionReport:
    """What `adopt` would do, as far as can be told before the media are read."""
    report = _report(world, survey, dry_run=True)
    report.adopted, report.bytes = len(survey.videos), survey.bytes
    now = world.clock.now()
    report.unmanaged = sum(world.index.row(video, now) is None for video in survey.videos)
    for media in survey.videos.values():
        _count(report, media[0].match.tool)
    report.lost = sum(one.is_loss for one in report.left)
    return report


def adopt(
    world: World,
    survey: Survey,
    inspectors: Inspectors,
    manner: Manner,
    *,
    on_progress: OnProgress = lambda _phase, _done, _all: None,
) -> AdoptionReport:
    """Commit what a survey found. What was adopted stays so when the rest is interrupted, and the rest can follow."""
    report = _report(world, survey, dry_run=False)
    work = _Adopting(world, survey, inspectors, manner, report, on_progress)
    work.run()
    report.linked = linking.link_all(world)
    report.lost = sum(one.is_loss for one in report.left)
    return report


def _report(world: World, survey: Survey, *, dry_run: bool) -> AdoptionReport:
    return AdoptionReport(
        path=as_text(str(survey.root)),
        dry_run=dry_run,
        seen=survey.seen,
        here=len(survey.here),
        records=tuple(survey.records),
        not_found=survey.not_found(lambda video: is_here(world, video)),
        left=list(survey.left),
    )


def _count(report: AdoptionReport, tool: str) -> None:
    report.by_tool[tool] = report.by_tool.get(tool, 0) + 1


@dataclass(slots=True)
class _Adopting:
    """One adoption at work. Threads prepare and commit; index, report and numbers of episodes belong to ours."""

    world: World
    survey: Survey
    inspectors: Inspectors
    manner: Manner
    report: AdoptionReport
    on_progress: OnProgress
    _read: int = 0
    _all: int = 0
    _stopped: bool = False
    _lock: Lock = field(default_factory=Lock)
    _episodes: dict[tuple[str, str], int] = field(default_factory=dict)
    _damaged: set[str] = field(default_factory=set)
    _generations: dict[tuple[str, ...], str] = field(default_factory=dict)

    def run(self) -> None:
        self._all = self.survey.bytes
        preparing = Preparing(
            self.world.archive,
            self.survey.root,
            self.inspectors,
            self.manner.how,
            self.world.settings.archive.min_free_bytes,
            self._on_read,
        )
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                for portion in _portions(self.survey.videos.items()):
                    self._adopt(pool, preparing, portion)
                if self.manner.compare:
                    self._compare_from_now_on()
                if self.manner.move:
                    self._finish_moves()
            except BaseException:
                self._stopped = True
                self.inspectors.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _on_read(self, size: int) -> None:
        with self._lock:
            self._read += size
            if self._stopped:
                raise Stopped
            self.on_progress("reading", self._read, self._all)

    def _adopt(
        self, pool: ThreadPoolExecutor, preparing: Preparing, portion: Sequence[tuple[str, list[Media]]]
    ) -> None:
        try:
            prepared = list(pool.map(lambda one: preparing.prepare(*one), portion))
        except LinksRefused as refusal:
            raise links_refused(self.survey.root, self.world, str(refusal)) from None
        ready = []
        for one in prepared:
            self.report.left += one.left
            if one.main is not None:
                ready.append((self._item(one), one))
            elif one.staging is not None:
                self.world.archive.clear(one.staging)
        self._bring_back([item.id for item, _ in ready])
        done = list(pool.map(lambda pair: self._commit(*pair), ready))
        self._record(zip(ready, done, strict=True))
        self.on_progress("adopting", self.report.adopted, len(self.survey.videos))

    def _bring_back(self, videos: Sequence[str]) -> None:
        """What was taken away, or deleted by a person, and is brought along now, stays whatever policies say."""
        gone = [video for video in videos if self.world.index.gone_by_decision(video) is not None]
        if gone:
            now = self.world.clock.now()
            self.world.archive.journal.record(*(Decision(at=now, kind="keep", video=video) for video in gone))
            for video in gone:
                self.world.index.keep(video, now)

    def _commit(self, item: Item, prepared: Prepared) -> Committed | str:
        """In a thread of the pool. A damaged item of the same video is made whole; why not, where that fails."""
        assert prepared.staging is not None
        archive = self.world.archive
        try:
            if item.id in self._damaged:
                return archive.update(item, prepared.staging)
            return archive.commit(item, prepared.staging)
        except (CommitConflict, NotAsPromised) as error:
            archive.clear(prepared.staging)
            return error.message

    def _record(self, results: Iterable[tuple[tuple[Item, Prepared], Committed | str]]) -> None:
        recorded = []
        now = self.world.clock.now()
        with self.world.index.transaction():
            for (item, prepared), committed in results:
                assert prepared.main is not None
                if isinstance(committed, str):
                    file = as_text(prepared.main.seen.path)
                    self.report.left.append(LeftBehind(file, committed, is_loss=True))
                    continue
                look_at = next_look(
                    late_of(item), item.wanted, item.captions_missing, item.provenance.fetched_at, now
                )
                self.world.index.record_item(item, dir_mtime_ns=committed.dir_mtime_ns, late_due_at=look_at)
                self.world.index.record_replaced(item.id, kept=())
                recorded.append((item, prepared))
        for item, prepared in recorded:
            self._tell(item, prepared)

    def _tell(self, item: Item, prepared: Prepared) -> None:
        report = self.report
        assert prepared.main is not None
        report.adopted += 1
        report.bytes += sum(file.bytes for file in item.files)
        report.unmanaged += not item.wanted_by
        _count(report, prepared.main.match.tool)
        if self.manner.how == "copy":
            report.copied_bytes += sum(taken.identity[2] for taken in prepared.taken)
        if self.manner.move:
            # What lies beside goes before the media, by which a next adoption would find it.
            for taken in reversed(prepared.taken):
                self._let_go(taken)

    def _let_go(self, taken: Staged) -> None:
        if let_go(self.world.archive.disk, taken):
            self.report.moved += 1
        else:
            file = taken.source.relative_to(self.survey.root).as_posix()
            self.report.left.append(LeftBehind(as_text(file), "it was adopted, and could not be removed"))

    def _item(self, prepared: Prepared) -> Item:
        main = prepared.main
        assert main is not None
        found = prepared.picture or prepared.sound
        assert found is not None
        known = metadata_of(main.match, main.info, main.claim, found, main.seen.named.stem)
        got = got_of(
            prepared.picture,
            prepared.sound,
            prepared.container,
            "compared" if self.manner.compare else "as-is",
        )
        languages = sorted({file.language for file in prepared.files if file.language})
        facts = ItemFacts(
            (), got, tuple(languages), (), tuple(sorted({file.role for file in prepared.files}))
        )
        target, digest, entries = self._wanted(main.match.video, facts)
        old = self.world.item(main.match.video)
        if old is not None:
            self._damaged.add(old.id)
        shard = self.world.index.item_location(main.match.video) or known.channel_id
        item = Item(
            id=main.match.video,
            shard=shard if shard and is_id(shard) else "_",
            wanted_by=entries,
            wanted=target,
            target=digest,
            offered=(),
            got=got,
            files=tuple(prepared.files),
            metadata=known,
            captions_missing=missing_captions(languages, target),
            provenance=Provenance(
                engine=(main.info.engine if main.info else None) or "unknown",
                ejs=None,
                client=None,
                fetched_at=self.world.clock.now(),
                generation=self._generation(entries),
                adopted=Adoption(as_text(main.seen.name), main.match.tool, main.match.by),
            ),
        )
        return replace(item, episode=old.episode if old else self._next_episode(item))

    def _wanted(self, video: str, facts: ItemFacts) -> tuple[Target, str, tuple[str, ...]]:
        """What entries want of it, where that is answered at once; else nothing, and the next pass compares."""
        row = self.world.index.row(video, self.world.clock.now())
        if row is None or row.undecided:
            return NOTHING_WANTED, NOTHING_WANTED_DIGEST, ()
        target = self.world.index.target(row.target)
        if self.manner.compare or missing_of(facts, target) != "nothing":
            return NOTHING_WANTED, NOTHING_WANTED_DIGEST, row.entries
        return target, row.target, row.entries

    def _generation(self, entries: tuple[str, ...]) -> str:
        if entries not in self._generations:
            self._generations[entries] = self.world.generation(entries)
        return self._generations[entries]

    def _next_episode(self, item: Item) -> int:
        """The next number of a day in a channel: also after those that are on their way."""
        place = (item.shard, day_of(item))
        if place not in self._episodes:
            self._episodes[place] = self.world.index.next_episode(*place) - 1
        self._episodes[place] += 1
        return self._episodes[place]

    def _compare_from_now_on(self) -> None:
        """What was adopted as it is, before, is compared with what is wanted from now on."""
        for video in self.survey.here:
            item = self.world.item(video)
            if item is None or item.got.adopted != "as-is":
                continue
            item = replace(
                item,
                got=replace(item.got, adopted="compared"),
                wanted=NOTHING_WANTED,
                target=NOTHING_WANTED_DIGEST,
                captions_missing=(),
            )
            committed = self.world.archive.update(item, self.world.archive.stage(video, passing=True))
            self.world.index.record_item(item, dir_mtime_ns=committed.dir_mtime_ns, late_due_at=None)
            self.report.compared += 1

    def _finish_moves(self) -> None:
        """Sources of what was adopted before, and not removed then: they go if the archive has the very same bytes."""
        archive = self.world.archive
        for video, media in self.survey.here.items():
            item = self.world.item(video)
            if item is None:
                continue
            by_size = {file.bytes: file for file in item.files}
            for path in sources_of(media):
                source = self.survey.root / path
                status = os.lstat(source) if os.path.lexists(source) else None
                file = by_size.get(status.st_size) if status else None
                if file is None or status is None:
                    continue
                ours = archive.folder(item) / file.name
                if same_content(source, ours, file.sha256):
                    identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
                    self._let_go(Staged(ours, source, identity))


def same_content(source: Path, ours: Path, sha256: str) -> bool:
    """Whether a regular file is the archive's own under another name, or has the checksum of it."""
    try:
        with os.fdopen(open_regular(source), "rb") as file:
            if os.path.samestat(os.fstat(file.fileno()), os.lstat(ours)):
                return True
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (Unreadable, OSError):
        return False


def links_refused(root: Path, world: World, why: str) -> ArchiveError:
    return ArchiveError(
        f"hard links from {root} into {world.archive.root} are not possible: {why}",
        cure="adopt with --copy, or with --move; or bring both onto one file system first",
    )


def _portions(videos: Iterable[tuple[str, list[Media]]]) -> Iterator[list[tuple[str, list[Media]]]]:
    left = iter(videos)
    while portion := list(islice(left, PORTION)):
        yield portion
