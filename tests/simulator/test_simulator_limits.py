"""Addresses that ask too often: bot checks for every video, for hours, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from yt_dlp.utils import DownloadError

from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator
from ytarchive.simulator.limits import RateLimit, RateLimits

GUEST = ("192.0.2.7", None)


@pytest.fixture
def limited(youtube: Simulator) -> Iterator[Simulator]:
    youtube.limit_rate(2, 3600, 6 * 3600)
    yield youtube
    youtube.limit_rate(None)


def watch(name: str) -> str:
    return f"https://www.youtube.com/watch?v={WELL_KNOWN[name]}"


def test_every_video_meets_a_bot_check_once_an_address_asked_too_often(limited: Simulator, extract) -> None:
    for name in ("ordinary", "short"):
        assert extract(watch(name))["formats"]
    for name in ("digits_only", "ordinary"):
        with pytest.raises(DownloadError, match="not a bot"):
            extract(watch(name))
    assert limited.visitors() == [{"address": "127.0.0.1", "account": None, "extractions": 3, "bans": 1}]
    assert extract(f"https://www.youtube.com/playlist?list={PLAYLISTS['unlisted']}", extract_flat=True)[
        "entries"
    ]
    limited.advance(6 * 3600 + 60)
    assert extract(watch("ordinary"))["formats"]


def test_what_is_asked_of_one_video_at_once_counts_once_and_each_visitor_alone() -> None:
    limits = RateLimits()
    limits.set(RateLimit(2, 60, 100))
    assert not any(limits.refuses(GUEST, "a", 10.0 + each) for each in range(5))
    assert not limits.refuses(GUEST, "b", 20)
    assert not limits.refuses(GUEST, "b", 75)
    assert not limits.refuses((GUEST[0], "main"), "c", 76)
    assert limits.refuses(GUEST, "d", 77)
    assert limits.refuses(GUEST, "e", 176)
    assert not limits.refuses(GUEST, "e", 177)
    assert not limits.refuses((GUEST[0], "main"), "c", 177)
    assert [one["extractions"] for one in limits.report()] == [5, 2]


def test_without_a_limit_nobody_is_refused_and_nothing_is_counted() -> None:
    limits = RateLimits()
    assert not any(limits.refuses(GUEST, str(each), 1) for each in range(1000))
    assert limits.report() == []
