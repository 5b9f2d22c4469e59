"""Which look at a source comes next: the cheapest that can tell, everything weekly, nothing in backoff."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.looks import WHOLE_EVERY_SECONDS, Standing, due_at, must_read_all, next_step

NOW = 1_795_392_000
HELD = Standing("playlist", NOW - HOUR, NOW - DAY, NOW + HOUR, held_whole=True)
FED = replace(HELD, has_feed=True)
times = st.none() | st.integers(NOW - 30 * DAY, NOW + 30 * DAY)
standings = st.builds(
    Standing,
    kind=st.sampled_from(["videos", "pins", "channel", "catalogue", "playlist"]),
    looked_at=times,
    read_at=times,
    due_at=times,
    failing=st.booleans(),
    held_whole=st.booleans(),
    shrunken_at=times,
    has_feed=st.booleans(),
    feed_due_at=times,
    is_empty=st.booleans(),
)


@pytest.mark.parametrize(
    ("standing", "news", "step"),
    [
        (Standing("playlist"), "unasked", "all"),
        (Standing("playlist", has_feed=True), "unasked", "feed"),
        (Standing("playlist", has_feed=True), "changed", "all"),
        (Standing("playlist", has_feed=True), "unchanged", "all"),
        (HELD, "unasked", "all"),
        (FED, "unasked", "feed"),
        (FED, "unchanged", None),
        (FED, "changed", "head"),
        (FED, "failed", "head"),
        (replace(FED, feed_due_at=NOW + 1), "unasked", "head"),
        (replace(FED, feed_due_at=NOW), "unasked", "feed"),
        (replace(FED, read_at=NOW - WHOLE_EVERY_SECONDS), "unchanged", "all"),
        (replace(FED, held_whole=False), "unchanged", "all"),
        (replace(FED, shrunken_at=NOW - HOUR), "unchanged", None),
        (replace(FED, shrunken_at=NOW - DAY), "unchanged", "all"),
        (replace(FED, failing=True, due_at=NOW), "unchanged", "all"),
        (replace(FED, is_empty=True), "unasked", None),
        (replace(FED, is_empty=True, looked_at=NOW - DAY), "unasked", "feed"),
        (Standing("videos"), "unasked", None),
        (Standing("pins"), "unasked", None),
        (Standing("catalogue", NOW - HOUR, NOW - HOUR), "unasked", "all"),
        (Standing("channel"), "unasked", "all"),
        (Standing("channel", NOW - HOUR, NOW - DAY), "unasked", None),
        (Standing("channel", NOW - HOUR, NOW - 7 * DAY), "unasked", "all"),
        (Standing("channel", NOW - HOUR, NOW - DAY, NOW, failing=True), "unasked", "all"),
    ],
)
def test_a_person_who_asks_gets_the_cheapest_look_that_can_tell(
    standing: Standing, news: str, step: str | None
) -> None:
    assert next_step(standing, NOW, eager=True, whole=False, news=news) == step  # type: ignore[arg-type]


def test_by_itself_a_source_is_looked_at_when_it_is_due() -> None:
    assert next_step(FED, NOW, eager=False, whole=False) is None
    assert next_step(FED, NOW + HOUR, eager=False, whole=False) == "feed"
    assert next_step(Standing("playlist", has_feed=True), NOW, eager=False, whole=False) == "feed"


def test_a_look_in_the_future_of_a_clock_that_jumped_back_counts_for_nothing() -> None:
    year_ago = NOW - 365 * DAY
    assert next_step(FED, year_ago, eager=False, whole=False) == "feed"
    assert must_read_all(FED, year_ago, whole=False)


def test_every_line_is_read_for_a_person_who_wants_it() -> None:
    assert next_step(FED, NOW, eager=True, whole=True, news="unchanged") == "all"
    assert next_step(Standing("channel", NOW, NOW), NOW, eager=True, whole=True) == "all"


@given(standings, st.booleans(), st.booleans())
def test_a_source_that_fails_is_left_alone_until_its_time(
    standing: Standing, eager: bool, whole: bool
) -> None:
    waiting = replace(standing, failing=True, due_at=NOW + 1)
    assert next_step(waiting, NOW, eager=eager, whole=whole) is None


@given(standings)
def test_a_list_that_was_not_read_to_its_end_is_never_taken_for_unchanged(standing: Standing) -> None:
    cut = replace(standing, kind="playlist", held_whole=False)
    assert next_step(cut, NOW, eager=True, whole=False, news="unchanged") == "all"


@given(standings, st.sampled_from(["unchanged", "changed", "failed"]))
def test_a_feed_is_asked_once(standing: Standing, news: str) -> None:
    assert next_step(standing, NOW, eager=True, whole=False, news=news) != "feed"  # type: ignore[arg-type]


@given(standings)
def test_when_a_look_is_due_is_known_beforehand(standing: Standing) -> None:
    past = [at for at in (standing.looked_at, standing.read_at) if at is not None]
    assume(all(at <= NOW for at in past))
    due = due_at(standing)
    step = next_step(standing, NOW, eager=False, whole=False)
    assert (step is not None) == (due is not None and due <= NOW)
