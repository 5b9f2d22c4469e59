"""What passes tell, as lines of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from ytarchive.core.job import Event, Job
from ytarchive.core.log_record import LEVELS
from ytarchive.core.plan import Decision, Ledger
from ytarchive.core.removal import DONE_WORDS, Removal
from ytarchive.core.report import Ending, PassReport, SourceReport
from ytarchive.reconciler.observer import Silent

_OF_WORKERS = frozenset({"worker", "yt-dlp", "ffmpeg"})
_TOLD_OF_WORKERS = ("code", "ending", "pid", "stderr")
_VIDEO_LENGTH = 11


@dataclass(frozen=True, slots=True)
class _About:
    """What a running job is about, and how far it was when last heard of."""

    video: str
    entry: str | None
    phase: str = ""


class LogLines(Silent):
    """An observer that logs (see `adapters.logs`).

    `pass_number` counts the passes of this process: it is that of the pass that runs, or of the next one.
    """

    def __init__(self) -> None:
        self.pass_number = 1
        self._running: dict[str, _About] = {}
        self._waiting: tuple[int, str] | None = None
        self._problems: tuple[str, ...] = ()

    def note(self, text: str) -> None:
        self._say("info", "pass", text)

    def listed(self, report: SourceReport) -> None:
        told: dict[str, Any] = {"entry": report.entry, "source": report.source, "via": report.via}
        told["completeness"] = report.completeness
        if report.code is not None:
            text = f"{report.source} could not be listed: {report.failure}"
            self._say("warning", "list", text, code=report.code, **told)
            return
        text = f"{report.source}: {report.got} listed ({report.completeness}), {report.added} new, {report.removed} gone"
        self._say("info", "list", text, got=report.got, added=report.added, removed=report.removed, **told)

    def planned(self, ledger: Ledger) -> None:
        if ledger.to_do:
            self._say("info", "pass", f"to do: {ledger.to_do}", to_do=ledger.to_do)

    def started(self, job: Job, decision: Decision) -> None:
        entry = _entry(decision)
        self._running[job.id] = _About(decision.video, entry)
        told: dict[str, Any] = {"kind": job.kind, "attempt": job.attempt, "egress": job.permit.egress}
        told |= {"entries": list(decision.entries)} if len(decision.entries) > 1 else {}
        told |= {"title": decision.title} if decision.title else {}
        text = f"{job.kind} begins ({decision.reason})"
        self._say("info", "download", text, job=job.id, video=decision.video, entry=entry, **told)

    def progressed(self, event: Event) -> None:
        about, phase = self._running.get(event.job), str(event.data.get("phase", ""))
        if about is not None and phase != about.phase:
            self._running[event.job] = _About(about.video, about.entry, phase)
            self._say("debug", "download", phase, job=event.job, video=about.video, entry=about.entry)

    def ended(self, end: Ending) -> None:
        self._running.pop(end.job or "", None)
        told: dict[str, Any] = {"job": end.job, "video": end.decision.video, "entry": _entry(end.decision)}
        told |= {"outcome": end.outcome}
        told |= {"title": end.decision.title} if end.decision.title else {}
        if end.failure is None:
            self._say("info", "download", end.outcome, bytes=end.bytes, **told)
            return
        said = end.failure.evidence
        told |= {"code": end.failure.code, "kind": end.failure.kind, "stage": said.stage}
        self._say("warning", "download", f"{end.outcome}: {end.failure.code}: {said.message}", **told)

    def removed(self, removal: Removal) -> None:
        entry = removal.entries[0] if removal.entries else None
        told = {"cause": str(removal.cause), "bytes": removal.bytes}
        told |= {"title": removal.title} if removal.title else {}
        self._say(
            "info",
            "pass",
            f"{DONE_WORDS[removal.how]}: {removal.why}",
            video=removal.video,
            entry=entry,
            **told,
        )

    def waiting(self, until: int, why: str) -> None:
        if (until, why) != self._waiting:
            self._waiting = (until, why)
            self._say("info", "pass", f"waiting: {why}", until=until)

    def told(self, event: Event, video: str) -> None:
        """A worker's line: data {level, text, component?} and what is known of its end; `video` may be a list's source."""
        data = event.data
        level, component = str(data.get("level")), str(data.get("component"))
        about = self._running.get(event.job)
        told: dict[str, Any] = {name: data[name] for name in _TOLD_OF_WORKERS if name in data}
        told |= {"video": video} if len(video) == _VIDEO_LENGTH else {"source": video}
        self._say(
            level if level in LEVELS else "info",
            component if component in _OF_WORKERS else "worker",
            str(data.get("text", "")),
            job=event.job or None,
            entry=about.entry if about else None,
            **told,
        )

    def passed(self, report: PassReport) -> None:
        books, done = report.books, report.done
        told: dict[str, Any] = {
            "seconds": report.ended_at - report.started_at,
            "exit_code": report.exit_code,
            "have": books.have,
            "deferred": books.deferred,
            "blocked": books.blocked,
            "fetched": done.fetched,
            "failed": done.failed,
            "bytes": done.bytes,
        }
        if report.stopped:
            self._say("error", "pass", f"stopped: {report.stopped}", cure=report.stop_cure, **told)
        else:
            text = f"ended: {books.have} of {books.wanted} here, {done.fetched} fetched, {done.failed} failed"
            self._say("info", "pass", text, **told)
        self.pass_number += 1
        self._waiting = None

    def reloaded(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            if problem not in self._problems:
                self._say("error", "manifests", problem)
        if not problems:
            self._say("info", "manifests", "the manifests were read again")
        self._problems = problems

    def _say(self, level: str, component: str, text: str, **told: Any) -> None:
        getattr(structlog.get_logger(component), level)(text, pass_number=self.pass_number, **told)


def _entry(decision: Decision) -> str | None:
    return decision.entries[0] if decision.entries else None
