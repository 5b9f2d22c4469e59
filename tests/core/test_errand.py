"""How a job stands follows from how its videos stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.errand import OPEN, STATES, WITHDRAWN, Errand, ErrandState, standing_of, standing_together
from ytarchive.core.plan import Bucket, Decision, Reason


def decision(bucket: Bucket, reason: Reason, code: str | None = None, due_at: int | None = None) -> Decision:
    return Decision("dQw4w9WgXcQ", bucket, reason, "target", code=code, due_at=due_at)


@pytest.mark.parametrize(
    ("follows", "expected"),
    [
        (None, ("cancelled", WITHDRAWN)),
        (decision("have", Reason.CONVERGED), ("done", None)),
        (decision("have", Reason.BELOW_WISH), ("done", None)),
        (decision("running", Reason.IN_FLIGHT), ("running", None)),
        (decision("ready", Reason.MISSING), ("pending", None)),
        (decision("undecided", Reason.UNDECIDED), ("pending", "a filter needs more than is known of it")),
    ],
)
def test_a_video_s_job_stands_as_the_video_does(
    follows: Decision | None, expected: tuple[ErrandState, str | None]
) -> None:
    assert standing_of(follows) == expected


def test_a_failure_that_is_tried_again_leaves_the_job_pending_and_is_told() -> None:
    state, why = standing_of(decision("deferred", Reason.BACKOFF, "TIMEOUT", due_at=0))
    assert state == "pending"
    assert why is not None
    assert why.startswith("TIMEOUT: ")
    assert why.endswith("; next look 1970-01-01T00:00:00Z")


def test_what_needs_a_person_ends_the_job_with_its_cause() -> None:
    state, why = standing_of(decision("blocked", Reason.GONE, "PRIVATE"))
    assert (state, (why or "").partition(":")[0]) == ("failed", "PRIVATE")


@given(st.lists(st.sampled_from(STATES)))
def test_a_playlist_s_job_is_open_as_long_as_one_of_its_videos_is(children: list[ErrandState]) -> None:
    state = standing_together(children)
    assert (state in OPEN) == any(child in OPEN for child in children)
    assert (state == "failed") == ("failed" in children and not {*children} & {*OPEN})
    assert (state == "cancelled") == ({*children} == {"cancelled"})


@pytest.mark.parametrize("state", STATES)
def test_only_what_may_still_change_is_open(state: ErrandState) -> None:
    assert Errand("job-1", "video", "dQw4w9WgXcQ", None, state, 0).is_open == (
        state in ("pending", "running")
    )
