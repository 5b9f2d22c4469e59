"""Lists that are not as they should be: they end, and nothing of another list is taken."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from worker_desk import Desk, WorkerProcess
from yt_dlp.extractor.youtube import YoutubeTabIE as TheirExtractor
from yt_dlp.utils import ExtractorError

from ytarchive.core.failure import classify
from ytarchive.core.job import Event, Job, Known, Network
from ytarchive.simulator import Simulator, computed_channel_id, computed_playlist_id, numbered_video_id
from ytarchive.simulator.channels import computed_handle
from ytarchive.worker import extractors
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.engine import EnginePool
from ytarchive.worker.evidence import gather
from ytarchive.worker.extractors import YoutubeTabIE
from ytarchive.worker.listing import read_listing
from ytarchive.worker.opening import Listed

Change = Callable[[dict[str, Any]], Any]


@dataclass
class Here:
    """Listings in this process, so that a test can give YouTube's answers another shape."""

    pool: EnginePool
    network: Network
    events: list[Event] = field(default_factory=list)
    attempt: Attempt | None = None

    def read(self, subject: str, **more: Any) -> Listed:
        self.events.clear()
        self.attempt = Attempt(Job("j", "list", subject, network=self.network, **more), self.events.append)
        try:
            return read_listing(self.pool.open(self.attempt))
        finally:
            self.attempt.http.close()

    def refusal(self, subject: str) -> str:
        with pytest.raises(Exception, match=r".") as raised:
            self.read(subject)
        assert self.attempt is not None
        return classify(gather(raised.value, self.attempt)).code

    @property
    def videos(self) -> list[str]:
        return [
            line["video"] for each in self.events if each.kind == "entries" for line in each.data["videos"]
        ]


@pytest.fixture
def here(youtube: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.setenv("SSL_CERT_FILE", str(youtube.ca_path))
    pool = EnginePool()
    yield Here(pool, Network(proxy=youtube.proxy_url, ca_file=str(youtube.ca_path)))
    pool.close()


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """YouTube's API answers with `change(answer)`; every question is still asked."""
    ask = TheirExtractor._call_api

    def use(change: Change) -> None:
        monkeypatch.setattr(TheirExtractor, "_call_api", lambda *args, **kw: change(ask(*args, **kw)))

    return use


NUMBERS = count()


def token(playlist: str, offset: int) -> str:
    """A continuation that is never the same twice and leads to the same page."""
    content = f"{playlist}|{offset}|1|{next(NUMBERS):096}"
    return "4qmFsg" + base64.urlsafe_b64encode(content.encode()).decode()


def items_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    (action,) = answer["onResponseReceivedActions"]
    items: list[dict[str, Any]] = action["appendContinuationItemsAction"]["continuationItems"]
    return items


def going_on(playlist: str, offset: int) -> dict[str, Any]:
    command = {"continuationCommand": {"token": token(playlist, offset)}}
    return {"continuationItemViewModel": {"continuationCommand": {"innertubeCommand": command}}}


@pytest.mark.parametrize("claims", [None, "1,000,000 videos"])
def test_a_page_that_leads_to_itself_for_ever_ends(
    here: Here, answering: Callable[[Change], None], youtube: Simulator, claims: str | None
) -> None:
    playlist = computed_playlist_id(900, "circle")

    def change(answer: dict[str, Any]) -> dict[str, Any]:
        if "onResponseReceivedActions" in answer:
            items_of(answer)[-1:] = [going_on(playlist, 200)]
        elif claims is None:
            answer.pop("sidebar", None)
        else:
            stats = answer["sidebar"]["playlistSidebarRenderer"]["items"][0]
            stats["playlistSidebarPrimaryInfoRenderer"]["stats"][0] = {"simpleText": claims}
        return answer

    answering(change)

    listed = here.read(playlist)

    assert listed.summary.completeness == "partial"
    assert listed.summary.expected == (None if claims is None else 1_000_000)
    assert listed.failure is not None
    assert listed.failure.code == "TRUNCATED"
    assert set(here.videos) == {numbered_video_id(playlist, place) for place in range(300)}
    assert youtube.counters()["total_requests"] < 30


def test_pages_without_a_line_for_ever_end(
    here: Here, answering: Callable[[Change], None], youtube: Simulator
) -> None:
    playlist = computed_playlist_id(900, "hollow")

    def change(answer: dict[str, Any]) -> dict[str, Any]:
        if "onResponseReceivedActions" in answer:
            items_of(answer)[:] = [going_on(playlist, 200)]
        return answer

    answering(change)

    listed = here.read(playlist)

    assert (listed.summary.completeness, listed.summary.got) == ("partial", 100)
    assert listed.failure is not None
    assert listed.failure.code == "TRUNCATED"
    assert youtube.counters()["total_requests"] < 50


def test_a_continuation_that_was_used_before_is_no_end(
    here: Here, answering: Callable[[Change], None]
) -> None:
    playlist = computed_playlist_id(900, "back")
    again = going_on(playlist, 100)

    def change(answer: dict[str, Any]) -> dict[str, Any]:
        answer.pop("sidebar", None)
        if "onResponseReceivedActions" in answer:
            items_of(answer)[-1:] = [again]
        return answer

    answering(change)

    listed = here.read(playlist)

    assert listed.summary.completeness == "partial"
    assert listed.failure is not None
    assert listed.failure.code == "TRUNCATED"


def test_a_list_that_holds_everything_twice_is_whole(here: Here, youtube: Simulator) -> None:
    ids = [numbered_video_id("twice", place) for place in range(100)]
    youtube.set_playlist("PLsimTwice000", ids * 4)

    listed = here.read("PLsimTwice000")

    assert (listed.summary.completeness, listed.summary.got) == ("complete", 400)
    assert here.videos == ids * 4


@pytest.mark.parametrize(("fault", "value"), [("malformed", 0), ("status", 500)])
def test_an_answer_that_breaks_in_the_middle_keeps_what_came(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, fault: str, value: int
) -> None:
    youtube.add_fault(fault, value=value, request="browse", skip=3)

    receipt = worker.run(desk.job(computed_playlist_id(5000, fault), kind="list"))

    assert receipt.outcome == "done"
    assert receipt.listing is not None
    assert (receipt.listing.completeness, receipt.listing.expected) == ("partial", 5000)
    assert receipt.listing.got == sum(
        len(each.data["videos"]) for each in worker.events if each.kind == "entries"
    )
    assert 100 <= receipt.listing.got < 400
    assert receipt.failure is not None
    assert receipt.failure.code == ("HTTP_5XX" if value else "BROKEN")


@pytest.mark.parametrize("known", [None, Known((numbered_video_id(computed_playlist_id(90, "mine"), 0),), 7)])
def test_an_answer_about_another_list_does_not_stand_in_for_the_page(
    here: Here, answering: Callable[[Change], None], known: Known | None
) -> None:
    playlist, other = computed_playlist_id(90, "mine"), computed_playlist_id(90, "other")

    def change(answer: dict[str, Any]) -> Any:
        text = json.dumps(answer).replace(playlist, other)
        return json.loads(re.sub(r'"contentId": "[^"]+"', '"contentId": "not-of-mine"', text))

    answering(change)

    assert here.read(playlist, known=known).summary.completeness == "complete"
    assert here.videos == [numbered_video_id(playlist, place) for place in range(90)]


def test_a_page_of_another_list_is_refused(
    here: Here, answering: Callable[[Change], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    playlist, other = computed_playlist_id(300, "mine"), computed_playlist_id(300, "other")
    download = TheirExtractor._download_webpage

    def page(*args: Any, **kwargs: Any) -> str:
        return str(download(*args, **kwargs)).replace(playlist, other)

    monkeypatch.setattr(TheirExtractor, "_download_webpage", page)
    answering(lambda answer: json.loads(json.dumps(answer).replace(playlist, other)))

    assert here.refusal(playlist) == "WRONG_LIST"
    assert here.events == []


@pytest.mark.parametrize("prefix", ["channel:", "playlists:", "UULF"])
def test_a_page_of_another_channel_is_refused(
    here: Here, youtube: Simulator, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    channel = computed_channel_id(videos=5, playlists=2, seed="wan")
    other = computed_channel_id(videos=5, playlists=2, seed="wot")
    youtube.set_channel(channel, upload_lists=False)
    download = TheirExtractor._download_webpage

    def page(self: Any, url: str, *args: Any, **kwargs: Any) -> str:
        return str(download(self, url.replace(channel, other), *args, **kwargs))

    monkeypatch.setattr(TheirExtractor, "_download_webpage", page)

    assert here.refusal(prefix + (channel[2:] if prefix == "UULF" else channel)) == "WRONG_LIST"
    assert [event for event in here.events if event.kind != "log"] == []


@pytest.mark.parametrize(
    "said",
    [
        "The channel/playlist does not exist and the URL redirected to youtube.com home page",
        "Failed to resolve url (does the playlist exist?)",
    ],
)
def test_a_channel_that_is_not_there_is_one_in_any_words(
    here: Here, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    def answer(*args: Any, **kwargs: Any) -> Any:
        raise ExtractorError(said, expected=True)

    monkeypatch.setattr(TheirExtractor, "_extract_data", answer)

    assert here.refusal("channel:@nobody") == "CHANNEL_404"
    assert here.refusal("PLnobody") == "LIST_MISSING"


@pytest.mark.parametrize("moved", ["_extract_data", "_at_once", "_note_lists"])
def test_an_engine_that_moved_things_costs_no_listing(
    here: Here, youtube: Simulator, monkeypatch: pytest.MonkeyPatch, moved: str
) -> None:
    """As if the engine did not call what we look in at."""
    if moved == "_extract_data":
        monkeypatch.delattr(YoutubeTabIE, moved)
    else:
        monkeypatch.setattr(YoutubeTabIE, moved, lambda *args: None)
    channel = computed_channel_id(videos=40, playlists=2, seed="wmv")
    playlist = computed_playlist_id(120, "moved")
    known = Known(tuple(numbered_video_id(playlist, place) for place in range(100)), 120)

    found = here.read(f"channel:{channel}").summary.channel

    assert found is not None
    assert (found.id, found.handle) == (channel, computed_handle(channel))
    assert here.read(playlist).summary.completeness == "complete"
    assert here.read(playlist, known=known).summary.completeness == "unchanged"
    assert len(here.read(f"playlists:{channel}").summary.playlists) == 2


def test_an_answer_that_cannot_be_looked_into_is_read_by_the_engine(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(*args: Any) -> Any:
        raise KeyError("moved")

    for name in ("lists_in", "channel_in", "count_in", "lockup_line", "video_line", "published_text"):
        monkeypatch.setattr(extractors, name, moved)
    playlist = computed_playlist_id(120, "moved")

    assert here.read(playlist).summary.completeness == "complete"
    assert here.videos == [numbered_video_id(playlist, place) for place in range(120)]


def test_shelves_of_playlists_are_followed_to_their_end(
    here: Here, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = computed_channel_id(playlists=5, seed="wsf")
    download = TheirExtractor._download_webpage

    def page(self: Any, url: str, *args: Any, **kwargs: Any) -> str:
        """The tab shows a shelf, which shows its beginning and leads to the rest."""
        text = str(download(self, url, *args, **kwargs))
        if "?" in url:
            return text
        assert '{"gridRenderer":{"items":[' in text
        to = f"/channel/{channel}/playlists?view=50&shelf_id=2"
        shelf = {"endpoint": {"commandMetadata": {"webCommandMetadata": {"url": to}}}}
        return text.replace(
            '{"gridRenderer":{"items":[',
            f'{{"shelfRenderer":{json.dumps(shelf)}}},{{"gridRenderer":{{"items":[{{}}], "more":[',
        )

    monkeypatch.setattr(TheirExtractor, "_download_webpage", page)

    listed = here.read(f"playlists:{channel}")

    assert (listed.summary.completeness, len(listed.summary.playlists)) == ("complete", 5)
    assert youtube.counters()["requests"]["channel"] == 2
