"""The log: what was written, and writing a line to it."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from ytarchive.core.log_record import Filter, Record
from ytarchive.web.answers import TheLog, document, moment, only_known
from ytarchive.web.values import Level, LogLine, LogPage, Taken, When, Word

router = APIRouter(prefix="/api/v1/logs", tags=["logs"], dependencies=[Depends(only_known)])


@router.get("", response_model=LogPage)
def query(
    log: TheLog,
    level: Level = "debug",
    component: Annotated[list[Word] | None, Query(max_length=20)] = None,
    job: Word | None = None,
    video: Word | None = None,
    entry: Word | None = None,
    number: Annotated[int | None, Query(alias="pass", ge=0, le=2**53)] = None,
    since: When | None = None,
    until: When | None = None,
    text: Annotated[str | None, Query(max_length=200)] = None,
    after: Annotated[
        str | None, Query(max_length=60, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,9}:[0-9]{1,15}$")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 200,
    oldest_first: bool = False,
) -> Response:
    """Lines of at least this level that have every value that is given, the newest first; `after` reads on from `next`."""
    now = int(time.time())
    wanted = Filter(
        level=level,
        components=tuple(component or ()),
        job=job,
        video=video,
        entry=entry,
        pass_number=number,
        since=None if since is None else moment(since, now, ahead=False),
        until=None if until is None else moment(until, now, ahead=False),
        text=text or None,
    )
    page = log.query(wanted, after=after, limit=limit, newest_first=not oldest_first)
    return document(LogPage(tuple(record.document() for record in page.records), page.next, page.end))


@router.post("", status_code=201, response_model=Taken)
def write(log: TheLog, line: LogLine) -> Response:
    """Write a line, as a worker elsewhere or a script of yours would."""
    record = Record(
        time.time(), line.level, line.component, line.text, job=line.job, video=line.video, entry=line.entry
    )
    return document(Taken(log.append(record)), 201)
