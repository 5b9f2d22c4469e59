"""What comes of each way in which files are not as they were left: always something, and never a promise that is not kept."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.drift import MEANINGS, DriftKind, follows

KINDS = get_args(DriftKind)


def test_every_kind_has_a_meaning() -> None:
    assert sorted(MEANINGS) == sorted(KINDS)


@given(st.sampled_from(KINDS), st.booleans(), st.booleans(), st.booleans())
def test_no_download_is_promised_of_what_nobody_wants_or_nobody_has(
    kind: DriftKind, is_wanted: bool, is_gone: bool, respects: bool
) -> None:
    told = follows(kind, is_wanted=is_wanted, is_gone=is_gone, respects=respects)
    if not is_wanted or is_gone or kind in ("moved", "view"):
        assert "downloads it again" not in told
    if respects and kind == "deleted":
        assert "not fetched again" in told


@pytest.mark.parametrize(
    ("kind", "respects", "told"),
    [
        ("moved", False, "where it belongs"),
        ("view", False, "makes it again"),
        ("view", True, "stays away"),
        ("deleted", True, "not fetched again"),
        ("deleted", False, "looks for it in the rest of the archive"),
        ("missing", True, "downloads it again"),
        ("corrupt", False, "the damaged copy stays"),
    ],
)
def test_what_follows_is_told(kind: DriftKind, respects: bool, told: str) -> None:
    assert told in follows(kind, is_wanted=True, is_gone=False, respects=respects)


def test_what_was_looked_for_in_vain_is_told_as_that() -> None:
    told = follows("missing", is_wanted=True, is_gone=False, was_sought=True)
    assert told.startswith("it was looked for")
    assert "downloads it again" in told
