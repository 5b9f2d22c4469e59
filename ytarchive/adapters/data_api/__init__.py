"""YouTube's Data API: lists, channels and details of videos, for units of a daily quota.

    receipt = answer(job, read_key(path), network, ledger, emit, stop, clock)

Importing this costs nothing: Google's client is loaded (0.3 s of processor time) by the first job.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ytarchive.core.instant import Instant
from ytarchive.core.job import Event, Job, Network, Receipt
from ytarchive.core.quota import Purpose
from ytarchive.errors import YtarchiveError

__all__ = ["Clock", "Ledger", "Stop", "answer", "read_key"]

KEY_CAP_BYTES = 4096
_CURE = "put the key alone into the file, on one line: https://developers.google.com/youtube/registering_an_application"


class Ledger(Protocol):
    """Where units are taken from, one for each request, before it is made (`adapters.index.QuotaLedger`)."""

    def spend(self, purpose: Purpose, units: int, now: Instant) -> None:
        """Raise `core.quota.QuotaSpent` when there are none."""

    def pause(self, until: Instant) -> None: ...

    def renews_at(self, now: Instant) -> Instant: ...


class Clock(Protocol):
    """`now` in seconds since the epoch."""

    def now(self) -> int: ...


class Stop(Protocol):
    """Set once the job is to end; `threading.Event` is one."""

    def is_set(self) -> bool: ...


def answer(
    job: Job,
    key: str,
    network: Network,
    ledger: Ledger,
    emit: Callable[[Event], None],
    stop: Stop,
    clock: Clock,
    *,
    purpose: Purpose | None = None,
) -> Receipt:
    """Carry out a job of the kind `list` or `details`; whatever goes wrong is in the receipt, and never the key.

    `list`: the id of a playlist, `channel:<address>` or `playlists:<channel id>`. `details`: `job.videos`. Lines come
    as events `entries`, details as events `details`. `purpose` is what all units are spent for; None: as `core.quota`
    says for each request. Connections are kept for the thread's next job; `forget_connections` of `transport` closes
    them.
    """
    from ytarchive.adapters.data_api.jobs import run

    return run(job, key, network, ledger, emit, stop, clock, purpose)


def read_key(path: Path) -> str:
    """The key in a file. Raise `YtarchiveError` with its cure, and without what was found."""
    try:
        with path.open("rb") as file:
            data = file.read(KEY_CAP_BYTES + 1)
    except OSError as error:
        raise YtarchiveError(f"{path}: the API key cannot be read: {error.strerror}", cure=_CURE) from None
    text = data.decode("ascii", "replace").strip()
    if not text or len(data) > KEY_CAP_BYTES or not all("!" <= letter <= "~" for letter in text):
        found = "nothing" if not text else "something else"
        raise YtarchiveError(f"{path}: found {found}, expected an API key", cure=_CURE)
    return text
