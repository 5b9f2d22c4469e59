"""What a person decides by hand: ignore, retry, ask for a download. Written to the journal before it takes effect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ytarchive.core.desired import Entry, Target, unite
from ytarchive.core.journal import Decision
from ytarchive.core.report import SourceReport
from ytarchive.errors import UsageError
from ytarchive.reconciler import sources
from ytarchive.reconciler.world import World


def acknowledge(world: World, subjects: Sequence[str], until: int | None, why: str) -> None:
    """Accept that these videos or sources cannot be had, for good or until a time; they are owed no more."""
    now = world.clock.now()
    codes = {row.video: row.code for row in world.index.candidates(now, videos=set(subjects))}
    for subject in subjects:
        world.archive.journal.record(
            Decision(at=now, kind="ignore", video=subject, until=until, why=why, code=codes.get(subject))
        )
        world.index.acknowledge(subject, until, why, now)


def withdraw(world: World, subjects: Sequence[str]) -> None:
    """Take an acknowledgement back."""
    now = world.clock.now()
    for subject in subjects:
        world.archive.journal.record(Decision(at=now, kind="unignore", video=subject))
        world.index.withdraw(subject)


def retry(world: World, subjects: Collection[str]) -> int:
    """Make these due now, whatever their backoff; the number that were waiting."""
    return world.index.retry_now(subjects)


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
    _journal(world, wanted, unite([wish]))
    return tuple(wanted), reports


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


def _journal(world: World, videos: Iterable[str], wish: Target) -> None:
    now = world.clock.now()
    with world.index.transaction():
        for video in videos:
            world.archive.journal.record(Decision(at=now, kind="request", video=video, wish=wish))
            world.index.add_request(video, wish, now)
