"""Work that people see on the terminal and find in the log afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ytarchive.core.report import PassReport
    from ytarchive.reconciler import Observer
    from ytarchive.settings import Settings


class Logged:
    """What the terminal draws and the log keeps, as one observer; `passed` ends the pass in the log alone."""

    def __init__(self, drawn: Observer) -> None:
        from ytarchive.reconciler import Chorus
        from ytarchive.reconciler.log_lines import LogLines

        self._lines = LogLines()
        self.observer: Observer = Chorus(drawn, self._lines)

    def passed(self, report: PassReport) -> None:
        self._lines.passed(report)


@contextmanager
def logged(settings: Settings, drawn: Observer) -> Iterator[Logged]:
    """Log, and trace where that is set, until the block ends. The terminal belongs to what is drawn there: lines go to the log's files."""
    from ytarchive import __version__
    from ytarchive.reconciler.logs import logging_to
    from ytarchive.tracing import tracing_to

    with tracing_to(settings.tracing.endpoint, version=__version__), logging_to(settings):
        yield Logged(drawn)
