"""What one `reconcile --once` leaves for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ytarchive import __version__
from ytarchive.adapters.clock import SystemClock
from ytarchive.core.report import PassReport
from ytarchive.errors import YtarchiveError
from ytarchive.metrics import Metrics, write_textfile
from ytarchive.reconciler import Observer, World
from ytarchive.reconciler.measuring import measure
from ytarchive.reconciler.observer import Chorus


class MetricsFile:
    """Listens beside the terminal, and looks at the world before and after the pass."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._metrics = Metrics(__version__, SystemClock().now)
        self._is_whole = False

    def beside(self, observer: Observer) -> Observer:
        return Chorus(observer, self._metrics)

    def look(self, world: World) -> None:
        self._metrics.measured(measure(world))

    def passed(self, world: World, report: PassReport) -> None:
        self._metrics.passed(report)
        self.look(world)
        self._is_whole = True

    def broke(self, error: BaseException) -> None:
        self._metrics.broke(error)

    def write(self) -> None:
        write_textfile(self._path, self._metrics.text(of_process=False), is_whole=self._is_whole)


@contextmanager
def metrics_file(path: Path) -> Iterator[MetricsFile]:
    """Write the file when the pass has ended, however it did; the error of the pass is told before that of the file."""
    counted = MetricsFile(path)
    try:
        yield counted
    except BaseException as error:
        counted.broke(error)
        with suppress(YtarchiveError):
            counted.write()
        raise
    counted.write()
