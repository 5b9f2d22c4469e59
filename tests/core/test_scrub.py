"""How fast bits are read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.scrub import pause_seconds


@given(st.integers(0, 10**15), st.floats(0, 10**6), st.integers(1, 10**10))
def test_after_the_pause_the_rate_was_kept(done: int, elapsed: float, rate: int) -> None:
    pause = pause_seconds(done, elapsed, rate)
    assert pause >= 0
    assert done <= (elapsed + pause) * rate * 1.000001 + 1


def test_without_a_rate_nobody_rests() -> None:
    assert pause_seconds(10**12, 0.0, None) == 0.0
