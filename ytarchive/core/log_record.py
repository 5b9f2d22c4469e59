"""One line of the log, and which lines somebody wants to see.

A line is a JSON object that begins with `at` (UTC, milliseconds, always as long, so that text order is the order of
time), `level` and `component`; `job`, `video`, `entry`, `pass`, `trace_id` and `data` are there where they apply.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)

MOST_TEXT = 8_000
"""Characters of a line's text; a crash dump is longer than a sentence."""
MOST_DATA = 32
_MOST_WORD = 200
_MOST_VALUE = 2_000
_DEEPEST = 4
_ELLIPSIS = "…"
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
LINE_CAP_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """What happened at `at` (seconds since the epoch), told by `component`.

    Components: daemon, pass, manifests, list, download, worker, yt-dlp, ffmpeg, api, client, python. `data` is JSON.
    """

    at: float
    level: Level
    component: str
    text: str
    job: str | None = None
    video: str | None = None
    entry: str | None = None
    pass_number: int | None = None
    trace_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The line as JSON data, bounded in every part; what does not apply is left out."""
        named = {"job": self.job, "video": self.video, "entry": self.entry}
        told: dict[str, Any] = {
            "at": iso(self.at),
            "level": self.level,
            "component": _cut(self.component, _MOST_WORD),
            **{name: _cut(value, _MOST_WORD) for name, value in named.items() if value is not None},
        }
        if self.pass_number is not None:
            told["pass"] = self.pass_number
        if self.trace_id is not None:
            told["trace_id"] = _cut(self.trace_id, _MOST_WORD)
        told["text"] = _cut(self.text, MOST_TEXT)
        if self.data:
            told["data"] = _bounded(self.data, _DEEPEST)
        return told


def iso(at: float) -> str:
    """`0.25` gives `1970-01-01T00:00:00.250Z`. What no calendar holds becomes its first or last moment."""
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError):
        moment = _LAST if at > 0 else _FIRST
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def line_of(record: Record) -> bytes:
    """One line of JSON with its newline, of at most 64 KiB: `data` that does not fit is left out."""
    told = record.document()
    line = _json_line(told)
    return line if len(line) <= LINE_CAP_BYTES else _json_line({**told, "data": {"left_out": len(line)}})


def _json_line(told: Mapping[str, Any]) -> bytes:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", errors="replace") + b"\n"


def record_of(line: bytes) -> Record | None:
    """What `line_of` wrote; None for anything else, such as what a crash left of a line."""
    try:
        told = json.loads(line)
        at = datetime.fromisoformat(told["at"]).timestamp()
        level = told["level"]
        if level not in LEVELS:
            return None
        record = Record(
            at=at,
            level=level,
            component=str(told["component"]),
            text=str(told["text"]),
            job=_text(told, "job"),
            video=_text(told, "video"),
            entry=_text(told, "entry"),
            pass_number=told["pass"] if isinstance(told.get("pass"), int) else None,
            trace_id=_text(told, "trace_id"),
            data=told["data"] if isinstance(told.get("data"), dict) else {},
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return record


@dataclass(frozen=True, slots=True)
class Filter:
    """Lines of at least `level`, from `since` up to and not with `until`, that have every value that is given.

    `components`: any of these. `text` is looked for in the text and in `data`, whatever its case.
    """

    level: Level = "debug"
    components: tuple[str, ...] = ()
    job: str | None = None
    video: str | None = None
    entry: str | None = None
    pass_number: int | None = None
    since: float | None = None
    until: float | None = None
    text: str | None = None

    def admits(self, record: Record) -> bool:
        wanted = ("job", "video", "entry", "pass_number")
        told = {name: _cut_name(value) for name in wanted if (value := getattr(self, name)) is not None}
        return (
            LEVELS.index(record.level) >= LEVELS.index(self.level)
            and (not self.components or record.component in self.components)
            and all(getattr(record, name) == value for name, value in told.items())
            and (self.since is None or record.at >= self.since)
            and (self.until is None or record.at < self.until)
            and (self.text is None or _holds(record, self.text.casefold()))
        )

    def may_admit(self) -> Callable[[bytes], bool]:
        """A quick look at a line that `line_of` wrote: False only for what `admits` refuses as well."""
        needed = [
            f'"{name}":{json.dumps(_cut(value, _MOST_WORD), ensure_ascii=False)}'.encode(errors="replace")
            for name in ("job", "video", "entry")
            if (value := getattr(self, name)) is not None
        ]
        levels = [f'"level":"{level}"'.encode() for level in LEVELS[LEVELS.index(self.level) :]]

        def look(line: bytes) -> bool:
            return all(part in line for part in needed) and (
                len(levels) == len(LEVELS) or any(level in line[:80] for level in levels)
            )

        return look


def _holds(record: Record, sought: str) -> bool:
    if sought in record.text.casefold():
        return True
    return bool(record.data) and sought in json.dumps(record.data, ensure_ascii=False).casefold()


def _text(told: Mapping[str, Any], key: str) -> str | None:
    value = told.get(key)
    return value if isinstance(value, str) else None


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + _ELLIPSIS


def _cut_name(value: str | int) -> str | int:
    return _cut(value, _MOST_WORD) if isinstance(value, str) else value


def _bounded(value: Any, depth: int) -> Any:
    """JSON data of a bounded size, from anything."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    if isinstance(value, Mapping) and depth:
        first = list(value.items())[:MOST_DATA]
        return {_cut(str(key), _MOST_WORD): _bounded(each, depth - 1) for key, each in first}
    if isinstance(value, list | tuple) and depth:
        return [_bounded(each, depth - 1) for each in value[:MOST_DATA]]
    return _cut(str(value), _MOST_VALUE)
