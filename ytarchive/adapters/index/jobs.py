"""Jobs that run or ran, so that a person can ask after one, and a crash leaves no video "running"."""

from __future__ import annotations

from dataclasses import fields

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.records import JobRecord
from ytarchive.adapters.index.texts import storable
from ytarchive.core.halts import Met
from ytarchive.core.instant import DAY
from ytarchive.core.job import Job

_COLUMNS = ", ".join(field.name for field in fields(JobRecord))


def start(db: Database, job: Job, now: int) -> None:
    with db.transaction():
        db.execute(
            "INSERT OR REPLACE INTO jobs (id, kind, subject, state, attempt, started_at) VALUES (?, ?, ?, 'running', ?, ?)",
            (job.id, job.kind, job.subject, job.attempt, now),
        )
        db.changed()


def end(db: Database, job_id: str, outcome: str, code: str | None, message: str | None, now: int) -> None:
    with db.transaction():
        db.execute(
            "UPDATE jobs SET state = 'ended', outcome = ?, code = ?, message = ?, ended_at = ? WHERE id = ?",
            (outcome, code, storable(message) if message else None, now, job_id),
        )
        db.changed()


def abandon(db: Database, now: int | None) -> int:
    """Close what a dead program left running as "lost"; return how many. `now` None: nobody knows when."""
    with db.transaction():
        lost = db.execute(
            "UPDATE jobs SET state = 'ended', outcome = 'lost', ended_at = ? WHERE state = 'running'", (now,)
        )
        if lost:
            db.changed()
    return lost


def forget(db: Database, before: int) -> int:
    """Drop jobs that began before a time and do not run."""
    with db.transaction():
        return db.execute("DELETE FROM jobs WHERE state = 'ended' AND started_at < ?", (before,))


def latest(db: Database, limit: int) -> tuple[JobRecord, ...]:
    """The last `limit` jobs, the newest first."""
    rows = db.all(f"SELECT {_COLUMNS} FROM jobs ORDER BY started_at DESC, rowid DESC LIMIT ?", (limit,))  # noqa: S608 - names of our own columns
    return tuple(JobRecord(*row) for row in rows)


def about(db: Database, subject: str, limit: int) -> tuple[JobRecord, ...]:
    """The last `limit` jobs about a video or list, the newest first."""
    rows = db.all(
        f"SELECT {_COLUMNS} FROM jobs WHERE subject = ? ORDER BY started_at DESC, rowid DESC LIMIT ?",  # noqa: S608 - names of our own columns
        (subject, limit),
    )
    return tuple(JobRecord(*row) for row in rows)


def read(db: Database, job_id: str) -> JobRecord | None:
    row = db.one(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,))  # noqa: S608 - names of our own columns
    return JobRecord(*row) if row else None


def met(db: Database, since: int) -> tuple[Met, ...]:
    """The codes that jobs about videos failed with since then; a job of more than a day is not looked for."""
    rows = db.all(
        "SELECT code, subject, ended_at FROM jobs WHERE started_at >= ? AND ended_at >= ? AND outcome = 'failed'"
        " AND code IS NOT NULL AND kind IN ('fetch', 'beside', 'probe')",
        (since - DAY, since),
    )
    return tuple(Met(*row) for row in rows)


def download_seconds(db: Database, last: int) -> float | None:
    """How long the last downloads that succeeded took on average; None when there was none."""
    value = db.value(
        "SELECT avg(ended_at - started_at) FROM (SELECT started_at, ended_at FROM jobs"
        " WHERE kind = 'fetch' AND outcome = 'done' ORDER BY started_at DESC LIMIT ?)",
        (last,),
    )
    return None if value is None else float(value)
