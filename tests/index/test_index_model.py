"""The index against a naive model in Python: whatever happens, it hides nothing and invents nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index_values import ENGLISH, GERMAN, HD, NOW, SD, failure, item, lines

from ytarchive.adapters.index import Index
from ytarchive.adapters.index.claims import REQUEST_PRIORITY
from ytarchive.core.desired import Entry, Target, target_digest, unite
from ytarchive.core.job import Job, ListingSummary
from ytarchive.core.plan import Row

VIDEOS = tuple(f"v{number}" for number in range(6))
SOURCES = ("PLone", "PLtwo", "UUthree")
WISHES = (HD, SD, ENGLISH, GERMAN)
LATER = NOW + 100


@dataclass
class OnDisk:
    got: str
    condition: str = "whole"
    captions_due_at: int | None = None


@dataclass
class Model:
    """What was done, as plainly as it can be kept."""

    entries: tuple[Entry, ...] = ()
    members: dict[str, list[str]] = field(default_factory=dict)
    requests: dict[str, list[Target]] = field(default_factory=dict)
    disk: dict[str, OnDisk] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    ignored: dict[str, int | None] = field(default_factory=dict)

    def claims(self, video: str) -> list[tuple[tuple[int, bool, int], str, Target]]:
        """Who wants it, the first one first: (order, name, wish)."""
        found = [
            ((-entry.priority, entry.kind != "videos", place), entry.name, entry.wish)
            for place, entry in enumerate(self.entries, 1)
            if video in self.of(entry)
        ]
        found += [((-REQUEST_PRIORITY, False, 0), "manual", wish) for wish in self.requests.get(video, ())]
        return sorted(found, key=lambda claim: claim[0])

    def of(self, entry: Entry) -> list[str]:
        return (
            list(dict.fromkeys(entry.videos))
            if entry.kind == "videos"
            else self.members.get(entry.source, [])
        )

    def row(self, video: str, now: int) -> Row | None:
        claims = self.claims(video)
        if not claims:
            return None
        disk = self.disk.get(video)
        code = "TIMEOUT" if self.attempts.get(video) else None
        until = self.ignored.get(video, 0)
        return Row(
            video=video,
            target=target_digest(unite(wish for _, _, wish in claims)),
            got=disk.got if disk else None,
            condition=disk.condition if disk else "none",  # type: ignore[arg-type]
            running=video in self.running,
            attempts=self.attempts.get(video, 0),
            code=code,
            kind="transient" if code else None,
            next_due_at=LATER if code else None,
            captions_due_at=disk.captions_due_at if disk else None,
            acknowledged=until is None or until > now,
            priority=-claims[0][0][0],
            entries=tuple(dict.fromkeys(name for _, name, _ in claims)),
        )

    def unsettled(self, row: Row, now: int) -> bool:
        due = row.captions_due_at is not None and row.captions_due_at <= now
        return row.got != row.target or row.condition != "whole" or row.running or due

    def order(self, row: Row) -> tuple[object, ...]:
        (priority, _, place), name, _ = self.claims(row.video)[0]
        any_single = all(is_list for (_, is_list, _), _, _ in self.claims(row.video))
        if name == "manual":
            return (priority, any_single, place, list(self.requests).index(row.video))
        entry = next(entry for entry in self.entries if entry.name == name)
        position = self.of(entry).index(row.video)
        newest_first = entry.source.startswith("UU")
        up = (
            entry.kind == "playlist" and entry.order != "listed" and (entry.order == "newest") != newest_first
        )
        return (priority, any_single, place, -position if up else position)


Step = Callable[[Index, Model], None]


def apply_entries(entries: tuple[Entry, ...]) -> Step:
    def step(index: Index, model: Model) -> None:
        assert index.apply_entries(entries, NOW) or entries == model.entries
        model.entries = entries

    return step


def list_source(source: str, videos: list[str], completeness: str) -> Step:
    def step(index: Index, model: Model) -> None:
        index.begin_listing(source, NOW)
        index.add_listed(source, lines(videos[:2]), 0)
        index.add_listed(source, lines(videos[2:]), 2)
        summary = ListingSummary(completeness, len(videos), len(videos))  # type: ignore[arg-type]
        change = index.finish_listing(source, summary, NOW, NOW)
        held, listed = model.members.get(source, []), list(dict.fromkeys(videos))
        if completeness == "complete":
            assert (change.added, change.removed) == (
                len(set(listed) - set(held)),
                len(set(held) - set(listed)),
            )
            model.members[source] = listed
        elif completeness == "partial":
            assert (change.added, change.removed) == (len(set(listed) - set(held)), 0)
            assert set(held) <= set(index.members(source))
            model.members[source] = list(index.members(source))
        assert set(index.members(source)) == set(model.members.get(source, []))

    return step


def break_listing_off(source: str, videos: list[str]) -> Step:
    def step(index: Index, model: Model) -> None:
        index.begin_listing(source, NOW)
        index.add_listed(source, lines(videos), 0)

    return step


def request(video: str, wish: Target) -> Step:
    def step(index: Index, model: Model) -> None:
        index.add_request(video, wish, NOW)
        if wish not in model.requests.setdefault(video, []):
            model.requests[video].append(wish)

    return step


def keep(video: str, wish: Target, captions_due_at: int | None) -> Step:
    def step(index: Index, model: Model) -> None:
        made = item(video, wish, captions_missing=("de", "en"))
        index.record_item(made, dir_mtime_ns=1, captions_due_at=captions_due_at)
        model.disk[video] = OnDisk(made.target, _condition(made.wanted), captions_due_at)
        model.attempts.pop(video, None)

    return step


def accept(video: str) -> Step:
    def step(index: Index, model: Model) -> None:
        row = model.row(video, NOW)
        if row and video in model.disk:
            index.accept(video, row.target)
            if model.disk[video].condition != "damaged":
                wanted = unite(wish for _, _, wish in model.claims(video))
                model.disk[video] = OnDisk(row.target, _condition(wanted), model.disk[video].captions_due_at)
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


def rolled_back(step: Step) -> Step:
    """Any of the others, in a transaction that fails: nothing happened."""

    def undone(index: Index, model: Model) -> None:
        with suppress(KeyboardInterrupt), index.transaction():
            shadow = replace(
                model,
                members=dict(model.members),
                requests={video: list(wishes) for video, wishes in model.requests.items()},
                disk={video: replace(disk) for video, disk in model.disk.items()},
                attempts=dict(model.attempts),
                running=set(model.running),
                ignored=dict(model.ignored),
            )
            step(index, shadow)
            check(index, shadow, NOW)
            raise KeyboardInterrupt

    return undone


videos = st.sampled_from(VIDEOS)
wishes = st.sampled_from(WISHES)
some_videos = st.lists(videos, max_size=7)


@st.composite
def some_entries(draw: st.DrawFn) -> tuple[Entry, ...]:
    entries = []
    for name in draw(st.permutations("abcd"))[: draw(st.integers(0, 4))]:
        kind = draw(st.sampled_from(("videos", "playlist")))
        entries.append(
            Entry(
                name,
                kind,  # type: ignore[arg-type]
                f"videos:{name}" if kind == "videos" else draw(st.sampled_from(SOURCES)),
                draw(wishes),
                tuple(draw(some_videos)) if kind == "videos" else (),
                priority=draw(st.integers(-1, 1)),
                order=draw(st.sampled_from(("newest", "oldest", "listed"))),
            )
        )
    return tuple(entries)


plain_steps = st.one_of(
    st.builds(apply_entries, some_entries()),
    st.builds(
        list_source,
        st.sampled_from(SOURCES),
        some_videos,
        st.sampled_from(("complete", "complete", "partial", "unchanged")),
    ),
    st.builds(break_listing_off, st.sampled_from(SOURCES), some_videos),
    st.builds(request, videos, wishes),
    st.builds(keep, videos, wishes, st.sampled_from((None, None, NOW - 1, NOW, LATER))),
    st.builds(accept, videos),
    st.builds(damage, videos),
    st.builds(forget, videos),
    st.builds(fail, videos),
    st.builds(run, videos),
    st.builds(end, videos),
    st.builds(ignore, videos, st.sampled_from((None, NOW, LATER))),
)
steps = st.lists(plain_steps | st.builds(rolled_back, plain_steps), min_size=1, max_size=14)


@contextmanager
def new_index() -> Iterator[Index]:
    with tempfile.TemporaryDirectory() as folder, Index.open(Path(folder) / "index.sqlite") as index:
        yield index


def check(index: Index, model: Model, now: int) -> None:
    rows = [row for video in VIDEOS if (row := model.row(video, now))]
    names = ["", *(entry.name for entry in model.entries)]

    def count(of: list[Row]) -> dict[str, int]:
        counts = dict.fromkeys(names, 0) | {"": len(of)}
        for row in of:
            for name in row.entries:
                counts[name] = counts.get(name, 0) + 1
        return counts

    expected = sorted((row for row in rows if model.unsettled(row, now)), key=model.order)
    settled = [row for row in rows if not model.unsettled(row, now)]
    candidates = list(index.candidates(now))
    assert [_plain(row) for row in candidates] == expected
    assert index.wanted_count() == count(rows)
    assert index.settled(now) == count(settled)
    for video in VIDEOS:
        row = index.row(video, now)
        assert (_plain(row) if row else None) == model.row(video, now)
        if row:
            assert target_digest(index.target(row.target)) == row.target
            assert (row.facts is not None) == (
                row.condition in ("whole", "partial") and row.got != row.target
            )
    for entry in model.entries:
        assert list(index.candidates(now, entry=entry.name)) == [
            row for row in candidates if entry.name in row.entries
        ]
    some = VIDEOS[::2]
    assert list(index.candidates(now, videos=some)) == [row for row in candidates if row.video in some]


def _plain(row: Row) -> Row:
    """The row without what the model does not follow; what was tried for has tests of its own."""
    return replace(row, title=None, facts=None, wish_changed=False)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_index_agrees_with_the_model(taken: list[Step]) -> None:
    model = Model()
    with new_index() as index:
        for step in taken:
            step(index, model)
            check(index, model, NOW)
        check(index, model, LATER)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    some_entries(),
    st.lists(st.tuples(st.sampled_from(SOURCES), some_videos), max_size=3),
    st.permutations(VIDEOS),
)
def test_order_of_what_is_told_does_not_matter(
    entries: tuple[Entry, ...], listed: list[tuple[str, list[str]]], arrival: list[str]
) -> None:
    unique = list(dict(listed).items())
    with new_index() as early, new_index() as late:
        early.apply_entries(entries, NOW)
        for source, videos_ in unique:
            list_source(source, videos_, "complete")(early, Model())
        for video in arrival[:3]:
            early.record_item(item(video, SD), dir_mtime_ns=1, captions_due_at=None)
        for video in reversed(arrival[:3]):
            late.record_item(item(video, SD), dir_mtime_ns=1, captions_due_at=None)
        for source, videos_ in reversed(unique):
            list_source(source, videos_, "complete")(late, Model())
        late.apply_entries(entries, NOW)
        assert list(early.candidates(NOW)) == list(late.candidates(NOW))
        assert early.settled(NOW) == late.settled(NOW)
