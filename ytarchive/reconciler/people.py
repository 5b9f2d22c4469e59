"""What a person decides by hand: ignore, give up, take less, retry, ask for a download.

Written to the journal before it takes effect; many decisions are one write and one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from ytarchive.core.desired import Entry, Target, unite
from ytarchive.core.journal import Decision, DecisionKind
from ytarchive.core.report import SourceReport
from ytarchive.core.work_plan import WorkPlanItem
from ytarchive.errors import UsageError
from ytarchive.reconciler import sources
from ytarchive.reconciler.receiving import GONE
from ytarchive.reconciler.world import World


def acknowledge(world: World, items: Sequence[WorkPlanItem], until: int | None, why: str) -> None:
    """Accept that these videos or sources cannot be had, for good or until a time; they are owed no more."""
    now = world.clock.now()
    _journal(world, (_said("ignore", item, now, why, until) for item in items))
    with world.index.transaction():
        for item in items:
            world.index.acknowledge(item.subject, until, why, now)


def give_up(world: World, items: Sequence[WorkPlanItem], why: str) -> None:
    """Know that nobody can have these videos any more. They are still looked at now and then."""
    now = world.clock.now()
    _journal(world, (_said("lost", item, now, why) for item in items))
    with world.index.transaction():
        for item in items:
            world.index.acknowledge(item.subject, None, why, now, is_lost=True)


def can_be_lost(item: WorkPlanItem) -> bool:
    """Whether YouTube says that it is gone, and there is no copy here."""
    return item.code in GONE and item.video is not None and not item.on_disk


def withdraw(world: World, subjects: Sequence[str], kind: Literal["unignore", "unlost"] = "unignore") -> None:
    """Take an acknowledgement back."""
    now = world.clock.now()
    _journal(world, (Decision(at=now, kind=kind, video=subject) for subject in subjects))
    with world.index.transaction():
        for subject in subjects:
            world.index.withdraw(subject)


def accept_lower(world: World, items: Sequence[WorkPlanItem], why: str) -> None:
    """Take these videos in whatever quality there is: they are tried at once, for the lowered wish."""
    now = world.clock.now()
    _journal(world, (_said("accept-lower", item, now, why) for item in items))
    with world.index.transaction():
        for item in items:
            world.index.lower(item.subject, why, now)


def restore_wish(world: World, videos: Sequence[str]) -> None:
    """Want these videos as their entries say, again."""
    now = world.clock.now()
    _journal(world, (Decision(at=now, kind="unaccept-lower", video=video) for video in videos))
    with world.index.transaction():
        for video in videos:
            world.index.restore_wish(video)


def retry(world: World, subjects: Collection[str]) -> int:
    """Make these due now, whatever their backoff; the number that were waiting."""
    return world.index.retry_now(subjects)


def _said(kind: DecisionKind, item: WorkPlanItem, now: int, why: str, until: int | None = None) -> Decision:
    return Decision(at=now, kind=kind, video=item.subject, until=until, why=why, code=item.code)


def _journal(world: World, decisions: Iterable[Decision]) -> None:
    world.archive.journal.record(*decisions)


def request(
    world: World, videos: Sequence[str], playlists: Sequence[str], wish: Target
) -> tuple[tuple[str, ...], tuple[SourceReport, ...]]:
    """Want these videos by hand, and every video that these playlists hold now; gives all of them, in order.

    Raise `UsageError` when a playlist cannot be read at all.
    """
    wanted = dict.fromkeys(videos)
    reports = tuple(report for playlist in playlists if (report := _read(world, playlist, wish)))
    for playlist in playlists:
        wanted.update(dict.fromkeys(world.index.members(playlist)))
    _ask(world, wanted, unite([wish]))
    return tuple(wanted), reports


def take_back_request(world: World, videos: Sequence[str], wish: Target) -> None:
    """Want these videos no more in this way; what manifests or other requests want of them stays wanted."""
    now, taken = world.clock.now(), unite([wish])
    _journal(world, (Decision(at=now, kind="unrequest", video=video, wish=taken) for video in videos))
    with world.index.transaction():
        for video in videos:
            world.index.remove_request(video, taken)


def _read(world: World, playlist: str, wish: Target) -> SourceReport | None:
    entry = Entry(name=playlist, kind="playlist", source=playlist, wish=wish)
    report = sources.by_hand(world, entry)
    if (report is None or report.completeness == "failed") and not world.index.members(playlist):
        listing = world.index.listing(playlist)
        why = (
            report.failure if report else f"{listing.code}: {listing.message}" if listing else "not looked at"
        )
        raise UsageError(
            f"the playlist {playlist} cannot be read: {why}",
            cure="check the address; a private playlist must be made public or unlisted",
        )
    return report


def _ask(world: World, videos: Iterable[str], wish: Target) -> None:
    now = world.clock.now()
    wanted = tuple(videos)
    _journal(world, (Decision(at=now, kind="request", video=video, wish=wish) for video in wanted))
    with world.index.transaction():
        for video in wanted:
            world.index.add_request(video, wish, now)
