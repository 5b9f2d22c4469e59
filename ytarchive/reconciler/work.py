"""Doing what was decided: start what limits allow, take what comes back, stop when only timed work is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ytarchive.core import halts
from ytarchive.core.egress import Wait
from ytarchive.core.failure import Failure
from ytarchive.core.failure_table import policy
from ytarchive.core.identity import COOKIES_CODES
from ytarchive.core.instant import HOUR
from ytarchive.core.job import GUEST, Event, Job, JobKind, Receipt
from ytarchive.core.plan import Action, Decision, Reason
from ytarchive.core.report import Done, Ending, SourceReport
from ytarchive.errors import ArchiveError
from ytarchive.reconciler import accounts, receiving
from ytarchive.reconciler.crew import Ended, Message
from ytarchive.reconciler.news import NO_NEWS, News
from ytarchive.reconciler.permits import Permits, Stop, cure_of
from ytarchive.reconciler.world import World

JOB_DEADLINE_SECONDS = 12 * HOUR
RECORDING_DEADLINE_SECONDS = 132 * HOUR
"""What YouTube keeps of a stream that runs, and time to make a file of it."""
IDLE_LOOK_SECONDS = 10.0
SPONSORBLOCK_FAILURES_TO_LEAVE = 3
"""After so many in a row a pass asks it no more about what is here already."""


@dataclass(slots=True)
class _Running:
    decision: Decision
    job: Job
    egress: str
    extracting: bool = True
    reserved_bytes: int = 0


def trial(decision: Decision) -> int:
    """What is tried once in a pass: a video, as whom, for which target; a number, since a pass may try thousands."""
    return hash((decision.video, decision.identity, decision.target))


@dataclass(slots=True)
class Work:
    """Work that is under way. `stop` and `waiting` say what kept it from going on.

    `leaves_recordings`: what records a running stream, for days perhaps, is not waited for: the next pass finds it
    running, as everything that runs when a plan is left. `left_over`: something was cancelled, and may be planned anew.
    `tried` is what this pass began, and when: what a plan only named, and left to the next, was not tried.
    """

    world: World
    max_wait_seconds: int
    leaves_recordings: bool = False
    done: Done = field(default_factory=Done)
    stop: Stop | None = None
    waiting: Wait | None = None
    left_over: bool = False
    tried: dict[int, int] = field(default_factory=dict)
    _permits: Permits = field(init=False)
    _running: dict[str, _Running] = field(default_factory=dict)
    _held: dict[str, deque[Decision]] = field(default_factory=dict)
    _sponsorblock_failures: int = 0

    def __post_init__(self) -> None:
        self._permits = Permits(self.world)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs that is waited for."""
        return all(self._is_left(run) for run in self._running.values())

    @property
    def running(self) -> int:
        return len(self._running)

    def renew(self) -> None:
        """Begin another pass with what runs."""
        self.done, self.stop, self.waiting = Done(), None, None
        self.tried.clear()
        self._sponsorblock_failures = 0
        self._permits.renew()

    def run(self, decisions: Iterator[Decision], news: News = NO_NEWS) -> None:
        """Execute ready decisions in their order; returns when all have ended or no more may begin.

        Once there is news that makes the plan old, what has not begun is left to another one.
        """
        self._held.clear()
        self.left_over = False
        while not self.left_over and not news.is_stale():
            wait = self._start_what_may(decisions)
            if self.is_idle and not news.is_busy() and (wait is None or not self._may_sit_out(wait)):
                break
            self._take_one(self._seconds_until(wait))
        if self.stop is None and (stop := self._permits.stop()):
            self.stop, self.waiting = stop, None

    def cancel_unwanted(self) -> None:
        """Stop what nobody wants any more, or not so; whatever else runs goes on."""
        now = self.world.clock.now()
        for job_id, run in self._running.items():
            row = self.world.index.row(run.decision.video, now)
            if row is None or row.target != run.decision.target:
                self.world.crew.cancel(job_id)

    def cancel_all(self) -> None:
        """Ask every running job to stop where it can be resumed, and wait for the receipts."""
        for job_id in list(self._running):
            self.world.crew.cancel(job_id)
        while self._running:
            self._take_one(None)

    def _is_left(self, run: _Running) -> bool:
        return self.leaves_recordings and run.job.may_record

    # Starting

    def _start_what_may(self, decisions: Iterator[Decision]) -> Wait | None:
        """Start jobs until something forbids the next one; a Wait when only time forbids it.

        What waits for one egress does not keep what goes by another.
        """
        waits: dict[str, Wait] = {}
        while self.stop is None:
            egress, decision = self._next(decisions, waits)
            if decision is None:
                break
            if decision.action is Action.ACCEPT:
                self._try(decision)
                self._accept(decision)
                continue
            if egress != GUEST and accounts.look(self.world).get(egress):
                self._try(decision)
                continue  # its cookies were refused since this was planned
            if (
                decision.action is Action.MARK
                and self._sponsorblock_failures >= SPONSORBLOCK_FAILURES_TO_LEAVE
            ):
                continue  # left to a later pass
            if not self._has_room():
                self._hold(egress, decision)
                break
            job_id = self.world.new_job_id()
            # SponsorBlock is no matter of the address that YouTube sees.
            wait = None if decision.action is Action.MARK else self._permits.ask(job_id, egress)
            if wait is None:
                self._try(decision)
                self._start(job_id, decision, egress)
            else:
                waits[egress] = wait
                self._hold(egress, decision)
        return min(waits.values(), key=lambda wait: wait.until, default=None)

    def _try(self, decision: Decision) -> None:
        self.tried[trial(decision)] = self.world.clock.now()

    def _next(self, decisions: Iterator[Decision], waits: dict[str, Wait]) -> tuple[str, Decision | None]:
        """The next decision whose egress need not wait; those before it are held back in their order."""
        for egress, held in self._held.items():
            if held and egress not in waits:
                return egress, held.popleft()
        for decision in decisions:
            egress = _egress_of(decision)
            if egress not in waits or decision.action in (Action.ACCEPT, Action.MARK):
                return egress, decision
            self._held[egress].append(decision)
        return "", None

    def _hold(self, egress: str, decision: Decision) -> None:
        self._held.setdefault(egress, deque()).appendleft(decision)

    def _has_room(self) -> bool:
        limits = self.world.settings.limits
        if len(self._running) >= self.world.slots or self.world.crew.free_slots() < 1:
            return False
        if limits.extractions and sum(run.extracting for run in self._running.values()) >= limits.extractions:
            return False
        return self._has_space()

    def _has_space(self) -> bool:
        reserved = sum(run.reserved_bytes for run in self._running.values())
        minimum = self.world.settings.archive.min_free_bytes
        free = self.world.archive.free_bytes()
        if halts.fits(free, reserved, 0, minimum):
            return True
        if self.is_idle:
            self._permits.disk_is_full()
            self.stop = Stop(
                f"the archive's disk has {free:,} bytes free, and {minimum:,} must stay free (archive.min_free)",
                "free some space, or lower archive.min_free; what was fetched is kept",
            )
        return False

    def _start(self, job_id: str, decision: Decision, egress: str) -> None:
        world = self.world
        now = world.clock.now()
        held = receiving.held(world, decision)
        failed = next((one for one in world.index.attempts(decision.video) if one.part == "media"), None)
        job = Job(
            id=job_id,
            kind=_KINDS.get(decision.action, "fetch") if decision.action else "fetch",
            subject=decision.video,
            target=world.index.target(decision.target),
            permit=world.permit(egress, now),
            network=world.network(egress),
            staging=str(world.archive.stage(decision.video)),
            deadline_at=now + JOB_DEADLINE_SECONDS,
            attempt=failed.n + 1 if failed else 1,
            failed_with=failed.code if failed else None,
            have=held.parts,
            got=held.got,
            cut=held.cut,
            item=held.item,
            folder=str(world.archive.folder(held.item)) if held.item else "",
            keeps_whole=world.index.tombstone(decision.video) is not None,
            min_free_bytes=world.settings.archive.min_free_bytes,
            provisos=world.index.provisos(decision.video) if decision.action is Action.EXAMINE else (),
        )
        if job.may_record:
            job = replace(job, deadline_at=now + RECORDING_DEADLINE_SECONDS)
        world.index.start_job(job, now)
        run = _Running(decision, job, egress)
        if job.kind == "mark" and job.item is not None:  # its media may be made anew
            run.extracting, run.reserved_bytes = False, sum(file.bytes for file in job.item.files)
        self._running[job.id] = run
        world.observer.started(job, decision)
        self.world.crew.submit(job, self._take)

    def _accept(self, decision: Decision) -> None:
        self.world.index.accept(decision.video, decision.target, self.world.clock.now())
        self.done.accepted += 1
        self.world.observer.ended(Ending(decision, "accepted"))

    # Waiting

    def _may_sit_out(self, wait: Wait) -> bool:
        """Whether this wait for a permit is short enough; a longer one ends the pass and is reported."""
        if wait.until - self.world.clock.now() > self.max_wait_seconds:
            self.waiting = wait
            return False
        self.world.observer.waiting(wait.until, wait.why)
        return True

    def _seconds_until(self, wait: Wait | None) -> float | None:
        if wait is None:
            return None
        return min(max(0.05, float(wait.until - self.world.clock.now())), IDLE_LOOK_SECONDS)

    # Taking what comes back

    def _take_one(self, timeout_seconds: float | None) -> None:
        self.world.crew.attend(timeout_seconds)

    def _take(self, message: Message) -> None:
        if isinstance(message, Event):
            self._take_event(message)
        elif (run := self._running.pop(message.job, None)) is not None:
            self._take_end(run, message)

    def _take_event(self, event: Event) -> None:
        run = self._running.get(event.job)
        if run is not None and event.kind == "log":
            self.world.observer.told(event, run.job.subject)
        if run is None or event.kind != "progress":
            return
        run.extracting = run.extracting and event.data.get("phase") == "extract"
        total = event.data.get("total_bytes")
        if isinstance(total, int | float):
            run.reserved_bytes = max(run.reserved_bytes, 2 * int(total))
        self.world.observer.progressed(event)

    def _take_end(self, run: _Running, ended: Ended) -> None:
        if ended.error is not None:
            raise ended.error
        receipt = ended.receipt
        assert receipt is not None
        self.world.observer.exchanged(receipt.http)
        if receipt.outcome == "done":
            self._succeed(run, receipt)
        else:
            if not accounts.is_suspended(self.world, run.decision, run.egress, receipt.failure):
                receiving.learn(self.world, run.decision.video, receipt)
            self._fail(run, receipt.failure, cancelled=receipt.outcome == "cancelled")

    def _succeed(self, run: _Running, receipt: Receipt) -> None:
        world, decision = self.world, run.decision
        if decision.action is Action.EXAMINE and receipt.target is None:
            self._leave_out(run, receipt)
            return
        try:
            received = receiving.receive(world, decision, run.job, receipt)
        except receiving.Refused as refused:
            self._fail(run, refused.failure)
            return
        except ArchiveError as error:
            self._told_nothing(run)
            self.stop = Stop(error.message, error.cure)
            world.index.end_job(run.job.id, "failed", "COMMIT", error.message, world.clock.now())
            return
        if receipt.metadata is not None and not decision.title:
            decision = replace(decision, title=receipt.metadata.title)
        if decision.action is Action.MARK:
            self._sponsorblock_failures = 0
        else:
            self._permits.succeeded(run.job.id, run.egress)
        world.index.end_job(run.job.id, "done", None, None, world.clock.now())
        self.done.bytes += received.bytes
        self.done.linked += received.linked
        setattr(self.done, received.outcome, getattr(self.done, received.outcome) + 1)
        world.observer.ended(Ending(decision, received.outcome, job=run.job.id, bytes=received.bytes))

    def _told_nothing(self, run: _Running) -> None:
        if run.decision.action is not Action.MARK:
            self._permits.told_nothing(run.job.id, run.egress)

    def _leave_out(self, run: _Running, receipt: Receipt) -> None:
        """Its page was read, and no filter wants it."""
        world = self.world
        now = world.clock.now()
        world.archive.release(Path(run.job.staging))
        receiving.learn(world, run.decision.video, receipt)
        world.index.clear_failures(run.decision.video, "media")
        self._permits.succeeded(run.job.id, run.egress)
        world.index.end_job(run.job.id, "done", None, None, now)
        self.done.examined += 1
        world.observer.ended(Ending(run.decision, "excluded", job=run.job.id))

    def _fail(self, run: _Running, failure: Failure | None, *, cancelled: bool = False) -> None:
        world, decision = self.world, run.decision
        now = world.clock.now()
        world.archive.release(Path(run.job.staging))
        if cancelled or failure is None:
            self._told_nothing(run)
            self.left_over = True
            world.index.end_job(run.job.id, "cancelled", None, None, now)
            world.observer.ended(Ending(decision, "cancelled", job=run.job.id))
            return
        self.done.failed += 1
        if failure.code in COOKIES_CODES and run.egress != GUEST:
            accounts.distrust(world, run.egress, failure)  # which is no verdict on the video
        elif decision.action is Action.LOOK_AGAIN or decision.reason is Reason.LOOK_DUE:
            receiving.record_failed_look(world, decision.video, failure)
        else:
            receiving.record_failure(world, decision.video, "media", failure, run.egress)
        world.index.end_job(run.job.id, "failed", failure.code, failure.evidence.message, now)
        if decision.action is Action.MARK:
            self._sponsorblock_failures += failure.code == "SPONSORBLOCK"
        else:
            self.stop = self._permits.failed(run.job.id, run.egress, failure) or self.stop
        world.observer.ended(Ending(decision, "failed", job=run.job.id, failure=failure))


_KINDS: dict[Action, JobKind] = {Action.FETCH_BESIDE: "beside", Action.MARK: "mark"}


def _egress_of(decision: Decision) -> str:
    """As whom a video is asked about: the name of the egress that permits, works and is judged."""
    return decision.identity


def unreachable(looked: Sequence[SourceReport]) -> Stop | None:
    """When a list could not be read because of this machine or its network: an operational error, not a verdict."""
    for report in looked:
        rule = policy(report.code) if report.code else None
        if rule is not None and (rule.pauses == "outage" or rule.charged_to == "host"):
            return Stop(f"{report.entry} could not be listed: {report.failure}", cure_of(rule))
    return None
