"""A running daemon, as the command line speaks to it: HTTP over its Unix socket, which only its own user may open.

Where it is stands in `<state>/daemon.json`; whether it is there, only its socket knows: a daemon that was killed leaves
both behind, and nobody answers.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from ytarchive.core.codec import MalformedValue, decode
from ytarchive.daemon.whereabouts import FILE_NAME, Whereabouts, settings_digest
from ytarchive.errors import BusyError, UsageError, YtarchiveError
from ytarchive.reconciler.happenings import Happening
from ytarchive.settings import Settings

ANSWER_SECONDS = 30.0
MOST_BYTES = 256 * 1024 * 1024
_LONGEST_SOCKET_PATH = 107
_NOBODY = (errno.ECONNREFUSED, errno.ENOENT, errno.ENOTSOCK, errno.ENOTDIR)
_AGAIN = "run the command again: what was begun goes on where it stopped"

T = TypeVar("T")


class DaemonGone(YtarchiveError):
    """The daemon was there, and ended before it answered."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon that answered."""

    where: Whereabouts

    def get(self, path: str, kind: type[T]) -> T:
        """Raise `YtarchiveError` as the daemon words it, `DaemonGone` when it ended."""
        return _decoded(self._ask("GET", path, None), kind)

    def post(self, path: str, body: dict[str, Any], kind: type[T]) -> T:
        return _decoded(self._ask("POST", path, body), kind)

    def events(self, since: int, seconds: float) -> Generator[Happening]:
        """What happened after that number, and happens in so many seconds. Ends sooner when the daemon closes it."""
        query = urlencode({"since": since, "seconds": seconds})
        connection = _Connection(self.where.socket, ANSWER_SECONDS)
        try:
            with self._telling():
                connection.request("GET", f"/api/v1/events?{query}", headers={"Accept": "text/event-stream"})
                answer = connection.getresponse()
                if answer.status != 200:
                    raise _refusal(answer.status, answer.read(MOST_BYTES))
            event: dict[str, str] = {}
            while line := self._line(answer):
                field, _, value = line.rstrip("\r\n").partition(":")
                if field:
                    event[field] = value.removeprefix(" ")
                elif not value:
                    yield from _happening(event)
                    event = {}
        finally:
            connection.close()

    def _line(self, answer: HTTPResponse) -> str:
        """The next line with its end; "" when there are no more."""
        with self._telling():
            return answer.readline(MOST_BYTES).decode(errors="replace")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> bytes:
        given = None if body is None else json.dumps(body).encode()
        headers = {} if given is None else {"Content-Type": "application/json"}
        connection = _Connection(self.where.socket, ANSWER_SECONDS)
        try:
            with self._telling():
                connection.request(method, path, body=given, headers=headers)
                answer = connection.getresponse()
                told = answer.read(MOST_BYTES)
        finally:
            connection.close()
        if answer.status >= 300:
            raise _refusal(answer.status, told)
        return told

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Trouble of the connection, in words."""
        try:
            yield
        except TimeoutError:
            raise BusyError(
                f"the daemon (process {self.where.pid}) has not answered for {ANSWER_SECONDS:.0f} s",
                cure="look at its log; `ytarchive status` reads beside it",
            ) from None
        except PermissionError:
            raise _not_ours(self.where) from None
        except (OSError, HTTPException):
            raise DaemonGone(
                f"the daemon (process {self.where.pid}) ended before it was done", cure=_AGAIN
            ) from None


def find_daemon(settings: Settings) -> Daemon | None:
    """The daemon that works for these settings; None when none runs.

    Raise `BusyError` for one that was started with other settings, `YtarchiveError` for one of another user.
    """
    where = _whereabouts(settings.state.path)
    if where is None or not _answers(where):
        return None
    if where.settings_digest != settings_digest(settings):
        raise BusyError(
            f"the daemon (process {where.pid}) works with other settings than this command",
            cure="give the command the settings that the daemon has (--config, environment, the same folder); after a "
            "change of the settings, restart the daemon",
        )
    return Daemon(where)


def _whereabouts(state: Path) -> Whereabouts | None:
    path = state / FILE_NAME
    try:
        return decode(Whereabouts, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, MalformedValue):
        return None
    except PermissionError:
        raise YtarchiveError(
            f"{path} may not be read: the daemon of this archive belongs to another user",
            cure="run this command as that user, such as: sudo -u ytarchive ytarchive ...",
        ) from None


def _answers(where: Whereabouts) -> bool:
    """Whether somebody listens: a killed daemon leaves its file and its socket behind."""
    connection = _Connection(where.socket, ANSWER_SECONDS)
    try:
        connection.connect()
    except PermissionError:
        raise _not_ours(where) from None
    except OSError as error:
        if error.errno in _NOBODY:
            return False
        raise BusyError(
            f"the daemon (process {where.pid}) cannot be reached: {error.strerror or error}",
            cure="look at its log, or restart it",
        ) from None
    finally:
        connection.close()
    return True


def _not_ours(where: Whereabouts) -> YtarchiveError:
    return YtarchiveError(
        f"{where.socket} may not be opened: the daemon of this archive belongs to another user",
        cure="run this command as that user, such as: sudo -u ytarchive ytarchive ...",
    )


class _Connection(HTTPConnection):
    """HTTP over a Unix socket. Who may open that needs no other proof."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = Path(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        with _short_name(self._path) as name:
            self.sock.connect(name)


@contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """A name for the same place that fits into the 107 bytes of a socket's address (unix(7)), wherever the folder is."""
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _decoded(told: bytes, kind: type[T]) -> T:
    try:
        return decode(kind, told)
    except MalformedValue as error:
        raise YtarchiveError(
            f"the daemon answered something that this version does not understand: {error}",
            cure="restart the daemon: it may be of another version than this command",
        ) from None


def _refusal(status: int, told: bytes) -> YtarchiveError:
    """A problem document (RFC 9457) as the error that it was."""
    try:
        problem = json.loads(told)
        detail, cure = str(problem["detail"]), problem.get("cure")
    except (ValueError, KeyError, TypeError, AttributeError):
        detail, cure = f"the daemon answers {status}", None
    cure = str(cure) if cure else None
    match status:
        case 401 | 403:
            return YtarchiveError(f"the daemon refuses: {detail}", cure=cure)
        case 404 | 409 | 422:
            return UsageError(detail, cure=cure)
        case 429 | 503:
            return BusyError(detail, cure=cure)
        case _:
            return YtarchiveError(detail, cure=cure)


def _happening(event: dict[str, str]) -> tuple[Happening, ...]:
    """A server-sent event (WHATWG HTML, 9.2): `event` is the kind, `id` the number, `data` one line of JSON with the
    `text`. What is not so is passed over."""
    try:
        data = dict(json.loads(event["data"]))
        return (Happening(int(event["id"]), 0, event["event"], str(data.get("text", "")), data),)
    except (ValueError, KeyError, TypeError):
        return ()
