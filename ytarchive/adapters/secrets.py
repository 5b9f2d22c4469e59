"""What must not be told: the values of secrets that lie in files, so that they can be taken out of every line."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ytarchive.core.redaction import Redactor

_LOOK_SECONDS = 1.0
_SIZE_CAP_BYTES = 1024 * 1024
_SHORTEST_COOKIE = 8
_COOKIE_FIELDS = 7


@dataclass(frozen=True, slots=True)
class SecretPlaces:
    """Where secrets are: `files` hold nothing but one each, `cookies` are in Netscape format, `proxy` is an address."""

    files: tuple[Path, ...]
    cookies: tuple[Path, ...]
    proxy: str | None


class Secrets:
    """Call it for the `Redactor` of now. The files are looked at again when they change, at most once a second, and so
    is which they are: what was a secret once stays one as long as this lives."""

    def __init__(self, places: Callable[[], SecretPlaces]) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._looked_at = float("-inf")
        self._proxies: dict[str, None] = {}
        self._redactor = Redactor(())

    def __call__(self) -> Redactor:
        with self._lock:
            if time.monotonic() - self._looked_at >= _LOOK_SECONDS:
                self._look()
                self._looked_at = time.monotonic()
            return self._redactor

    def _look(self) -> None:
        places = self._places()
        seen = (places, *(_stamp(path) for path in (*places.files, *places.cookies)))
        if seen == self._seen:
            return
        self._seen = seen
        self._proxies.update(dict.fromkeys(_of_address(places.proxy)))
        values = [*self._proxies, *(text.strip() for path in places.files if (text := _text(path)))]
        for path in places.cookies:
            values.extend(_cookie_values(_text(path)))
        self._redactor = Redactor(values)


def _of_address(address: str | None) -> Iterator[str]:
    """User and password of a proxy, as they are written and as they are meant."""
    parts = urlsplit(address or "")
    for secret in (parts.password, None if parts.password else parts.username):
        if secret:
            yield secret
            yield unquote(secret)


def _cookie_values(text: str) -> Iterable[str]:
    fields = (line.split("\t") for line in text.splitlines())
    return [each[-1] for each in fields if len(each) == _COOKIE_FIELDS and len(each[-1]) >= _SHORTEST_COOKIE]


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _text(path: Path) -> str:
    """What a plain file holds; nothing when it cannot be read: then we cannot tell it either."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ""
            return file.read(_SIZE_CAP_BYTES).decode(errors="replace")
    except OSError:
        return ""
