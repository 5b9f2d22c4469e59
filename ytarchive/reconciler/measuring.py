"""What metrics tell of archive and index: looked up once, at the end of a pass, and never while somebody scrapes."""

from __future__ import annotations

from collections import Counter

from ytarchive.adapters.engines import Rack
from ytarchive.core.egress import rate_of, renewed
from ytarchive.metrics import Egress, Measured
from ytarchive.reconciler.world import World


def measure(world: World) -> Measured:
    """On the thread that owns the world."""
    now, limits = world.clock.now(), world.limits()
    states = (renewed(state, limits, now) for state in world.index.egresses())
    quota = world.ledger.standing(now) if world.api_key is not None else None
    return Measured(
        engine=_engine(world),
        items=world.index.item_conditions(),
        free_bytes=world.archive.free_bytes(),
        min_free_bytes=world.settings.archive.min_free_bytes,
        interval_seconds=world.settings.schedule.interval_seconds,
        egresses=tuple(
            Egress(state.name, state.openings > 0, rate_of(state, limits) or None) for state in states
        ),
        quota_day=quota.day if quota else "",
        quota_used=quota.total if quota else None,
        quota_left=quota.left("look") if quota else None,
        workers=Counter(worker.state for worker in world.workers()),
        slots=world.slots,
        oldest_verified_at=world.index.oldest_verified_at(),
        corrupt_items=world.index.corrupt_count(),
    )


def _engine(world: World) -> str:
    """The version of yt-dlp that new workers get."""
    rack = Rack(world.settings.state.path)
    return rack.version_of(rack.in_force())
