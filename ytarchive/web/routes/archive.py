"""What the archive holds, lacks and would do."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from ytarchive import __version__
from ytarchive.core.removal import Removals
from ytarchive.documents.answers import QuotaAnswer, StatusAnswer
from ytarchive.documents.planning import plan_answer
from ytarchive.documents.standing import quota_answer, status_answer
from ytarchive.reconciler import Explanation, History, World, explain, history
from ytarchive.reconciler.live import Running
from ytarchive.web.answers import (
    PAGE,
    After,
    EntryName,
    Limit,
    TheOffice,
    VideoId,
    document,
    only_known,
    page_of,
    reading_much,
)
from ytarchive.web.office import Office
from ytarchive.web.problems import Refusal
from ytarchive.web.values import EntryLine, HealthAnswer, PlanPage

router = APIRouter(prefix="/api/v1", tags=["archive"], dependencies=[Depends(only_known)])
_RUNNING = TypeAdapter(tuple[Running, ...])
_ENTRIES = TypeAdapter(tuple[EntryLine, ...])


@router.get("/health", response_model=HealthAnswer)
def health(office: TheOffice) -> Response:
    """How the daemon is: passes, the next time it wakes, and problems of the manifests."""
    known = office.health()
    return document(
        HealthAnswer(
            ready=not known.not_ready,
            not_ready=known.not_ready,
            archive=office.archive_id,
            version=__version__,
            started_at=office.started_at,
            passes=known.passes,
            passing_since=known.passing_since,
            last_success_at=known.last_success_at,
            next_due_at=known.next_due_at,
            problems=known.problems,
            needs_restart=known.needs_restart,
        )
    )


@router.get("/status", response_model=StatusAnswer)
def status(office: TheOffice) -> Response:
    """The books overall and by entry, the last look at each list, and what limits downloads."""
    with reading_much(office) as world:
        return document(status_answer(world))


@router.get("/quota", response_model=QuotaAnswer)
def quota(office: TheOffice) -> Response:
    """What the YouTube Data API costs today, and may still cost."""
    with office.reading() as world:
        return document(quota_answer(world))


@router.get("/running", response_model=tuple[Running, ...])
def running(office: TheOffice) -> Response:
    """What is being downloaded at this moment, and how far it is; the oldest first."""
    return Response(_RUNNING.dump_json(office.live.running()), media_type="application/json")


@router.get("/entries", response_model=tuple[EntryLine, ...])
def entries(office: TheOffice) -> Response:
    """Every entry of the manifests in force, with its books."""
    with office.reading() as world:
        told = _entries(world, office)
    return Response(_ENTRIES.dump_json(told), media_type="application/json")


@router.get("/entries/{name}", response_model=EntryLine)
def entry(office: TheOffice, name: EntryName) -> Response:
    """One entry, with its books."""
    with office.reading() as world:
        found = next((one for one in _entries(world, office) if one.name == name), None)
    if found is None:
        raise Refusal(404, f"no entry is called {name!r}", "GET /api/v1/entries names them")
    return document(found)


def _entries(world: World, office: Office) -> tuple[EntryLine, ...]:
    last = office.health().last
    books = dict(last.ledger.entries) if last is not None else status_answer(world).entries
    return tuple(
        EntryLine(
            name=one.name,
            kind=one.kind,
            source=one.source,
            generation=one.generation,
            priority=one.priority,
            suspend=one.suspend,
            file=one.file,
            line=one.line,
            books=books.get(one.name),
        )
        for one in world.index.entries()
    )


@router.get("/videos/{video}", response_model=Explanation)
def video(office: TheOffice, video: VideoId) -> Response:
    """Everything about one video: who wants it and how, what is on disk, what was tried, what comes next."""
    with office.reading() as world:
        return document(explain(world, video))


@router.get("/videos/{video}/history", response_model=History)
def video_history(office: TheOffice, video: VideoId) -> Response:
    """What happened to one video, in the order of time; how what is here came to be, and what it took the place of."""
    with office.reading() as world:
        return document(history(world, video))


@router.get("/plan", response_model=PlanPage)
def plan(
    office: TheOffice,
    entry: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
    after: After = None,
    limit: Limit = PAGE,
) -> Response:
    """What the next pass would do and why, from what is known: nothing is looked at for it. `after` reads on."""
    with reading_much(office) as world:
        answer = plan_answer(world, entry)
    lists = {"actions": answer.plan.actions, "held_back": answer.plan.held_back}
    page = page_of(lists, lambda decision: str(decision.video), after, limit)
    part = replace(answer.plan, actions=page.parts["actions"], held_back=page.parts["held_back"])
    if after is not None:
        part = replace(part, removals=Removals())  # they were on the first page
    return document(PlanPage(answer.summary, part, page.next))
