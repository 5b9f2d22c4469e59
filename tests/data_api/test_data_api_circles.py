"""Lists that do not end, or that end strangely, as a script says them: every one comes to an end here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from api_desk import PLAYLIST, Desk, Say, Scripted, item, page, video_id

from ytarchive.adapters.data_api import lists
from ytarchive.adapters.data_api.calls import ATTEMPTS
from ytarchive.core.job import Known
from ytarchive.core.quota import cost

Start = Callable[[Say], Scripted]


def lines(start: int, count: int = 50) -> list[dict[str, Any]]:
    return [item(video_id(number), number) for number in range(start, start + count)]


def pages_asked(server: Scripted) -> int:
    return sum("playlistId" in query for query in server.asked)


def test_a_token_that_leads_back_ends_the_list(desk: Desk, scripted: Start) -> None:
    def say(query: Mapping[str, str]) -> tuple[int, object]:
        number = {"": 0, "A": 1, "B": 2}[query.get("pageToken", "")]
        return 200, page(lines(50 * number), 5000, "ABA"[number])

    server = scripted(say)
    found = desk.list(PLAYLIST)

    assert (found.listing.completeness, found.code, found.listing.got) == ("partial", "API_BAD_ANSWER", 150)
    assert pages_asked(server) == 3


def test_pages_that_show_the_same_again_end_the_list(desk: Desk, scripted: Start) -> None:
    server = scripted(lambda _: (200, page(lines(0), 5000, f"token-{len(server.asked)}")))

    found = desk.list(PLAYLIST)

    assert (found.listing.completeness, found.code, found.listing.got) == ("partial", "API_BAD_ANSWER", 50)
    assert pages_asked(server) == 2


def test_a_list_far_longer_than_it_says_ends(desk: Desk, scripted: Start) -> None:
    server = scripted(lambda _: (200, page(lines(50 * len(server.asked)), 500, f"{len(server.asked)}")))

    found = desk.list(PLAYLIST)

    assert (found.listing.completeness, found.code) == ("partial", "API_BAD_ANSWER")
    assert pages_asked(server) == 2 * cost(500) + lists.SPARE_PAGES


def test_a_list_that_does_not_tell_its_length_ends(
    desk: Desk, scripted: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_PAGES_UNTOLD", 30)
    server = scripted(lambda _: (200, page(lines(50 * len(server.asked)), None, f"{len(server.asked)}")))

    found = desk.list(PLAYLIST)

    assert (found.listing.completeness, found.listing.expected, found.listing.got) == ("partial", None, 1500)


def test_empty_pages_that_lead_on_end_the_list(desk: Desk, scripted: Start) -> None:
    server = scripted(lambda _: (200, page([], 5000, f"{len(server.asked)}")))

    found = desk.list(PLAYLIST)

    assert (found.listing.completeness, found.listing.got, found.code) == ("partial", 0, "API_BAD_ANSWER")
    assert pages_asked(server) == lists.EMPTY_PAGES_IN_A_ROW + 1


def test_a_page_of_hidden_videos_between_others_is_passed(desk: Desk, scripted: Start) -> None:
    def say(query: Mapping[str, str]) -> tuple[int, object]:
        if "playlistId" not in query:
            return 200, {"items": [{"id": PLAYLIST, "snippet": {"title": "Holes"}}]}
        number = int(query.get("pageToken", "0"))
        shown = [] if number == 1 else lines(50 * number)
        return 200, page(shown, 150, None if number == 2 else str(number + 1))

    scripted(say)
    found = desk.list(PLAYLIST)

    # 100 of 150 lines: as many as two full pages, and yet the list came to its end.
    assert (found.listing.completeness, found.listing.got, found.listing.title) == ("short", 100, "Holes")
    assert found.code is None


def test_a_first_page_that_hides_everything_proves_nothing(desk: Desk, scripted: Start) -> None:
    def say(query: Mapping[str, str]) -> tuple[int, object]:
        is_first = "pageToken" not in query
        return 200, page([] if is_first else lines(50, 10), 60, "more" if is_first else None)

    scripted(say)
    found = desk.list(PLAYLIST, known=Known((), 60, ()))

    assert (found.listing.completeness, found.listing.got) == ("short", 10)


def test_a_list_without_positions_is_judged_by_its_lines(desk: Desk, scripted: Start) -> None:
    shown = [item(video_id(number)) for number in range(100)]
    for each in shown:
        del each["snippet"]["position"]

    def say(query: Mapping[str, str]) -> tuple[int, object]:
        number = int(query.get("pageToken", "0"))
        return 200, page(shown[50 * number : 50 * number + 50], 5000, None if number else "1")

    scripted(say)
    found = desk.list(PLAYLIST)

    assert (found.listing.completeness, found.code, found.listing.got) == ("partial", "TRUNCATED", 100)


def test_a_list_that_does_not_tell_its_length_is_judged_by_what_is_held(desk: Desk, scripted: Start) -> None:
    scripted(lambda _: (200, page(lines(0), None)))

    assert desk.list(PLAYLIST, held=500).listing.completeness == "partial"
    assert desk.list(PLAYLIST, held=50).listing.completeness == "complete"


@pytest.mark.parametrize(
    "wrong",
    [
        item(video_id(7), 7, playlistId="PLanother-list1"),
        item("no-id"),
        item(video_id(7)) | {"contentDetails": None},
        item(video_id(7)) | {"snippet": [1]},
        "a text",
        None,
    ],
    ids=["another list", "no id", "no content", "a list as snippet", "a text", "nothing"],
)
def test_one_wrong_line_spoils_its_page_alone(desk: Desk, scripted: Start, wrong: object) -> None:
    def say(query: Mapping[str, str]) -> tuple[int, object]:
        if "pageToken" not in query:
            return 200, page(lines(0), 100, "more")
        return 200, {"items": [*lines(50, 49), wrong], "pageInfo": {"totalResults": 100}}

    server = scripted(say)
    found = desk.list(PLAYLIST)

    assert (found.listing.completeness, found.code, found.listing.got) == ("partial", "API_BAD_ANSWER", 50)
    assert pages_asked(server) == 1 + ATTEMPTS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'"items"',
        b'{"items": {}}',
        b'{"items": [',
        b"\xff\xfe",
        b"[" * 200_000,
        b"<html>Sign in to this network</html>",
    ],
)
def test_what_is_no_answer_is_a_condition_and_not_an_accident(
    desk: Desk, scripted: Start, content: bytes
) -> None:
    scripted(lambda _: (200, content))

    found = desk.list(PLAYLIST)

    assert (found.receipt.outcome, found.code) == ("failed", "API_BAD_ANSWER")


def test_text_that_no_file_takes_is_mended(desk: Desk, scripted: Start) -> None:
    odd = b'{"items": [' + (
        b'{"snippet": {"playlistId": "%s", "title": "a\\ud800b", "publishedAt": "soon", "position": true},'
        b' "contentDetails": {"videoId": "%s", "videoPublishedAt": "99999-01-01T00:00:00Z"}}]}'
    ) % (PLAYLIST.encode(), video_id(1).encode())
    scripted(lambda _: (200, odd))

    (line,) = desk.list(PLAYLIST).lines

    assert (line.title, line.added_at, line.published_from) == ("a?b", None, None)


def test_only_what_is_used_is_asked_for(desk: Desk, scripted: Start) -> None:
    server = scripted(lambda _: (200, page(lines(0, 1), 1)))

    desk.list(PLAYLIST)

    first = server.asked[0]
    assert (first["maxResults"], first["playlistId"], first["alt"]) == ("50", PLAYLIST, "json")
    assert "description" not in first["fields"]
    assert set(server.hosts) == {"youtube.googleapis.com"}
