"""`ytarchive status`: where the archive stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ytarchive.cli.app import invocation
from ytarchive.cli.arguments import JOB_OR_VIDEO, VideoCommand
from ytarchive.errors import UsageError

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.core.errand import Errand
    from ytarchive.documents.answers import StatusAnswer
    from ytarchive.reconciler import EgressOutlook, World
    from ytarchive.reconciler.live import Running
    from ytarchive.settings import Settings


@click.command(cls=VideoCommand, short_help="The books of every entry; or one video or job")
@click.argument("subject", required=False, type=JOB_OR_VIDEO, metavar="[VIDEO|JOB]")
@click.option("--quota", is_flag=True, help="What the YouTube Data API costs today, and may still cost.")
def status(subject: str | None, quota: bool) -> int:
    """Show the books of every entry and the last look at each list; or one video, one job, or the quota.

    \b
    listed = excluded + undecided + wanted
      excluded  a filter leaves it out       undecided  a filter needs more than is known yet
    wanted = have + ready + running + deferred + blocked
      have      on disk as wanted            deferred  waits for a time
      ready     would be fetched now         blocked   cannot be had: see `ytarchive workplan`
      running   a worker has it
    """
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import open_reading

    options = invocation()
    screen = Screen(options)
    if subject is not None and quota:
        raise UsageError(
            "--quota concerns the whole archive, not one video or job", cure="leave one of them out"
        )
    with open_reading(options.settings()) as world:
        if quota:
            return _quota(screen, world)
        if subject is None:
            return _archive(screen, world)
        if subject.startswith("job-"):
            return _job(screen, world, subject)
        from ytarchive.cli.explain import tell

        return tell(screen, world, subject, brief=True)


def _archive(screen: Screen, world: World) -> int:
    from dataclasses import replace

    from ytarchive.documents.standing import status_answer

    answer = replace(status_answer(world), running=_running(world.settings))
    if screen.json:
        screen.document(answer)
    else:
        _draw(screen, answer, world.clock.now())
    return 0


def _running(settings: Settings) -> tuple[Running, ...]:
    """What the daemon has in its hands; nothing where none runs, or none answers: status never fails for that."""
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.errors import YtarchiveError
    from ytarchive.reconciler.live import Running

    try:
        daemon = find_daemon(settings)
        return daemon.get("/api/v1/running", tuple[Running, ...]) if daemon else ()
    except YtarchiveError:
        return ()


def _draw(screen: Screen, answer: StatusAnswer, now: int) -> None:
    from ytarchive.cli.reports import draw_books, draw_notice, forecast_line, owed_line
    from ytarchive.cli.words import count, when

    screen.say(f"Archive {answer.archive} in {answer.root}", "dim")
    screen.say()
    draw_books(screen, answer.books, answer.entries)
    if answer.sources:
        screen.say()
        _draw_sources(screen, answer, now)
    screen.say()
    if answer.running:
        _draw_running(screen, answer.running, now)
        screen.say()
    if answer.codes:
        codes = ", ".join(f"{number:,} {code}" for code, number in sorted(answer.codes.items()))
        screen.say(f"Not had: {codes}", "yellow")
    for part, words in _LATE.items():
        if part in answer.late:
            line = answer.late[part]
            at = line.next_look_at
            look = f"looked at again {when(at, now)}" if at is not None else "looked at for the last time"
            screen.say(f"{line.count:,} {words}; {look}", "dim")
    if answer.acknowledged:
        screen.say(f"Ignored on your word: {answer.acknowledged:,}", "dim")
    for egress in answer.egresses:
        if told := _egress_line(egress, now):
            screen.say(told, "yellow")
    for notice in answer.notices:
        draw_notice(screen, notice)
    if answer.forecast is not None:
        screen.say(forecast_line(answer.forecast, now), "dim")
    if answer.next_due_at is not None:
        screen.say(f"Next: {when(answer.next_due_at, now)}", "dim")
    if answer.owed or answer.sources_owed:
        owed = owed_line(answer.owed, answer.sources_owed)
        screen.say(f"{owed}: see `ytarchive workplan`", "bold yellow")
    elif answer.books.ready:
        screen.say(f"{count(answer.books.ready, 'video')} to do: ytarchive reconcile --once", "cyan")
    else:
        screen.say("Converged.", "bold green")


_LATE = {
    "recording": "here as far as a stream was recorded",
    "quality": "here in less than the wished quality",
}


def _egress_line(egress: EgressOutlook, now: int) -> str | None:
    """What a person should know of an address: that it is throttled, or slower than the settings allow."""
    from ytarchive.cli.words import moment

    who = "This address" if egress.name == "guest" else f"The account {egress.name}"
    told = []
    if egress.is_slowed:
        told.append(f"goes slowly, at {egress.videos_per_hour:,.0f} videos an hour, until YouTube is at ease")
    if egress.waits_for and egress.until is not None and egress.until > now + 60:
        told.append(f"rests until {moment(egress.until)}: {egress.waits_for}")
    return f"{who} {' and '.join(told)}" if told else None


def _draw_running(screen: Screen, running: tuple[Running, ...], now: int) -> None:
    from ytarchive.cli.output import Column
    from ytarchive.cli.words import size, span, speed

    columns = [Column("Running"), Column("Title", wide=True), Column("At"), Column("Done"), Column("Since")]
    rows: list[Any] = []
    for one in running:
        done = size(one.done_bytes) if one.done_bytes else ""
        if one.total_bytes:
            done = f"{min(1.0, one.done_bytes / one.total_bytes):.0%} of {size(one.total_bytes)}"
        if one.bytes_per_second:
            done += f" {speed(one.bytes_per_second)}"
        rows.append([one.video, one.title or "", one.phase, done, span(max(0, now - one.started_at))])
    screen.table(columns, rows)


def _draw_sources(screen: Screen, answer: StatusAnswer, now: int) -> None:
    from ytarchive.cli.output import Column, styled
    from ytarchive.cli.tally import named
    from ytarchive.cli.words import when

    columns = [
        Column("List", wide=True),
        Column("Listed", right=True),
        Column("Looked at"),
        Column("State", wide=True),
    ]
    rows: list[Any] = []
    for source in answer.sources:
        if source.source.startswith("channel:") and source.listed_at is not None and not source.failure:
            continue  # that it was found is seen by its lists
        got = "" if source.got is None or source.completeness is None else f"{source.got:,}"
        if source.expected not in (None, source.got) and got:
            got += f" of {source.expected:,}"
        looked = when(source.listed_at, now) if source.listed_at is not None else "never"
        state = (
            styled(source.failure, "red") if source.failure else styled(source.completeness or "", "green")
        )
        rows.append([named(source.entry, source.title), got, looked, state])
    screen.table(columns, rows)


def _quota(screen: Screen, world: World) -> int:
    from ytarchive.cli.output import Column
    from ytarchive.cli.words import when
    from ytarchive.documents.standing import quota_answer

    now = world.clock.now()
    answer = quota_answer(world)
    if screen.json:
        screen.document(answer)
        return 0
    screen.heading(f"YouTube Data API, {answer.day} (US Pacific)")
    if not answer.key:
        screen.say("There is no key (youtube.api_key_file): lists are read without it.", "dim")
    rows = [[_PURPOSES.get(purpose, purpose), f"{units:,}"] for purpose, units in answer.spent.items()]
    rows.append(["spent", f"{answer.total:,} of {answer.budget:,}"])
    screen.table([Column("For", wide=True), Column("Units", right=True)], rows, footer=True)
    screen.say(
        f"{answer.left:,} left, {answer.left_for_lists:,} of them for whole lists and details; "
        f"new ones {when(answer.renews_at, now)}"
    )
    screen.say(f"Forecast of the day: {answer.forecast:,}", "dim")
    if answer.paused_until is not None:
        screen.say(f"YouTube refuses more until {when(answer.paused_until, now)}", "yellow")
    return 0


_PURPOSES = {
    "look": "first pages of lists, and who channels are",
    "listing": "further pages of lists",
    "details": "details of videos, for filters",
    "metadata": "asked by hand",
}


def _job(screen: Screen, world: World, job_id: str) -> int:
    from ytarchive.cli.words import span, when

    errand = world.index.errand(job_id)
    if errand is not None:
        return _errand(screen, errand, world.clock.now())
    job = world.index.job(job_id)
    if job is None:
        raise UsageError(
            f"no job is called {job_id}", cure="jobs are named while they run with `reconcile -v`"
        )
    if screen.json:
        screen.document(job)
        return 0
    now = world.clock.now()
    screen.heading(f"{job.id}  {job.kind} {job.subject}")
    screen.say(f"  started {when(job.started_at, now)}, attempt {job.attempt}")
    if job.ended_at is not None:
        why = f": {job.code} {job.message or ''}".rstrip() if job.code else ""
        screen.say(f"  {job.outcome} after {span(job.ended_at - job.started_at)}{why}")
    else:
        screen.say(f"  {job.state}")
    return 0


def _errand(screen: Screen, errand: Errand, now: int) -> int:
    """What somebody asked the daemon for."""
    from ytarchive.cli.words import when

    if screen.json:
        screen.document(errand)
        return 0
    screen.heading(f"{errand.id}  {errand.kind} {errand.subject}")
    screen.say(f"  asked for {when(errand.created_at, now)}, {errand.state}")
    if errand.counts:
        counts = ", ".join(f"{number:,} {state}" for state, number in sorted(errand.counts.items()))
        screen.say(f"  its videos: {counts}")
    if errand.message:
        screen.say(f"  {errand.message}")
    return 0
