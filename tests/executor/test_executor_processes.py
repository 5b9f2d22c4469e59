"""Real processes that die, hang, shout and lie: each job ends with a receipt, and nothing is left behind."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from executor_stages import FAKE_WORKER, PATIENCE_SECONDS, QUICK, LocalStage, exists, until_gone, until_reaped

from ytarchive.adapters.executor import Limits, LocalExecutor
from ytarchive.core.job import Event, Job, Known, Network, Receipt
from ytarchive.errors import WorkerError

MakeLocal = Callable[..., LocalStage]
HASTY = replace(QUICK, rest_seconds=0)


def why(receipt: Receipt) -> str:
    assert receipt.outcome == "failed"
    assert receipt.failure
    assert receipt.failure.code == "WORKER_DIED"
    assert receipt.failure.kind == "transient"
    assert receipt.failure.evidence.stage == "worker"
    return receipt.failure.evidence.message


def pid_of(receipt: Receipt) -> str:
    assert receipt.metadata
    return receipt.metadata.title


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("die:3", "stopped talking and exited with status 3; its last words: out of luck."),
        ("killed", "stopped talking and was ended by signal 9 (Killed)"),
        ("garbage", "wrote what is no message (the line: not JSON): b'Traceback (most recent call last):'"),
        ("binary", "wrote what is no message"),
        ("oversized", "wrote a line of more than 4194304 bytes"),
        ("stranger", "answered what nobody asked (receipt)"),
        ("hello", "answered what nobody asked (hello)"),
        ("orphan", "stopped talking and exited with status 7"),
    ],
)
def test_a_broken_worker_fails_its_job_and_is_replaced(local: MakeLocal, subject: str, message: str) -> None:
    stage = local(1)
    assert message in why(stage.run(subject))
    assert stage.run("done").outcome == "done"


def test_a_silent_worker_fails_its_job_and_is_replaced(local: MakeLocal) -> None:
    stage = local(1, limits=replace(QUICK, silence_seconds=2))
    assert "said nothing for 2 seconds" in why(stage.run("deaf"))
    assert stage.run("done").outcome == "done"


@pytest.mark.parametrize("start", ["closed-input", "reads-nothing"])
def test_a_worker_that_reads_nothing_fails_its_job(local: MakeLocal, start: str) -> None:
    stage = local(1, start=start, limits=replace(QUICK, silence_seconds=0.3))
    assert "said nothing for 0.3 seconds" in why(stage.settle(stage.executor.submit(large("done"))))


def test_a_worker_may_be_silent_while_it_has_nothing_to_do(local: MakeLocal) -> None:
    stage = local(1, limits=replace(QUICK, silence_seconds=1.5))
    first = stage.run("done")
    threading.Event().wait(2)
    assert pid_of(stage.run("done")) == pid_of(first)


def test_a_flood_on_stderr_holds_nobody_up(local: MakeLocal) -> None:
    assert local(1).run("flood").outcome == "done"


def test_a_line_just_below_the_cap_is_read(local: MakeLocal) -> None:
    stage = local(1)
    assert stage.run("long").outcome == "done"
    assert len(stage.event().data["text"]) > 4_000_000


def test_what_a_newer_worker_says_beside_the_known_is_skipped(local: MakeLocal) -> None:
    stage = local(1)
    assert stage.run("future").outcome == "done"
    assert [stage.event().kind, stage.events.empty()] == ["sparkle", True]


def large(subject: str, ids: int = 200_000) -> Job:
    """A job of 14 bytes for each id; a line holds 4 MiB, a pipe 64 KiB."""
    return Job("job", "list", subject, known=Known(tuple(f"{number:011}" for number in range(ids)), ids))


def test_a_job_larger_than_a_pipe_reaches_its_worker(local: MakeLocal) -> None:
    stage = local(1)
    assert stage.settle(stage.executor.submit(large("done"))).outcome == "done"


def test_a_job_too_large_for_a_line_is_told_by_its_future(local: MakeLocal) -> None:
    stage = local(1)
    with pytest.raises(ValueError, match="a job of"):
        stage.settle(stage.executor.submit(large("done", ids=400_000)))
    assert stage.run("done").outcome == "done"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_a_pool_that_waits_uses_no_processor(local: MakeLocal) -> None:
    strangers = set(os.listdir("/proc/self/task"))  # noqa: PTH208
    stage = local(2, limits=Limits())
    futures = [
        stage.executor.submit(large("wait")),
        stage.executor.submit(Job("small", "fetch", "wait")),
    ]
    for _ in futures:
        stage.event()
    threads = set(os.listdir("/proc/self/task")) - strangers  # noqa: PTH208
    before = sum(wakings(thread) for thread in threads)
    threading.Event().wait(0.5)
    assert threads
    assert sum(wakings(thread) for thread in threads) - before < 20
    for job_id in ("job", "small"):
        stage.executor.cancel(job_id)


def wakings(thread: str) -> int:
    """How often a thread of ours gave the processor back: one that polls does so all the time."""
    lines = Path(f"/proc/self/task/{thread}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)


def test_a_pool_may_grow_and_shrink_while_it_works(local: MakeLocal) -> None:
    stage = local(1)
    first, second = (stage.executor.submit(Job(name, "fetch", "wait")) for name in ("first", "second"))
    stage.event()
    stage.executor.resize(2)
    assert stage.executor.free_slots() == 0
    stage.executor.cancel("second")
    stage.settle(second)  # it had waited for the one slot
    third = stage.executor.submit(Job("third", "fetch", "wait"))
    assert stage.event().job == "third"
    stage.executor.resize(1)
    assert stage.executor.free_slots() == 0
    for name, future in (("first", first), ("third", third)):
        stage.executor.cancel(name)
        stage.settle(future)
    assert stage.executor.free_slots() == 1
    with pytest.raises(ValueError, match="at least one slot"):
        stage.executor.resize(0)


def test_one_worker_takes_one_job_after_the_other(local: MakeLocal) -> None:
    stage = local(3)
    assert len({pid_of(stage.run("done")) for _ in range(5)}) == 1


@pytest.mark.parametrize("subject", ["late", "done"])
def test_a_late_heartbeat_costs_no_worker(local: MakeLocal, subject: str) -> None:
    stage = local(1)
    first = stage.run(subject)
    assert [pid_of(stage.run("done")) for _ in range(3)] == [pid_of(first)] * 3


def test_an_answer_that_nobody_asked_for_costs_the_worker(local: MakeLocal) -> None:
    stage = local(1)
    pid = int(pid_of(stage.run("twice")).removeprefix("pid "))
    until_gone(pid)
    assert stage.run("done").outcome == "done"


def test_a_worker_that_leaves_between_jobs_is_reaped_and_replaced(local: MakeLocal) -> None:
    stage = local(1)
    pid = int(pid_of(stage.run("leave")).removeprefix("pid "))
    until_reaped(pid)
    assert stage.run("done").outcome == "done"


@pytest.mark.parametrize("lost", ["first", "second"])
def test_a_worker_that_is_ready_is_taken_before_another_is_started(local: MakeLocal, lost: str) -> None:
    stage = local(2)
    futures, pids = {}, {}
    for job_id in ("first", "second"):
        futures[job_id] = stage.executor.submit(Job(job_id, "fetch", "wait"))
        pids[job_id] = stage.event().data["pid"]
    stage.executor.cancel(lost)
    stage.settle(futures.pop(lost))
    stage.run("leave")
    until_reaped(pids.pop(lost))
    ((kept, future),) = futures.items()
    stage.executor.cancel(kept)
    stage.settle(future)
    assert pid_of(stage.run("done")) == f"pid {pids[kept]}"


@pytest.mark.parametrize("limits", [replace(QUICK, jobs_per_worker=2), replace(QUICK, worker_bytes=1)])
def test_a_worn_out_worker_is_replaced(local: MakeLocal, limits: Limits) -> None:
    stage = local(1, limits=limits)
    pids = [pid_of(stage.run("done")) for _ in range(4)]
    assert len(set(pids)) == 4 // (2 if limits.jobs_per_worker == 2 else 1)


def test_a_worker_sees_our_environment_and_what_is_added(
    local: MakeLocal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_US", "here")
    stage = local(1, environment={"ADDED": "there"})
    assert [pid_of(stage.run(f"environment:{name}")) for name in ("FROM_US", "ADDED")] == ["here", "there"]


@pytest.mark.parametrize(("subject", "outcome"), [("wait:done", "done"), ("wait:failed", "cancelled")])
def test_what_was_done_when_the_cancel_came_is_done(local: MakeLocal, subject: str, outcome: str) -> None:
    stage = local(1)
    future = stage.executor.submit(Job("job", "fetch", subject))
    stage.event()
    stage.executor.cancel("job")
    receipt = stage.settle(future)
    assert (receipt.outcome, receipt.failure) == (outcome, None)


def test_a_worker_that_obeys_is_kept(local: MakeLocal) -> None:
    stage = local(1)
    future = stage.executor.submit(Job("job", "fetch", "wait"))
    pid = stage.event().data["pid"]
    stage.executor.cancel("job")
    stage.settle(future)
    assert pid_of(stage.run("done")) == f"pid {pid}"


def test_a_cancelled_job_takes_the_children_of_its_worker_along(local: MakeLocal) -> None:
    stage = local(1)
    future = stage.executor.submit(Job("job", "fetch", "deaf:child"))
    data = stage.event().data
    stage.executor.cancel("job")
    assert stage.settle(future).outcome == "cancelled"
    assert not exists(data["pid"])
    until_gone(data["child"])


def test_a_dead_worker_leaves_no_child(local: MakeLocal) -> None:
    stage = local(1)
    why(stage.run("orphan"))
    until_gone(stage.event().data["child"])


def test_a_listener_that_raises_ends_the_job_not_the_pool() -> None:
    def on_event(event: Event) -> None:
        raise LookupError(event.job)

    with LocalExecutor(
        1, on_event=on_event, command=[sys.executable, str(FAKE_WORKER)], limits=QUICK
    ) as pool:
        with pytest.raises(LookupError, match="first"):
            pool.submit(Job("first", "fetch", "done")).result(PATIENCE_SECONDS)
        assert pool.submit(Job("second", "fetch", "fail")).result(PATIENCE_SECONDS).outcome == "failed"


def test_the_pool_may_be_closed_from_a_listener() -> None:
    pool: LocalExecutor

    def on_event(event: Event) -> None:
        pool.close()

    pool = LocalExecutor(1, on_event=on_event, command=[sys.executable, str(FAKE_WORKER)], limits=QUICK)
    assert pool.submit(Job("job", "fetch", "wait")).result(PATIENCE_SECONDS).outcome == "cancelled"
    pool.close()


# Start-up


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("die", "stopped talking and exited with status 4; its last words: cannot import the engine"),
        ("hang", "was not ready after 0.2 seconds"),
        ("garbage", "wrote what is no message"),
        ("event", "began with event instead of hello"),
        ("other-version", "speaks version 99 of the protocol, not 1"),
    ],
)
def test_workers_that_never_become_ready_are_not_started_for_ever(
    local: MakeLocal, start: str, message: str
) -> None:
    limits = replace(QUICK, start_seconds=0.2 if start == "hang" else PATIENCE_SECONDS)
    stage = local(2, start=start, limits=limits)
    for job_id in ("first", "second"):
        with pytest.raises(WorkerError) as caught:
            stage.run("done", job_id)
        assert "after 3 attempts in a row" in caught.value.message
        assert message in caught.value.message
        assert "ytarchive doctor" in (caught.value.cure or "")


def test_too_few_open_files_are_told_with_a_cure(local: MakeLocal) -> None:
    stage = local(1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(WorkerError, match="no room for worker 1 of 1") as caught:
            stage.executor.submit(Job("job", "fetch", "done"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "ulimit -n" in (caught.value.cure or "")
    assert stage.run("done").outcome == "done"


def test_a_command_that_does_not_exist_is_told_with_its_name() -> None:
    with LocalExecutor(1, on_event=print, command=["/nonexistent/worker"], limits=QUICK) as pool:
        future = pool.submit(Job("job", "fetch", "done"))
        with pytest.raises(WorkerError, match=r"/nonexistent/worker: No such file or directory"):
            future.result(PATIENCE_SECONDS)


def test_after_a_rest_a_start_is_tried_again(tmp_path: Path) -> None:
    worker = tmp_path / "worker"
    with LocalExecutor(1, on_event=print, command=[str(worker)], limits=HASTY) as pool:
        with pytest.raises(WorkerError):
            pool.submit(Job("first", "fetch", "done")).result(PATIENCE_SECONDS)
        worker.write_text(f"#!/bin/sh\nexec {sys.executable} {FAKE_WORKER}\n")
        worker.chmod(0o755)
        assert pool.submit(Job("second", "fetch", "done")).result(PATIENCE_SECONDS).outcome == "done"


def test_failed_starts_count_only_in_a_row(tmp_path: Path) -> None:
    worker, count = tmp_path / "worker", tmp_path / "count"
    worker.write_text(
        f"#!/bin/sh\necho >> {count}\n"
        f"[ $(wc -l < {count}) -ge 3 ] && rm {count} && exec {sys.executable} {FAKE_WORKER}\nexit 1\n"
    )
    worker.chmod(0o755)
    with LocalExecutor(1, on_event=lambda _: None, command=[str(worker)], limits=QUICK) as pool:
        for number in range(3):
            receipt = pool.submit(Job(str(number), "fetch", "die:1")).result(PATIENCE_SECONDS)
            assert "exited with status 1" in why(receipt)


def test_a_job_is_cancelled_while_its_worker_starts(local: MakeLocal) -> None:
    stage = local(1, start="hang", limits=replace(QUICK, start_seconds=PATIENCE_SECONDS))
    future = stage.executor.submit(Job("job", "fetch", "done"))
    stage.executor.cancel("job")
    assert stage.settle(future).outcome == "cancelled"


# Nothing is left


def open_files() -> Counter[str]:
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
    return Counter(str(link.readlink()) for link in links if link.is_symlink())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_a_closed_pool_leaves_no_process_no_thread_and_no_open_file() -> None:
    threads, files = set(threading.enumerate()), open_files()
    stage = LocalStage(4)
    for number, subject in enumerate(["done", "die:1", "garbage", "wait", "deaf:child", "done", "wait"]):
        stage.executor.submit(Job(str(number), "fetch", subject))
    pids: set[int] = set()
    child = 0
    while not child or stage.executor.free_slots() > 1:
        data = stage.event().data
        pids.add(data["pid"])
        child = data.get("child") or child

    stage.executor.close()

    assert not [pid for pid in pids if exists(pid)]
    until_gone(child)
    assert set(threading.enumerate()) == threads
    assert not open_files() - files


def test_an_idle_worker_is_asked_to_leave(local: MakeLocal, tmp_path: Path) -> None:
    goodbye = tmp_path / "goodbye"
    stage = local(
        1, environment={"GOODBYE_FILE": str(goodbye)}, limits=Limits(grace_seconds=PATIENCE_SECONDS)
    )
    stage.run("done")
    stage.executor.close()
    assert goodbye.exists()


def test_an_idle_worker_that_will_not_quit_is_ended(local: MakeLocal) -> None:
    stage = local(1, start="stay")
    pid = int(pid_of(stage.run("done")).removeprefix("pid "))
    stage.executor.close()
    assert not exists(pid)


PARENT = """
import os
import sys
from ytarchive.adapters.executor import LocalExecutor
from ytarchive.core.job import Job

def tell(event):
    os.write(1, b"%d\\n" % event.data["pid"])

pool = LocalExecutor(3, on_event=tell, command=sys.argv[1:])
for number in range(3):
    pool.submit(Job(str(number), "fetch", "wait"))
pool.submit(Job("last", "fetch", "wait")).result()
"""


def test_a_killed_parent_takes_its_workers_along() -> None:
    command = [sys.executable, "-c", PARENT, sys.executable, str(FAKE_WORKER)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pids = [int(parent.stdout.readline()) for _ in range(3)]
        parent.send_signal(signal.SIGKILL)
    until_gone(*pids)


def test_a_worker_is_not_hit_by_what_the_terminal_sends(local: MakeLocal) -> None:
    stage = local(1)
    future = stage.executor.submit(Job("job", "fetch", "wait"))
    pid = stage.event().data["pid"]
    assert os.getsid(pid) == os.getpgid(pid) == pid
    stage.executor.cancel("job")
    stage.settle(future)


def test_the_worker_of_the_product_starts_answers_and_leaves() -> None:
    with socket.socket() as nobody, LocalExecutor(1, on_event=lambda _: None) as pool:
        nobody.bind(("127.0.0.1", 0))  # and does not listen: every connection is refused
        network = Network(proxy=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        receipt = pool.submit(Job("job", "probe", "dQw4w9WgXcQ", network=network)).result(PATIENCE_SECONDS)
    assert receipt.failure
    assert receipt.failure.code == "PROXY"


def logged(events: list[Event], level: str) -> list[Event]:
    return [event for event in events if event.kind == "log" and event.data["level"] == level]


def told(stage: LocalStage) -> list[Event]:
    return list(stage.events.queue)


@pytest.mark.parametrize(
    ("subject", "ending", "words"),
    [("die:3", "exited with status 3", "out of luck"), ("killed", "was ended by signal 9 (Killed)", "")],
)
def test_the_end_of_a_worker_is_an_error_in_the_log_that_names_its_job(
    local: MakeLocal, subject: str, ending: str, words: str
) -> None:
    stage = local(1)
    stage.run(subject, "job-of-the-dead")
    (event,) = logged(told(stage), "error")
    assert event.job == "job-of-the-dead"
    assert event.data["ending"] == ending
    assert event.data["pid"] > 1
    first, *rest = event.data["text"].splitlines()
    assert f"job-of-the-dead (fetch {subject}) stopped talking and {ending}" in first
    assert rest == ([words] if words else [])


def test_a_worker_that_cannot_start_is_told_of_in_the_log_of_the_job_that_needs_it(local: MakeLocal) -> None:
    stage = local(1, start="die", limits=HASTY)
    with pytest.raises(WorkerError):
        stage.run("done", "job-that-waits")
    assert {event.job for event in logged(told(stage), "error")} == {"job-that-waits"}
    assert "cannot import the engine" in logged(told(stage), "error")[0].data["text"]


def test_a_flood_on_stderr_is_none_in_the_log(local: MakeLocal) -> None:
    stage = local(1)
    stage.run("flood")
    warnings = logged(told(stage), "warning")
    assert 0 < len(warnings) <= 50
    assert all(len(event.data["text"]) < 60_000 for event in warnings)


def test_whoever_listens_badly_to_the_log_keeps_no_dead_worker_s_job_from_its_receipt() -> None:
    def refuse(event: Event) -> None:
        if event.kind == "log":
            raise RuntimeError("not listening")

    with LocalExecutor(1, on_event=refuse, command=[sys.executable, str(FAKE_WORKER)], limits=QUICK) as pool:
        receipt = pool.submit(Job("job", "fetch", "die:3")).result(PATIENCE_SECONDS)
    assert "exited with status 3" in why(receipt)


def test_a_crash_of_the_product_s_worker_leaves_its_place_in_the_program_in_the_log() -> None:
    events: list[Event] = []
    with socket.socket() as nobody, LocalExecutor(1, on_event=events.append) as pool:
        nobody.bind(("127.0.0.1", 0))
        nobody.listen()
        nobody.settimeout(PATIENCE_SECONDS)
        network = Network(proxy=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        future = pool.submit(Job("job-crash", "probe", "dQw4w9WgXcQ", network=network))
        asking, _ = nobody.accept()  # and never answers: the job is in the middle of a request
        children = [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
        (worker,) = [int(pid) for pids in children for pid in pids if b"ytarchive.worker" in command_of(pid)]
        os.kill(worker, signal.SIGSEGV)
        receipt = future.result(PATIENCE_SECONDS)
        asking.close()
    assert "signal 11 (Segmentation fault)" in why(receipt)
    (dump,) = logged(events, "error")
    assert dump.job == "job-crash"
    assert "Fatal Python error: Segmentation fault" in dump.data["text"]
    assert "run_job" in dump.data["text"]


def command_of(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_what_workers_do_is_seen_from_outside(local: MakeLocal) -> None:
    stage = local(2)
    assert isinstance(stage.executor, LocalExecutor)
    future = stage.executor.submit(Job("long", "fetch", "wait"))
    pid = stage.event().data["pid"]
    (busy,) = stage.executor.workers()
    assert (busy.state, busy.pid, busy.job, busy.jobs_done) == ("busy", pid, "long", 0)
    assert busy.rss_bytes > 1_000_000
    stage.executor.cancel("long")
    stage.settle(future)
    (idle,) = stage.executor.workers()
    assert (idle.state, idle.job) == ("idle", None)
