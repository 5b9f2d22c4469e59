"""Feeds of the stand-in, read by threads as a pass does it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from feed_desk import PATIENCE_SECONDS, code_of

from ytarchive.adapters.executor import ThreadExecutor
from ytarchive.adapters.feeds import FeedReader
from ytarchive.core.feed import fingerprint
from ytarchive.core.job import Job, Network, Receipt
from ytarchive.core.sources import feed_of, upload_list
from ytarchive.simulator import Simulator

CHANNEL = "UCfeedsfeedsfeedsfeeds01"


class Feeds:
    """Reads the feed of a list through the executor."""

    def __init__(self, youtube: Simulator) -> None:
        self._network = Network(proxy=youtube.proxy_url, ca_file=str(youtube.ca_path))
        self._reader = FeedReader()
        self._executor = ThreadExecutor(self._reader.read, 2, on_event=print)

    def read(self, source: str) -> Receipt:
        query = feed_of(source)
        assert query
        job = Job(f"job of {source}", "feed", query, network=self._network)
        return self._executor.submit(job).result(PATIENCE_SECONDS)

    def fingerprint(self, source: str) -> str:
        receipt = self.read(source)
        assert receipt.feed, receipt
        return fingerprint(receipt.feed)

    def close(self) -> None:
        self._executor.close()
        self._reader.close()


@pytest.fixture(scope="module")
def youtube() -> Iterator[Simulator]:
    with Simulator() as simulator:
        simulator.set_channel(CHANNEL, title="Feeds")
        simulator.upload(CHANNEL, count=20)
        simulator.upload(CHANNEL, kind="shorts", count=2)
        yield simulator


@pytest.fixture
def feeds(youtube: Simulator) -> Iterator[Feeds]:
    found = Feeds(youtube)
    yield found
    found.close()
    youtube.remove_faults()


def test_the_feed_of_uploads_shows_the_newest_and_changes_with_them(youtube: Simulator, feeds: Feeds) -> None:
    videos = upload_list(CHANNEL, "videos")
    shorts = upload_list(CHANNEL, "shorts")
    before = feeds.fingerprint(videos), feeds.fingerprint(shorts)
    assert (feeds.fingerprint(videos), feeds.fingerprint(shorts)) == before

    (new,) = youtube.upload(CHANNEL)
    receipt = feeds.read(videos)

    assert receipt.feed
    assert receipt.feed.videos[0].video == new
    assert len(receipt.feed.videos) == 15
    assert (receipt.feed.channel_id, receipt.feed.playlist) == (CHANNEL, videos)
    assert receipt.feed.videos[0].published_at is not None
    assert receipt.feed.videos[0].channel_id == CHANNEL
    assert fingerprint(receipt.feed) != before[0]
    assert feeds.fingerprint(shorts) == before[1]


def test_shorts_are_told_as_such(feeds: Feeds) -> None:
    receipt = feeds.read(upload_list(CHANNEL, "shorts"))

    assert receipt.feed
    assert {video.kind for video in receipt.feed.videos} == {"shorts"}


def test_a_list_that_is_not_there_has_no_feed_at_the_moment(feeds: Feeds) -> None:
    receipt = feeds.read(upload_list(CHANNEL, "live"))

    assert (receipt.outcome, code_of(receipt)) == ("failed", "FEED_404")


@pytest.mark.parametrize(
    ("fault", "value", "code"),
    [
        ("status", 500, "HTTP_5XX"),
        ("status", 429, "FEED_429"),
        ("reset", 0, "RESET"),
        ("truncate", 0, "RESET"),
    ],
)
def test_trouble_passes_with_its_cause(
    youtube: Simulator, feeds: Feeds, fault: str, value: float, code: str
) -> None:
    source = upload_list(CHANNEL, "videos")
    youtube.add_fault(fault, value=value, request="feed")
    failed = feeds.read(source)
    youtube.remove_faults()

    assert code_of(failed) == code
    assert feeds.read(source).outcome == "done"


def test_many_feeds_cost_one_request_each_and_few_connections(youtube: Simulator, feeds: Feeds) -> None:
    youtube.reset_counters()
    sources = [upload_list(CHANNEL, "videos"), upload_list(CHANNEL, "shorts")] * 10
    for source in sources:
        assert feeds.read(source).feed
    counters = youtube.counters()

    assert counters["total_requests"] == len(sources)
    assert counters["tls_handshakes"] == 1


def test_feeds_are_read_side_by_side_and_not_mixed_up(youtube: Simulator, feeds: Feeds) -> None:
    youtube.add_fault("latency", value=20, request="feed")
    sources = {upload_list(CHANNEL, "videos"), upload_list(CHANNEL, "shorts"), f"UU{CHANNEL[2:]}"}
    found: dict[str, Receipt] = {}
    threads = [
        threading.Thread(target=lambda each: found.__setitem__(each, feeds.read(each)), args=(source,))
        for source in sources
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert {source: receipt.feed and receipt.feed.playlist for source, receipt in found.items()} == {
        source: source for source in sources
    }
