"""Asks the adapter as the daemon does, and looks at what came back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ytarchive.adapters.data_api import answer
from ytarchive.adapters.index import QuotaLedger
from ytarchive.core import codec
from ytarchive.core.job import Event, Job, Known, ListedVideo, ListingSummary, Network, Receipt, VideoDetails
from ytarchive.core.quota import Purpose
from ytarchive.simulator.counters import Counters
from ytarchive.simulator.hosts import is_simulated, make_certificates
from ytarchive.simulator.http import Bytes, Request, Response
from ytarchive.simulator.server import Answer, Server
from ytarchive.simulator.simulator import environment

NOON = int(datetime.fromisoformat("2026-11-23T12:00:00-08:00").timestamp())
KEY = "AIzaCanary-0123456789abcdefghijklmnopqr"


@dataclass
class ClockByHand:
    """Shows a time until somebody sets it."""

    at: int

    def now(self) -> int:
        return self.at


@dataclass(frozen=True)
class Answered:
    """A receipt, with the events that came before it."""

    receipt: Receipt
    events: tuple[Event, ...]

    @property
    def listing(self) -> ListingSummary:
        assert self.receipt.listing is not None, self.receipt.failure
        return self.receipt.listing

    @property
    def code(self) -> str | None:
        return self.receipt.failure.code if self.receipt.failure else None

    @property
    def lines(self) -> list[ListedVideo]:
        return [
            codec.adapter(ListedVideo).validate_python(line)
            for event in self.events
            if event.kind == "entries"
            for line in event.data["videos"]
        ]

    @property
    def ids(self) -> list[str]:
        return [line.video for line in self.lines]

    @property
    def details(self) -> dict[str, VideoDetails]:
        found = [line for event in self.events if event.kind == "details" for line in event.data["videos"]]
        return {line["video"]: codec.adapter(VideoDetails).validate_python(line) for line in found}

    @property
    def gone(self) -> list[str]:
        return [video for event in self.events if event.kind == "details" for video in event.data["gone"]]


@dataclass
class Desk:
    """Sends jobs with a key, one after the other."""

    ledger: QuotaLedger
    clock: ClockByHand
    key: str = KEY
    network: Network = field(default_factory=Network)
    stop: threading.Event = field(default_factory=threading.Event)
    on_event: Callable[[Event], None] = lambda _: None
    sent: int = 0

    def list(self, subject: str, *, purpose: Purpose | None = None, **more: Any) -> Answered:
        return self.do(Job(self._id(), "list", subject, **more), purpose)

    def details(self, *videos: str, purpose: Purpose | None = None) -> Answered:
        return self.do(Job(self._id(), "details", "details", videos=videos), purpose)

    def do(self, job: Job, purpose: Purpose | None = None) -> Answered:
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            self.on_event(event)

        receipt = answer(
            job, self.key, self.network, self.ledger, emit, self.stop, self.clock, purpose=purpose
        )
        codec.encode(receipt)
        assert receipt.job == job.id
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        return Answered(receipt, tuple(events))

    def spent(self) -> dict[str, int]:
        return dict(self.ledger.standing(self.clock.now()).spent)

    def _id(self) -> str:
        self.sent += 1
        return f"job-{self.sent}"


def known(ids: list[str], count: int | None = None, recent: int = 200) -> Known:
    """What the index holds of a list that was read to its end."""
    return Known(tuple(ids[:100]), len(ids) if count is None else count, tuple(ids[:recent]))


Say = Callable[[Mapping[str, str]], tuple[int, object]]


class Scripted:
    """A Data API that answers as a test says: `say` takes the query, and gives a status and JSON, or bytes."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.asked: list[Mapping[str, str]] = []
        self.say = say
        self.hosts: list[str] = []
        ca_path = folder / "scripted.pem"
        self._server = Server(self._answer, is_simulated, make_certificates(ca_path), Counters())
        self.environment = environment(f"http://127.0.0.1:{self._server.port}", ca_path)

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request.query)
        self.hosts.append(request.host)
        status, content = self.say(request.query)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = (("Location", "https://www.googleapis.com/elsewhere"),) if status in (301, 302) else ()
        return Answer("data_api", None, (), Response(status, "application/json", Bytes(body), headers))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()


PLAYLIST = "PLscripted-list1"


def item(video: str, position: int = 0, **snippet: Any) -> dict[str, Any]:
    """A line of a playlist as the API writes it."""
    return {
        "id": f"item-{video}-{position}",
        "snippet": {
            "publishedAt": "2026-01-02T03:04:05Z",
            "title": f"About {video}",
            "playlistId": PLAYLIST,
            "position": position,
            "videoOwnerChannelTitle": "Somebody",
            "videoOwnerChannelId": "UC" + "a" * 22,
            **snippet,
        },
        "contentDetails": {"videoId": video, "videoPublishedAt": "2025-01-02T03:04:05Z"},
        "status": {"privacyStatus": "public"},
    }


def page(items: list[dict[str, Any]], total: int | None = None, token: str | None = None) -> dict[str, Any]:
    return {
        "items": items,
        **({} if total is None else {"pageInfo": {"totalResults": total}}),
        **({} if token is None else {"nextPageToken": token}),
    }


def video_id(number: int) -> str:
    return f"video-{number:05}"
