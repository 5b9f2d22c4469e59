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
_AHEAD = 1000
"""So many passes from now, nobody asked for one."""


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
    if number > office.health().passes + _AHEAD:
        raise Refusal(404, f"nobody asked for pass {number}")
    return document(_answer(office, number))


def _answer(office: Office, number: int) -> PassAnswer:
    health = office.health()
    if number > health.passes or health.last is None:
        running = number == health.passes + 1 and health.passing_since is not None
        return PassAnswer(number, "running" if running else "pending", health.passes)
    return PassAnswer(number, "ended", health.passes, health.last.exit_code, health.last)
