"""The manifests folder, watched: a hint that comes at once, and a slow look that misses nothing."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = (2.0, 60.0)
"""At most and at least so often; between them, a hundredth of the time is spent looking."""
DEBOUNCE_MILLISECONDS = 100


@contextmanager
def watched(
    folder: Path, changed: Callable[[], None], poll_seconds: tuple[float, float] = POLL_SECONDS
) -> Iterator[None]:
    """While this is entered, `changed` is called, from threads of its own, after anything below the folder changed."""
    stop, seen = threading.Event(), _Seen(folder)
    threads = [
        threading.Thread(
            target=_poll, args=(seen, changed, stop, poll_seconds), name="ytarchive-poll", daemon=True
        ),
        threading.Thread(
            target=_listen, args=(seen, changed, stop), name="ytarchive-watch-manifests", daemon=True
        ),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def fingerprint(folder: Path) -> str:
    """What the folder and its files look like from outside; symbolic links are followed as reading them would.

    A manifest's list (`videos_from`) lies beside it, so that every file counts.
    """
    told = hashlib.sha256()
    for parent, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith("."):
                continue
            path = Path(parent, name)
            try:
                found = path.stat()
                seen = (
                    f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
                )
            except OSError as error:
                seen = f"{error.errno}"
            told.update(f"{path}\0{seen}\0".encode(errors="surrogateescape"))
    return told.hexdigest()


class _Seen:
    """What was seen last, by whoever looked: a change that was told of is not told again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known: str | None = None

    def differs(self) -> bool:
        seen = fingerprint(self.folder)
        with self._lock:
            differs, self._known = seen != self._known, seen
        return differs


def _poll(
    seen: _Seen, changed: Callable[[], None], stop: threading.Event, seconds: tuple[float, float]
) -> None:
    while True:
        began = time.monotonic()
        if seen.differs():
            changed()
        pause = 100 * (time.monotonic() - began)
        if stop.wait(min(max(pause, seconds[0]), seconds[1])):
            return


def _listen(seen: _Seen, changed: Callable[[], None], stop: threading.Event) -> None:
    """Where the system tells of changes, hear of them; where it does not, the poll is all there is."""
    from watchfiles import watch

    while not stop.is_set():
        try:
            for _ in watch(
                seen.folder,
                watch_filter=None,
                debounce=DEBOUNCE_MILLISECONDS,
                step=20,
                rust_timeout=500,
                yield_on_timeout=True,
                stop_event=stop,
                raise_interrupt=False,
                force_polling=False,
            ):
                if seen.differs():
                    changed()
        except (OSError, RuntimeError):
            stop.wait(5.0)  # the folder is gone, or there are no watches left
