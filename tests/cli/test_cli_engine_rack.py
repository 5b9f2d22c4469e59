"""Folders of engines: all or nothing after a crash, never removed while in use, and a choice that cannot break a start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from engine_shop import CURRENT, fill, hollow, put

from ytarchive.adapters.archive import Disk
from ytarchive.adapters.engines import Rack, go_back, pin, unpin, upgrade
from ytarchive.adapters.executor import LocalExecutor, Outfit
from ytarchive.core.engines import BUILT_IN, Choice, normal, switched
from ytarchive.core.job import Event, Job, Receipt
from ytarchive.errors import BusyError, UsageError, YtarchiveError

OLD, MIDDLE, NEW = "2099.1.1", "2099.2.1", "2099.3.1"
FAKE_WORKER = Path(__file__).parents[1] / "executor" / "fake_worker.py"
PATIENCE_SECONDS = 30


@pytest.fixture
def rack(tmp_path: Path) -> Rack:
    return Rack(tmp_path / "state")


def quiet(_: str) -> None:
    pass


def take(rack: Rack, version: str) -> tuple[str, ...]:
    return upgrade(rack, version, quiet).removed


def folders(rack: Rack) -> set[str]:
    return {path.name for path in rack.folder.iterdir() if path.is_dir()}


def test_a_state_folder_without_engines_has_the_built_in_one(rack: Rack) -> None:
    assert (rack.in_force(), rack.installed(), rack.built_in) == (BUILT_IN, {}, normal(CURRENT))
    with rack.lend() as outfit:
        assert outfit == Outfit()
    assert not rack.folder.exists()


def test_two_engines_are_kept_and_rollback_goes_to_and_fro(rack: Rack) -> None:
    for version in (OLD, MIDDLE, NEW):
        put(rack, version)
        take(rack, version)
    assert rack.in_force() == NEW
    assert folders(rack) == {MIDDLE, NEW}
    assert list(rack.installed()) == [NEW, MIDDLE]
    assert [go_back(rack).now, go_back(rack).now] == [MIDDLE, NEW]
    assert folders(rack) == {MIDDLE, NEW}


def test_the_built_in_version_needs_no_folder(rack: Rack) -> None:
    put(rack, NEW)
    take(rack, NEW)
    change = upgrade(rack, CURRENT, quiet)
    assert (change.before, change.now, change.installed) == (NEW, BUILT_IN, False)
    assert folders(rack) == {NEW}


def test_what_is_pinned_stays_until_it_is_unpinned(rack: Rack) -> None:
    put(rack, OLD)
    assert pin(rack, OLD, quiet).now == OLD
    for refused in (lambda: upgrade(rack, NEW, quiet), lambda: go_back(rack)):
        with pytest.raises(YtarchiveError, match=f"pinned to {OLD}") as error:
            refused()
        assert error.value.cure == "allow another with `ytarchive engine unpin`"
    assert rack.in_force() == OLD
    assert unpin(rack).changed
    put(rack, NEW)
    assert upgrade(rack, NEW, quiet).now == NEW


def test_the_engine_in_use_can_be_pinned_without_naming_it(rack: Rack) -> None:
    change = pin(rack, None, quiet)
    assert (change.now, change.pinned, rack.choice().pinned) == (BUILT_IN, True, True)


def test_there_may_be_nothing_to_go_back_to(rack: Rack) -> None:
    with pytest.raises(YtarchiveError, match="no engine to go back to"):
        go_back(rack)


def test_going_back_to_what_somebody_removed_names_the_cure(rack: Rack) -> None:
    for version in (OLD, NEW):
        put(rack, version)
        take(rack, version)
    (rack.folder / OLD / "engine.json").unlink()
    with pytest.raises(YtarchiveError, match=f"{OLD} is not there any more") as error:
        go_back(rack)
    assert error.value.cure == f"install it again: `ytarchive engine upgrade {OLD}`"
    assert rack.in_force() == NEW


@pytest.mark.parametrize("version", ["", "..", "../../etc", "newest", "2026"])
def test_what_is_no_version_is_wrong_usage(rack: Rack, version: str) -> None:
    with pytest.raises(UsageError, match="expected one of yt-dlp"):
        upgrade(rack, version, quiet)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"engine": "../.."}', b'{"engine": 5}', b'{"format": 2, "engine": "2099.1.1"}']
)
def test_a_choice_that_cannot_be_read_leaves_the_built_in_engine(rack: Rack, content: bytes) -> None:
    put(rack, OLD)
    (rack.folder / "choice.json").write_bytes(content)
    assert (rack.choice_as_written(), rack.in_force()) == (None, BUILT_IN)


def test_two_changes_at_once_are_refused(rack: Rack) -> None:
    with rack.changing(), pytest.raises(BusyError), Rack(rack.folder.parent).changing():
        pass


def test_an_engine_in_use_is_removed_by_the_first_change_after_its_use(rack: Rack) -> None:
    for version in (OLD, MIDDLE):
        put(rack, version)
        take(rack, version)
    put(rack, NEW)
    with rack.use(OLD) as descriptor:
        assert descriptor is not None
        assert take(rack, NEW) == ()
    assert folders(rack) == {OLD, MIDDLE, NEW}
    assert go_back(rack).removed == (OLD,)
    assert folders(rack) == {MIDDLE, NEW}


def test_an_engine_that_is_being_removed_is_not_lent(rack: Rack) -> None:
    put(rack, OLD)
    take(rack, OLD)
    holder = f"import fcntl, os, sys; fd = os.open({str(rack.folder / OLD)!r}, os.O_RDONLY); fcntl.flock(fd, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        with rack.lend() as outfit:
            assert outfit.engine == BUILT_IN
        process.communicate()


def deadly(step: int) -> Disk:
    """A disk that kills this process before its effect number `step`."""
    steps = iter(range(step))

    def count(_kind: str, _path: Path) -> None:
        if next(steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    return Disk(step=count)


def killed_at(state: Path, step: int) -> bool:
    """Install and choose an engine in a process that is killed at a step; whether it was."""
    child = os.fork()
    if child == 0:
        try:
            rack = Rack(state, deadly(step))
            with rack.changing(), rack.making() as made:
                fill(made, 2)
                rack.put_in_place(made, hollow(NEW))
                rack.choose(switched(rack.choice(), OLD, NEW, built_in=rack.built_in, at=1, pinned=False))
            os._exit(0)
        finally:
            os._exit(9)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_at_any_step_the_old_or_the_new_engine_is_whole_and_nothing_else_is_left(
    tmp_path: Path,
) -> None:
    step, engines = 0, set()
    while True:
        state = tmp_path / str(step)
        rack = Rack(state)
        put(rack, OLD)
        take(rack, OLD)
        killed = killed_at(state, step)
        engines.add(rack.in_force())
        assert rack.in_force() in (OLD, NEW)
        for version in rack.installed():
            assert {path.name for path in (rack.folder / version).rglob("*.py")} == {"0.py", "1.py"}
        unpin(rack)  # any change removes what was left
        assert folders(rack) <= {OLD, NEW}
        if not killed:
            break
        step += 1
    assert step > 8
    assert engines == {OLD, NEW}


def engine_of(receipt: Receipt) -> list[str]:
    """The arguments that the worker of a job was started with."""
    assert receipt.metadata
    pid = receipt.metadata.title.split()[-1]
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return [word for word in words if word.startswith("/") and "engines" in word]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_a_running_job_ends_undisturbed_and_the_next_ones_have_the_new_engine(rack: Rack) -> None:
    for version in (OLD, MIDDLE):
        put(rack, version)
        take(rack, version)
    began = threading.Event()

    def on_event(event: Event) -> None:
        if event.job == "long":
            began.set()

    command = [sys.executable, str(FAKE_WORKER), ""]
    with LocalExecutor(2, on_event=on_event, command=command, engines=rack) as pool:

        def run(name: str) -> list[str]:
            return engine_of(pool.submit(Job(name, "fetch", "done")).result(PATIENCE_SECONDS))

        assert run("before") == [str(rack.folder / MIDDLE)]
        long = pool.submit(Job("long", "fetch", "wait"))
        assert began.wait(PATIENCE_SECONDS)
        put(rack, NEW)
        take(rack, NEW)
        go_back(rack)  # the engine of the long job is in force again, and then it is not
        upgrade(rack, CURRENT, quiet)
        assert folders(rack) == {MIDDLE}
        assert run("after") == []
        put(rack, NEW)
        assert upgrade(rack, NEW, quiet).removed == ()  # the long job's worker still holds its own
        assert run("later") == [str(rack.folder / NEW)]
        assert not long.done()
        pool.cancel("long")
        assert long.result(PATIENCE_SECONDS).outcome == "cancelled"
    assert rack.choice() != Choice()
    assert go_back(rack).removed == (MIDDLE,)
