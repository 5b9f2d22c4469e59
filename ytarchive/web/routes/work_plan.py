"""What could not be had, and what people decide about it."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from ytarchive.core.failure_table import CODES
from ytarchive.core.work_plan import BelowWish, OnlyCopy, WorkPlanItem
from ytarchive.core.work_plan_choice import Choice, narrowed
from ytarchive.documents import deciding
from ytarchive.documents.answers import OnlyCopiesAnswer, SubjectsAnswer
from ytarchive.reconciler import World, work_plan
from ytarchive.web.answers import (
    PAGE,
    After,
    Limit,
    TheOffice,
    document,
    moment,
    only_known,
    page_of,
    reading_much,
)
from ytarchive.web.problems import Refusal
from ytarchive.web.values import Duration, Verdict, Word, WorkPlanPage

_LISTS = ("items", "only_copies", "below_wish")
router = APIRouter(prefix="/api/v1/workplan", tags=["work plan"], dependencies=[Depends(only_known)])


@router.get("", response_model=WorkPlanPage)
def show(
    office: TheOffice,
    subject: Annotated[list[Word] | None, Query(max_length=1000)] = None,
    cause: Annotated[list[Word] | None, Query(max_length=100)] = None,
    entry: Annotated[Word | None, Query()] = None,
    older_than: Annotated[Duration | None, Query()] = None,
    newer_than: Annotated[Duration | None, Query()] = None,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """The open items, grouped by cause: why, attempts, what is next, what can be done. Filters narrow it down, `after`
    reads on."""
    with reading_much(office) as world:
        choice = _choice(world, subject or [], cause or [], entry, older_than, newer_than)
        plan = work_plan(world)
    if not choice.says_nothing:
        plan = narrowed(plan, deciding.items_of(plan, choice))
    page = page_of({name: getattr(plan, name) for name in _LISTS}, _key, after, limit)
    told = {field.name: getattr(plan, field.name) for field in fields(plan)}
    return document(WorkPlanPage(**{**told, **page.parts}, next=page.next))


@router.get("/only-copies", response_model=OnlyCopiesAnswer)
def only_copies(office: TheOffice) -> Response:
    """What is here and gone from YouTube, by channel and date."""
    with reading_much(office) as world:
        copies = work_plan(world).only_copies
    return document(OnlyCopiesAnswer(copies, len(copies)))


def _key(one: WorkPlanItem | OnlyCopy | BelowWish) -> str:
    return one.subject if isinstance(one, WorkPlanItem) else one.video


@router.post("/{verdict}", response_model=SubjectsAnswer)
def decide(office: TheOffice, verdict: deciding.Verdict, wish: Verdict) -> Response:
    """Retry items, ignore them, take less (`accept-lower`), or give them up (`lost`); `undo` takes it back."""

    def call(world: World) -> tuple[str, ...]:
        choice = _choice(
            world,
            wish.subjects,
            wish.causes,
            wish.entry,
            wish.older_than,
            wish.newer_than,
            everything=wish.all,
        )
        if wish.undo:
            return deciding.take_back(world, verdict, choice, dry_run=wish.dry_run)
        until = _until(world, wish.until)
        items = deciding.decide(world, verdict, choice, until=until, why=wish.why, dry_run=wish.dry_run)
        return deciding.names_of(items)

    if wish.dry_run:
        with office.reading() as world:
            names = call(world)
    else:
        names = office.ask(call)
        if names and verdict in ("retry", "accept-lower"):
            office.wake(f"asked through the API: {verdict}", lists=False)
    return document(SubjectsAnswer(names, len(names), wish.dry_run))


def _choice(
    world: World,
    subjects: list[str],
    causes: list[str],
    entry: str | None,
    older_than: str | None,
    newer_than: str | None,
    *,
    everything: bool = False,
) -> Choice:
    known = {cause.upper().replace("-", "_") for cause in causes}
    if unknown := sorted(known - set(CODES)):
        raise Refusal(422, f"no cause is called {unknown[0]}", "docs/troubleshooting.md names them")
    now = world.clock.now()
    return Choice(
        subjects=tuple(subjects),
        causes=frozenset(known),
        entry=entry,
        open_before=None if older_than is None else moment(older_than, now, ahead=False),
        open_after=None if newer_than is None else moment(newer_than, now, ahead=False),
        everything=everything,
    )


def _until(world: World, until: str | None) -> int | None:
    return None if until is None else moment(until, world.clock.now(), ahead=True)
