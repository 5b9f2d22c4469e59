"""Metrics as a file for the textfile collector of Prometheus' node exporter.

Each `reconcile --once` is a process of its own that counts from zero. So the counters of the file of before are carried on:
otherwise a rate over several runs would see each of them as a restart, and lose most of them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from ytarchive.errors import YtarchiveError
from ytarchive.metrics.meters import PREFIX

SIZE_CAP_BYTES = 4 * 1024 * 1024
_ADDED = ("counter", "histogram")
_KEPT = f"{PREFIX}last_success_timestamp_seconds"

_Key = tuple[str, tuple[tuple[str, str], ...]]


def write_textfile(path: Path, text: bytes, *, is_whole: bool = True) -> None:
    """Put the metrics into `path` (0644, replaced as a whole), with what the file counted before.

    `is_whole`: the pass came to its end; otherwise what the file says of books, disk and egresses stands. A file that is not ours to read counts for nothing. Raise `YtarchiveError` when it cannot be written.
    """
    families = text_string_to_metric_families(text.decode())
    try:
        _replace(path, generate_latest(_Families(_continued(families, _read(path), is_whole=is_whole))))
    except OSError as error:
        raise YtarchiveError(
            f"the metrics cannot be written to {path}: {error.strerror or error}",
            cure="name a file in a folder that exists and may be written (--metrics-file)",
        ) from None


class _Families(Collector):
    """Families that are rendered as they are."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _continued(families: Iterable[Metric], before: dict[_Key, Sample], *, is_whole: bool) -> Iterator[Metric]:
    for family in families:
        now = {_key(sample): sample for sample in family.samples}
        missing = _missing(family, now, before)
        if family.type in _ADDED:
            added = (
                s._replace(value=s.value + before[key].value) if key in before else s
                for key, s in now.items()
            )
            family.samples = [*added, *missing]
        elif not is_whole:
            family.samples = [*(before.get(key, sample) for key, sample in now.items()), *missing]
        elif family.name == _KEPT:
            family.samples = [*now.values(), *missing]
        yield family


def _missing(family: Metric, now: dict[_Key, Sample], before: dict[_Key, Sample]) -> list[Sample]:
    """What the file tells of this metric under labels that did not occur in this run."""
    names = {family.name + ending for ending in ("", "_total", "_bucket", "_sum", "_count")}
    return [sample for key, sample in before.items() if key[0] in names and key not in now]


def _read(path: Path) -> dict[_Key, Sample]:
    """The samples of our metrics in the file of before."""
    try:
        with path.open("rb") as opened:
            text = opened.read(SIZE_CAP_BYTES).decode()
        families = list(text_string_to_metric_families(text))
    except (OSError, ValueError):
        return {}
    ours = (family for family in families if family.name.startswith(PREFIX))
    return {_key(sample): sample for family in ours for sample in family.samples}


def _key(sample: Sample) -> _Key:
    return sample.name, tuple(sorted(sample.labels.items()))


def _replace(path: Path, text: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(text)
            os.fchmod(descriptor, 0o644)  # another user's exporter reads it
            opened.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
