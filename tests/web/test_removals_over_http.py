"""What is taken away, as the API and the page tell it and let people decide about it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from web_office import Client, SmallOffice, offline, served, settings_in

from ytarchive.core.desired import target_digest
from ytarchive.core.item import FileRecord, Got, Item, Metadata, Provenance
from ytarchive.core.layout import item_file_name
from ytarchive.core.removal import Cause, Removal, Removals
from ytarchive.reconciler import World, open_world
from ytarchive.reconciler.taking_away import carry_out

VIDEOS = [f"-http{number:06d}" for number in range(7)]
POLICY = {"YTARCHIVE_ARCHIVE__POLICIES__WHEN_UNWANTED": "quarantine"}


def want(folder: Path, videos: list[str]) -> None:
    (folder / "manifests").mkdir(exist_ok=True)
    (folder / "manifests" / "wanted.yaml").write_text(f"videos: {json.dumps(videos)}\n")


def commit(world: World, video: str) -> None:
    target = world.index.entries()[0].wish
    staging, content = world.archive.stage(video), video.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    name = item_file_name(video, sha256, ".mkv")
    (staging / "out" / name).write_bytes(content)
    files = (FileRecord(name, len(content), sha256, "video"),)
    told = Provenance("1", None, None, world.clock.now(), "")
    item = Item(
        video,
        "_",
        ("wanted",),
        target,
        target_digest(target),
        (),
        Got(),
        files,
        Metadata(f"<b>{video}</b>"),
        told,
    )
    committed = world.archive.commit(item, staging)
    world.index.record_item(item, dir_mtime_ns=committed.dir_mtime_ns, late_due_at=None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallOffice]:
    folder: Path = tmp_path_factory.mktemp("removals")
    settings = settings_in(folder, **POLICY)
    want(folder, VIDEOS)
    with open_world(settings) as world:
        for video in VIDEOS:
            commit(world, video)
    want(folder, VIDEOS[:1])
    office = SmallOffice(settings, hire=offline)
    yield office
    office.close()


@pytest.fixture(scope="module")
def person(desk: SmallOffice) -> Iterator[Client]:
    with served(desk) as (_, client):
        yield client


def ended(client: Client, number: int) -> None:
    give_up_at = time.monotonic() + 60
    while client.get(f"/api/v1/passes/{number}").json()["state"] != "ended":
        assert time.monotonic() < give_up_at


def test_what_waits_is_shown_with_a_button_and_confirmed_as_it_was_shown(
    desk: SmallOffice, person: Client
) -> None:
    ended(person, person.post("/api/v1/passes", {}).json()["number"])
    told = person.get("/api/v1/quarantine").json()
    assert set(told["waiting"]) == set(VIDEOS[1:])
    assert [one["code"] for one in told["held"]] == ["guard"]
    html = person.get("/", headers={"Accept": "text/html"}, signed=False).text
    assert "Something waits for your word" in html
    assert "Take away" not in html
    token = (desk.settings.state.path / "token").read_text()
    headers = {"Accept": "text/html", "Origin": person.url}
    for path, form, status in (
        ("/sign-in", {"token": token, "next": "/"}, 303),
        ("/removals", {"digest": "another"}, 400),
    ):
        answer = person("POST", path, signed=False, data=form, headers=headers, allow_redirects=False)
        assert answer.status_code in (status, 409, 422), answer.text
    html = person.get("/", headers={"Accept": "text/html"}, signed=False).text
    assert "Take away 6 items as said" in html
    assert person.get("/api/v1/quarantine").json()["waiting"]
    answer = person(
        "POST",
        "/removals",
        signed=False,
        data={"digest": told["digest"]},
        headers=headers,
        allow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert person.get("/api/v1/quarantine").json()["waiting"] == []


def test_quarantine_is_listed_put_back_and_emptied(desk: SmallOffice, person: Client) -> None:
    removals = Removals(
        now=tuple(Removal(video, "quarantine", Cause.UNWANTED, "why") for video in VIDEOS[1:4])
    )
    desk.ask(lambda world: carry_out(world, removals))
    told = person.get("/api/v1/quarantine").json()
    assert [one["video"] for one in told["items"]] == VIDEOS[1:4]
    assert {one["why"] for one in told["items"]} == {"why"}
    for verb in ("restore", "empty"):
        would = person.post(f"/api/v1/quarantine/{verb}", {"videos": VIDEOS[1:2], "dry_run": True})
        assert (would.json()["videos"], would.json()["dry_run"]) == (VIDEOS[1:2], True)
    assert person.post("/api/v1/quarantine/restore", {"videos": VIDEOS[1:2]}).json()["count"] == 1
    assert person.post("/api/v1/quarantine/restore", {"videos": VIDEOS[1:2]}).status_code == 409
    assert person.post("/api/v1/quarantine/empty", {}).status_code == 409
    assert person.post("/api/v1/quarantine/empty", {"all": True}).json()["count"] == 2
    person.session.cookies.clear()
    assert person.post("/api/v1/quarantine/empty", {"all": True}, signed=False).status_code == 401
    assert person.post("/api/v1/quarantine/confirm", {"dry_run": True}).json()["count"] == 0
    assert person.post("/api/v1/quarantine/confirm", {}).status_code == 409
    assert (desk.settings.archive.root / "videos" / "_" / VIDEOS[1] / "item.json").exists()
