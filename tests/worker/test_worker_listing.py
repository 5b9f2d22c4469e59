"""Playlists as the worker reads them: whole, short, unchanged, unreadable."""

from __future__ import annotations

from typing import Any

import pytest
from worker_desk import Desk, WorkerProcess

from ytarchive.core.codec import adapter
from ytarchive.core.job import Event, Known, ListedVideo
from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator, computed_playlist_id, numbered_video_id


def lines(events: list[Event]) -> list[ListedVideo]:
    read: Any = adapter(list[ListedVideo])
    return [
        each
        for event in events
        if event.kind == "entries"
        for each in read.validate_python(event.data["videos"])
    ]


def ids_of(playlist: str, size: int) -> list[str]:
    return [numbered_video_id(playlist, place) for place in range(size)]


def test_a_playlist_is_read_whole_and_in_order(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> None:
    playlist = computed_playlist_id(1234, "whole")

    receipt = worker.run(desk.job(playlist, kind="list"))

    assert receipt.listing is not None
    assert (receipt.outcome, receipt.failure) == ("done", None)
    assert (receipt.listing.completeness, receipt.listing.expected, receipt.listing.got) == (
        "complete",
        1234,
        1234,
    )
    assert receipt.listing.title
    found = lines(worker.events)
    assert [each.video for each in found] == ids_of(playlist, 1234)
    assert all(each.title and each.duration_seconds and each.channel and each.channel_id for each in found)
    assert [len(event.data["videos"]) for event in worker.events if event.kind == "entries"] == [
        500,
        500,
        234,
    ]
    assert youtube.counters()["total_requests"] <= 2 + 12


@pytest.mark.parametrize("size", [40, 100, 101, 5000, 100_000])
def test_what_did_not_change_costs_one_request(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, size: int
) -> None:
    playlist = computed_playlist_id(size, "same")
    known = Known(tuple(ids_of(playlist, min(size, 100))), size)

    receipt = worker.run(desk.job(playlist, kind="list", known=known))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.expected) == ("unchanged", size)
    assert youtube.counters()["total_requests"] == 1
    assert lines(worker.events) == []


def test_a_look_that_is_refused_costs_one_more(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> None:
    playlist = computed_playlist_id(5000, "same")
    youtube.add_fault("status", value=404, request="browse", count=1)

    receipt = worker.run(desk.job(playlist, kind="list", known=Known(tuple(ids_of(playlist, 100)), 5000)))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.failure) == ("unchanged", None)
    assert youtube.counters()["total_requests"] == 3


@pytest.mark.parametrize(
    "known", [Known(("x" * 11,), 300), Known(tuple(ids_of(computed_playlist_id(300, "new"), 100)), 299)]
)
def test_another_beginning_or_length_is_read_again(worker: WorkerProcess, desk: Desk, known: Known) -> None:
    receipt = worker.run(desk.job(computed_playlist_id(300, "new"), kind="list", known=known))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.got) == ("complete", 300)


@pytest.mark.parametrize(("new", "requests"), [(0, 1), (3, 1), (60, 2)])
def test_a_look_at_the_head_ends_where_known_videos_begin(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, new: int, requests: int
) -> None:
    playlist = computed_playlist_id(5000, "head")
    held = ids_of(playlist, 5000)[new:]
    known = Known(tuple(held[:100]), len(held), recent=tuple(held[:200]))

    receipt = worker.run(desk.job(playlist, kind="list", known=known, reach="head", held=len(held)))

    assert receipt.listing is not None
    assert receipt.failure is None
    assert receipt.listing.completeness == ("head" if new else "unchanged")
    assert [each.video for each in lines(worker.events)] == (ids_of(playlist, new + 50) if new else [])
    assert (receipt.listing.expected, youtube.counters()["total_requests"]) == (5000, requests)


def test_known_videos_that_are_not_in_a_row_do_not_end_a_look(worker: WorkerProcess, desk: Desk) -> None:
    playlist = computed_playlist_id(300, "gaps")
    ids = ids_of(playlist, 300)
    known = Known((), 150, recent=tuple(each for place, each in enumerate(ids) if place % 40))

    receipt = worker.run(desk.job(playlist, kind="list", known=known, reach="head"))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.got) == ("complete", 300)


def test_a_look_that_meets_the_end_of_the_list_is_complete(worker: WorkerProcess, desk: Desk) -> None:
    playlist = computed_playlist_id(45, "end")
    known = Known((), 44, recent=tuple(ids_of(playlist, 45)[1:]))

    receipt = worker.run(desk.job(playlist, kind="list", known=known, reach="head"))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.got) == ("complete", 45)


@pytest.mark.parametrize("layout", ["lockup", "renderer"])
def test_lines_tell_when_and_what_without_a_request(desk: Desk, own_worker: Any, layout: str) -> None:
    names = ("ordinary", "live_now", "upcoming", "was_live", "members", "premiere", "private")
    with Simulator(layout=layout) as other:
        worker = own_worker(**other.environment())
        other.set_playlist("PLsimFacts000", [WELL_KNOWN[name] for name in names])

        worker.run(desk.job("PLsimFacts000", kind="list"))

        found = dict(zip(names, lines(worker.events), strict=True))
        for name in ("ordinary", "was_live", "members"):
            video = other.video(found[name].video)
            assert video is not None
            first, last = found[name].published_from, found[name].published_to
            assert first is not None
            assert last is not None
            assert first <= video.published_at.timestamp() <= last
        assert [found[name].published_from for name in ("upcoming", "premiere", "private")] == [None] * 3
        assert {name: found[name].live_status for name in names if found[name].live_status} == {
            "live_now": "is_live",
            "upcoming": "is_upcoming",
            "premiere": "is_upcoming",
            "was_live": "was_live",
        }
        assert {name: found[name].kind for name in names if found[name].kind} == {
            "live_now": "live",
            "was_live": "live",
        }
        marked = {name for name in names if found[name].availability == "subscriber_only"}
        assert marked == ({"members"} if layout == "lockup" else set())  # the older one shows no badges
        worker.close()


def test_a_short_list_that_did_not_change_is_known_as_such(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_playlist("PLsimThree000", [f"sim_Three0{place}" for place in range(3)])
    known = Known(tuple(f"sim_Three0{place}" for place in range(3)), 3)

    receipt = worker.run(desk.job("PLsimThree000", kind="list", known=known))

    assert receipt.listing is not None
    assert receipt.listing.completeness == "unchanged"


def test_gone_videos_keep_their_place_without_a_title(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_playlist(
        "PLsimGone0000", ["sim_Normal0", "sim_Private", "sim_Removed", "sim_Normal1", "sim_Normal0"]
    )

    receipt = worker.run(desk.job("PLsimGone0000", kind="list"))

    assert receipt.listing is not None
    assert receipt.listing.completeness == "complete"
    found = lines(worker.events)
    assert [each.video for each in found] == [
        "sim_Normal0",
        "sim_Private",
        "sim_Removed",
        "sim_Normal1",
        "sim_Normal0",
    ]
    assert [each.title is None for each in found] == [False, True, True, False, False]


@pytest.mark.parametrize("layout", ["lockup", "renderer", "page-header"])
def test_every_layout_gives_the_same_lines_and_their_number(desk: Desk, own_worker: Any, layout: str) -> None:
    with Simulator(layout=layout) as other:
        worker = own_worker(**other.environment())

        receipt = worker.run(desk.job(computed_playlist_id(3, "layout"), kind="list"))

        assert receipt.listing is not None
        assert (receipt.listing.expected, receipt.listing.got) == (3, 3)

        found = lines(worker.events)
        assert [each.video for each in found] == ids_of(computed_playlist_id(3, "layout"), 3)
        assert [each.title for each in found] == [f"Simulated video {each.video}" for each in found]
        assert all(each.duration_seconds == 2 and each.channel and each.channel_id for each in found)
        worker.close()


def test_a_playlist_that_is_not_there_is_a_failure(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job("PLsimNotThere", kind="list"))

    assert receipt.outcome == "failed"
    assert receipt.failure is not None
    assert receipt.failure.code == "LIST_MISSING"


def test_a_private_playlist_is_a_failure(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> None:
    youtube.set_playlist("PLsimPrivate0", ["sim_Normal0"], private=True)

    receipt = worker.run(desk.job("PLsimPrivate0", kind="list"))

    assert receipt.failure is not None
    assert receipt.failure.code in ("LIST_PRIVATE", "LIST_MISSING")


def test_an_empty_playlist_is_complete(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> None:
    youtube.set_playlist("PLsimEmpty000", [])

    receipt = worker.run(desk.job("PLsimEmpty000", kind="list"))

    assert receipt.listing is not None, receipt.failure
    assert (receipt.listing.completeness, receipt.listing.got) == ("complete", 0)


def test_a_listing_that_breaks_off_keeps_what_it_told(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=429, request="browse", skip=3)

    receipt = worker.run(desk.job(computed_playlist_id(1000, "cut"), kind="list"))

    assert receipt.listing is not None
    assert receipt.listing.completeness == "partial"
    assert receipt.listing.expected == 1000
    assert 0 < receipt.listing.got == len(lines(worker.events)) < 1000
    assert receipt.failure is not None
    assert receipt.failure.code == "HTTP_429"


def test_a_listing_can_be_cancelled(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> None:
    youtube.add_fault("latency", value=100, request="browse")
    job = desk.job(computed_playlist_id(5000, "stop"), kind="list")

    worker.send(job)
    worker.until_event(lambda event: event.kind == "entries")
    worker.cancel(job)

    assert worker.receipt().outcome == "cancelled"


def test_the_well_known_lists_are_read(worker: WorkerProcess, desk: Desk) -> None:
    for playlist in (PLAYLISTS["unavailable"], PLAYLISTS["duplicates"]):
        receipt = worker.run(desk.job(playlist, kind="list"))

        assert receipt.listing is not None
        assert receipt.listing.completeness == "complete"
