"""A pass of the daemon, drawn as if it were our own: its events are told again to the observer of the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from ytarchive.core.codec import MalformedValue, adapter
from ytarchive.core.evidence import Evidence
from ytarchive.core.failure import Failure
from ytarchive.core.failure_table import CODES, policy
from ytarchive.core.job import Event, Job
from ytarchive.core.plan import Action, Books, Decision, Ledger
from ytarchive.core.removal import Removal
from ytarchive.core.report import Ending, Outcome, SourceReport

if TYPE_CHECKING:
    from ytarchive.reconciler import Observer
    from ytarchive.reconciler.happenings import Happening


def tell_again(observer: Observer, happening: Happening) -> None:
    """Tell what happened to an observer. What another version of the daemon tells otherwise is passed over."""
    teller = _TELLERS.get(happening.kind)
    if teller is not None:
        try:
            teller(observer, happening)
        except (KeyError, TypeError, ValueError, MalformedValue):
            return


def _note(observer: Observer, happening: Happening) -> None:
    observer.note(happening.text)


def _listed(observer: Observer, happening: Happening) -> None:
    report: SourceReport = adapter(SourceReport).validate_python(happening.data["report"])
    observer.listed(report)


def _planned(observer: Observer, happening: Happening) -> None:
    told = happening.data
    observer.planned(
        Ledger(
            total=Books(running=_number(told["running"])),
            actions=Counter({Action.FETCH: _number(told["to_do"])}),
        )
    )


def _started(observer: Observer, happening: Happening) -> None:
    told = happening.data
    video = str(told["video"])
    title = None if happening.text == video else happening.text
    job = Job(id=str(told["job"]), kind=cast("Any", told.get("what", "fetch")), subject=video)
    observer.started(job, _decision(video, title))


def _progress(observer: Observer, happening: Happening) -> None:
    observer.progressed(Event(str(happening.data["job"]), happening.id, "progress", happening.data))


def _ended(observer: Observer, happening: Happening) -> None:
    told = happening.data
    title = told.get("title")
    end = Ending(
        _decision(str(told["video"]), None if title is None else str(title)),
        cast("Outcome", told["outcome"]),
        job=None if told.get("job") is None else str(told["job"]),
        bytes=_number(told.get("bytes", 0)),
        failure=_failure(told.get("code"), str(told.get("message") or "")),
    )
    observer.ended(end)


def _removed(observer: Observer, happening: Happening) -> None:
    removal: Removal = adapter(Removal).validate_python(happening.data["removal"])
    observer.removed(removal)


def _waiting(observer: Observer, happening: Happening) -> None:
    observer.waiting(_number(happening.data["until"]), happening.text)


def _decision(video: str, title: str | None) -> Decision:
    return Decision(video, bucket="ready", reason=cast("Any", ""), target="", title=title)


def _failure(code: object, message: str) -> Failure | None:
    if code is None:
        return None
    known = str(code) if str(code) in CODES else "UNKNOWN"
    return Failure(known, policy(known).kind, Evidence("extract", message=message))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


_TELLERS = {
    "note": _note,
    "listed": _listed,
    "planned": _planned,
    "started": _started,
    "progress": _progress,
    "ended": _ended,
    "removed": _removed,
    "waiting": _waiting,
}
