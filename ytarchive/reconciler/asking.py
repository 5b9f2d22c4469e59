"""Threads that ask what needs no engine: feeds, and the Data API within its quota."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ytarchive.adapters import data_api
from ytarchive.adapters.executor import Executor, OnEvent, ThreadExecutor
from ytarchive.adapters.executor.threads import Run
from ytarchive.adapters.feeds import FeedReader
from ytarchive.core.job import Job, Receipt
from ytarchive.core.quota import Purpose
from ytarchive.tracing import span

if TYPE_CHECKING:
    from ytarchive.reconciler.world import World

AT_ONCE = 4
"""Questions at a time: enough to hide the way to YouTube and back, few enough to be no burden."""


def hire(world: World, on_event: OnEvent) -> Executor:
    """The threads of a world."""
    feeds = FeedReader()

    def run(job: Job, tell: OnEvent, stop: threading.Event) -> Receipt:
        api = "feed" if job.kind == "feed" else "data"
        with span("api call", parent=job.traceparent, api=api):
            return ask(job, tell, stop)

    def ask(job: Job, tell: OnEvent, stop: threading.Event) -> Receipt:
        if job.kind == "feed":
            return feeds.read(job, tell, stop)
        assert world.api_key is not None, "the Data API is asked with a key"
        purpose: Purpose | None = "metadata" if job.kind == "details" and job.subject == "metadata" else None
        return data_api.answer(
            job, world.api_key, job.network, world.ledger, tell, stop, world.clock, purpose=purpose
        )

    return _Askers(run, AT_ONCE, on_event=on_event, feeds=feeds)


class _Askers(ThreadExecutor):
    """Threads that leave no connection open behind them."""

    def __init__(self, run: Run, slots: int, *, on_event: OnEvent, feeds: FeedReader) -> None:
        super().__init__(run, slots, on_event=on_event)
        self._feeds = feeds

    def close(self) -> None:
        super().close()
        self._feeds.close()
