"""Asking for a pass, and following it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from ytarchive.web.answers import TheOffice, document, only_known
from ytarchive.web.office import Office
from ytarchive.web.problems import Refusal
from ytarchive.web.values import PassAnswer, PassWish

router = APIRouter(prefix="/api/v1/passes", tags=["passes"], dependencies=[Depends(only_known)])


@router.post("", status_code=202, response_model=PassAnswer)
def ask(office: TheOffice, wish: PassWish) -> Response:
    """Ask for a pass over one entry or over all. It is done when `passes` has reached its number."""
    if wish.entry is not None:
        with office.reading() as world:
            names = [entry.name for entry in world.index.entries()]
        if wish.entry not in names:
            raise Refusal(404, f"no entry is called {wish.entry!r}", "GET /api/v1/entries names them")
    number = office.wake("asked through the API", entry=wish.entry, whole=wish.whole)
    return document(_answer(office, number), 202, Location=f"/api/v1/passes/{number}")


@router.get("/{number}", response_model=PassAnswer)
def show(office: TheOffice, number: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    """A pass that was asked for: whether it ended, and then its report and the exit code of `reconcile --once`."""
    if number > office.health().passes + 1:
        raise Refusal(404, f"nobody asked for pass {number}")
    return document(_answer(office, number))


def _answer(office: Office, number: int) -> PassAnswer:
    health = office.health()
    if number > health.passes:
        return PassAnswer(number, "running" if health.passing_since is not None else "pending", health.passes)
    report = office.report(number)
    if report is None:
        raise Refusal(410, f"pass {number} ended long ago: its report is kept no more", "look at the log")
    return PassAnswer(number, "ended", health.passes, report.exit_code, report)
