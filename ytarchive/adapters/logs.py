"""Logging: structlog in front, the log store and standard error behind it, secrets taken out in between.

    with logging_through(store, level="info", stream=sys.stderr):
        structlog.get_logger("pass").info("pass 3 begins", pass_number=3)

A logger's name is the line's component; `job`, `video`, `entry`, `pass_number` and `trace_id` are the line's own fields, every
other word becomes its `data`. What libraries log by Python's own `logging` comes along from warnings on.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TextIO

import structlog

from ytarchive.adapters.log_store import LogStore
from ytarchive.core.log_record import LEVELS, Level, Record
from ytarchive.core.text import printable

_FIELDS = ("job", "video", "entry", "pass_number", "trace_id")
_NUMBERS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_LONGEST_LINE, _LONGEST_NAME = 2_000, 80
_LEVELS: Mapping[str, Level] = {"debug": "debug", "info": "info", "warn": "warning", "warning": "warning"}
_LEVELS = {**_LEVELS, **dict.fromkeys(("error", "exception", "critical", "fatal"), "error")}
_COLOURS: Mapping[Level, str] = {"debug": "2", "info": "0", "warning": "33", "error": "31"}


@contextmanager
def logging_through(
    store: LogStore,
    *,
    level: Level,
    form: str = "auto",
    stream: TextIO | None = None,
    trace_id: Callable[[], str | None] | None = None,
) -> Iterator[None]:
    """Set logging up for this process, until the block ends: to the store, and to `stream` where one is given.

    `form` is the setting `log.format`; `trace_id` tells the trace that the calling thread is in.
    """
    sink = Sink(store, stream, _form(form, stream), level, trace_id)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, sink],
        wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[level]),
        logger_factory=_named_logger,
        cache_logger_on_first_use=False,
    )
    bridge = _Bridge(sink)
    root = logging.getLogger()
    before = root.level
    root.addHandler(bridge)
    root.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.removeHandler(bridge)
        root.setLevel(before)
        structlog.reset_defaults()
        store.close()


class Sink:
    """structlog's last processor: one record from what was said, into the store and onto the stream."""

    def __init__(
        self,
        store: LogStore,
        stream: TextIO | None,
        form: Callable[[Record], str],
        level: Level,
        trace_id: Callable[[], str | None] | None = None,
    ) -> None:
        self._store = store
        self._stream = stream
        self._form = form
        self._least = LEVELS.index(level)
        self._trace_id = trace_id

    def __call__(self, logger: Any, method: str, said: MutableMapping[str, Any]) -> Mapping[str, Any]:
        own = {name: said.pop(name, None) for name in _FIELDS}
        component = str(said.pop("component", None) or getattr(logger, "name", "daemon"))
        text = "\n".join(str(part) for part in (said.pop("event", ""), said.pop("exception", "")) if part)
        self.tell(Record(time.time(), _level(method), component, text, **own, data=dict(said)))
        raise structlog.DropEvent

    def tell(self, record: Record) -> None:
        if LEVELS.index(record.level) < self._least:
            return
        if record.trace_id is None and self._trace_id is not None:
            record = _with_trace(record, self._trace_id())
        record = self._store.clean(record)
        self._store.append(record)
        if self._stream is not None:
            try:
                self._stream.write(self._form(record) + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                self._stream = None  # nobody reads it any more


class _Bridge(logging.Handler):
    """What libraries say by Python's logging."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._sink = sink
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            component = "api" if record.name.startswith(("uvicorn", "fastapi", "starlette")) else "python"
            told = Record(
                record.created,
                _level(record.levelname.lower()),
                component,
                self.format(record),
                data={"logger": record.name},
            )
            self._sink.tell(told)
        except Exception:
            self.handleError(record)


class _Named:
    """All that structlog needs of a logger: that it has a name. The sink writes."""

    def __init__(self, name: str) -> None:
        self.name = name

    def debug(self, *_: Any, **__: Any) -> None: ...

    info = warning = error = critical = exception = msg = debug


def _named_logger(*names: Any) -> _Named:
    return _Named(str(names[0]) if names and names[0] else "daemon")


def as_json(record: Record) -> str:
    """The line as it is in the files."""
    return json.dumps(record.document(), ensure_ascii=True, separators=(",", ":"))


def as_text(record: Record, *, colour: bool = False) -> str:
    """`2026-11-23 14:05:33 warning yt-dlp    [dQw4w9WgXcQ job-1] text`, by the clock on the wall here.

    Nothing in it steers a terminal. A text of several lines goes on indented.
    """
    clock = datetime.fromtimestamp(record.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    about = " ".join(
        printable(word, _LONGEST_NAME) for word in (record.entry, record.video, record.job) if word
    )
    lines = [printable(line, _LONGEST_LINE) for line in record.text.splitlines()] or [""]
    code = record.data.get("code")
    if code and str(code) not in record.text:
        lines[0] = f"{printable(str(code), _LONGEST_NAME)}: {lines[0]}"
    component = printable(record.component, _LONGEST_NAME)
    head = f"{clock} {record.level:<7} {component:<9} " + (f"[{about}] " if about else "")
    text = head + "\n    ".join(lines)
    return f"\x1b[{_COLOURS[record.level]}m{text}\x1b[0m" if colour else text


def _form(wanted: str, stream: TextIO | None) -> Callable[[Record], str]:
    """How lines look on a stream; `auto` is text on a terminal and JSON elsewhere."""
    is_terminal = stream is not None and stream.isatty()
    if wanted == "json" or (wanted == "auto" and not is_terminal):
        return as_json
    return partial(as_text, colour=is_terminal and not os.environ.get("NO_COLOR"))


def _level(name: str) -> Level:
    return _LEVELS.get(name, "info")


def _with_trace(record: Record, trace_id: str | None) -> Record:
    return record if trace_id is None else replace(record, trace_id=trace_id)
