"""What yt-dlp is told by pages and players that are not as they should be, and what becomes of the video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from worker_desk import SMALL, Desk, WorkerProcess
from yt_dlp.extractor.youtube import YoutubeIE as TheirExtractor

from ytarchive.core.job import Job, Network
from ytarchive.simulator import WELL_KNOWN, Simulator
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.engine import EnginePool
from ytarchive.worker.evidence import JobFailed
from ytarchive.worker.extraction import Extraction, extract

NORMAL = WELL_KNOWN["ordinary"]


@dataclass
class Here:
    """Extractions in this process, so that a test can give YouTube's answers another shape."""

    pool: EnginePool
    network: Network
    attempt: Attempt | None = None

    def extract(self, video: str = NORMAL) -> Extraction:
        self.attempt = Attempt(Job("j", "fetch", video, SMALL, network=self.network), lambda event: None)
        try:
            return extract(self.pool.open(self.attempt), self.attempt)
        finally:
            self.attempt.http.close()

    @property
    def said(self) -> dict[str, str]:
        assert self.attempt is not None
        return {client: status for client, status, _ in self.attempt.seen.playability}


@pytest.fixture
def here(youtube: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.setenv("SSL_CERT_FILE", str(youtube.ca_path))
    pool = EnginePool()
    yield Here(pool, Network(proxy=youtube.proxy_url, ca_file=str(youtube.ca_path)))
    pool.close()


def answering(change: Callable[[str, Any], Any]) -> Callable[..., Any]:
    """yt-dlp's question to one player, with `change(client, answer)` for an answer."""
    ask = TheirExtractor._extract_player_response

    def answer(self: Any, client: str, *args: Any, **kwargs: Any) -> Any:
        return change(client, ask(self, client, *args, **kwargs))

    return answer


@pytest.mark.parametrize("status", [200, 404, 500])
def test_an_age_gate_is_one_also_without_the_page_of_the_embedded_player(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, status: int
) -> None:
    youtube.add_fault("status", value=status, request="config")

    receipt = worker.run(desk.job(WELL_KNOWN["age"]))

    assert receipt.failure is not None
    assert receipt.failure.code == "AGE"
    assert "web_embedded" in {client for client, _, _ in receipt.failure.evidence.playability}
    assert youtube.counters()["requests"]["config"] == 1


def test_an_age_gate_of_one_player_does_not_take_the_answer_of_another(
    here: Here, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = {"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"}}
    change = answering(lambda client, answer: gate if client == "visionos" else answer)
    monkeypatch.setattr(TheirExtractor, "_extract_player_response", change)
    youtube.add_fault("status", value=404, request="config")

    extraction = here.extract()

    assert any(each.label == 1080 and each.has_url for each in extraction.offered)
    assert (here.said["tv_samsung"], here.said["visionos"]) == ("OK", "LOGIN_REQUIRED")


@pytest.mark.parametrize("nonsense", [["an", "array"], {"streamingData": None}, {"streamingData": [1]}, 7])
def test_one_player_that_answers_nonsense_does_not_take_the_answer_of_another(
    here: Here, monkeypatch: pytest.MonkeyPatch, nonsense: object
) -> None:
    change = answering(lambda client, answer: nonsense if client == "tv_samsung" else answer)
    monkeypatch.setattr(TheirExtractor, "_extract_player_response", change)

    extraction = here.extract()

    assert any(each.label == 144 and each.has_url for each in extraction.offered)
    assert here.said["visionos"] == "OK"


def test_a_bug_in_reading_one_player_does_not_take_the_answer_of_another(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(client: str, answer: Any) -> Any:
        if client == "tv_samsung":
            raise KeyError("moved")
        return answer

    monkeypatch.setattr(TheirExtractor, "_extract_player_response", answering(change))

    assert any(each.has_url for each in here.extract().offered)


def test_what_players_said_is_known_when_the_extraction_breaks_after_them(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = TheirExtractor._extract_player_responses

    def answer(*args: Any, **kwargs: Any) -> Any:
        ask(*args, **kwargs)
        raise KeyError("moved")

    monkeypatch.setattr(TheirExtractor, "_extract_player_responses", answer)

    with pytest.raises(Exception, match="extractor error"):
        here.extract(WELL_KNOWN["private"])
    assert here.said == {"tv_samsung": "LOGIN_REQUIRED", "visionos": "LOGIN_REQUIRED"}


@pytest.mark.parametrize("status", [200, 404, 500, 403])
def test_a_video_does_not_wait_for_chapters_and_likes(
    here: Here, youtube: Simulator, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(TheirExtractor, "extract_yt_initial_data", lambda *args, **kwargs: {})
    youtube.add_fault("status", value=status, request="next")

    extraction = here.extract()

    assert any(each.has_url for each in extraction.offered)
    assert youtube.counters()["requests"]["next"] == 1
    assert here.attempt is not None
    assert here.attempt.warnings == []


def test_a_page_that_does_not_say_for_what_client_it_is_breaks_nothing(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TheirExtractor, "extract_ytcfg", lambda *args, **kwargs: {"INNERTUBE_API_KEY": "x"})
    monkeypatch.setattr(TheirExtractor, "_extract_player_response", answering(lambda client, answer: None))

    with pytest.raises(JobFailed, match="No video formats found"):
        here.extract(WELL_KNOWN["manual_captions"])


@pytest.mark.parametrize(("fault", "value"), [("malformed", 0), ("status", 404)])
def test_players_that_nobody_understands_are_no_refusal(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, fault: str, value: int
) -> None:
    youtube.add_fault("status", value=404, request="watch")
    youtube.add_fault(fault, value=value, request="player")

    receipt = worker.run(desk.job(NORMAL))

    assert receipt.failure is not None
    assert (receipt.failure.code, receipt.failure.kind) == ("BROKEN", "transient")
