"""A small real office: a real archive and index, and a loop thread that serves calls and runs passes when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

from ytarchive import settings as settings_module
from ytarchive.adapters.clock import SystemClock
from ytarchive.adapters.executor import OnEvent, ThreadExecutor, WorkerState
from ytarchive.core.evidence import Evidence
from ytarchive.core.failure import classify
from ytarchive.core.job import Job, Receipt
from ytarchive.core.report import PassReport
from ytarchive.errors import BusyError
from ytarchive.reconciler import World, open_reading, open_world, reconcile_once
from ytarchive.reconciler.crew import Hire
from ytarchive.reconciler.happenings import Happenings
from ytarchive.reconciler.live import Live
from ytarchive.reconciler.observer import Chorus
from ytarchive.settings import Settings
from ytarchive.web.guards import Rates
from ytarchive.web.office import ASK_TIMEOUT_SECONDS, Health
from ytarchive.web.server import Server

T = TypeVar("T")
PLENTY = Rates(per_second=1e6, burst=10**6, guesses=20)


class SmallOffice:
    """An `Office` whose loop serves calls, and runs a pass when somebody asks for one."""

    def __init__(self, settings: Settings, hire: Hire | None = None) -> None:
        self.settings, self._hire = settings, hire
        self.clock = SystemClock()
        self.started_at = self.clock.now()
        self.live, self.happenings = Live(self.clock), Happenings(self.clock)
        self.not_ready: tuple[str, ...] = ()
        self.archive_id = ""
        self._last: PassReport | None = None
        self._passes, self._asked = 0, 0
        self._entry: str | None = None
        self._ends = False
        self._world: World | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="loop")
        self._thread.start()
        assert self._ready.wait(30)
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        observer = Chorus(self.live, self.happenings)
        try:
            with open_world(self.settings, observer=observer, clock=self.clock, hire=self._hire) as world:
                self.archive_id, self._world = world.archive.id, world
                world.crew  # hired by this thread  # noqa: B018
                self._ready.set()
                while not self._ends:
                    if self._passes < self._asked:
                        self._last = reconcile_once(world, entry=self._entry, max_wait_seconds=0)
                        self._passes = self._asked
                        observer.passed(self._last)
                        self.happenings.tell("pass", "a pass ended", number=self._passes)
                    world.crew.attend(0.5)
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    def close(self) -> None:
        self._ends = True
        self._thread.join(20)

    def health(self) -> Health:
        running = self._passes < self._asked
        return Health(
            not_ready=self.not_ready,
            passes=self._passes,
            passing_since=self.started_at if running else None,
            last=self._last,
            last_success_at=self._last.ended_at if self._last else None,
            next_due_at=None,
            problems=(),
            quiet_seconds=0.0,
        )

    def report(self, number: int) -> PassReport | None:
        return self._last if number == self._passes else None

    def reading(self) -> AbstractContextManager[World]:
        return open_reading(self.settings, clock=self.clock)

    def ask(self, call: Callable[[World], T], *, timeout_seconds: float = ASK_TIMEOUT_SECONDS) -> T:
        world = self._world
        assert world is not None
        answer: Future[T] = Future()

        def serve() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(call(world))
            except BaseException as error:
                answer.set_exception(error)

        world.crew.post(serve)
        try:
            return answer.result(timeout_seconds)
        except TimeoutError:
            if answer.cancel():
                raise BusyError("the daemon is busy", cure="try again") from None
            return answer.result()

    def wake(self, why: str, *, entry: str | None = None, whole: bool = False, lists: bool = True) -> int:
        self._entry = entry
        self._asked = self._passes + 1
        assert self._world is not None
        self._world.crew.post(lambda: None)
        return self._asked

    def workers(self) -> tuple[WorkerState, ...]:
        return self._world.workers() if self._world else ()

    def metrics(self) -> bytes:
        return b"# HELP ytarchive_up Whether it is.\n# TYPE ytarchive_up gauge\nytarchive_up 1.0\n"


class Client:
    """Speaks to a server over TCP."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, method: str, path: str, *, signed: bool = True, **options: Any) -> requests.Response:
        headers = {
            **({"Authorization": f"Bearer {self.token}"} if signed else {}),
            **options.pop("headers", {}),
        }
        return self.session.request(method, self.url + path, headers=headers, timeout=30, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> requests.Response:
        return self("POST", path, json=body, **options)


QUICK = {
    "YTARCHIVE_LIMITS__VIDEOS_PER_HOUR": "0",
    "YTARCHIVE_LIMITS__PAUSE": "0s",
    "YTARCHIVE_LIMITS__EXTRACTIONS": "2",
    "YTARCHIVE_ARCHIVE__MIN_FREE": "0",
}


def settings_in(folder: Path, **environment: str) -> Settings:
    return settings_module.load(None, {**QUICK, **environment}, {}, folder)


@contextmanager
def served(office: SmallOffice, **options: Any) -> Iterator[tuple[Server, Client]]:
    state = office.settings.state.path
    options = {"listen": "127.0.0.1:0", "rates": PLENTY, **options}
    server = Server(office, socket=state / "daemon.sock", token=state / "token", **options)
    server.start()
    client = Client(
        server.url or "", (office.settings.server.token_file or state / "token").read_text().strip()
    )
    try:
        yield server, client
    finally:
        client.session.close()
        server.stop()


def offline(on_event: OnEvent) -> ThreadExecutor:
    """Workers that find everything private, at once."""

    def refuse(job: Job, _tell: OnEvent, _stop: threading.Event) -> Receipt:
        return Receipt(job.id, "failed", classify(Evidence("extract", "Private video")))

    return ThreadExecutor(refuse, 2, on_event=on_event)
