"""Every route answers as documented, over a real archive and index."""

from __future__ import annotations

import json

import pytest
from web_office import Client, SmallOffice

from ytarchive.core.codec import plain
from ytarchive.documents.standing import status_answer
from ytarchive.web.routes.events import MOST_LISTENERS

VIDEO = "dQw4w9WgXcQ"


def told(client: Client, path: str, status: int = 200, **options: object) -> object:
    answer = client.get(path, **options)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_status_is_the_document_of_the_command_line(office: SmallOffice, client: Client) -> None:
    with office.reading() as world:
        expected = plain(status_answer(world))
    assert told(client, "/api/v1/status") == expected


def test_entries_are_told_with_their_books(client: Client) -> None:
    (entry,) = told(client, "/api/v1/entries")  # type: ignore[misc]
    assert (entry["name"], entry["kind"], entry["books"]["ready"]) == ("wanted", "videos", 2)
    assert told(client, "/api/v1/entries/wanted") == entry
    assert "'nobody'" in told(client, "/api/v1/entries/nobody", 404)["detail"]  # type: ignore[index]


def test_a_videos_history_is_told(client: Client) -> None:
    found = told(client, f"/api/v1/videos/{VIDEO}/history")
    assert (found["video"], found["provenance"], found["editions"]) == (VIDEO, None, [])  # type: ignore[index, call-overload]
    assert told(client, "/api/v1/videos/nope/history", 422)["faults"][0]["where"] == "path.video"  # type: ignore[index]


def test_a_video_is_explained(client: Client) -> None:
    found = told(client, f"/api/v1/videos/{VIDEO}")
    assert found["decision"]["bucket"] == "ready"  # type: ignore[index]
    assert told(client, "/api/v1/videos/AAAAAAAAAAA")["decision"] is None  # type: ignore[index]
    assert told(client, "/api/v1/videos/nope", 422)["faults"][0]["where"] == "path.video"  # type: ignore[index]


def test_the_plan_is_what_a_pass_would_do(client: Client) -> None:
    plan = told(client, "/api/v1/plan?entry=wanted")
    assert plan["summary"]["download"] == 2  # type: ignore[index]
    assert told(client, "/api/v1/plan?entry=nobody", 404)["cure"] == "the entries are: wanted"  # type: ignore[index]


def test_a_plan_is_read_page_by_page(client: Client) -> None:
    whole = told(client, "/api/v1/plan")
    first = told(client, "/api/v1/plan?limit=1")
    second = told(client, f"/api/v1/plan?limit=1&after={first['next']}")  # type: ignore[index]
    for page in (first, second):
        assert page["summary"] == whole["summary"]  # type: ignore[index]
        assert page["plan"]["digest"] == whole["plan"]["digest"]  # type: ignore[index]
    pages = [page["plan"]["actions"] for page in (first, second)]  # type: ignore[index]
    assert [*pages[0], *pages[1]] == whole["plan"]["actions"]  # type: ignore[index]
    assert (len(pages[0]), second["next"], whole["next"]) == (1, None, None)  # type: ignore[index]
    assert told(client, "/api/v1/plan?after=actions:AAAAAAAAAAA", 410)["cure"]  # type: ignore[index]
    assert told(client, "/api/v1/plan?after=nonsense", 422)


def test_what_is_not_known_of_a_video_is_a_404_with_its_cure(client: Client) -> None:
    for path in ("video/AAAAAAAAAAA", "playlist/PLnothing", "channel/@nobody", "channel/user/nobody"):
        assert "refresh" in told(client, f"/api/v1/metadata/{path}", 404)["cure"]  # type: ignore[index]


def test_asking_youtube_needs_the_token_though_it_is_a_get(client: Client) -> None:
    answer = client.get(f"/api/v1/metadata/video/{VIDEO}?refresh=true", signed=False)
    assert answer.status_code == 401


def test_a_parameter_that_is_misspelt_is_refused(client: Client) -> None:
    answer = told(client, "/api/v1/workplan?entri=wanted", 422)
    assert "entry" in answer["detail"]  # type: ignore[index]


def test_what_takes_room_is_told(client: Client) -> None:
    found = told(client, "/api/v1/storage/usage")
    assert (found["items"], found["need"]["videos"]) == (0, 2)  # type: ignore[index]
    assert [entry["backlog"] for entry in found["entries"]] == [2]  # type: ignore[index]
    assert told(client, "/api/v1/storage/usage?without=wanted")["without"]["items"] == 0  # type: ignore[index]
    assert told(client, "/api/v1/storage/usage?without=nobody", 404)["cure"] == "the entries are: wanted"  # type: ignore[index]
    assert found["room"]["total_bytes"] >= found["room"]["free_bytes"] > 0  # type: ignore[index]


def test_room_is_told_with_what_must_stay_free(client: Client) -> None:
    room = told(client, f"/api/v1/storage/check/{VIDEO}?expected_bytes=1000")
    assert (room["fits"], room["on_disk"]) == (True, False)  # type: ignore[index]
    answer = client.post(f"/api/v1/storage/prepare/{VIDEO}", {"expected_bytes": 2**50})
    assert answer.status_code == 409
    assert "min_free" in answer.json()["cure"]
    assert client.post(f"/api/v1/storage/prepare/{VIDEO}", {}).json()["staging"].endswith("staging")
    assert told(client, f"/api/v1/storage/path/{VIDEO}", 404)


def test_a_worker_elsewhere_is_known_by_its_heartbeats(client: Client) -> None:
    beat = {"name": "attic-1", "state": "busy", "slots": 2, "every_seconds": 30}
    answer = client.post("/api/v1/registry/register", beat)
    assert answer.status_code == 200
    (service,) = [one for one in told(client, "/api/v1/registry/services") if one["where"] == "remote"]  # type: ignore[attr-defined]
    assert (service["name"], service["health"], service["slots"]) == ("attic-1", "healthy", 2)
    assert client.post("/api/v1/registry/register", {"name": "../x"}).status_code == 422


def test_a_line_that_is_written_is_found_again(client: Client) -> None:
    line = {"text": "a script of mine ran", "level": "warning", "video": VIDEO}
    assert client.post("/api/v1/logs", line).status_code == 201
    for number in range(5):
        client.post("/api/v1/logs", {"text": f"line {number}"})
    page = told(client, f"/api/v1/logs?level=warning&video={VIDEO}&since=1h")
    assert [record["text"] for record in page["records"]] == ["a script of mine ran"]  # type: ignore[index]
    first = told(client, "/api/v1/logs?limit=2&component=client")
    assert [record["text"] for record in first["records"]] == ["line 4", "line 3"]  # type: ignore[index]
    second = told(client, f"/api/v1/logs?limit=2&component=client&after={first['next']}")  # type: ignore[index]
    assert [record["text"] for record in second["records"]] == ["line 2", "line 1"]  # type: ignore[index]


def test_times_that_are_in_no_calendar_are_refused(client: Client) -> None:
    assert told(client, "/api/v1/logs?since=2026-02-30T00:00:00Z", 422)
    assert told(client, "/api/v1/logs?since=0001-01-01T00:00:00Z")
    assert told(client, "/api/v1/logs?since=999999w", 422)


def test_events_are_told_as_they_happen(office: SmallOffice, client: Client) -> None:
    newest = max((one.id for one in office.happenings.since(0)), default=0)
    answer = client.get(f"/api/v1/events?since={newest}&seconds=20", stream=True)
    office.happenings.tell("note", "lines\nand \u2028 more", video=VIDEO)
    lines = answer.iter_lines()
    seen = dict(line.decode().split(": ", 1) for line in (next(lines) for _ in range(5)) if line)
    answer.close()
    assert (seen["event"], seen["id"]) == ("note", str(newest + 1))
    assert json.loads(seen["data"])["text"] == "lines\nand \u2028 more"


def test_who_comes_back_misses_nothing(office: SmallOffice, client: Client) -> None:
    office.happenings.tell("note", "one")
    newest = max(one.id for one in office.happenings.since(0))
    office.happenings.tell("note", "two")
    text = client.get("/api/v1/events?seconds=0", headers={"Last-Event-ID": str(newest)}).text
    assert "two" in text
    assert '"one"' not in text


def test_not_everybody_may_listen_at_once(office: SmallOffice, client: Client) -> None:
    answers = [client.get("/api/v1/events?seconds=30", stream=True) for _ in range(MOST_LISTENERS)]
    refused = client.get("/api/v1/events?seconds=30")
    for answer in answers:
        answer.close()
    assert refused.status_code == 503


def test_items_of_the_work_plan_are_chosen_or_nothing_happens(client: Client) -> None:
    assert told(client, "/api/v1/workplan")["count"] == 0  # type: ignore[index]
    answer = client.post("/api/v1/workplan/ignore", {})
    assert (answer.status_code, answer.json()["detail"]) == (409, "which items?")
    assert client.post("/api/v1/workplan/ignore", {"all": True}).json()["count"] == 0
    assert client.post("/api/v1/workplan/ignore", {"subjects": [VIDEO]}).status_code == 404
    assert client.post("/api/v1/workplan/ignore", {"causes": ["nonsense"]}).status_code == 422
    assert client.post("/api/v1/workplan/forget", {"all": True}).status_code == 422
    assert client.post("/api/v1/workplan/retry", {"all": True, "undo": True}).status_code == 409


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"entri": "wanted"}, "body.entri"),
        ({"entry": 5}, "body.entry"),
        ([], "body"),
        ({"whole": "yes"}, "body.whole"),
    ],
)
def test_a_body_of_another_shape_is_refused_by_its_place(client: Client, body: object, where: str) -> None:
    answer = client.post("/api/v1/passes", body)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["where"] == where


def test_what_is_no_json_at_all_is_refused(client: Client) -> None:
    for data in (b"{", b"\xff", b'{"entry": "\\ud800"}', b"[" * 100_000):
        answer = client("POST", "/api/v1/passes", data=data, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), (data[:20], answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_taken_is_told_with_those_that_are(client: Client) -> None:
    answer = client("PUT", "/api/v1/jobs", json={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert client("DELETE", "/api/v1/jobs/job-1").status_code == 404
    assert client("PATCH", "/api/v1/jobs/job-1", json={}).headers["Allow"] == "DELETE, GET, HEAD"


def test_what_can_be_read_can_be_asked_for_without_its_body(client: Client) -> None:
    for path in ("/healthz", "/api/v1/status"):
        answer = client("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 0


def test_a_pass_that_nobody_asked_for_is_not_there(office: SmallOffice, client: Client) -> None:
    assert told(client, f"/api/v1/passes/{office.health().passes + 2}", 404)
