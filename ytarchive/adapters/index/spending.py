"""What was spent: tokens and breakers of each egress, and units of the Data API's daily quota."""

from __future__ import annotations

from ytarchive.adapters.index.database import Database
from ytarchive.core.budget import EgressState
from ytarchive.core.codec import MalformedValue, decode, encode


def egress(db: Database, name: str) -> EgressState:
    """The state of an egress; of one that was never used, tokens of the year 1970: refilled, its bucket is full."""
    text = db.value("SELECT state FROM egress WHERE name = ?", (name,))
    try:
        return decode(EgressState, text) if text else EgressState(name=name)
    except MalformedValue:
        return EgressState(name=name)  # may be lost: nothing on disk depends on it


def record_egress(db: Database, state: EgressState) -> None:
    db.execute("INSERT OR REPLACE INTO egress VALUES (?, ?)", (state.name, encode(state).decode()))


def spend_quota(db: Database, day: str, purpose: str, units: int) -> None:
    db.execute(
        "INSERT INTO quota VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET units = units + excluded.units",
        (day, purpose, units),
    )


def quota_spent(db: Database, day: str) -> dict[str, int]:
    """Units by purpose on one day (US Pacific, as YouTube counts)."""
    return dict(db.all("SELECT purpose, units FROM quota WHERE day = ?", (day,)))
