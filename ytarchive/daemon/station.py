"""The daemon put together: who listens, who serves, who watches, and the loop in their midst."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from signal import SIGHUP

import structlog

from ytarchive import __version__
from ytarchive.adapters.clock import SystemClock
from ytarchive.daemon import notify, whereabouts
from ytarchive.daemon.desk import Desk
from ytarchive.daemon.loop import Loop
from ytarchive.daemon.new_settings import Renewal
from ytarchive.daemon.scrubbing import scrubbed
from ytarchive.daemon.signals import at_once, heard
from ytarchive.daemon.summons import Summons
from ytarchive.daemon.watchdog import fed
from ytarchive.daemon.watching import watched
from ytarchive.daemon.whereabouts import Whereabouts
from ytarchive.metrics import Metrics
from ytarchive.reconciler import Chorus, open_world
from ytarchive.reconciler.crew import Hire
from ytarchive.reconciler.log_lines import LogLines
from ytarchive.reconciler.logs import TOKEN, logging_to
from ytarchive.settings import Settings
from ytarchive.tracing import tracing_to
from ytarchive.web.server import Server


def run(read_settings: Callable[[], Settings], *, hire: Hire | None = None) -> None:
    """Look after the archive until a signal says to stop; `hire` makes the workers, by default those of the settings.

    The settings are read now, and again whenever a signal asks for that. Raise `BusyError`, `ConfigError` or `ArchiveError`.
    """
    settings = read_settings()
    clock = SystemClock()
    metrics = Metrics(__version__, time.time, last_success_at=clock.now())
    desk = Desk(settings, clock, metrics)
    summons = Summons(clock)
    chorus = Chorus(desk.live, desk.happenings, metrics, LogLines())
    with ExitStack() as stack:
        stack.enter_context(tracing_to(settings.tracing.endpoint, version=__version__))
        stack.enter_context(logging_to(settings, sys.stderr, lambda: desk.settings))
        world = stack.enter_context(
            open_world(settings, observer=chorus, clock=clock, hire=hire, settled=False)
        )
        desk.open(world)
        stack.callback(desk.close)
        stack.enter_context(heard(lambda number: _summon(desk, summons, number)))
        stack.enter_context(fed(desk.gets_on))
        tell_settings = stack.enter_context(_served(desk, settings))
        stack.enter_context(watched(settings.manifests.path, summons.change))
        stack.enter_context(scrubbed(desk, settings.archive.scrub_bytes_per_second))
        desk.tell(not_ready=(), problems=world.problems)
        log = structlog.get_logger("daemon")
        log.info("looking after the archive", version=__version__, pid=os.getpid(), archive=desk.archive_id)
        notify.ready("looking at the archive")
        Loop(world, desk, summons, Renewal(read_settings, tell_settings)).run()
        log.info("stopped: nothing runs any more")


def _summon(desk: Desk, summons: Summons, number: int) -> None:
    if number == SIGHUP:
        summons.reload()
    elif summons.is_urgent:
        at_once()
    else:
        desk.tell(not_ready=("stopping",))
        notify.stopping("what runs is finished, or stopped where it can go on")
        summons.stop()


@contextmanager
def _served(desk: Desk, settings: Settings) -> Iterator[Callable[[Settings], None]]:
    """Page, API and metrics, and the file that says where they are; gives what tells there of other settings."""
    state = settings.state.path
    socket = state / whereabouts.SOCKET_NAME
    server = Server(
        desk,
        listen=settings.server.listen,
        metrics_listen=settings.server.metrics_listen,
        socket=socket,
        token=state / TOKEN,
    )
    server.start()
    here = Whereabouts(
        pid=os.getpid(),
        started=desk.started_at,
        archive=desk.archive_id,
        settings_digest=whereabouts.settings_digest(settings),
        version=__version__,
        url=server.url,
        socket=str(socket),
    )
    try:
        with whereabouts.told(state, here) as tell:
            yield lambda now: tell(replace(here, settings_digest=whereabouts.settings_digest(now)))
    finally:
        server.stop()
