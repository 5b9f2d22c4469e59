"""Playlists as the worker reads them: whole, short, unchanged, unreadable."""

from __future__ import annotations

from typing import Any

import pytest
from worker_desk import Desk, WorkerProcess

from ytarchive.core.codec import adapter
from ytarchive.core.job import Event, Known, ListedVideo
from ytarchive.simulator import PLAYLISTS, Simulator, computed_playlist_id, numbered_video_id


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


def test_what_did_not_change_costs_two_requests(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    playlist = computed_playlist_id(5000, "same")
    known = Known(tuple(ids_of(playlist, 100)), 5000)

    receipt = worker.run(desk.job(playlist, kind="list", known=known))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.expected) == ("unchanged", 5000)
    assert youtube.counters()["total_requests"] <= 2
    assert lines(worker.events) == []


@pytest.mark.parametrize(
    "known", [Known(("x" * 11,), 300), Known(tuple(ids_of(computed_playlist_id(300, "new"), 100)), 299)]
)
def test_another_beginning_or_length_is_read_again(worker: WorkerProcess, desk: Desk, known: Known) -> None:
    receipt = worker.run(desk.job(computed_playlist_id(300, "new"), kind="list", known=known))

    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.got) == ("complete", 300)


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


@pytest.mark.parametrize("layout", ["lockup", "renderer"])
def test_both_layouts_give_the_same_lines(desk: Desk, own_worker: Any, layout: str) -> None:
    with Simulator(layout=layout) as other:
        worker = own_worker(**other.environment())

        worker.run(desk.job(computed_playlist_id(3, "layout"), kind="list"))

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
