"""What keeps downloads from going on, and when they will be done: for the report of a pass, and for `status`."""

from __future__ import annotations

from dataclasses import dataclass

from ytarchive.core import egress as egresses
from ytarchive.core.egress import EgressState, left_in_hour, rate_of, renewed
from ytarchive.core.forecast import Forecast, Pace, forecast
from ytarchive.core.halts import NAMES, Notice, notice
from ytarchive.core.identity import GUEST
from ytarchive.core.instant import Instant
from ytarchive.core.plan import Action, Ledger
from ytarchive.reconciler.world import World


@dataclass(frozen=True, slots=True)
class EgressOutlook:
    """This address as one identity. `videos_per_hour` is what it is trusted with, None: no limit.

    `spent_in_hour` and `spent_today` are videos; `waits_for` tells what keeps the next one, up to `until`, if anything
    does. `is_slowed`: YouTube throttled it, and the rate has not crept up again; `is_open`: its breaker is, and lets one
    video out to probe, once its time is over.
    """

    name: str
    videos_per_hour: float | None
    left_in_hour: int | None
    spent_in_hour: int
    spent_today: int
    is_slowed: bool = False
    is_open: bool = False
    waits_for: str | None = None
    until: Instant | None = None


def notices(world: World) -> tuple[Notice, ...]:
    """What pauses downloads now, beyond the address."""
    return tuple(notice(halt) for name in NAMES if (halt := world.halt(name)).is_on)


def forecast_of(world: World, ledger: Ledger) -> Forecast | None:
    """When those are done that could be asked about now, were there no limits; None when there are none."""
    asks_nobody = ledger.actions[Action.ACCEPT] + ledger.actions[Action.MARK]
    backlog = sum(ledger.actions.values()) - asks_nobody + ledger.total.running
    if not backlog:
        return None
    now, limits = world.clock.now(), world.limits()
    state = renewed(world.egress(GUEST), limits, now)
    pace = Pace(world.index.download_seconds() or 0.0, world.slots)
    return forecast(backlog, state, limits, now, pace)


def egress_outlooks(world: World) -> tuple[EgressOutlook, ...]:
    """Every egress that was ever used."""
    return tuple(_outlook(world, state) for state in world.index.egresses())


def _outlook(world: World, state: EgressState) -> EgressOutlook:
    now, limits = world.clock.now(), world.limits()
    state = renewed(state, limits, now)
    rate = rate_of(state, limits)
    wait = egresses.may_spend(state, limits, now)
    return EgressOutlook(
        name=state.name,
        videos_per_hour=round(rate, 1) if rate else None,
        left_in_hour=left_in_hour(state, limits) if rate else None,
        spent_in_hour=state.spent_in_hour,
        spent_today=state.spent_today,
        is_slowed=egresses.is_slowed(state, limits),
        is_open=state.openings > 0,
        waits_for=wait.why if wait else None,
        until=wait.until if wait else None,
    )
