"""The daemon: wake, pass, sleep, for months."""

from ytarchive.daemon.station import run

__all__ = ["run"]
