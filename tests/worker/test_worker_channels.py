"""Channels as the worker reads them: who they are, their uploads by kind, their playlists and releases."""

from __future__ import annotations

from typing import Any

import pytest
from test_worker_listing import lines
from worker_desk import Desk, WorkerProcess

from ytarchive.core.job import Known, ListedPlaylist, ListedVideo, ListingSummary, Receipt
from ytarchive.simulator import Simulator, computed_channel_id

EVERYTHING = computed_channel_id(
    videos=70, shorts=40, live=35, members=2, playlists=33, releases=3, seed="wrk"
)


@pytest.fixture
def channel(youtube: Simulator) -> str:
    youtube.set_channel(EVERYTHING, handle="@everything", title="Everything", custom="Every", user="thing")
    return EVERYTHING


def read(worker: WorkerProcess, desk: Desk, subject: str, **more: Any) -> tuple[Receipt, ListingSummary]:
    receipt = worker.run(desk.job(subject, kind="list", **more))
    assert receipt.listing is not None, receipt.failure
    return receipt, receipt.listing


def kinds(found: list[ListedVideo]) -> set[str | None]:
    return {each.kind for each in found}


@pytest.mark.parametrize("address", ["@everything", "@EVERYthing", "c/Every", "user/thing", EVERYTHING])
def test_every_address_of_a_channel_leads_to_its_id_by_one_page(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, channel: str, address: str
) -> None:
    receipt, listing = read(worker, desk, f"channel:{address}")

    assert (receipt.outcome, receipt.failure, listing.completeness) == ("done", None, "complete")
    assert listing.channel is not None
    assert (listing.channel.id, listing.channel.title, listing.channel.handle) == (
        channel,
        "Everything",
        "@everything",
    )
    assert youtube.counters()["total_requests"] == 1
    assert {each.purpose for each in receipt.http} == {"browse"}


def test_a_channel_without_videos_is_known_as_well(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    channel = computed_channel_id(shorts=3, seed="wsh")

    _, listing = read(worker, desk, f"channel:{channel}")

    assert listing.channel is not None
    assert listing.channel.id == channel
    assert youtube.counters()["total_requests"] == 1


@pytest.mark.parametrize("address", ["@nobody-at-all", "UCznobodynobodynobodynob"])
def test_a_channel_that_is_not_there_is_a_failure(worker: WorkerProcess, desk: Desk, address: str) -> None:
    receipt = worker.run(desk.job(f"channel:{address}", kind="list"))

    assert receipt.failure is not None
    assert (receipt.outcome, receipt.failure.code) == ("failed", "CHANNEL_404")


def test_a_channel_that_was_closed_is_told_as_such(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    closed = computed_channel_id(videos=3, playlists=1, seed="wcl")
    youtube.set_channel(closed, state="terminated")

    codes = []
    for subject in (f"channel:{closed}", f"playlists:{closed}"):
        receipt = worker.run(desk.job(subject, kind="list"))
        codes.append(receipt.failure and receipt.failure.code)

    assert codes == ["TERMINATED", "TERMINATED"]


@pytest.mark.parametrize(
    ("letters", "kind", "size"), [("UULF", "videos", 72), ("UUSH", "shorts", 40), ("UULV", "live", 35)]
)
@pytest.mark.parametrize("has_lists", [True, False])
def test_uploads_are_read_by_their_list_else_by_their_tab(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, letters: str, kind: str, size: int, has_lists: bool
) -> None:
    channel = computed_channel_id(videos=70, shorts=40, live=35, members=2, seed="wlt")
    youtube.set_channel(channel, upload_lists=has_lists)

    receipt, listing = read(worker, desk, letters + channel[2:])

    assert (listing.completeness, listing.got, receipt.failure) == ("complete", size, None)
    assert listing.expected == (size if has_lists else None)
    found = lines(worker.events)
    assert kinds(found) == {kind}
    assert len({each.video for each in found}) == size
    assert all(each.title for each in found)


@pytest.mark.parametrize("letters", ["UULF", "UUSH", "UULV"])
def test_a_channel_without_the_tab_is_complete_and_empty(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, letters: str
) -> None:
    channel = computed_channel_id(playlists=1, seed="wno")
    youtube.set_channel(channel, upload_lists=False)

    receipt, listing = read(worker, desk, letters + channel[2:])

    assert (listing.completeness, listing.got, receipt.failure) == ("complete", 0, None)
    assert lines(worker.events) == []


def test_uploads_of_a_channel_that_is_not_there_are_a_failure(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job("UULFznobodynobodynobodynob", kind="list"))

    assert receipt.failure is not None
    assert receipt.failure.code == "CHANNEL_404"


def test_a_tab_that_is_cut_is_partial(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> None:
    channel = computed_channel_id(videos=200, seed="wcu")
    youtube.set_channel(channel, upload_lists=False)
    youtube.add_fault("short_list", request="browse", skip=2)

    receipt, listing = read(worker, desk, f"UULF{channel[2:]}", held=200)

    assert listing.completeness == "partial"
    assert 0 < listing.got < 200
    assert receipt.failure is not None
    assert receipt.failure.code == "TRUNCATED"


def test_a_small_tab_that_did_not_change_is_known_as_such(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    channel = computed_channel_id(live=20, seed="wun")
    youtube.set_channel(channel, upload_lists=False)
    read(worker, desk, f"UULV{channel[2:]}")
    known = Known(tuple(each.video for each in lines(worker.events)), 20)

    _, listing = read(worker, desk, f"UULV{channel[2:]}", known=known)

    assert (listing.completeness, lines(worker.events)) == ("unchanged", [])


def test_members_only_videos_are_marked_in_either_place(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    channel = computed_channel_id(videos=5, members=2, seed="wme")
    marked = []
    for has_lists in (True, False):
        youtube.set_channel(channel, upload_lists=has_lists)
        read(worker, desk, f"UULF{channel[2:]}")
        marked.append([each.availability for each in lines(worker.events)].count("subscriber_only"))

    assert marked == [2, 2]


@pytest.mark.parametrize(("kind", "size"), [("playlists", 33), ("releases", 3)])
def test_every_playlist_of_a_channel_is_listed(
    worker: WorkerProcess, desk: Desk, channel: str, kind: str, size: int
) -> None:
    receipt, listing = read(worker, desk, f"{kind}:{channel}")

    assert (receipt.failure, listing.completeness, listing.got) == (None, "complete", size)
    assert len({each.playlist for each in listing.playlists}) == size
    assert all(
        isinstance(each, ListedPlaylist) and each.title and each.count == 20 for each in listing.playlists
    )
    assert worker.events == [each for each in worker.events if each.kind != "entries"]


@pytest.mark.parametrize("kind", ["playlists", "releases"])
def test_a_channel_without_playlists_is_complete_and_empty(
    worker: WorkerProcess, desk: Desk, kind: str
) -> None:
    receipt, listing = read(worker, desk, f"{kind}:{computed_channel_id(videos=1, seed='wnp')}")

    assert (receipt.failure, listing.completeness, listing.playlists) == (None, "complete", ())


def test_playlists_of_a_channel_that_is_not_there_are_a_failure(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job("playlists:UCznobodynobodynobodynob", kind="list"))

    assert receipt.failure is not None
    assert receipt.failure.code == "CHANNEL_404"


@pytest.mark.parametrize(("fault", "value"), [("status", 500), ("empty_page", 0), ("short_list", 0)])
def test_playlists_that_were_cut_are_partial(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, channel: str, fault: str, value: int
) -> None:
    youtube.add_fault(fault, value=value, request="channel" if fault == "short_list" else "browse")

    receipt, listing = read(worker, desk, f"playlists:{channel}", held=33)

    assert (listing.completeness, len(listing.playlists)) == ("partial", 30)
    assert receipt.failure is not None
    assert receipt.failure.code == ("HTTP_5XX" if value else "TRUNCATED")
