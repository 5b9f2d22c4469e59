"""What the Data API refuses, what it costs, and what can be made to go wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator, computed_playlist_id
from ytarchive.simulator.catalogue import channel_of
from ytarchive.simulator.process import SimulatorProcess

KEY = "AIzaSimulatedKey"
ROOT = "https://www.googleapis.com/youtube/v3"
ORDINARY = WELL_KNOWN["ordinary"]
GOOD = f"videos?part=snippet&id={ORDINARY}"
LIST = computed_playlist_id(120, "refusals")
PAGE = f"playlistItems?part=snippet&playlistId={LIST}&maxResults=50"


@pytest.fixture
def ask(youtube: Simulator, client: Any) -> Callable[..., Any]:
    youtube.remove_api_key()
    youtube.set_api_key(KEY)

    def ask(path: str, key: str = KEY) -> Any:
        return client.get(f"{ROOT}/{path}&key={key}")

    return ask


def refusal(reply: Any) -> tuple[int, str]:
    error = reply.json["error"]
    assert error["code"] == reply.status
    assert error["errors"][0]["message"] == error["message"]
    return reply.status, error["errors"][0]["reason"]


def test_call_without_a_key_is_forbidden_and_costs_nobody(client, ask, youtube):
    reply = client.get(f"{ROOT}/{GOOD}")
    assert refusal(reply) == (403, "forbidden")
    assert reply.json["error"]["status"] == "PERMISSION_DENIED"
    assert "unregistered callers" in reply.json["error"]["message"]
    assert youtube.api_keys()[KEY]["spent"] == {}


def test_key_may_be_in_a_header(client, ask):
    assert client.get(f"{ROOT}/{GOOD}", X_Goog_Api_Key=KEY).status == 200


@pytest.mark.parametrize(
    ("state", "expected", "message"),
    [
        ("revoked", (400, "badRequest"), "API Key not found"),
        ("expired", (400, "badRequest"), "API key expired"),
        ("not_enabled", (403, "accessNotConfigured"), "has not been used in project"),
        ("restricted", (403, "forbidden"), "IP address restriction"),
    ],
)
def test_key_that_is_no_good_is_refused_with_its_reason(ask, youtube, state, expected, message):
    youtube.set_api_key("AIzaBad", state=state)
    reply = ask(GOOD, "AIzaBad")
    assert refusal(reply) == expected
    assert message in reply.json["error"]["message"]
    youtube.set_api_key("AIzaBad")
    assert ask(GOOD, "AIzaBad").status == 200


def test_wrong_key_is_told_as_google_tells_it(ask):
    reply = ask(GOOD, "AIzaWrong")
    assert refusal(reply) == (400, "badRequest")
    info = reply.json["error"]["details"][0]
    assert (info["reason"], info["domain"]) == ("API_KEY_INVALID", "googleapis.com")
    assert reply.json["error"]["status"] == "INVALID_ARGUMENT"


def test_quota_is_counted_by_key_and_refuses_what_is_beyond_it(ask, youtube):
    youtube.set_api_key(KEY, 3)
    youtube.set_api_key("AIzaOther", 100)
    assert [ask(GOOD).status for _ in range(4)] == [200, 200, 200, 403]
    reply = ask(PAGE)
    assert refusal(reply) == (403, "quotaExceeded")
    assert reply.json["error"]["errors"][0]["domain"] == "youtube.quota"
    assert "status" not in reply.json["error"]
    assert 'href="/youtube/v3/getting-started#quota"' in reply.json["error"]["message"]
    assert ask(GOOD, "AIzaOther").status == 200
    spent = {name: (key["spent_today"], key["refused"]) for name, key in youtube.api_keys().items()}
    assert spent == {KEY: (3, 2), "AIzaOther": (1, 0)}


def test_quota_is_whole_again_the_next_day(ask, youtube):
    youtube.set_api_key(KEY, 1)
    assert [ask(GOOD).status for _ in range(2)] == [200, 403]
    youtube.advance(86_400)
    assert [ask(GOOD).status for _ in range(2)] == [200, 403]
    assert list(youtube.api_keys()[KEY]["spent"].values()) == [1, 1]


def test_key_can_be_revoked_in_the_middle_of_a_list(ask, youtube):
    youtube.set_api_key(KEY, 50)
    youtube.schedule(3600, "keys", key=KEY, state="revoked")
    token = ask(PAGE).json["nextPageToken"]
    youtube.advance(3600)
    assert refusal(ask(f"{PAGE}&pageToken={quote(token)}")) == (400, "badRequest")
    assert youtube.schedule_failures() == []
    assert youtube.api_keys()[KEY]["units"] == 50


def test_quota_of_zero_refuses_everything(ask, youtube):
    youtube.set_api_key(KEY, 0)
    assert refusal(ask(GOOD)) == (403, "quotaExceeded")


@pytest.mark.parametrize(
    ("path", "status", "reason", "location"),
    [
        (f"videos?id={ORDINARY}", 400, "required", "part"),
        (f"videos?part=snippets&id={ORDINARY}", 400, "unknownPart", "part"),
        (f"videos?part=fileDetails&id={ORDINARY}", 403, "forbidden", None),
        ("videos?part=snippet", 400, "missingRequiredParameter", "parameters."),
        ("videos?part=snippet&id=", 400, "missingRequiredParameter", "parameters."),
        (f"playlistItems?part=id&id=a&playlistId={LIST}", 400, "incompatibleParameters", "parameters."),
        (
            f"videos?part=id&id={','.join(f'sim_Id{at:05}' for at in range(51))}",
            400,
            "invalidFilters",
            "parameters.",
        ),
        (f"playlistItems?part=id&playlistId={LIST}&maxResults=51", 400, "invalidParameter", "maxResults"),
        (f"playlistItems?part=id&playlistId={LIST}&maxResults=-1", 400, "invalidParameter", "maxResults"),
        (f"playlistItems?part=id&playlistId={LIST}&maxResults=many", 400, "invalidParameter", "maxResults"),
        (f"playlistItems?part=id&playlistId={LIST}&pageToken=forged", 400, "invalidPageToken", "pageToken"),
        (f"playlistItems?part=id&playlistId={LIST}&pageToken=CDIQAA", 400, "invalidPageToken", "pageToken"),
        (f"playlistItems?part=id&playlistId={LIST}&pageToken=%C3%A4", 400, "invalidPageToken", "pageToken"),
        (f"playlistItems?part=id&playlistId={PLAYLISTS['missing']}", 404, "playlistNotFound", "playlistId"),
        (
            f"playlistItems?part=id&playlistId={PLAYLISTS['private']}",
            403,
            "playlistItemsNotAccessible",
            "playlistId",
        ),
        (f"{GOOD}&maxresults=5", 400, "badRequest", None),
        (f"{GOOD}&fields=items(id,snippet/titel)", 400, "invalidParameter", "fields"),
        (f"{GOOD}&fields=items(id", 400, "invalidParameter", "fields"),
        (f"{GOOD}&fields=items)", 400, "invalidParameter", "fields"),
        (f"{GOOD}&fields=items//id", 400, "invalidParameter", "fields"),
        (f"{GOOD}&fields=id;kind", 400, "invalidParameter", "fields"),
        (f"{GOOD}&fields=*/nonsense", 400, "invalidParameter", "fields"),
        (f"{GOOD}&fields=kind/inner", 400, "invalidParameter", "fields"),
    ],
)
def test_call_that_makes_no_sense_is_refused_and_costs_as_much(ask, youtube, path, status, reason, location):
    reply = ask(path)
    assert refusal(reply) == (status, reason)
    assert reply.json["error"]["errors"][0].get("location") == location
    assert youtube.api_keys()[KEY]["spent_today"] == 1


def test_token_of_another_list_is_refused(ask):
    token = ask(PAGE).json["nextPageToken"]
    assert ask(f"{PAGE}&pageToken={quote(token)}").status == 200
    other = PAGE.replace(LIST, computed_playlist_id(120, "other"))
    assert refusal(ask(f"{other}&pageToken={quote(token)}")) == (400, "invalidPageToken")


def test_what_is_not_a_method_is_not_found(ask, client):
    for path in ("search?q=x", "videos/rate?id=x", "nothing?x=y"):
        assert ask(path).status == 404, path
    assert client.get(f"https://youtube.googleapis.com/elsewhere?key={KEY}").status == 404
    assert client.request("POST", f"{ROOT}/{GOOD}&key={KEY}").status == 401


def test_suspended_channel_has_no_playlists_to_show(ask, youtube):
    channel_id = channel_of(11).id
    youtube.set_channel(channel_id, state="terminated")
    try:
        assert refusal(ask(f"playlists?part=id&channelId={channel_id}")) == (403, "channelSuspended")
        assert "items" not in ask(f"channels?part=id&id={channel_id}").json
    finally:
        youtube.set_channel(channel_id, state="public")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"value": 403}, (403, "rateLimitExceeded")),
        ({"value": 429}, (429, "rateLimitExceeded")),
        ({"value": 500}, (500, "backendError")),
        ({"value": 503}, (503, "backendError")),
        ({"value": 404}, (404, "notFound")),
        ({"value": 403, "reason": "quotaExceeded"}, (403, "quotaExceeded")),
        ({"value": 403, "reason": "accessNotConfigured"}, (403, "accessNotConfigured")),
        ({"value": 403, "reason": "somethingNew"}, (403, "somethingNew")),
    ],
)
def test_error_that_is_ordered_is_told_with_a_real_body_and_costs_as_much(ask, youtube, rule, expected):
    youtube.add_fault("status", request="data_api", count=1, **rule)
    assert refusal(ask(GOOD)) == expected
    assert ask(GOOD).status == 200
    assert youtube.api_keys()[KEY]["spent_today"] == 2


def test_ordered_error_does_not_help_a_wrong_key(ask, youtube):
    youtube.add_fault("status", value=500, request="data_api", count=1)
    assert refusal(ask(GOOD, "AIzaWrong")) == (400, "badRequest")


def test_fault_hits_one_method_or_one_list_or_one_video(ask, youtube):
    youtube.add_fault("status", value=500, request="data_api/videos")
    assert (ask(GOOD).status, ask(PAGE).status) == (500, 200)
    youtube.remove_faults()
    youtube.add_fault("status", value=500, playlist=LIST)
    assert (ask(GOOD).status, ask(PAGE).status) == (200, 500)
    youtube.remove_faults()
    youtube.add_fault("status", value=500, video=ORDINARY)
    assert (ask(GOOD).status, ask(GOOD.replace(ORDINARY, WELL_KNOWN["hdr"])).status) == (500, 200)


def test_list_can_be_cut_short_or_lose_a_page(ask, youtube):
    youtube.add_fault("short_list", request="data_api", count=1)
    short = ask(PAGE).json
    assert (len(short["items"]), "nextPageToken" in short, short["pageInfo"]["totalResults"]) == (
        50,
        False,
        120,
    )
    youtube.add_fault("empty_page", request="data_api", count=1)
    empty = ask(PAGE).json
    assert (empty["items"], "nextPageToken" in empty, empty["pageInfo"]["totalResults"]) == ([], False, 120)
    assert "nextPageToken" in ask(PAGE).json


def test_answer_can_be_malformed(ask, youtube):
    youtube.add_fault("malformed", request="data_api", count=1)
    reply = ask(PAGE)
    assert reply.status == 200
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting|control character"):
        json.loads(reply.body)


def test_answer_can_be_about_another_id(ask, youtube):
    other = channel_of(0)
    youtube.add_fault("wrong_id", request="data_api")
    assert [item["id"] for item in ask(GOOD).json["items"]] == [ORDINARY[::-1]]
    assert ask(PAGE).json["items"][0]["snippet"]["playlistId"] == PLAYLISTS["duplicates"]
    token = quote(_second_page(ask, youtube))
    assert (
        ask(f"{PAGE}&pageToken={token}").json["items"][0]["snippet"]["playlistId"] == PLAYLISTS["duplicates"]
    )
    for query in (f"id={channel_of(3).id}", f"forHandle={channel_of(3).handle}"):
        assert [item["id"] for item in ask(f"channels?part=id&{query}").json["items"]] == [other.id]
    own = ask(f"playlists?part=snippet&channelId={other.id}").json["items"]
    assert {item["snippet"]["channelId"] for item in own} == {channel_of(1).id}


def _second_page(ask: Callable[..., Any], youtube: Simulator) -> str:
    youtube.remove_faults()
    token: str = ask(PAGE).json["nextPageToken"]
    youtube.add_fault("wrong_id", request="data_api")
    return token


def test_keys_are_seen_and_changed_at_the_control_url(client, ask, youtube):
    base = youtube.control_url
    assert client.request("POST", f"{base}/__keys", body={"key": "k2", "units": 5}).status == 200
    assert ask(GOOD, "k2").status == 200
    assert client.get(f"{base}/__keys").json["keys"]["k2"]["spent_today"] == 1
    client.request("POST", f"{base}/__clock", body={"seconds": 86_400})
    assert client.get(f"{base}/__keys").json["keys"]["k2"]["spent_today"] == 0
    assert client.request("DELETE", f"{base}/__keys?key=k2").status == 200
    assert list(youtube.api_keys()) == [KEY]
    for wrong in ({"key": ""}, {"key": "k", "units": -1}, {"key": "k", "state": "odd"}, {"kye": "k"}, {}):
        assert client.request("POST", f"{base}/__keys", body=wrong).status == 400, wrong


def test_process_has_keys_from_its_catalogue_and_from_outside():
    with SimulatorProcess(catalogue={"api_keys": {"from-file": 7}}) as process:
        process.set_api_key("from outside", 9, state="expired")
        found = process.api_keys()
        assert {name: (key["units"], key["state"]) for name, key in found.items()} == {
            "from-file": (7, "valid"),
            "from outside": (9, "expired"),
        }
        process.remove_api_key("from outside")
        assert list(process.api_keys()) == ["from-file"]


def test_keys_can_be_given_at_the_start():
    with Simulator(api_keys={"first": 1, "second": 2}) as youtube:
        assert {name: key["units"] for name, key in youtube.api_keys().items()} == {"first": 1, "second": 2}
