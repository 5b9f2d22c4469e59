"""How books, decisions, listings and the end of a pass are drawn; every command that shows them uses these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.text import Text

from ytarchive.cli.output import BUCKET_STYLES, Cell, Column, Screen, bucket_cells, styled
from ytarchive.cli.removing import draw_held
from ytarchive.cli.tally import listing_line
from ytarchive.cli.words import count, size, span, when
from ytarchive.core.confirmation import unconfirmed
from ytarchive.core.failure_table import policy
from ytarchive.core.forecast import Forecast
from ytarchive.core.halts import Notice
from ytarchive.core.identity import GUEST
from ytarchive.core.plan import BUCKETS, Books, Decision, Reason
from ytarchive.core.plan_words import REASONS, VERBS
from ytarchive.core.report import PassReport, SourceReport
from ytarchive.core.space import Need

SHOWN_AT_ONCE = 50


def draw_books(screen: Screen, total: Books, entries: Mapping[str, Books]) -> None:
    """wanted = have + ready + running + deferred + blocked, by entry; the last row counts each video once.

    Where filters leave something out, also listed = excluded + undecided + wanted.
    """
    filtered = total.listed != total.wanted or any(books.listed != books.wanted for books in entries.values())
    before = ("Listed", "Excluded", "Undecided") if filtered else ()
    columns = [
        Column("Entry", wide=True),
        *(Column(name, right=True) for name in (*before, "Wanted", *map(str.title, BUCKETS))),
    ]
    rows: list[Sequence[Cell]] = [
        _books_row(styled(name, ""), books, filtered=filtered) for name, books in sorted(entries.items())
    ]
    if len(rows) != 1:
        rows.append(_books_row(Text("each video once"), total, filtered=filtered))
    screen.table(columns, rows, footer=len(rows) > 1)


def _books_row(name: Text, books: Books, *, filtered: bool) -> Sequence[Cell]:
    listed: list[Cell] = []
    if filtered:
        left_out = bucket_cells({"excluded": books.excluded, "undecided": books.undecided})
        listed = [f"{books.listed:,}", *left_out]
    buckets = bucket_cells({bucket: getattr(books, bucket) for bucket in BUCKETS})
    return [name, *listed, f"{books.wanted:,}", *buckets]


def draw_need(screen: Screen, need: Need) -> None:
    """What is to come may take, by what is here for the same wish."""
    if need.bytes is not None:
        tail = "which fits" if need.fits else "for which there is no room: see `ytarchive space`"
        told = f"{count(need.videos, 'video')} to come may take {size(need.bytes)}, {tail}"
        screen.say(told, "dim" if need.fits else "bold yellow")


def draw_decisions(screen: Screen, decisions: Iterable[Decision], now: int, *, most: int | None) -> int:
    """One line for each decision; returns how many there are. At most `most` are drawn, all are counted."""
    kept: list[Decision] = []
    number = 0
    for number, decision in enumerate(decisions, start=1):
        if most is None or number <= most:
            kept.append(decision)
    if kept:
        columns = [Column("What"), Column("Video"), Column("Title", wide=True), Column("Why", wide=True)]
        if not screen.is_narrow:
            columns.append(Column("Entry", wide=True))
        screen.table(columns, [_decision_row(decision, now)[: len(columns)] for decision in kept])
    if number > len(kept):
        screen.say(f"… and {number - len(kept):,} more (-v shows all)", "dim")
    return number


def _decision_row(decision: Decision, now: int) -> Sequence[Cell]:
    word = VERBS[decision.action] if decision.action else decision.bucket
    why = REASONS[decision.reason]
    if decision.code:
        why = f"{decision.code}: {policy(decision.code).meaning}"
        if decision.reason is Reason.RETRY_DUE:
            why = f"tried again after {why}"
        elif decision.due_at is not None:
            soon = when(decision.due_at, now).partition(" (")[0]
            doubt = unconfirmed(decision.code, decision.looks)
            said = f"{decision.code} {doubt}" if doubt else decision.code
            why = f"{said}, next look {soon}: {policy(decision.code).meaning}"
    if decision.action and decision.identity != GUEST:
        why = f"as {decision.identity}; {why}"
    if decision.acknowledged:
        why = f"ignored; {why}"
    return [
        styled(word, BUCKET_STYLES[decision.bucket]),
        decision.video,
        decision.title or "",
        why,
        ", ".join(decision.entries),
    ]


def draw_sources(screen: Screen, sources: Sequence[SourceReport]) -> None:
    for source in sources:
        screen.say(listing_line(source), "red" if source.failure else None)


def draw_pass(screen: Screen, report: PassReport, *, now: int) -> None:
    """The end of a pass: what was done, the books, what is left and why, and where to read on."""
    draw_books(screen, report.books, report.ledger.entries)
    screen.say()
    screen.say(_done_line(report))
    if report.failures:
        codes = ", ".join(f"{number} {code}" for code, number in sorted(report.failures.items()))
        screen.say(f"Not had: {codes}", "yellow")
    for text in report.unrecognised:
        screen.say(f"Not recognised, please report it: {text}", "yellow")
    if report.ledger.acknowledged:
        screen.say(f"Ignored on your word: {report.ledger.acknowledged:,}", "dim")
    if report.waiting:
        screen.say(
            f"Stopped before the end: {report.waiting}. Run again later, or raise --max-wait.", "yellow"
        )
    for notice in report.notices:
        draw_notice(screen, notice)
    if report.forecast is not None:
        screen.say(forecast_line(report.forecast, now), "dim")
    if report.next_due_at is not None:
        screen.say(f"Next: {when(report.next_due_at, now)}", "dim")
    for problem in report.problems:
        screen.say(f"manifest: {problem}", "red")
    if report.removals is not None:
        draw_held(screen, report.removals.held)
    for account in report.accounts:
        screen.say(account.what or account.name, "bold yellow")
        screen.say(f"  cure: {account.cure}")
    if report.stopped:
        screen.say(f"Stopped: {report.stopped}", "bold red")
        if report.stop_cure:
            screen.say(f"  cure: {report.stop_cure}")
    elif report.exit_code:
        where = f" and {report.work_plan[-1]}" if report.work_plan else ""
        owed = owed_line(report.ledger.owed, report.ledger.sources_owed)
        if not owed:
            screen.say("Something waits for your word: see `ytarchive quarantine`", "bold yellow")
            return
        screen.say(f"{owed}: see `ytarchive workplan`{where}", "bold yellow")
    else:
        screen.say("Converged.", "bold green")


def draw_notice(screen: Screen, notice: Notice) -> None:
    """What pauses downloads, and what a person can do."""
    screen.say(notice.what, "bold yellow")
    for action in notice.actions:
        parts = "; ".join(part for part in (action.command, action.edit) if part)
        screen.say(f"  {action.what}: {parts}" if parts else f"  {action.what}")


def forecast_line(forecast: Forecast, now: int) -> str:
    """`To do: 1,900 videos at 250 an hour, done in 7 h 30 min (2026-11-23 14:05)`."""
    rate = f" at {forecast.videos_per_hour:,.0f} an hour" if forecast.videos_per_hour is not None else ""
    end = f", done {when(forecast.ends_at, now)}" if forecast.ends_at is not None else ""
    return f"To do: {count(forecast.backlog, 'video')}{rate}{end}"


def owed_line(videos: int, sources: int) -> str:
    """`3 wanted videos are missing, 1 list could not be read`."""
    parts = (
        count(videos, "wanted video is missing", "wanted videos are missing") if videos else "",
        count(sources, "list could not be read", "lists could not be read") if sources else "",
    )
    return ", ".join(part for part in parts if part)


def _done_line(report: PassReport) -> str:
    done = report.done
    parts = [
        f"{number:,} {word}"
        for number, word in (
            (done.fetched, "downloaded"),
            (done.updated, "updated"),
            (done.captions, "with captions added"),
            (done.looked, "looked at again without news"),
            (done.accepted, "accepted as they are"),
            (done.examined, "looked at and left out by a filter"),
            (done.linked, "linked into the library"),
            (done.quarantined, "put into quarantine"),
            (done.deleted, "deleted"),
            (done.emptied, "deleted from quarantine"),
            (done.failed, "not to be had now"),
        )
        if number
    ]
    if done.bytes:
        parts.append(size(done.bytes))
    took = span(max(0, report.ended_at - report.started_at))
    return f"{', '.join(parts)} in {took}." if parts else f"Nothing to download, nothing to change ({took})."
