"""One job in, one receipt out: which question answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from ytarchive.adapters.data_api import Clock, Ledger, Stop
from ytarchive.adapters.data_api.calls import Caller, Stopped, Trouble
from ytarchive.adapters.data_api.lists import Listed, read_channel, read_playlist, read_playlists
from ytarchive.adapters.data_api.reading import VIDEO_FIELDS, details_of
from ytarchive.core.codec import plain
from ytarchive.core.job import Event, Job, Network, Receipt
from ytarchive.core.quota import PAGE, Purpose
from ytarchive.core.sources import kind_of

Send = Callable[[str, dict[str, Any]], None]


def run(
    job: Job,
    key: str,
    network: Network,
    ledger: Ledger,
    emit: Callable[[Event], None],
    stop: Stop,
    clock: Clock,
    purpose: Purpose | None,
) -> Receipt:
    """See `data_api.answer`."""
    caller = Caller(job, key, network, ledger, stop, clock, purpose)
    sequence = 0

    def send(kind: str, data: dict[str, Any]) -> None:
        nonlocal sequence
        sequence += 1
        emit(Event(job.id, sequence, kind, data))

    try:
        if job.kind == "details":
            _read_details(caller, job, send)
            return Receipt(job.id, "done", http=tuple(caller.exchanges))
        listed = _list(caller, job, send)
        return Receipt(job.id, "done", listed.failure, listing=listed.summary, http=tuple(caller.exchanges))
    except Stopped:
        return Receipt(job.id, "cancelled", http=tuple(caller.exchanges))
    except Trouble as trouble:
        return Receipt(job.id, "failed", trouble.failure, http=tuple(caller.exchanges))


def _list(caller: Caller, job: Job, send: Send) -> Listed:
    prefix, _, rest = job.subject.partition(":")
    if kind_of(job.subject) == "playlist":
        return read_playlist(caller, job, send)
    if prefix == "channel":
        return read_channel(caller, rest)
    if prefix == "playlists":
        return read_playlists(caller, rest)
    raise caller.trouble(f"the Data API knows nothing like {job.subject}", cause="NotInTheApi")


def _read_details(caller: Caller, job: Job, send: Send) -> None:
    """Fifty videos a question; what the API does not show is gone, or private."""
    for batch in _batches(job.videos):
        asked = frozenset(batch)
        found = caller.ask(
            "videos",
            "details",
            lambda answer, asked=asked: details_of(answer, asked),  # type: ignore[misc]
            part="snippet,contentDetails,status,liveStreamingDetails",
            id=",".join(batch),
            fields=VIDEO_FIELDS,
        )
        gone = asked.difference(details.video for details in found)
        send(
            "details",
            {
                "videos": [plain(details) for details in found],
                "gone": [video for video in batch if video in gone],
            },
        )


def _batches(videos: tuple[str, ...]) -> Iterator[list[str]]:
    rest = iter(dict.fromkeys(videos))
    while batch := list(islice(rest, PAGE)):
        yield batch
