"""Jobs that people ask for: a video, all of a playlist, a pass over an entry, a look. They survive a restart.

A job decides nothing: it makes a wish, and tells how that stands. `begin` does what must be done once (read the
playlist, look), `settle` compares with the plan, `cancel` takes the wish back.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from ytarchive.core.address import parse_any, parse_playlist, parse_video
from ytarchive.core.errand import OPEN, Errand, ErrandKind, standing_of, standing_together
from ytarchive.core.instant import DAY
from ytarchive.core.plan import decide
from ytarchive.errors import UsageError, YtarchiveError
from ytarchive.reconciler import accounts, people
from ytarchive.reconciler.knowing import VideoKnowledge, ask
from ytarchive.reconciler.world import World, entry_named

KEPT_SECONDS = 30 * DAY


def create(world: World, kind: ErrandKind, subject: str, profile: str | None) -> tuple[Errand, bool]:
    """A new job, or the open one that is the same; and whether it is new. Raise `UsageError` or `Misread`."""
    subject = _meant(world, kind, subject)
    world.loaded.wish(profile)
    for known in world.index.open_errands():
        if (known.kind, known.subject, known.profile, known.parent) == (kind, subject, profile, None):
            return known, False
    errand = Errand(world.new_job_id(), kind, subject, profile, "pending", world.clock.now())
    if kind == "video":
        people.request(world, [subject], [], world.loaded.wish(profile))
        errand = replace(errand, begun=True)
    world.index.forget_errands(world.clock.now() - KEPT_SECONDS)
    world.index.add_errands([errand])
    return errand, True


def begin(world: World, errand_id: str) -> None:
    """Do what must be done once, if it was not done. What goes wrong is told by the job."""
    errand = world.index.errand(errand_id)
    if errand is None or not errand.is_open or errand.begun:
        return
    try:
        if errand.kind == "playlist":
            _read_playlist(world, errand)
        elif errand.kind == "refresh":
            _look(world, errand)
        else:
            world.index.change_errand(errand.id, "running", None, world.clock.now(), begun=True)
    except YtarchiveError as error:
        cure = f" ({error.cure})" if error.cure else ""
        world.index.change_errand(
            errand.id, "failed", f"{error.message}{cure}", world.clock.now(), begun=True
        )
    except Exception:
        logging.getLogger(__name__).exception("the job %s", errand.id)
        world.index.change_errand(errand.id, "failed", "a bug of ytarchive: see the log", world.clock.now())


def settle(world: World, videos: Collection[str] | None = None) -> bool:
    """Compare what is open with the plan, of these videos or of all; whether anything is still open."""
    now, known = world.clock.now(), accounts.look(world)
    parents: set[str] = set()
    with world.index.transaction():
        for errand in world.index.open_errands(videos):
            if errand.kind != "video":
                parents.add(errand.id)
                continue
            row = world.index.row(errand.subject, now)
            decision = decide(row, now, world.index.target, known) if row else None
            state, message = standing_of(decision)
            if (state, message) != (errand.state, errand.message):
                world.index.change_errand(errand.id, state, message, now)
            parents.update({errand.parent} if errand.parent else ())
        _settle_parents(world, parents, now)
    return world.index.has_open_errands()


def end_pass(world: World, errand_id: str, message: str | None, *, failed: bool) -> None:
    """The pass that a job about an entry asked for has ended."""
    errand = world.index.errand(errand_id)
    if errand is not None and errand.is_open:
        world.index.change_errand(errand_id, "failed" if failed else "done", message, world.clock.now())


def cancel(world: World, errand_id: str) -> tuple[str, ...]:
    """Take back what a job wants, with its children; the videos that nobody else wants. Raise `UsageError`."""
    errand = world.index.errand(errand_id)
    if errand is None:
        raise UsageError(f"no job is called {errand_id}", cure="GET /api/v1/jobs names them")
    if not errand.is_open:
        raise UsageError(
            f"{errand_id} is {errand.state} already", cure="only what is pending or running can be cancelled"
        )
    children = (
        world.index.errands(states=OPEN, parent=errand_id, limit=-1) if errand.kind == "playlist" else ()
    )
    ended = (errand, *children)
    videos = _only_theirs(world, ended)
    people.take_back_request(world, videos, world.loaded.wish(errand.profile))
    now = world.clock.now()
    with world.index.transaction():
        for one in ended:
            world.index.change_errand(one.id, "cancelled", "a person cancelled it", now)
    return tuple(video for video in videos if world.index.row(video, now) is None)


def _meant(world: World, kind: ErrandKind, subject: str) -> str:
    match kind:
        case "video":
            return parse_video(subject)
        case "playlist":
            return parse_playlist(subject)
        case "entry":
            if entry_named(world, subject) is None:
                raise UsageError(f"no entry is called {subject!r}", cure="GET /api/v1/entries names them")
            return subject
        case "refresh":
            parse_any(subject)
            return subject


def _read_playlist(world: World, errand: Errand) -> None:
    wanted, _ = people.request(world, [], [errand.subject], world.loaded.wish(errand.profile))
    now = world.clock.now()
    with world.index.transaction():
        world.index.add_errands(
            Errand(
                world.new_job_id(),
                "video",
                video,
                errand.profile,
                "pending",
                now,
                parent=errand.id,
                begun=True,
            )
            for video in wanted
        )
        world.index.change_errand(errand.id, "running", None, now, begun=True)
    settle(world)


def _look(world: World, errand: Errand) -> None:
    found = ask(world, parse_any(errand.subject))
    failure = found.failure if isinstance(found, VideoKnowledge) else None
    listing = None if isinstance(found, VideoKnowledge) else found.listing
    message = str(failure) if failure else (listing.code if listing else None)
    world.index.change_errand(
        errand.id, "failed" if message else "done", message, world.clock.now(), begun=True
    )


def _settle_parents(world: World, parents: Iterable[str], now: int) -> None:
    for parent in parents:
        errand = world.index.errand(parent)
        if errand is None or errand.kind != "playlist" or not errand.begun or not errand.is_open:
            continue
        counts = Counter(errand.counts)
        state = standing_together(counts)
        failed = f"{counts['failed']:,} of {counts.total():,} failed" if counts["failed"] else None
        if (state, failed) != (errand.state, errand.message):
            world.index.change_errand(parent, state, failed, now)


def _only_theirs(world: World, errands: Iterable[Errand]) -> list[str]:
    """The videos that no other open job wants in the same way: its wish is the same one."""
    meant = {one.subject: one for one in errands if one.kind == "video"}
    ours = {one.id for one in meant.values()}
    others = {
        one.subject
        for one in world.index.open_errands(list(meant))
        if one.id not in ours and one.profile == meant[one.subject].profile
    }
    return [video for video in meant if video not in others]
