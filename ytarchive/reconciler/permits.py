"""Which job may go out now, and what its end says beyond its video: of the address, the engine, the network, the disk.

The only code that spends, opens breakers and halts a pass. Rules are in `core.egress` and `core.halts`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ytarchive.adapters.engines import Rack
from ytarchive.core import egress as egresses
from ytarchive.core import halts
from ytarchive.core.egress import EgressState, Wait
from ytarchive.core.failure import Evidence, Failure, verdict
from ytarchive.core.failure_table import Rule, Steps, policy
from ytarchive.core.halts import Halt, HaltName
from ytarchive.core.identity import COOKIES_CODES, GUEST
from ytarchive.core.instant import HOUR, to_iso
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler.world import World

HOST_TROUBLES_TO_STOP = 3
_PROBED: tuple[Literal["engine", "network"], ...] = ("engine", "network")


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the pass ends early: an operational error with its cure."""

    why: str
    cure: str | None = None


class Permits:
    """One pass's leave to ask. Jobs are known by their ids; whatever ends must be told, once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._halts: dict[HaltName, Halt] = {}
        self._canary: str | None = None
        self._asked_at: dict[str, int] = {}
        self._outages = 0
        self._host_troubles = 0
        for state in world.index.egresses():
            if state.probe is not None:  # of a process that is dead
                world.record_egress(egresses.released(state))
        self.renew()

    def renew(self) -> None:
        """Begin another pass: what pauses downloads is looked at anew."""
        world = self._world
        self._outages = self._host_troubles = 0
        self._halts = {name: world.halt(name) for name in halts.NAMES}
        if halts.fits(world.archive.free_bytes(), 0, 0, world.settings.archive.min_free_bytes):
            self._lift("disk")
        network = self._halts["network"]
        if network.is_on and self._canary is None:
            self._record(halts.at_once(network, world.clock.now()))

    def ask(self, job: str, egress: str) -> Wait | None:
        """Spend for a job; None when it may go out now."""
        world = self._world
        now, limits = world.clock.now(), world.limits()
        state = egresses.renewed(world.egress(egress), limits, now)
        wait = self._halted(now) or egresses.may_spend(state, limits, now)
        if wait is not None:
            return wait
        self._spend(job, state)
        if any(self._halts[name].is_on for name in _PROBED):
            self._canary = job
        return None

    def ask_by_hand(self, job: str, egress: str) -> None:
        """Spend for what a person asks. Raise `YtarchiveError` while YouTube throttles this address."""
        world = self._world
        state = self._state(egress)
        if state.open_until > world.clock.now():
            raise YtarchiveError(
                f"YouTube throttles this address ({state.strike_code}): nothing is asked until {to_iso(state.open_until)}",
                cure="wait, or use another address: settings: [network] proxy = URL",
            )
        self._spend(job, state)

    def succeeded(self, job: str, egress: str) -> None:
        """All went well."""
        self._outages = self._host_troubles = 0
        self._answered(job, egress)
        self._lift("network")
        if self._took_canary(job):
            self._lift("engine")

    def told_nothing(self, job: str, egress: str) -> None:
        """It ended before it could tell anything: cancelled, or by what only concerns its files."""
        self._asked_at.pop(job, None)
        self._world.record_egress(egresses.released(self._world.egress(egress), job=job))
        self._took_canary(job)

    def failed(self, job: str, egress: str, failure: Failure) -> Stop | None:
        """What follows from a failure, besides what follows for its video; a Stop when the pass must end."""
        rule = policy(failure.code)
        was_canary = self._took_canary(job)
        if rule.charged_to == "egress":
            self._struck(job, egress, rule, failure)
        elif _was_answered(rule, failure):
            self._answered(job, egress)
        else:
            self.told_nothing(job, egress)
        if rule.code in halts.UNEXPLAINED:
            self._unexplained(failure, was_canary=was_canary)
        return self._here(rule, egress, failure, was_canary=was_canary)

    def disk_is_full(self) -> None:
        """There is no room for one more download."""
        now = self._world.clock.now()
        self._record(halts.begun(self._halts["disk"], "DISK_FULL", "", now))

    def stop(self) -> Stop | None:
        """Why a pass that ends now ends with an error: the network has not come back."""
        network = self._halts["network"]
        return _unreachable(network) if network.is_on else None

    def _halted(self, now: int) -> Wait | None:
        engine = self._halts["engine"]
        if engine.is_on and Rack(self._world.settings.state.path).choice().chosen_at > engine.since:
            self._lift("engine")  # what was met with another engine proves nothing of this one
        for name in _PROBED:
            halt = self._halts[name]
            if halt.is_on and self._canary is not None:
                return Wait(
                    now + egresses.LOOK_SECONDS, "one video goes first, to see whether it gets through"
                )
            if halt.is_on and halt.probe_at > now:
                return Wait(halt.probe_at, halts.why_wait(halt))
        return None

    def _took_canary(self, job: str) -> bool:
        if job != self._canary:
            return False
        self._canary = None
        return True

    def _state(self, egress: str) -> EgressState:
        world = self._world
        return egresses.renewed(world.egress(egress), world.limits(), world.clock.now())

    def _spend(self, job: str, state: EgressState) -> None:
        world, now = self._world, self._world.clock.now()
        self._asked_at[job] = now
        world.record_egress(egresses.spend(state, world.limits(), now, job=job, jitter=world.jitter()))

    def _answered(self, job: str, egress: str) -> None:
        world, now = self._world, self._world.clock.now()
        asked_at = self._asked_at.pop(job, now)
        world.record_egress(
            egresses.succeeded(self._state(egress), world.limits(), now, job=job, asked_at=asked_at)
        )

    def _struck(self, job: str, egress: str, rule: Rule, failure: Failure) -> None:
        world = self._world
        is_probe = world.egress(egress).probe == job
        charge(world, egress, job, rule, self._asked_at.pop(job, world.clock.now()))
        if rule.engine_when_common and is_probe:
            # The address had its rest, and the trouble is the same.
            self._begin(self._halts["engine"], failure)

    def _unexplained(self, failure: Failure, *, was_canary: bool) -> None:
        """The same unexplained code on several videos is the engine's, not the videos'."""
        world, now = self._world, self._world.clock.now()
        halt = self._halts["engine"]
        if halt.is_on:
            if was_canary:
                self._record(halts.probe_failed(halt, now))
            return
        met = world.index.met(now - halts.COMMON_SECONDS)
        if halts.is_common(met, failure.code, now, halt.lifted_at):
            self._begin(halt, failure)

    def _here(self, rule: Rule, egress: str, failure: Failure, *, was_canary: bool) -> Stop | None:
        """Trouble of this machine, its network and its disk."""
        if rule.pauses == "writes":
            self._begin(self._halts["disk"], failure)
            return Stop(f"the disk is full: {failure.evidence.message}", cure_of(rule))
        if rule.pauses == "outage":
            return self._outage(failure, was_canary=was_canary)
        if rule.charged_to != "host" and rule.code not in _OF_THE_WORKER:
            self._outages = 0
            self._lift("network")
        if rule.charged_to == "host" and (egress == GUEST or rule.code not in COOKIES_CODES):
            self._host_troubles += 1
            if self._host_troubles >= HOST_TROUBLES_TO_STOP:
                return Stop(f"{rule.meaning} ({rule.code}): {failure.evidence.message}", cure_of(rule))
        else:
            self._host_troubles = 0
        return None

    def _outage(self, failure: Failure, *, was_canary: bool) -> Stop | None:
        now = self._world.clock.now()
        halt = self._halts["network"]
        self._outages += 1
        if not halt.is_on:
            if self._outages >= halts.OUTAGES_IN_A_ROW:
                self._begin(halt, failure)
            return None
        if was_canary:
            halt = halts.probe_failed(halts.begun(halt, failure.code, failure.evidence.message, now), now)
            self._record(halt)
        return _unreachable(halt) if halts.is_hopeless(halt) else None

    def _begin(self, halt: Halt, failure: Failure) -> None:
        now = self._world.clock.now()
        self._record(halts.begun(halt, failure.code, failure.evidence.message, now))

    def _lift(self, name: HaltName) -> None:
        if self._halts[name].is_on:
            self._record(halts.lifted(self._halts[name], self._world.clock.now()))

    def _record(self, halt: Halt) -> None:
        self._halts[halt.name] = halt
        self._world.index.record_halt(halt)


def charge(world: World, egress: str, job: str, rule: Rule, asked_at: int) -> None:
    """YouTube throttled a job, of a video or a list."""
    limits, now = world.limits(), world.clock.now()
    lengths = rule.backoff.seconds if isinstance(rule.backoff, Steps) else (HOUR,)
    state = egresses.renewed(world.egress(egress), limits, now)
    world.record_egress(egresses.struck(state, limits, rule.code, lengths, now, job=job, asked_at=asked_at))


def rest_of(world: World, egress: str) -> Failure | None:
    """Why a list is not asked for as this one now: YouTube throttles the address, and every request prolongs it."""
    state = world.egress(egress)
    if state.strike_code is None or state.open_until <= world.clock.now():
        return None
    why = f"YouTube throttles this address: nothing is asked until {to_iso(state.open_until)}"
    return replace(verdict(state.strike_code, Evidence(stage="list", message=why)), until=state.open_until)


_OF_THE_WORKER = frozenset({"WORKER_DIED", "DEADLINE"})
_AFTER_EXTRACTION = frozenset({"select", "download", "merge", "verify", "commit"})


def _was_answered(rule: Rule, failure: Failure) -> bool:
    """Whether a failure proves that YouTube talks to this address: it said something definite of the video, or let it be downloaded."""
    if rule.charged_to != "video" or rule.pauses is not None or rule.code in _OF_THE_WORKER:
        return False
    return rule.kind != "transient" or failure.evidence.stage in _AFTER_EXTRACTION


def _unreachable(halt: Halt) -> Stop:
    rule = policy(halt.code or "UNKNOWN")
    return Stop(f"{rule.meaning} ({rule.code}): {halt.message}", cure_of(rule))


def cure_of(rule: Rule) -> str:
    """The first thing a person can do about a code, in one line."""
    cure = rule.cures[0]
    return f"{cure.what}: {cure.command or cure.edit}" if cure.command or cure.edit else cure.what
