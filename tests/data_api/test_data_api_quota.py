"""What jobs cost: one unit for each request that is sent, paid before, and refused before it is too much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from api_desk import KEY, NOON, ClockByHand, Desk, Say, Scripted, known

from ytarchive.adapters.data_api.calls import ATTEMPTS
from ytarchive.adapters.index import Index
from ytarchive.core.instant import DAY
from ytarchive.core.quota import QuotaLimits, resets_at
from ytarchive.errors import YtarchiveError
from ytarchive.simulator import Simulator, computed_channel_id, computed_playlist_id, numbered_video_id

Start = Callable[[Say], Scripted]
LONG = computed_playlist_id(5000)
LONG_IDS = [numbered_video_id(LONG, number) for number in range(5000)]


@pytest.fixture
def poor(index_path: Path) -> Iterator[Callable[[int, int], Desk]]:
    """A desk with few units."""
    ledgers = []
    with Index.open(index_path) as index:

        def make(budget: int, reserve: int) -> Desk:
            ledgers.append(index.quota_ledger(QuotaLimits(budget, reserve)))
            return Desk(ledgers[-1], ClockByHand(NOON))

        yield make
        for ledger in ledgers:
            ledger.close()


def spent_at_youtube(youtube: Simulator) -> int:
    return int(youtube.api_keys()[KEY]["spent_today"])


def test_a_budget_of_nothing_asks_nothing(poor: Callable[[int, int], Desk], youtube: Simulator) -> None:
    desk = poor(0, 0)

    found = [desk.list(LONG), desk.details("abcdefghijk"), desk.list("channel:@somebody")]

    assert [each.code for each in found] == ["API_QUOTA"] * 3
    assert {each.receipt.failure and each.receipt.failure.until for each in found} == {resets_at(NOON)}
    assert youtube.counters()["connections"] == 0


def test_a_listing_ends_where_the_reserve_begins_and_keeps_what_it_read(
    poor: Callable[[int, int], Desk], youtube: Simulator
) -> None:
    desk = poor(30, 5)

    found = desk.list(LONG)

    assert (found.receipt.outcome, found.listing.completeness, found.code) == ("done", "partial", "API_QUOTA")
    assert found.ids == LONG_IDS[: 25 * 50]
    assert found.receipt.failure is not None
    assert found.receipt.failure.until == resets_at(NOON)
    assert "25 of 30 units" in (found.listing.why or "")
    assert spent_at_youtube(youtube) == 25


def test_looks_go_on_while_the_rest_waits(poor: Callable[[int, int], Desk], youtube: Simulator) -> None:
    desk = poor(30, 5)
    desk.list(LONG)

    again = desk.list(LONG, known=known(LONG_IDS))
    details = desk.details(LONG_IDS[0])
    asked_for = desk.details(LONG_IDS[0], purpose="metadata")

    assert again.listing.completeness == "unchanged"
    assert details.code == "API_QUOTA"
    assert list(asked_for.details) == [LONG_IDS[0]]
    assert desk.spent() == {"listing": 24, "look": 2, "metadata": 1}


def test_what_a_person_asks_is_paid_as_such(desk: Desk, youtube: Simulator) -> None:
    channel = computed_channel_id(videos=1, playlists=60, seed="ddd")

    desk.list(computed_playlist_id(120), purpose="metadata")
    desk.list(f"channel:{channel}", purpose="metadata")
    desk.list(f"playlists:{channel}", purpose="metadata")

    assert desk.spent() == {"metadata": spent_at_youtube(youtube)} == {"metadata": 7}


def test_every_attempt_costs_a_unit(desk: Desk, youtube: Simulator) -> None:
    youtube.add_fault("status", value=500, request="data_api")

    found = desk.list(LONG)

    assert found.code == "API_5XX"
    assert desk.spent() == {"look": ATTEMPTS} == {"look": spent_at_youtube(youtube)}


def test_a_request_that_was_never_sent_costs_one_unit_at_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    found = desk.list(LONG)

    assert found.code == "PROXY"
    assert desk.spent() == {"look": 1}


def test_a_line_that_had_gone_stale_is_paid_again(desk: Desk, youtube: Simulator) -> None:
    """The client sends the request once more on a new connection: YouTube may have counted both."""
    assert desk.list(computed_playlist_id(60)).listing.completeness == "complete"
    youtube.add_fault("reset", request="data_api", count=1)

    found = desk.list(LONG, known=known(LONG_IDS))

    assert found.listing.completeness == "unchanged"
    assert sum(desk.spent().values()) == spent_at_youtube(youtube) == 5


def test_what_youtube_refuses_for_today_stops_every_request_until_its_midnight(
    desk: Desk, youtube: Simulator
) -> None:
    youtube.set_api_key(KEY, 10)

    found = desk.list(LONG)
    assert (found.listing.completeness, found.listing.got, found.code) == ("partial", 500, "API_QUOTA")
    assert found.receipt.failure is not None
    assert found.receipt.failure.until == resets_at(NOON)

    youtube.reset_counters()
    youtube.set_api_key(KEY, 10_000)
    refused = desk.list("channel:@somebody")
    assert refused.code == "API_QUOTA"
    assert "YouTube says" in str(refused.receipt.failure)
    assert youtube.counters()["total_requests"] == 0
    assert desk.ledger.standing(NOON).paused_until == resets_at(NOON)

    desk.clock.at = resets_at(NOON)
    assert desk.list(LONG, known=known(LONG_IDS)).listing.completeness == "unchanged"


def test_a_limit_of_the_day_in_other_words_stops_every_request_too(desk: Desk, scripted: Start) -> None:
    info = {
        "reason": "RATE_LIMIT_EXCEEDED",
        "metadata": {"quota_limit": "defaultPerDayPerProject"},
    }
    error = {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED", "details": [info]}
    server = scripted(lambda _: (429, {"error": error}))

    found = [desk.list(LONG), desk.list(LONG)]

    assert [each.code for each in found] == ["API_QUOTA"] * 2
    assert len(server.asked) == 1


def test_a_ledger_that_cannot_be_written_is_trouble_of_this_machine(
    desk: Desk, youtube: Simulator, index_path: Path
) -> None:
    with Index.open(index_path, read_only=True) as index, index.quota_ledger(QuotaLimits(10)) as ledger:
        desk.ledger = ledger
        with pytest.raises(YtarchiveError, match="the index cannot be used"):
            desk.list(LONG)

    assert youtube.counters()["total_requests"] == 0


def test_ten_days_never_cost_more_than_the_budget(
    poor: Callable[[int, int], Desk], youtube: Simulator
) -> None:
    desk = poor(12, 3)
    for day in range(10):
        desk.clock.at = NOON + day * DAY
        before = spent_at_youtube(youtube)
        desk.list(LONG)
        looks = [desk.list(LONG, known=known(LONG_IDS)) for _ in range(3)]

        assert {look.listing.completeness for look in looks} == {"unchanged"}
        assert spent_at_youtube(youtube) - before == desk.ledger.standing(desk.clock.at).total == 12
