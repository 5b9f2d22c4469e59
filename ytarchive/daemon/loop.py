"""The loop: wake, pass, sleep. One thread that owns the index, and stops where it can go on later."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ytarchive.core.instant import HOUR, MINUTE, Instant, to_iso
from ytarchive.core.plan import Ledger
from ytarchive.core.report import Done, PassReport, SourceReport
from ytarchive.daemon import notify
from ytarchive.daemon.desk import LONG_STEP_SECONDS, Desk
from ytarchive.daemon.new_settings import Renewal, change
from ytarchive.daemon.summons import Summons
from ytarchive.errors import ArchiveError, ConfigError, IndexDamaged, YtarchiveError
from ytarchive.reconciler import (
    DEFAULT_MAX_WAIT_SECONDS,
    World,
    details,
    disk,
    in_force,
    reconcile_on,
    settle,
    sources,
)
from ytarchive.reconciler.work import Work
from ytarchive.reconciler.world import apply_manifests, load_manifests

SCAN_EVERY_SECONDS = 6 * HOUR
PLAN_HOLDS_SECONDS = 10 * MINUTE
PASS_SECONDS = HOUR
"""However much is left, a pass tells after so long what it did; the next one goes on at once."""
AGAIN_AFTER_SECONDS = MINUTE
AFTER_TROUBLE_SECONDS = MINUTE
LOOK_SECONDS = 5.0
"""The longest time without a sign of life."""


@dataclass(slots=True)
class Loop:
    """`summons` says what other threads saw: signals, changed manifests; `renewal` reads the settings again."""

    world: World
    desk: Desk
    summons: Summons
    renewal: Renewal
    again_after_seconds: int = AGAIN_AFTER_SECONDS
    _work: Work = field(init=False)
    _rounds: list[sources.Round] = field(default_factory=list)
    _looked: list[SourceReport] = field(default_factory=list)
    _began_at: Instant = 0
    _planned_at: Instant = 0
    _ledger: Ledger | None = None
    _due_at: Instant | None = None
    _scanned_at: Instant = 0
    _calls: int = 0
    _stood: bool = True

    def __post_init__(self) -> None:
        self._work = Work(self.world, DEFAULT_MAX_WAIT_SECONDS, leaves_recordings=True)

    def run(self) -> None:
        """Until the summons says to stop; returns when nothing runs any more."""
        self.world.crew.beat_by(self.desk.beat, LOOK_SECONDS)
        self._settle()
        self._measure()
        while not self.summons.is_over:
            report = self._pass()
            self._measure()
            self.desk.passed(report)  # first: who hears that it ended asks the desk about it
            self.world.observer.passed(report)
            notify.status(_status(report))
            self._sleep(report)
        self._wind_down()

    # One pass, and what makes its plan old (`reconciler.News`)

    def _pass(self) -> PassReport:
        started_at = self._began_at = self.world.clock.now()
        self.desk.tell(passing_since=started_at)
        self._looked.clear()
        self._calls = self.summons.calls
        self._stood = False
        try:
            self._require_ground()
            report = reconcile_on(self.world, self._work, self)
        except (ArchiveError, IndexDamaged) as error:
            where = "archive" if isinstance(error, ArchiveError) else "index"
            self.desk.tell(not_ready=(f"{where}: {error.message}",))
            return self._stopped(started_at, error.message, error.cure)
        except YtarchiveError as error:
            return self._stopped(started_at, error.message, error.cure)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            return self._stopped(started_at, f"{where}{error.strerror or error}", "see `ytarchive doctor`")
        if not self.summons.is_over:
            self.desk.tell(not_ready=())
        return replace(report, goes_on=self._is_long() and report.stopped is None)

    def _require_ground(self) -> None:
        """Raise `ArchiveError` or `IndexDamaged` where what everything stands on is not there any more."""
        self.world.require_archive()
        self.world.require_index()
        self._stood = True

    def _stands(self) -> bool:
        try:
            self._require_ground()
        except (YtarchiveError, OSError):
            return False
        return True

    def _measure(self) -> None:
        """What cannot be measured now keeps its last value."""
        with suppress(YtarchiveError, OSError):
            self.desk.measure(self.world)

    def _stopped(self, started_at: Instant, why: str, cure: str | None) -> PassReport:
        """Who asked for this pass learns why it stopped; what was seen of manifests and signals is kept for the next."""
        self.desk.take_asked()
        now = self.world.clock.now()
        due = now + AFTER_TROUBLE_SECONDS
        ledger = self._ledger or Ledger()
        return PassReport(started_at, now, ledger, Done(), stopped=why, stop_cure=cure, next_due_at=due)

    def catch_up(self, work: Work) -> None:
        """Manifests that changed, lists that are due or asked for; then what is wanted no more is stopped."""
        self.desk.beat()
        self._require_ground()
        if self.summons.take_changed():
            self._reload()
        if self.summons.take_reload():
            self._reload_all()
        if self.world.clock.now() - self._scanned_at >= SCAN_EVERY_SECONDS:
            self._scan()
        self._look()
        work.cancel_unwanted()

    def planned(self, ledger: Ledger) -> None:
        now = self.world.clock.now()
        self._planned_at, self._ledger = now, ledger
        dues = (ledger.next_due_at, self.world.index.next_due_at(now), sources.next_due_at(self.world))
        self._due_at = min((at for at in dues if at is not None), default=None)

    def is_stale(self) -> bool:
        self.desk.beat()
        now = self.world.clock.now()
        return (
            self.summons.is_any
            or self.desk.is_asked
            or self._has_looked()
            or self._is_long()
            or now - self._planned_at >= PLAN_HOLDS_SECONDS
            or (
                self._due_at is not None
                and now >= max(self._due_at, self._planned_at + self.again_after_seconds)
            )
        )

    def is_busy(self) -> bool:
        return any(round_.is_busy for round_ in self._rounds)

    def is_over(self) -> bool:
        return self.summons.is_over or self._is_long()

    def _is_long(self) -> bool:
        return self.world.clock.now() - self._began_at >= PASS_SECONDS

    def looked(self) -> tuple[SourceReport, ...]:
        return tuple(self._looked)

    # What a pass begins with

    def _settle(self) -> None:
        self.desk.beat(LONG_STEP_SECONDS)
        settle(self.world)
        self._scanned_at = self.world.clock.now()

    def _scan(self) -> None:
        self.desk.beat(LONG_STEP_SECONDS)
        disk.scan(self.world)
        self._scanned_at = self.world.clock.now()

    def _reload(self) -> None:
        """Read the manifests; a set that cannot be in force leaves the one before in force."""
        world = self.world
        try:
            world.loaded = load_manifests(world.settings)
        except ConfigError as error:
            problems = (*world.setting_problems, *(str(problem) for problem in error.problems))
            in_force.note_problems(world, len(error.problems))
        else:
            apply_manifests(world)
            problems = world.problems
        self.desk.tell(problems=problems)
        world.observer.reloaded(problems)

    def _reload_all(self) -> None:
        """What a person asks for by a signal: settings, manifests, the disk, and what the engine and the cookies are now."""
        notify.reloading()
        self._renew_settings()
        try:
            self.world.renew_key()
        except ConfigError as error:
            self.world.observer.note(str(error))
        self._reload()
        self._scan()
        notify.ready("settings, manifests and disk were read again")

    def _renew_settings(self) -> None:
        """Read the settings; those that are not valid leave the ones before in force."""
        world = self.world
        try:
            told = change(world.settings, self.renewal.read())
        except ConfigError as error:
            world.setting_problems = tuple(str(problem) for problem in error.problems)
            return
        world.setting_problems = ()
        world.renew(told.settings)
        self.desk.renew(told.settings)
        self.desk.tell(needs_restart=told.held)
        self.renewal.tell(told.settings)
        if told.taken:
            world.observer.note(f"settings that hold from now on: {', '.join(told.taken)}")
        if told.held:
            world.observer.note(
                f"settings that changed and hold after a restart of the daemon: {', '.join(told.held)}"
            )

    def _look(self) -> None:
        """Begin to look at the lists that are due or asked for, and take in what came of others."""
        world = self.world
        if self._has_looked():
            self._looked += [
                report for round_ in self._rounds for report in round_.reports if not round_.is_busy
            ]
            self._rounds = [round_ for round_ in self._rounds if round_.is_busy]
            details.judge(world)
        for one in self.desk.take_asked():
            self._begin(sources.of_entries(world, one.entry), eager=True, whole=one.whole)
        self._begin(sources.due_now(world), eager=False)

    def _begin(self, dues: Iterable[sources.Due], *, eager: bool, whole: bool = False) -> None:
        looked_at = {source for round_ in self._rounds for source in round_.sources}
        new = [due for due in dues if due.source.source not in looked_at]
        if new:
            self._rounds.append(sources.begin(self.world, new, eager=eager, whole=whole))

    def _has_looked(self) -> bool:
        return any(not round_.is_busy for round_ in self._rounds)

    # Between passes

    def _sleep(self, report: PassReport) -> None:
        """Until something is due, somebody comes, or the ground is lost or there again; running jobs are taken in.

        After a pass that stopped, only who came since counts: what it left undone is no reason to try again at once.
        """
        world = self.world
        if report.goes_on:
            return
        due = [report.next_due_at, sources.next_due_at(world), self._scanned_at + SCAN_EVERY_SECONDS]
        if report.stopped:
            due = [report.ended_at + AFTER_TROUBLE_SECONDS]
        # However much is due: a pass that changes nothing must not be followed by another at once.
        until = max(min(at for at in due if at is not None), report.ended_at + 1)
        self.desk.tell(next_due_at=until)
        running, stood = self._work.running, self._stood
        while not self._is_called(report) and self._work.running == running:
            left = until - world.clock.now()
            if left <= 0:
                return
            world.crew.attend(float(left))
            if self._stands() != stood:
                return

    def _is_called(self, report: PassReport) -> bool:
        if self.summons.is_over or self.desk.is_asked:
            return True
        return self.summons.calls != self._calls if report.stopped else self.summons.is_any

    # The end

    def _wind_down(self) -> None:
        """Let running downloads finish for a while, then stop them where they can be resumed."""
        world, work = self.world, self._work
        for round_ in self._rounds:
            sources.give_up(world, round_)
        until = world.clock.monotonic() + world.settings.executor.grace_seconds
        while work.running and not self.summons.is_urgent and (left := until - world.clock.monotonic()) > 0:
            world.crew.attend(left)
        work.cancel_all()


def _status(report: PassReport) -> str:
    if report.stopped:
        return f"the last pass stopped: {report.stopped}"
    books = report.books
    next_at = f"; next look {to_iso(report.next_due_at)}" if report.next_due_at else ""
    return f"{books.have} of {books.wanted} here, {report.ledger.owed} owed{next_at}"
