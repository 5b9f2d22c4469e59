"""Refusals and breakdowns: each is a verdict, tried again where that helps, and none of them tells the key."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from api_desk import KEY, PLAYLIST, Desk, Say, Scripted, item, page, video_id

from ytarchive.adapters.data_api import read_key
from ytarchive.adapters.data_api.calls import ATTEMPTS, JITTER_SECONDS, LONGEST_WAIT_SECONDS
from ytarchive.core.codec import encode
from ytarchive.core.failure_table import policy
from ytarchive.errors import YtarchiveError
from ytarchive.simulator import Simulator, computed_playlist_id

Start = Callable[[Say], Scripted]
SOME = computed_playlist_id(60)


@pytest.mark.parametrize("state", ["revoked", "expired", "not_enabled", "restricted"])
def test_a_key_that_is_refused_needs_a_person_and_no_second_request(
    desk: Desk, youtube: Simulator, state: str
) -> None:
    youtube.set_api_key(KEY, state=state)

    for found in (desk.list(SOME), desk.details(video_id(1)), desk.list("channel:@somebody")):
        assert (found.receipt.outcome, found.code) == ("failed", "API_KEY")
        assert found.receipt.failure is not None
        assert (found.receipt.failure.kind, len(found.receipt.http)) == ("user", 1)


def test_a_wrong_key_and_no_key_are_refused(desk: Desk, youtube: Simulator) -> None:
    for key in ("wrong", "", "with spaces & signs=?#"):
        desk.key = key
        assert desk.list(SOME).code == "API_KEY"


def test_a_key_that_is_refused_in_the_middle_keeps_what_was_read(desk: Desk, youtube: Simulator) -> None:
    desk.on_event = lambda _: youtube.set_api_key(KEY, state="revoked")

    found = desk.list(computed_playlist_id(5000))

    assert (found.listing.completeness, found.listing.got, found.code) == ("partial", 500, "API_KEY")


@pytest.mark.parametrize(
    ("fault", "code", "attempts"),
    [
        ({"value": 403, "reason": "rateLimitExceeded"}, "API_RATE", ATTEMPTS),
        ({"value": 429}, "API_RATE", ATTEMPTS),
        ({"value": 500}, "API_5XX", ATTEMPTS),
        ({"value": 503}, "API_5XX", ATTEMPTS),
        ({"value": 400}, "API_BAD_ANSWER", ATTEMPTS),
        ({"value": 404, "reason": "playlistNotFound"}, "LIST_MISSING", 1),
        ({"value": 403, "reason": "playlistItemsNotAccessible"}, "LIST_PRIVATE", 1),
        ({"value": 403, "reason": "accessNotConfigured"}, "API_KEY", 1),
    ],
)
def test_what_passes_is_tried_again_and_what_does_not_is_not(
    desk: Desk, youtube: Simulator, fault: dict[str, Any], code: str, attempts: int
) -> None:
    youtube.add_fault("status", request="data_api", **fault)

    found = desk.list(SOME)

    assert (found.receipt.outcome, found.code) == ("failed", code)
    assert youtube.counters()["total_requests"] == len(found.receipt.http) == attempts
    assert {exchange.status for exchange in found.receipt.http} == {fault["value"]}


@pytest.mark.parametrize("fault", [{"value": 500}, {"value": 429}, {"value": 403}])
def test_what_passes_soon_is_not_noticed(desk: Desk, youtube: Simulator, fault: dict[str, Any]) -> None:
    youtube.add_fault("status", request="data_api", count=ATTEMPTS - 1, **fault)

    found = desk.list(SOME)

    assert (found.listing.completeness, found.listing.got, found.code) == ("complete", 60, None)
    assert [exchange.status for exchange in found.receipt.http][:ATTEMPTS] == [
        *[fault["value"]] * (ATTEMPTS - 1),
        200,
    ]


def test_attempts_wait_no_longer_than_a_stop_may_take() -> None:
    assert (ATTEMPTS - 1) * (LONGEST_WAIT_SECONDS + JITTER_SECONDS) < 20
    assert LONGEST_WAIT_SECONDS < 5


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (403, b"<html>This network asks you to sign in</html>", "API_BAD_ANSWER"),
        (200, b"<html>This network asks you to sign in</html>", "API_BAD_ANSWER"),
        (302, b"", "API_BAD_ANSWER"),
        (204, b"", "API_BAD_ANSWER"),
        (200, b"{}", "API_BAD_ANSWER"),
        (200, b'{"kind": "youtube#searchListResponse", "items": []}', "API_BAD_ANSWER"),
        (407, b"", "API_BAD_ANSWER"),
        (418, b'{"error": {"errors": "odd", "message": 5, "details": [{"reason": 1}, 7]}}', "API_BAD_ANSWER"),
        (403, b'{"error": 5}', "API_BAD_ANSWER"),
        (403, b'{"error": {"errors": [1]}}', "API_BAD_ANSWER"),
        (403, b'{"error": {"errors": [{"reason": "\\u001b[31mred"}]}}', "API_BAD_ANSWER"),
        (403, b'{"error": {"errors": [{"reason": "somethingNew"}]}}', "API_KEY"),
        (401, b'{"error": {"status": "UNAUTHENTICATED"}}', "API_KEY"),
        (
            400,
            b'[{"error": {"message": "API key not valid", "status": "INVALID_ARGUMENT"}}]',
            "API_BAD_ANSWER",
        ),
        (400, b'[{"error": {"message": "no", "details": [{"reason": "API_KEY_INVALID"}]}}]', "API_KEY"),
        (500, b"", "API_5XX"),
        (502, b"Bad Gateway", "API_5XX"),
        (429, b"", "API_RATE"),
    ],
)
def test_odd_refusals_are_verdicts_too(
    desk: Desk, scripted: Start, status: int, content: bytes, code: str
) -> None:
    server = scripted(lambda _: (status, content))

    found = desk.list(PLAYLIST)

    assert (found.receipt.outcome, found.code) == ("failed", code)
    assert set(server.hosts) == {"youtube.googleapis.com"}
    assert found.receipt.failure is not None
    assert policy(code).kind == found.receipt.failure.kind
    assert found.receipt.failure.evidence.message.isprintable()


ECHOES: dict[str, Say] = {
    "an answer": lambda query: (200, page([item(video_id(1), title="fine"), item(query["key"])], 2)),
    "a refusal": lambda query: (
        403,
        {"error": {"message": f"The key {query['key']} is bad", "errors": [{"reason": "keyInvalid"}]}},
    ),
    "a reason": lambda query: (403, {"error": {"message": "no", "errors": [{"reason": query["key"]}]}}),
    "a list": lambda query: (200, page([item(video_id(1), playlistId=f"?key={query['key']}")])),
    "no JSON": lambda query: (200, f"key={query['key']}".encode()),
    "servers that fail": lambda query: (500, f"https://youtube/?key={query['key']}".encode()),
    "an odd refusal": lambda query: (403, f"https://youtube/?key={query['key']}".encode()),
    "a redirection": lambda _: (302, b""),
}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("key", [KEY, "AIza/with+signs&=%"])
def test_the_key_is_told_nowhere(
    desk: Desk,
    scripted: Start,
    index_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    echo: str,
    key: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.key = key
    server = scripted(ECHOES[echo])

    found = [desk.list(PLAYLIST), desk.details(video_id(1)), desk.list("channel:@somebody")]

    assert {query["key"] for query in server.asked} == {key}
    written = capfd.readouterr()
    everything = [
        *(encode(each.receipt).decode() for each in found),
        *(repr(each) for each in found),
        *(str(each.receipt.failure) for each in found),
        *(record.getMessage() for record in caplog.records),
        written.out,
        written.err,
        *(file.read_bytes().decode("latin-1") for file in index_path.parent.glob("index.sqlite*")),
    ]
    for text in everything:
        assert key not in text
        assert quote(key, safe="") not in text


def test_a_broken_line_tells_no_key(
    desk: Desk, youtube: Simulator, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("reset", "truncate", "malformed"):
        youtube.add_fault(kind, request="data_api", count=2 * ATTEMPTS)
        found = desk.list(SOME)
        assert found.code is not None
        assert KEY not in repr(found)
        youtube.remove_faults()
    assert KEY not in caplog.text + "".join(capfd.readouterr())


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"  {KEY}\r\n", encoding="utf-8")

    assert read_key(tmp_path / "key") == KEY


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found nothing, expected an API key"),
        (b" \n", "found nothing, expected an API key"),
        (b"AIzaSecret\nAIzaSecret", "found something else, expected an API key"),
        (b"AIzaSecret AIzaSecret", "found something else, expected an API key"),
        (b"AIzaSecret\xff\x00", "found something else, expected an API key"),
        (b"AIzaSecret" * 1000, "found something else, expected an API key"),
    ],
)
def test_a_file_without_a_key_is_told_without_what_is_in_it(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "key").write_bytes(content)

    with pytest.raises(YtarchiveError) as refusal:
        read_key(tmp_path / "key")

    assert str(refusal.value) == f"{tmp_path / 'key'}: {message}"
    assert refusal.value.cure


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_key_that_cannot_be_read_is_told_with_its_cure(tmp_path: Path, name: str) -> None:
    with pytest.raises(YtarchiveError, match="the API key cannot be read: ") as refusal:
        read_key(tmp_path / name)

    assert refusal.value.cure
