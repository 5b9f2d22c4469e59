"""Prometheus metrics: a table of what is measured, and an observer that measures it."""

from ytarchive.metrics.meters import METERS, Meter
from ytarchive.metrics.metrics import NAMED_ENTRIES, Egress, Measured, Metrics
from ytarchive.metrics.textfile import write_textfile

__all__ = ["METERS", "NAMED_ENTRIES", "Egress", "Measured", "Meter", "Metrics", "write_textfile"]
