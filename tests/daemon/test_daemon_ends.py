"""How a daemon ends, and what the next one finds: downloads are finished, or go on where they were stopped."""

from __future__ import annotations

import signal

from daemons import Daemon, alive, descendants, downloading

from ytarchive.simulator import WELL_KNOWN
from ytarchive.simulator.process import SimulatorProcess

LARGE = WELL_KNOWN["large"]  # minutes, at the speed of these tests
SLOW_BYTES_PER_SECOND = 6_000  # some seconds a video


def test_a_running_download_is_finished_before_a_daemon_ends(
    stopped: Daemon, youtube: SimulatorProcess
) -> None:
    youtube.add_fault("throttle", value=SLOW_BYTES_PER_SECOND, request="media")
    stopped.want("endsfinish1", "endsfinish2", "endsfinish3")  # of which two may run
    stopped.start()
    stopped.until(lambda: downloading(stopped))
    stopped.signal(signal.SIGTERM)
    assert stopped.ended() == 0
    finished = stopped.committed()
    assert 1 <= len(finished) <= 2, "what ran was finished, and nothing else was begun"
    assert not list(stopped.root.glob(".ytarchive/staging/*/out"))


def test_a_second_signal_stops_at_once_and_the_next_daemon_goes_on(
    stopped: Daemon, youtube: SimulatorProcess
) -> None:
    youtube.add_fault("throttle", value=50_000, request="media")
    stopped.want(LARGE)
    stopped.start()
    stopped.until(lambda: downloading(stopped))
    below = descendants(stopped.pid)
    assert below
    stopped.signal(signal.SIGTERM)
    stopped.until(lambda: stopped.get("/readyz").status == 503)  # it was heard; signals that wait are one
    stopped.signal(signal.SIGTERM)
    assert stopped.ended() == 0
    assert stopped.committed() == set()
    assert alive(below) == set()
    assert downloading(stopped), "what had come is kept"
    youtube.remove_faults()
    stopped.start()
    stopped.until(lambda: stopped.committed() == {LARGE})
    assert stopped.stop() == 0


def test_what_nobody_wants_any_more_is_stopped_and_what_is_wanted_goes_on(
    stopped: Daemon, youtube: SimulatorProcess
) -> None:
    youtube.add_fault("throttle", value=300, request="media")  # most of a minute
    stopped.want("endswanted1", "endswanted2")
    stopped.start()
    stopped.until(lambda: len(list(stopped.root.glob(".ytarchive/staging/*/lease.json"))) == 2)
    before = leases(stopped)
    stopped.want("endswanted1")
    stopped.until(
        lambda: any("endswanted2" in line and "cancelled" in line for line in stopped.log.splitlines())
    )
    assert leases(stopped)["endswanted1"] == before["endswanted1"], "it was not begun anew"
    stopped.until(lambda: stopped.get("/readyz").status == 200)
    assert not stopped.committed()


def leases(daemon: Daemon) -> dict[str, str]:
    return {
        path.parent.name: path.read_text() for path in daemon.root.glob(".ytarchive/staging/*/lease.json")
    }
