"""Where the log of these settings is, and logging as they want it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog

from ytarchive import tracing
from ytarchive.adapters.log_store import Keep, LogStore
from ytarchive.adapters.logs import logging_through
from ytarchive.adapters.secrets import SecretPlaces, Secrets
from ytarchive.errors import YtarchiveError
from ytarchive.settings import Settings

FOLDER = "logs"
TOKEN = "token"  # noqa: S105 - the name of its file


def secrets_of(settings: Settings, now: Callable[[], Settings] | None = None) -> Secrets:
    """What must be told nowhere; `now` gives the settings of the moment, where they may change."""

    def places() -> SecretPlaces:
        current = now() if now is not None else settings
        named = (current.server.token_file, current.youtube.api_key_file)
        return SecretPlaces(
            files=(current.state.path / TOKEN, *(path for path in named if path is not None)),
            cookies=tuple(account.cookies_file for account in current.auth),
            proxy=current.network.proxy,
        )

    return Secrets(places)


def open_log(settings: Settings, now: Callable[[], Settings] | None = None) -> LogStore:
    """The log of these settings, for reading and for writing, with their secrets (those of `now`) kept out."""
    keep = Keep(settings.log.keep_seconds, settings.log.max_size_bytes)
    return LogStore(settings.state.path / FOLDER, keep=keep, redactor=secrets_of(settings, now))


@contextmanager
def logging_to(
    settings: Settings, stream: TextIO | None = None, now: Callable[[], Settings] | None = None
) -> Iterator[LogStore]:
    """Set logging up for this process until the block ends: to the log of these settings, and to `stream`.

    An exception that ends the block and is none of ours is logged with its place in the program.
    """
    store, log = open_log(settings, now), settings.log
    with logging_through(store, level=log.level, form=log.format, stream=stream, trace_id=tracing.trace_id):
        try:
            yield store
        except YtarchiveError:
            raise
        except Exception:
            structlog.get_logger("daemon").exception("ended by a fault")
            raise
