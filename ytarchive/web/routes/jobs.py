"""Jobs: what people ask for, how it stands, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from ytarchive.adapters.index import JobRecord
from ytarchive.core.errand import Errand, ErrandKind, ErrandState
from ytarchive.reconciler import World, errands
from ytarchive.reconciler.live import Running
from ytarchive.web.answers import JOB_PATTERN, JobId, TheOffice, document, only_known
from ytarchive.web.office import Office
from ytarchive.web.problems import Refusal
from ytarchive.web.values import DownloadWish, JobLine, JobPage, JobWish, WorkLine

router = APIRouter(prefix="/api/v1", tags=["jobs"], dependencies=[Depends(only_known)])
ASK_SECONDS = 30.0


@router.post("/jobs", status_code=201, response_model=JobLine, responses={200: {"model": JobLine}})
def create(request: Request, office: TheOffice, wish: JobWish) -> Response:
    """Ask for a video, for all that a playlist holds now, for a pass over an entry, or for a look (`refresh`).

    What is asked for is wanted from now on, as if a manifest named it. 200: the same job is open already.
    """
    return _created(request, office, wish.kind, wish.subject, wish.profile)


@router.post("/download/video", status_code=201, response_model=JobLine, responses={200: {"model": JobLine}})
def download(request: Request, office: TheOffice, wish: DownloadWish) -> Response:
    """Ask for a video: the same as a job of the kind `video`."""
    return _created(request, office, "video", wish.video, wish.profile)


@router.get("/jobs", response_model=JobPage)
def jobs(
    office: TheOffice,
    state: Annotated[list[ErrandState] | None, Query(max_length=5)] = None,
    kind: Annotated[list[ErrandKind] | None, Query(max_length=4)] = None,
    parent: Annotated[str | None, Query(pattern=JOB_PATTERN)] = None,
    after: Annotated[str | None, Query(pattern=JOB_PATTERN)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """What was asked for, the newest first; with `parent` the videos of a playlist's job. `after` reads on."""
    with office.reading() as world:
        found = world.index.errands(
            states=state or (), kinds=kind or (), parent=parent, after=after, limit=limit + 1
        )
        lines = tuple(_lines(world, office, found[:limit]))
    return document(JobPage(lines, lines[-1].id if len(found) > limit else None))


@router.get("/jobs/{job}", response_model=JobLine | WorkLine)
def job(office: TheOffice, job: JobId) -> Response:
    """One job with its progress; or one of those that workers carry out, as events and logs name them."""
    with office.reading() as world:
        errand = world.index.errand(job)
        if errand is not None:
            (line,) = _lines(world, office, [errand])
            return document(line)
        record = world.index.job(job)
    if record is None:
        raise Refusal(404, f"no job is called {job}", "GET /api/v1/jobs names them")
    return document(_work_line(record, _running(office).get(record.subject)))


@router.delete("/jobs/{job}", response_model=JobLine)
def cancel(request: Request, office: TheOffice, job: JobId) -> Response:
    """Take back what a job wants. What only it wanted is downloaded no further; what is here stays."""

    def call(world: World) -> tuple[Errand, tuple[str, ...]]:
        if world.index.errand(job) is None:
            raise Refusal(404, f"no job is called {job}", "GET /api/v1/jobs names them")
        unwanted = errands.cancel(world, job)
        errand = world.index.errand(job)
        assert errand is not None
        return errand, unwanted

    errand, unwanted = office.ask(call, timeout_seconds=ASK_SECONDS)
    if unwanted:
        office.wake("a job was cancelled", lists=False)
    request.app.state.attendant.nudge()
    with office.reading() as world:
        (line,) = _lines(world, office, [errand])
    return document(line)


def _created(
    request: Request, office: Office, kind: ErrandKind, subject: str, profile: str | None
) -> Response:
    errand, is_new = office.ask(
        lambda world: errands.create(world, kind, subject, profile), timeout_seconds=ASK_SECONDS
    )
    if is_new:
        if kind == "video":
            office.wake("a job", lists=False)
        request.app.state.attendant.nudge()
    with office.reading() as world:
        (line,) = _lines(world, office, [errand])
    return document(line, 201 if is_new else 200, Location=f"/api/v1/jobs/{errand.id}")


def _running(office: Office) -> dict[str, Running]:
    return {running.video: running for running in office.live.running()}


def _lines(world: World, office: Office, found: Iterable[Errand]) -> Iterable[JobLine]:
    running = _running(office)
    for errand in found:
        progress = running.get(errand.subject) if errand.kind == "video" and errand.is_open else None
        record = world.index.video(errand.subject) if errand.kind == "video" else None
        yield JobLine(
            id=errand.id,
            kind=errand.kind,
            subject=errand.subject,
            title=record.title if record else None,
            profile=errand.profile,
            state="running" if progress else errand.state,
            created_at=errand.created_at,
            ended_at=errand.ended_at,
            message=errand.message,
            parent=errand.parent,
            counts=errand.counts,
            progress=progress,
        )


def _work_line(record: JobRecord, progress: Running | None) -> WorkLine:
    return WorkLine(
        id=record.id,
        work=record.kind,
        subject=record.subject,
        state=record.state,
        attempt=record.attempt,
        started_at=record.started_at,
        ended_at=record.ended_at,
        outcome=record.outcome,
        code=record.code,
        message=record.message,
        progress=progress if progress is not None and progress.job == record.id else None,
    )
