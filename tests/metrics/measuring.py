"""What tests of metrics share: reading the text format, promtool, and values of a pass."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ytarchive.core.plan import Books, Ledger
from ytarchive.core.report import Done, PassReport
from ytarchive.metrics import Metrics

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
NOON = 1_790_000_000
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")

Samples = dict[tuple[str, tuple[str, ...]], float]


def promtool(*arguments: str, text: bytes | None = None) -> str:
    """What promtool says; it must have no objection."""
    assert PROMTOOL
    done = subprocess.run([PROMTOOL, *arguments], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode() + done.stderr.decode()


def samples(text: bytes | str) -> Samples:
    """Every sample by its name, without our prefix, and the values of its labels in their order by name."""
    text = text if isinstance(text, str) else text.decode()
    return {
        (
            one.name.removeprefix("ytarchive_"),
            tuple(value for _, value in sorted(one.labels.items())),
        ): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


class Watch:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.time = float(NOON)

    def __call__(self) -> float:
        return self.time


def metrics(watch: Watch) -> Metrics:
    return Metrics("0.1.0", watch)


def report(*, entries: dict[str, Books] | None = None, **rest: object) -> PassReport:
    """A pass of one minute over these books."""
    books = entries or {}
    total = Books(
        have=sum(one.have for one in books.values()), blocked=sum(one.blocked for one in books.values())
    )
    return PassReport(NOON, NOON + 60, Ledger(total=total, entries=books), Done(), **rest)  # type: ignore[arg-type]
