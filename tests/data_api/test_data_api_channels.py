"""Who a channel is, and which playlists it has, through the Data API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from api_desk import Desk, Say, Scripted

from ytarchive.core.job import ChannelFacts, ListedPlaylist
from ytarchive.simulator import Simulator, computed_channel_id, computed_handle

Start = Callable[[Say], Scripted]
CHANNEL = computed_channel_id(videos=3, playlists=120, seed="ccc")
HANDLE = computed_handle(CHANNEL)
OTHER = "UC" + "b" * 22


def channel(**changes: Any) -> dict[str, Any]:
    snippet = {"title": "Somebody", "description": "About me", "customUrl": "@somebody"}
    return {"items": [{"id": CHANNEL, "snippet": snippet, **changes}]}


def test_a_channel_is_found_by_handle_id_and_user_name(desk: Desk, youtube: Simulator) -> None:
    for address in (HANDLE, HANDLE.upper(), CHANNEL, f"user/{HANDLE[1:]}"):
        found = desk.list(f"channel:{address}")
        facts = found.listing.channel
        assert facts is not None
        assert (facts.id, facts.handle and facts.handle.lower()) == (CHANNEL, HANDLE)
        assert facts.title == found.listing.title
        assert (found.listing.completeness, found.listing.got, found.listing.via) == ("complete", 0, "api")
    assert desk.spent() == {"look": 4}


@pytest.mark.parametrize("address", ["@nobody-at-all", OTHER, "user/nobody"])
def test_a_channel_that_is_not_there_is_told(desk: Desk, youtube: Simulator, address: str) -> None:
    found = desk.list(f"channel:{address}")

    assert (found.receipt.outcome, found.code) == ("failed", "CHANNEL_404")


@pytest.mark.parametrize("subject", ["channel:c/Somebody", f"releases:{CHANNEL}", "channel:somebody"])
def test_what_the_api_does_not_know_costs_nothing(desk: Desk, youtube: Simulator, subject: str) -> None:
    found = desk.list(subject)

    assert (found.receipt.outcome, found.code) == ("failed", "API_UNSUPPORTED")
    assert youtube.counters()["total_requests"] == 0
    assert desk.spent() == {}


def test_a_channel_is_told_with_its_handle_and_description(desk: Desk, scripted: Start) -> None:
    scripted(lambda _: (200, channel()))

    assert desk.list("channel:@Somebody").listing.channel == ChannelFacts(
        CHANNEL, "Somebody", "@somebody", "About me"
    )


def test_a_handle_may_be_written_in_any_script(desk: Desk, scripted: Start) -> None:
    scripted(lambda _: (200, channel(snippet={"customUrl": "@%E3%83%92%E3%82%AB"})))

    facts = desk.list("channel:@ヒカ").listing.channel

    assert facts == ChannelFacts(CHANNEL, None, "@ヒカ", None)


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        (OTHER, channel()),
        ("@another", channel()),
        ("@somebody", {"items": channel()["items"] * 2}),
        ("@somebody", {"items": [{"id": "UCshort"}]}),
    ],
    ids=["another id", "another handle", "two of them", "no id"],
)
def test_another_channel_than_was_asked_for_is_not_believed(
    desk: Desk, scripted: Start, address: str, answer: object
) -> None:
    scripted(lambda _: (200, answer))

    found = desk.list(f"channel:{address}")

    assert (found.receipt.outcome, found.code) == ("failed", "API_BAD_ANSWER")


def test_an_old_address_in_place_of_a_handle_is_no_handle(desk: Desk, scripted: Start) -> None:
    scripted(lambda _: (200, channel(snippet={"customUrl": "somebody"})))

    facts = desk.list("channel:@somebody").listing.channel

    assert facts == ChannelFacts(CHANNEL)


def test_the_playlists_of_a_channel_are_listed_whole(desk: Desk, youtube: Simulator) -> None:
    found = desk.list(f"playlists:{CHANNEL}").listing

    assert (found.completeness, found.expected, found.got, found.via) == ("complete", 120, 120, "api")
    assert len({playlist.playlist for playlist in found.playlists}) == 120
    assert all(playlist.title and playlist.count is not None for playlist in found.playlists)
    assert desk.spent() == {"look": 1, "listing": 2}


def test_the_playlists_of_nobody_are_told(desk: Desk, youtube: Simulator) -> None:
    found = desk.list(f"playlists:{OTHER}")

    assert (found.receipt.outcome, found.code) == ("failed", "CHANNEL_404")


def test_playlists_that_break_off_are_partial(desk: Desk, youtube: Simulator) -> None:
    youtube.add_fault("status", value=500, request="data_api/playlists", skip=1)

    found = desk.list(f"playlists:{CHANNEL}")

    assert (found.listing.completeness, found.listing.got, found.code) == ("partial", 50, "API_5XX")


def test_playlists_that_end_too_early_are_partial(desk: Desk, youtube: Simulator) -> None:
    youtube.add_fault("short_list", request="data_api/playlists", count=1)

    found = desk.list(f"playlists:{CHANNEL}")

    assert (found.listing.completeness, found.listing.got, found.code) == ("partial", 50, "TRUNCATED")


def playlists(*names: str, token: str | None = None, of: str = CHANNEL) -> dict[str, Any]:
    items = [{"id": name, "snippet": {"channelId": of, "title": name.upper()}} for name in names]
    return {"items": items, **({"nextPageToken": token} if token else {})}


def test_playlists_that_go_in_circles_end(desk: Desk, scripted: Start) -> None:
    def say(query: Mapping[str, str]) -> tuple[int, object]:
        return 200, playlists("PLone", "PLtwo", token=f"{len(server.asked)}")

    server = scripted(say)
    found = desk.list(f"playlists:{CHANNEL}")

    assert (found.listing.completeness, found.code) == ("partial", "API_BAD_ANSWER")
    assert found.listing.playlists == (ListedPlaylist("PLone", "PLONE"), ListedPlaylist("PLtwo", "PLTWO"))
    assert len(server.asked) == 2


def test_playlists_of_another_channel_are_not_believed(desk: Desk, scripted: Start) -> None:
    scripted(lambda _: (200, playlists("PLone", of=OTHER)))

    found = desk.list(f"playlists:{CHANNEL}")

    assert (found.receipt.outcome, found.code) == ("failed", "API_BAD_ANSWER")
