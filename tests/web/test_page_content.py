"""The page as it is sent: what it tells, what a person can do on it, and that foreign text stays text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from page_reader import HOSTILE, HUGE, Outline, PageOffice, begin, end, outline, page_office, until
from web_office import Client, served

from ytarchive.core.words import size
from ytarchive.reconciler.space import space
from ytarchive.simulator import WELL_KNOWN

PRIVATE = WELL_KNOWN["private"]
ENTRY = "/entries/Cosmos%20%3Ci%3E"
PAGES = (
    "/space",
    "/",
    "/workplan",
    "/workplan?cause=PRIVATE",
    "/search",
    "/search?q=simulated",
    ENTRY,
    f"/videos/{HOSTILE[0]}",
    f"/videos/{HOSTILE[1]}",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageOffice]:
    with page_office(tmp_path_factory.mktemp("page")) as office:
        yield office


@pytest.fixture(scope="module")
def reader(desk: PageOffice) -> Iterator[Client]:
    """A browser of this machine that has not signed in."""
    with served(desk) as (_, client):
        client.token = ""
        client.session.headers.clear()
        yield client


@pytest.fixture
def person(reader: Client, desk: PageOffice) -> Iterator[Client]:
    """The same, signed in."""
    token = (desk.settings.state.path / "token").read_text()
    answer = _post(reader, "/sign-in", token=token, next="/workplan")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/workplan")
    yield reader
    reader.session.cookies.clear()


def _post(client: Client, path: str, *, origin: str | None = None, **form: str):  # type: ignore[no-untyped-def]
    headers = {"Accept": "text/html", "Origin": origin or client.url}
    return client("POST", path, signed=False, data=form, headers=headers, allow_redirects=False)


def _get(client: Client, path: str, *, status: int = 200) -> Outline:
    answer = client("GET", path, signed=False, headers={"Accept": "text/html"}, allow_redirects=False)
    assert answer.status_code == status, answer.text
    return outline(answer.text)


def test_overview_tells_where_the_archive_stands(reader: Client, desk: PageOffice) -> None:
    desk.problems = ("manifests/broken.yaml:3:14: found '1O80p'",)
    shown = _get(reader, "/")
    books = desk.health().last
    assert books is not None
    assert f"Here {books.books.have} of {books.books.wanted}" in shown.text
    assert "A manifest needs you" in shown.text
    assert "manifests/broken.yaml:3:14: found '1O80p'" in shown.text
    assert "Lost cannot be read LIST_MISSING" in shown.text
    assert "Free space" in shown.text
    desk.problems = ()
    assert "Some of it needs you" in _get(reader, "/").text


def test_what_runs_is_shown_until_it_ends(reader: Client, desk: PageOffice) -> None:
    begin(desk, HUGE, "A long film")
    for path in ("/", "/page/now"):
        shown = _get(reader, path)
        assert "A long film video · 10 MB of 30 MB · 2.0 MB/s" in shown.text
        assert ("progress", "value", "10000000") in shown.attributes
    end(desk, HUGE, "A long film")
    shown = _get(reader, "/page/now")
    assert "No download runs." in shown.text
    assert "A long film downloaded" in shown.text


@pytest.mark.parametrize("path", PAGES)
def test_foreign_text_stays_text(reader: Client, path: str) -> None:
    shown = _get(reader, path)
    assert [value for tag, name, value in shown.attributes if (tag, name) == ("script", "src")] == [
        "/static/page.js"
    ]
    assert shown.tags.count("script") == 1
    assert not {"i", "b", "iframe", "style", "object"} & set(shown.tags)
    assert not [name for _, name, _ in shown.attributes if name.startswith("on") or name == "style"]
    assert not [value for _, name, value in shown.attributes if name == "href" and "javascript:" in value]
    assert "\u202e" not in shown.text


def test_hostile_title_is_told_as_it_is(reader: Client) -> None:
    title = "</title><script>alert('1')</script>&lt;b&gt; &amp;amp;"
    assert title in _get(reader, f"/videos/{HOSTILE[0]}").text
    assert title in _get(reader, "/search?q=script").text


@pytest.mark.parametrize("path", [*PAGES, "/sign-in"])
def test_pages_can_be_read_without_seeing_them(reader: Client, path: str) -> None:
    shown = _get(reader, path)
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert landmark in shown.tags, landmark
    assert shown.tags.count("h1") == 1
    levels = [int(tag[1]) for tag in shown.tags if tag in ("h1", "h2", "h3", "h4")]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert ("html", "lang", "en") in shown.attributes
    ids = [value for _, name, value in shown.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    labelled = {value for tag, name, value in shown.attributes if (tag, name) == ("label", "for")}
    assert {
        value for tag, name, value in shown.attributes if tag in ("input", "select") and name == "id"
    } <= labelled
    named = {value for _, name, value in shown.attributes if name == "aria-labelledby"}
    assert named <= set(ids)


def test_space_is_told_by_entry_and_by_what_it_is(reader: Client, desk: PageOffice) -> None:
    shown = _get(reader, "/space")
    with desk.reading() as world:
        found = space(world)
    assert f"{found.items} items" in shown.text
    assert all(size(part.bytes) in shown.text for part in (*found.codecs, *found.channels))
    assert all(entry.name in shown.text for entry in found.entries)


def test_video_is_explained_with_files_and_history(reader: Client, desk: PageOffice) -> None:
    shown = _get(reader, f"/videos/{HOSTILE[1]}")
    with desk.reading() as world:
        item = world.item(HOSTILE[1])
    assert item is not None
    for file in item.files:
        assert file.name in shown.text
    assert "wanted.yaml :" in shown.text
    assert "Fetched" in shown.text
    assert "PRIVATE" in _get(reader, f"/videos/{PRIVATE}").text


def test_picture_is_the_file_on_disk(reader: Client, desk: PageOffice) -> None:
    answer = reader("GET", f"/videos/{HOSTILE[0]}/picture", signed=False)
    (path,) = desk.settings.archive.root.glob(f"videos/*/{HOSTILE[0]}/*.jpg")
    assert answer.content == path.read_bytes()
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == (
        "image/jpeg",
        "nosniff",
    )
    assert reader("GET", f"/videos/{PRIVATE}/picture", signed=False).status_code == 404


def test_entry_lists_its_videos_and_lists(reader: Client) -> None:
    shown = _get(reader, ENTRY)
    assert "Cosmos <i>" in shown.text
    assert shown.text.count("here Simulated video") == 3
    assert "lists.yaml :" in shown.text


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/entries/nothing", 404, "no entry has this name"),
        ("/videos/aaaaaaaaaaa", 404, "nothing is known of this video"),
        ("/videos/short", 422, "cannot be read"),
        ("/workplan?page=0", 422, "cannot be read"),
        ("/static/other", 404, "There is no such page"),
    ],
)
def test_error_is_a_page_that_leads_on(reader: Client, path: str, status: int, told: str) -> None:
    shown = _get(reader, path, status=status)
    assert told in shown.text
    assert ("a", "href", "/") in shown.attributes


def test_a_work_plan_is_read_page_by_page(reader: Client) -> None:
    def told(query: str) -> dict[str, Any]:
        answer = reader("GET", f"/api/v1/workplan?{query}", signed=False)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    whole = told("")
    assert whole["next"] is None
    page, items = told("limit=1"), []
    while True:
        items += page["items"]
        assert (page["count"], page["groups"]) == (whole["count"], whole["groups"])
        if page["next"] is None:
            break
        page = told(f"limit=1&after={page['next']}")
    assert items == whole["items"]
    assert len(items) == whole["count"] > 1


def test_who_has_not_signed_in_is_led_to_do_so(reader: Client) -> None:
    shown = _get(reader, "/workplan")
    assert "Sign in to decide about them." in shown.text
    assert not [one for one in shown.attributes if one[1:] == ("name", "do")]
    answer = _post(reader, "/workplan", do="retry", subject=PRIVATE)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


def test_wrong_token_signs_nobody_in(reader: Client) -> None:
    answer = _post(reader, "/sign-in", token="guess")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)
    assert "That is not the token." in outline(answer.text).text


def test_cookie_is_for_this_page_alone_and_ends_with_signing_out(reader: Client, desk: PageOffice) -> None:
    token = (desk.settings.state.path / "token").read_text().strip()
    answer = _post(reader, "/sign-in", token=token, next="//evil.example/")
    assert answer.headers["Location"] == "/"
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert token.lower() not in cookie
    assert "Sign out" in _get(reader, "/").text
    assert _post(reader, "/sign-out").headers["Location"] == "/"
    assert "Sign out" not in _get(reader, "/").text


def test_form_of_another_page_does_nothing(person: Client, desk: PageOffice) -> None:
    answer = _post(person, "/workplan", origin="https://evil.example", do="ignore", subject=PRIVATE)
    assert answer.status_code == 403
    with desk.reading() as world:
        assert world.index.acknowledgements() == ()


def test_item_is_ignored_with_a_note_and_owed_again(person: Client, desk: PageOffice) -> None:
    answer = _post(person, "/workplan", do="ignore", subject=PRIVATE, why="it was mine", until="30d")
    assert answer.headers["Location"] == "/workplan?told=ignore&count=1"
    with desk.reading() as world:
        (said,) = world.index.acknowledgements()
    assert (said.subject, said.why, said.is_lost) == (PRIVATE, "it was mine", False)
    assert said.until is not None
    assert said.until - said.at == 30 * 86_400
    shown = _get(person, answer.headers["Location"])
    assert "1 item ignored." in shown.text
    assert "it was mine" in shown.text
    assert _post(person, "/workplan", do="unignore", subject=PRIVATE, back="video").headers["Location"] == (
        f"/videos/{PRIVATE}"
    )
    with desk.reading() as world:
        assert world.index.acknowledgements() == ()


def test_all_of_a_cause_are_tried_again_and_a_pass_begins(person: Client, desk: PageOffice) -> None:
    until(desk, lambda: desk.health().passing_since is None)
    before = desk.health().passes
    answer = _post(person, "/workplan", do="retry", cause="PRIVATE")
    assert answer.headers["Location"] == "/workplan?told=retry&count=1"
    until(desk, lambda: desk.health().passes > before)
    with desk.reading() as world:
        (attempt,) = world.index.attempts(PRIVATE)
    assert attempt.n == 2


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "retry"},
        {"do": "explode", "cause": "PRIVATE"},
        {"do": "lost", "subject": HUGE},
        {"do": "ignore", "subject": "x", "until": "1d"},
    ],
)
def test_what_makes_no_sense_is_told_and_not_done(
    person: Client, desk: PageOffice, form: dict[str, str]
) -> None:
    assert _post(person, "/workplan", **form).status_code == 400
    with desk.reading() as world:
        assert world.index.acknowledgements() == ()
