"""The index against a naive model in Python: whatever happens, it hides nothing and invents nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index_model import ADDRESS, CATALOGUE, CHANNEL, SHORTS, UPLOADS, Model, OnDisk
from index_values import ENGLISH, GERMAN, HD, MAY_1, NOW, SD, failure, item

from ytarchive.adapters.index import Index, catalogues
from ytarchive.adapters.index.items import facts_of
from ytarchive.core.desired import Entry, Quality, Target, lowered, target_digest
from ytarchive.core.filters import Keep, Where
from ytarchive.core.instant import DAY
from ytarchive.core.job import (
    ChannelFacts,
    Job,
    ListedPlaylist,
    ListedVideo,
    ListingSummary,
    Proviso,
    VideoDetails,
)
from ytarchive.core.late_parts import late_of, late_under, next_look
from ytarchive.core.plan import Row, decide
from ytarchive.core.sources import upload_kind

VIDEOS = tuple(f"v{number}" for number in range(6))
SOURCES = ("PLone", "PLtwo", "UUthree")
LISTS = (*SOURCES, UPLOADS, SHORTS)
PICKY = Target(video=Quality(max=1440, min=720, codecs_only=True, fallback=()))
WISHES = (HD, SD, ENGLISH, GERMAN, PICKY)
LATER = NOW + 100
DATES = (None, (NOW - 3 * DAY, NOW - 2 * DAY), (NOW - DAY + 50,) * 2, (MAY_1, MAY_1), (NOW - 9, NOW - 9))
TITLES = (None, "Title of a cat", "Title of a dog")

Step = Callable[[Index, Model], None]


def apply_entries(entries: tuple[Entry, ...]) -> Step:
    def step(index: Index, model: Model) -> None:
        assert index.apply_entries(entries, NOW) or entries == model.entries
        model.entries = entries

    return step


def list_source(source: str, lines: list[ListedVideo], completeness: str) -> Step:
    def step(index: Index, model: Model) -> None:
        index.begin_listing(source, NOW)
        index.add_listed(source, lines[:2], 0)
        index.add_listed(source, lines[2:], 2)
        if completeness != "unchanged":
            _learn_lines(model, source, lines)
        summary = ListingSummary(completeness, len(lines), len(lines))  # type: ignore[arg-type]
        change = index.finish_listing(source, summary, NOW, NOW)
        held, listed = model.members.get(source, []), list(dict.fromkeys(line.video for line in lines))
        new = [video for video in listed if video not in held]
        if completeness == "complete":
            gone = set(held) - set(listed)
            assert (change.added, change.removed, change.kept) == (
                len(new),
                len(gone),
                len(listed) - len(new),
            )
            model.members[source] = listed
        elif completeness == "head":
            assert (change.added, change.removed, change.kept) == (len(new), 0, len(held))
            model.members[source] = new + held
        elif completeness == "partial":
            assert (change.added, change.removed, change.kept) == (len(new), 0, len(held))
            now_held = list(index.members(source))
            assert set(now_held) == {*held, *new}
            assert [video for video in now_held if video in held] == held
            model.members[source] = now_held
        assert list(index.members(source)) == model.members.get(source, [])

    return step


def _learn_lines(model: Model, source: str, lines: list[ListedVideo]) -> None:
    for line in {line.video: line for line in reversed(lines)}.values():  # of a double one the first line
        model.learn(
            line.video,
            title=line.title,
            duration_seconds=line.duration_seconds,
            kind=upload_kind(source),
            published=(line.published_from, line.published_to),
        )


def break_listing_off(source: str, lines: list[ListedVideo]) -> Step:
    def step(index: Index, _: Model) -> None:
        index.begin_listing(source, NOW)
        index.add_listed(source, lines, 0)

    return step


def resolve_channel() -> Step:
    def step(index: Index, model: Model) -> None:
        summary = ListingSummary("complete", None, 0, channel=ChannelFacts(CHANNEL, "Somebody", "@somebody"))
        index.finish_listing(ADDRESS, summary, NOW, NOW)
        model.channel = CHANNEL

    return step


def list_playlists(playlists: list[str], completeness: str) -> Step:
    def step(index: Index, model: Model) -> None:
        listed = tuple(ListedPlaylist(playlist) for playlist in playlists)
        summary = ListingSummary(completeness, len(listed), len(listed), playlists=listed)  # type: ignore[arg-type]
        change = index.finish_listing(CATALOGUE, summary, NOW, NOW)
        once = list(dict.fromkeys(playlists))
        assert change.added == len(set(once) - set(model.catalogue))
        if completeness == "complete":
            assert change.removed == len(set(model.catalogue) - set(once))
            model.catalogue = once
        else:
            held = catalogues.read_all(index._db).get(CATALOGUE, ())
            assert (change.removed, set(held)) == (0, {*model.catalogue, *once})
            model.catalogue = list(held)

    return step


def tell_details(details: VideoDetails, via: str) -> Step:
    def step(index: Index, model: Model) -> None:
        index.record_details([details], NOW, via)  # type: ignore[arg-type]
        model.learn(
            details.video,
            examined=via == "extraction",
            title=details.title,
            duration_seconds=details.duration_seconds,
            language=details.language,
            published=(details.published_at,) * 2,
        )
        index.judge(NOW)

    return step


def request(video: str, wish: Target) -> Step:
    def step(index: Index, model: Model) -> None:
        index.add_request(video, wish, NOW)
        if wish not in model.requests.setdefault(video, []):
            model.requests[video].append(wish)

    return step


def keep(video: str, wish: Target, late_due_at: int | None) -> Step:
    def step(index: Index, model: Model) -> None:
        made = item(video, wish, captions_missing=("de", "en"))
        index.record_item(made, dir_mtime_ns=1, late_due_at=late_due_at)
        late = late_of(made)
        assert ("captions" in late) == bool(made.wanted.captions)
        model.disk[video] = OnDisk(made.target, _condition(made.wanted), late, late_due_at)
        model.attempts.pop(video, None)
        told = made.metadata
        published = (MAY_1, MAY_1 + DAY - 1)
        model.learn(
            video,
            examined=True,
            title=told.title,
            duration_seconds=told.duration_seconds,
            published=published,
        )
        index.judge(NOW)

    return step


def accept(video: str) -> Step:
    def step(index: Index, model: Model) -> None:
        row = model.row(video, NOW, later=LATER)
        if row and video in model.disk:
            index.accept(video, row.target, NOW)
            if model.disk[video].condition != "damaged":
                wanted = model.target(video, model.active(video, NOW)[0])
                made = item(video, captions_missing=("de", "en"))
                late = late_under(facts_of(made), wanted, model.disk[video].late)
                look = next_look(late, wanted, made.captions_missing, NOW, NOW)
                model.disk[video] = OnDisk(row.target, _condition(wanted), late, look)
            model.attempts.pop(video, None)

    return step


def _condition(target: Target) -> str:
    return "partial" if any(wish.required for wish in target.captions) else "whole"


def damage(video: str) -> Step:
    def step(index: Index, model: Model) -> None:
        index.mark_damaged(video, "cut short")
        if video in model.disk:
            model.disk[video].condition = "damaged"

    return step


def forget(video: str) -> Step:
    def step(index: Index, model: Model) -> None:
        index.forget_item(video)
        model.disk.pop(video, None)

    return step


def fail(video: str) -> Step:
    def step(index: Index, model: Model) -> None:
        model.attempts[video] = model.attempts.get(video, 0) + 1
        assert index.record_failure(video, "media", failure(), NOW, LATER) == model.attempts[video]

    return step


def run(video: str) -> Step:
    def step(index: Index, model: Model) -> None:
        index.start_job(Job(f"job-{video}", "fetch", video), NOW)
        model.running.add(video)

    return step


def end(video: str) -> Step:
    def step(index: Index, model: Model) -> None:
        index.end_job(f"job-{video}", "failed", "TIMEOUT", None, NOW)
        model.running.discard(video)

    return step


def ignore(video: str, until: int | None) -> Step:
    def step(index: Index, model: Model) -> None:
        index.acknowledge(video, until, "", NOW)
        model.ignored[video] = until

    return step


def lower(video: str, is_lowered: bool) -> Step:
    def step(index: Index, model: Model) -> None:
        if is_lowered:
            index.lower(video, "", NOW)
            model.lowered.add(video)
        else:
            index.restore_wish(video)
            model.lowered.discard(video)

    return step


def rolled_back(step: Step) -> Step:
    """Any of the others, in a transaction that fails: nothing happened."""

    def undone(index: Index, model: Model) -> None:
        with suppress(KeyboardInterrupt), index.transaction():
            shadow = model.copy()
            step(index, shadow)
            check(index, shadow, NOW)
            raise KeyboardInterrupt

    return undone


videos = st.sampled_from(VIDEOS)
wishes = st.sampled_from(WISHES)
some_videos = st.lists(videos, max_size=7)
pieces = st.builds(
    lambda video, title, seconds, published: ListedVideo(
        video, title=title, duration_seconds=seconds, published_from=published[0], published_to=published[1]
    ),
    videos,
    st.sampled_from(TITLES),
    st.sampled_from((None, 600)),
    st.sampled_from(DATES).map(lambda dates: dates or (None, None)),
)
some_lines = st.lists(pieces, max_size=7)
filters = st.builds(
    Where,
    since=st.sampled_from((None, None, date(2024, 6, 1))),
    duration=st.sampled_from(((None, None), (None, None), (100, None))),
    match=st.sampled_from(((), (), ("cat",))),
    languages=st.sampled_from(((), (), ("en",))),
)
keeps = st.builds(
    Keep,
    last=st.sampled_from((None, None, 1, 3)),
    max_age_seconds=st.sampled_from((None, None, DAY, 3 * DAY)),
)


@st.composite
def some_entries(draw: st.DrawFn) -> tuple[Entry, ...]:
    entries = []
    for name in draw(st.permutations("abc"))[: draw(st.integers(0, 3))]:
        kind = draw(st.sampled_from(("videos", "playlist", "channel")))
        source = {"videos": f"videos:{name}", "channel": ADDRESS}.get(kind) or draw(st.sampled_from(SOURCES))
        filtered = draw(st.sampled_from((True, True, False)))
        entries.append(
            Entry(
                name,
                kind,  # type: ignore[arg-type]
                source,
                draw(wishes),
                tuple(draw(some_videos)) if kind == "videos" else (),
                priority=draw(st.integers(-1, 1)),
                order=draw(st.sampled_from(("newest", "oldest", "listed"))),
                include=draw(st.sampled_from((("videos",), ("videos", "shorts"), ("playlists", "videos")))),
                where=draw(filters) if filtered else Where(),
                keep=draw(keeps) if filtered else Keep(),
                pins=draw(st.sampled_from(((), (), (VIDEOS[0],), VIDEOS[1:3]))),
                suspend=draw(st.sampled_from((False,) * 7 + (True,))),
            )
        )
    return tuple(entries)


listings = st.builds(
    list_source,
    st.sampled_from(LISTS),
    some_lines,
    st.sampled_from(("complete", "complete", "partial", "unchanged", "head")),
)
details = st.builds(
    tell_details,
    st.builds(
        VideoDetails,
        videos,
        title=st.sampled_from(TITLES),
        published_at=st.sampled_from((None, NOW - DAY + 50, MAY_1)),
        duration_seconds=st.sampled_from((None, 10.0)),
        language=st.sampled_from((None, "en", "fr")),
    ),
    st.sampled_from(("api", "extraction", "feed")),
)
plain_steps = st.one_of(
    st.builds(apply_entries, some_entries()),
    listings,
    listings,
    details,
    details,
    st.builds(break_listing_off, st.sampled_from(LISTS), some_lines),
    st.builds(resolve_channel),
    st.builds(
        list_playlists,
        st.lists(st.sampled_from(SOURCES), max_size=3),
        st.sampled_from(("complete", "partial")),
    ),
    st.builds(request, videos, wishes),
    st.builds(keep, videos, wishes, st.sampled_from((None, None, NOW - 1, NOW, LATER))),
    st.builds(accept, videos),
    st.builds(damage, videos),
    st.builds(forget, videos),
    st.builds(fail, videos),
    st.builds(run, videos),
    st.builds(end, videos),
    st.builds(ignore, videos, st.sampled_from((None, NOW, LATER))),
    st.builds(lower, videos, st.booleans()),
)
steps = st.lists(plain_steps | st.builds(rolled_back, plain_steps), min_size=1, max_size=14)


@contextmanager
def new_index() -> Iterator[Index]:
    with tempfile.TemporaryDirectory() as folder, Index.open(Path(folder) / "index.sqlite") as index:
        yield index


def check(index: Index, model: Model, now: int) -> None:
    rows = [row for video in VIDEOS if (row := model.row(video, now, later=LATER))]
    names = ["", *(entry.name for entry in model.entries)]

    def count(of: list[Row]) -> dict[str, int]:
        counts = dict.fromkeys(names, 0) | {"": len(of)}
        for row in of:
            for name in row.entries:
                counts[name] = counts.get(name, 0) + 1
        return counts

    open_ = [row for row in rows if model.unsettled(row, now)]
    expected = sorted(open_, key=lambda row: (model.order(row, now), row.video))
    settled = [row for row in rows if not model.unsettled(row, now)]
    assert index.wanted_count() == count([row for row in rows if not row.undecided])
    assert index.settled(now) == count(settled)
    candidates = list(index.candidates(now))
    assert [_plain(row) for row in candidates] == expected
    for video in VIDEOS:
        row = index.row(video, now)
        assert (_plain(row) if row else None) == model.row(video, now, later=LATER)
        if row:
            assert target_digest(index.target(row.target)) == row.target
            assert (row.facts is not None) == (
                row.condition in ("whole", "partial") and row.got != row.target
            )
            hidden = row not in candidates
            assert not (hidden and decide(row, now, index.target).action)
    for entry in model.entries:
        assert list(index.candidates(now, entry=entry.name)) == [
            row for row in candidates if entry.name in row.entries
        ]
    some = VIDEOS[::2]
    assert list(index.candidates(now, videos=some)) == [row for row in candidates if row.video in some]
    check_filters(index, model, now)


def check_filters(index: Index, model: Model, now: int) -> None:
    """Every listed video of an entry is wanted, excluded or undecided, and the index says so of each."""
    left_out, wanted = index.left_out(), index.wanted_count()
    assert left_out == model.left_out(VIDEOS, now)
    for entry in model.entries:
        out = left_out[entry.name]
        assert wanted[entry.name] + out.excluded + out.undecided == len(model.listed(entry))
        for video in VIDEOS:
            verdict = index.verdict(entry.name, video)
            expected = model.outcome(entry, video, now) if video in model.listed(entry) else "wanted"
            assert (verdict.outcome if verdict else "wanted") == expected
    listed = set().union(*(model.listed(entry) for entry in model.entries), model.requests)
    assert wanted[""] + left_out[""].excluded + left_out[""].undecided == len(listed)
    for video in VIDEOS:
        waiting = [
            claim for claim in model.claims(video, now) if claim.verdict == "undecided" and claim.entry
        ]
        any_quality = video in model.lowered
        provisos = [
            Proviso(claim.entry.where, lowered(claim.wish) if any_quality else claim.wish)
            for claim in waiting
            if claim.entry
        ]
        assert {repr(one) for one in index.provisos(video)} == {repr(one) for one in provisos}


def _plain(row: Row) -> Row:
    """The row without what the model does not follow; what was tried for has tests of its own."""
    return replace(row, title=None, facts=None, wish_changed=False)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_entries(), st.lists(listings, min_size=1, max_size=4), steps)
def test_index_agrees_with_the_model(
    entries: tuple[Entry, ...], first: list[Step], taken: list[Step]
) -> None:
    model = Model()
    with new_index() as index:
        for step in (*first, resolve_channel(), apply_entries(entries), *taken):
            step(index, model)
            check(index, model, NOW)
        for now in (LATER, NOW + DAY, NOW):  # the last one as after a clock that was wrong
            index.judge(now)
            check(index, model, now)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    some_entries(),
    st.lists(st.tuples(st.sampled_from(LISTS), some_lines), max_size=3),
    st.permutations(VIDEOS),
)
def test_order_of_what_is_told_does_not_matter(
    entries: tuple[Entry, ...], listed: list[tuple[str, list[ListedVideo]]], arrival: list[str]
) -> None:
    unique = list(dict(listed).items())
    with new_index() as early, new_index() as late:
        early.apply_entries(entries, NOW)
        resolve_channel()(early, Model())
        for source, lines in unique:
            list_source(source, [ListedVideo(line.video) for line in lines], "complete")(early, Model())
        for video in arrival[:3]:
            early.record_item(item(video, SD), dir_mtime_ns=1, late_due_at=None)
        for video in reversed(arrival[:3]):
            late.record_item(item(video, SD), dir_mtime_ns=1, late_due_at=None)
        for source, lines in reversed(unique):
            list_source(source, [ListedVideo(line.video) for line in lines], "complete")(late, Model())
        resolve_channel()(late, Model())
        late.apply_entries(entries, NOW)
        early.judge(NOW)
        assert list(early.candidates(NOW)) == list(late.candidates(NOW))
        assert early.settled(NOW) == late.settled(NOW)
        assert early.left_out() == late.left_out()
