"""Where the archive stands, as a document."""

from __future__ import annotations

from collections.abc import Iterator

from ytarchive.documents.answers import LateLine, QuotaAnswer, SourceLine, StatusAnswer
from ytarchive.reconciler import World, egress_outlooks, followed, forecast_of, notices, take_stock


def status_answer(world: World) -> StatusAnswer:
    """The books overall and by entry, the last look at each list, and what limits downloads."""
    ledger = take_stock(world)
    return StatusAnswer(
        archive=world.archive.id,
        root=str(world.archive.root),
        books=ledger.total,
        entries=ledger.entries,
        owed=ledger.owed,
        sources_owed=ledger.sources_owed,
        acknowledged=ledger.acknowledged,
        codes=dict(ledger.codes),
        next_due_at=ledger.next_due_at,
        sources=tuple(_sources(world)),
        late={part: LateLine(*counted) for part, counted in world.index.late_counts().items()},
        forecast=forecast_of(world, ledger),
        egresses=egress_outlooks(world),
        notices=notices(world),
    )


def _sources(world: World) -> Iterator[SourceLine]:
    for due in followed(world):
        if due.source.kind in ("videos", "pins"):
            continue
        source = due.source.source
        listing = world.index.listing(source)
        if listing is None:
            yield SourceLine(due.name, source)
            continue
        yield SourceLine(
            entry=due.name,
            source=source,
            title=listing.title,
            listed_at=listing.at,
            completeness=listing.completeness,
            expected=listing.expected,
            got=listing.got,
            failure=f"{listing.code}: {listing.message or ''}".rstrip(": ") if listing.code else None,
            next_due_at=listing.next_due_at,
        )


def quota_answer(world: World) -> QuotaAnswer:
    """What the YouTube Data API costs today, and may still cost."""
    now = world.clock.now()
    standing = world.ledger.standing(now)
    limits = standing.limits
    return QuotaAnswer(
        key=world.settings.youtube.api_key_file is not None,
        day=standing.day,
        budget=limits.budget,
        reserve=limits.reserve,
        spent=dict(standing.spent),
        total=standing.total,
        left=standing.left("look"),
        left_for_lists=standing.left("listing"),
        forecast=standing.forecast,
        renews_at=standing.renews_at,
        paused_until=standing.paused_until,
    )
