"""Instants are ISO 8601 in every file; values survive the trip through JSON, and garbage is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.codec import MalformedValue, decode, digest, encode
from ytarchive.core.desired import Quality, Target
from ytarchive.core.instant import from_iso, to_iso
from ytarchive.core.job import Job, Permit, start_of


@given(st.integers(0, 4_000_000_000))
def test_an_instant_survives_its_iso_form(instant: int) -> None:
    assert from_iso(to_iso(instant)) == instant


def test_a_time_without_a_zone_is_utc() -> None:
    assert from_iso("2026-11-23T00:00:00") == from_iso("2026-11-23T01:00:00+01:00")


def test_a_number_passes_as_an_instant() -> None:
    assert from_iso(12) == 12


def test_a_job_survives_the_trip_and_shows_its_times_as_iso() -> None:
    job = Job("j-1", "fetch", "-abcdefghij", Target(video=Quality(max=720)), Permit(expires_at=86_400))
    line = encode(job)
    assert json.loads(line)["permit"]["expires_at"] == "1970-01-02T00:00:00Z"
    assert decode(Job, line) == job


def test_equal_values_have_equal_digests_and_others_do_not() -> None:
    assert digest(Quality(max=720)) == digest(Quality(max=720))
    assert digest(Quality(max=720)) != digest(Quality(max=721))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"id": 1}', b"\xff", '{"id":"a","kind":"dance"}'])
def test_garbage_is_refused_with_the_place_that_is_wrong(data: bytes | str) -> None:
    with pytest.raises(MalformedValue, match=": "):
        decode(Job, data)


def test_unknown_keys_are_ignored() -> None:
    assert decode(Quality, '{"max": 720, "from_the_future": 1}') == Quality(max=720)


@pytest.mark.parametrize(
    ("stat", "started"),
    [
        ("7 (a b) c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0", 12345),
        ("7 (short) S 1", 0),
        ("", 0),
    ],
)
def test_the_start_of_a_process_is_read_behind_any_name(stat: str, started: int) -> None:
    assert start_of(stat) == started
