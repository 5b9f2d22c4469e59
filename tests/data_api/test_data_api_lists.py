"""Playlists through the Data API, on the stand-in: what they cost, what they tell, and when they end."""

from __future__ import annotations

import pytest
from api_desk import Desk, known

from ytarchive.adapters.data_api.calls import ATTEMPTS
from ytarchive.core.listing import KNOWN_IN_A_ROW
from ytarchive.simulator import (
    PLAYLISTS,
    WELL_KNOWN,
    Simulator,
    computed_channel_id,
    computed_playlist_id,
    numbered_video_id,
)

LONG = computed_playlist_id(5000)
LONG_IDS = [numbered_video_id(LONG, number) for number in range(5000)]
SOME = computed_playlist_id(320)
SOME_IDS = [numbered_video_id(SOME, number) for number in range(320)]


def requests(youtube: Simulator) -> int:
    return int(youtube.counters()["total_requests"])


def test_a_long_list_is_read_whole_for_a_unit_each_fifty_lines(desk: Desk, youtube: Simulator) -> None:
    found = desk.list(LONG)

    assert found.ids == LONG_IDS
    assert (found.listing.completeness, found.listing.expected, found.listing.got) == ("complete", 5000, 5000)
    assert (found.listing.via, found.receipt.outcome, found.code) == ("api", "done", None)
    assert requests(youtube) == len(found.receipt.http) == 101
    assert desk.spent() == {"look": 1, "listing": 100}
    assert max(len(event.data["videos"]) for event in found.events) == 500
    assert {event.data["expected"] for event in found.events} == {5000}


def test_a_list_that_is_as_it_was_costs_one_unit(desk: Desk, youtube: Simulator) -> None:
    found = desk.list(LONG, known=known(LONG_IDS))

    assert (found.listing.completeness, found.listing.expected, found.lines) == ("unchanged", 5000, [])
    assert requests(youtube) == 1
    assert desk.spent() == {"look": 1}


@pytest.mark.parametrize(
    ("first", "count"),
    [
        (SOME_IDS, 319),
        (["another-vid", *SOME_IDS], 320),
        ([SOME_IDS[1], SOME_IDS[0], *SOME_IDS[2:]], 320),
    ],
    ids=["another length", "another beginning", "another order"],
)
def test_a_list_that_changed_is_read_whole(
    desk: Desk, youtube: Simulator, first: list[str], count: int
) -> None:
    found = desk.list(SOME, known=known(first, count))

    assert found.ids == SOME_IDS
    assert found.listing.completeness == "complete"


def test_a_short_list_is_unchanged_only_as_a_whole(desk: Desk, youtube: Simulator) -> None:
    ids = [WELL_KNOWN[name] for name in ("ordinary", "leading_dash", "private")]
    youtube.set_playlist("PLshort-list-1", ids)

    assert desk.list("PLshort-list-1", known=known(ids)).listing.completeness == "unchanged"
    assert desk.list("PLshort-list-1", known=known([*ids, "another-vid"], 3)).ids == ids


def test_a_look_at_the_head_ends_where_enough_is_known(desk: Desk, youtube: Simulator) -> None:
    youtube.set_playlist("PLgrowing-list", ["new-video-1", "new-video-2", *SOME_IDS])

    found = desk.list("PLgrowing-list", known=known(SOME_IDS), reach="head")

    assert found.listing.completeness == "head"
    assert (found.listing.expected, found.listing.got) == (322, 2 + KNOWN_IN_A_ROW)
    assert found.ids == ["new-video-1", "new-video-2", *SOME_IDS[:KNOWN_IN_A_ROW]]
    assert requests(youtube) == 2


def test_a_look_at_the_head_counts_known_ones_in_a_row_alone(desk: Desk, youtube: Simulator) -> None:
    mixed = [*SOME_IDS[:49], "new-video-1", *SOME_IDS[49:98], "new-video-2", *SOME_IDS[98:]]
    youtube.set_playlist("PLmixed-list-1", mixed)

    found = desk.list("PLmixed-list-1", known=known(SOME_IDS), reach="head")

    assert found.ids == mixed[:150]


def test_a_look_at_the_head_of_what_is_all_new_reads_all(desk: Desk, youtube: Simulator) -> None:
    found = desk.list(SOME, known=known([f"other{number:06}" for number in range(60)]), reach="head")

    assert (found.listing.completeness, found.ids) == ("complete", SOME_IDS)


def test_an_empty_list_is_complete_and_then_unchanged(desk: Desk, youtube: Simulator) -> None:
    found = desk.list(PLAYLISTS["empty"])
    assert (found.listing.completeness, found.listing.expected, found.lines) == ("complete", 0, [])

    youtube.reset_counters()
    again = desk.list(PLAYLISTS["empty"], known=known([]))
    assert again.listing.completeness == "unchanged"
    assert requests(youtube) == 1


def test_a_video_that_is_listed_twice_comes_twice(desk: Desk, youtube: Simulator) -> None:
    twice = [WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"], WELL_KNOWN["ordinary"]]
    youtube.set_playlist("PLtwice-list-1", twice)

    found = desk.list("PLtwice-list-1")

    assert found.ids == twice
    assert found.listing.completeness == "complete"


def test_lines_tell_when_they_were_added_and_whose_the_video_is(desk: Desk, youtube: Simulator) -> None:
    ordinary = youtube.video(WELL_KNOWN["ordinary"])
    assert ordinary is not None
    youtube.set_playlist("PLfacts-list-1", [ordinary.id], title="Facts")

    found = desk.list("PLfacts-list-1")
    (line,) = found.lines

    assert found.listing.title == "Facts"
    assert (line.title, line.channel, line.channel_id) == (
        ordinary.title,
        ordinary.channel.name,
        ordinary.channel.id,
    )
    assert line.published_from == line.published_to == int(ordinary.published_at.timestamp())
    assert line.added_at is not None
    assert line.added_at > int(ordinary.published_at.timestamp())
    assert (line.kind, line.availability, line.duration_seconds) == (None, None, None)


def test_private_and_deleted_videos_keep_their_place_and_nothing_else(desk: Desk, youtube: Simulator) -> None:
    ids = [WELL_KNOWN[name] for name in ("private", "removed", "ordinary")]
    youtube.set_video(WELL_KNOWN["ordinary"], title="Private video")
    youtube.set_playlist("PLhidden-list1", ids)

    private, deleted, ordinary = desk.list("PLhidden-list1").lines

    assert (private.title, private.channel, private.published_from, private.availability) == (
        None,
        None,
        None,
        "private",
    )
    assert (deleted.title, deleted.channel, deleted.availability) == (None, None, None)
    assert ordinary.title == "Private video"
    youtube.set_video(WELL_KNOWN["ordinary"], title="Simulated video")


def test_lists_of_uploads_say_of_what_kind_their_videos_are(desk: Desk, youtube: Simulator) -> None:
    channel = computed_channel_id(videos=3, shorts=2, live=1)
    kinds = {
        prefix: {line.kind for line in desk.list(prefix + channel[2:]).lines}
        for prefix in ("UULF", "UUSH", "UULV", "UU")
    }

    assert kinds == {"UULF": {"videos"}, "UUSH": {"shorts"}, "UULV": {"live"}, "UU": {None}}


def test_a_list_that_hides_some_videos_is_short_and_not_cut(desk: Desk, youtube: Simulator) -> None:
    youtube.set_playlist("PLhiding-list1", SOME_IDS[:60], hidden=5)

    found = desk.list("PLhiding-list1")

    assert (found.listing.completeness, found.listing.expected, found.listing.got) == ("short", 65, 60)
    assert found.code is None
    assert "hidden" in (found.listing.why or "")


@pytest.mark.parametrize(("name", "code"), [("missing", "LIST_MISSING"), ("private", "LIST_PRIVATE")])
def test_a_list_that_nobody_may_read_fails_at_once(
    desk: Desk, youtube: Simulator, name: str, code: str
) -> None:
    found = desk.list(PLAYLISTS[name])

    assert (found.receipt.outcome, found.code, found.receipt.listing) == ("failed", code, None)
    assert requests(youtube) == 1


@pytest.mark.parametrize("kind", ["short_list", "empty_page"])
def test_a_list_that_ends_too_early_is_partial(desk: Desk, youtube: Simulator, kind: str) -> None:
    youtube.add_fault(kind, request="data_api/playlistItems", skip=1 if kind == "short_list" else 2, count=1)

    found = desk.list(LONG)

    assert (found.listing.completeness, found.listing.expected, found.listing.got) == ("partial", 5000, 100)
    assert found.code == "TRUNCATED"
    assert found.ids == LONG_IDS[:100]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "status", "value": 500}, "API_5XX"),
        ({"kind": "malformed"}, "API_BAD_ANSWER"),
        ({"kind": "wrong_id"}, "API_BAD_ANSWER"),
        ({"kind": "reset"}, "RESET"),
        ({"kind": "truncate"}, "RESET"),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_a_page_that_fails_for_good_leaves_what_came_before(
    desk: Desk, youtube: Simulator, fault: dict[str, object], code: str
) -> None:
    youtube.add_fault(**fault, request="data_api/playlistItems", skip=2)  # type: ignore[arg-type]

    found = desk.list(LONG)

    assert (found.receipt.outcome, found.listing.completeness, found.code) == ("done", "partial", code)
    assert found.ids == LONG_IDS[:100]
    assert found.listing.why
    # A connection that breaks is made once more within an attempt, as always between a client and a server.
    assert 2 + ATTEMPTS <= requests(youtube) <= 2 + 2 * ATTEMPTS
    assert sum(desk.spent().values()) == requests(youtube)


@pytest.mark.parametrize("kind", ["malformed", "wrong_id", "reset", "truncate"])
def test_a_page_that_fails_once_is_asked_for_again(desk: Desk, youtube: Simulator, kind: str) -> None:
    youtube.add_fault(kind, request="data_api/playlistItems", skip=3, count=1)

    found = desk.list(SOME)

    assert (found.listing.completeness, found.code, found.ids) == ("complete", None, SOME_IDS)
    assert sum(desk.spent().values()) == requests(youtube) == 9


def test_a_title_that_cannot_be_had_costs_no_listing(desk: Desk, youtube: Simulator) -> None:
    youtube.add_fault("status", value=503, request="data_api/playlists")

    found = desk.list(SOME)

    assert (found.listing.completeness, found.listing.title) == ("complete", None)
