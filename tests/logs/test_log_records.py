"""Lines of the log as values: what is written is read again, and the quick look hides nothing that a filter admits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.log_record import LEVELS, Filter, Record, iso, line_of, record_of

WORDS = st.sampled_from(["a", "b", 'q"uote', "ä\\n", "\ud800", "e" * 300, ""])
MAYBE = st.none() | WORDS
RECORDS = st.builds(
    Record,
    at=st.integers(0, 3).map(float),
    level=st.sampled_from(LEVELS),
    component=st.sampled_from(["download", "list"]),
    text=st.text(max_size=10) | WORDS,
    job=MAYBE,
    video=MAYBE,
    entry=MAYBE,
    pass_number=st.none() | st.integers(0, 2),
    trace_id=MAYBE,
    data=st.dictionaries(WORDS, st.recursive(WORDS | st.floats() | st.integers(), st.lists), max_size=3),
)
FILTERS = st.builds(
    Filter,
    level=st.sampled_from(LEVELS),
    components=st.sampled_from([(), ("list",), ("list", "download")]),
    job=MAYBE,
    video=MAYBE,
    entry=MAYBE,
    pass_number=st.none() | st.integers(0, 2),
    since=st.none() | st.integers(0, 3),
    until=st.none() | st.integers(0, 3),
    text=MAYBE,
)


@given(RECORDS, FILTERS)
def test_the_quick_look_at_a_line_hides_nothing_that_the_filter_admits(
    record: Record, wanted: Filter
) -> None:
    line = line_of(record)
    read = record_of(line)
    assert read is not None
    assert line.count(b"\n") == 1
    assert wanted.may_admit()(line) or not wanted.admits(read)


@given(RECORDS)
def test_a_line_that_was_read_is_written_as_it_was(record: Record) -> None:
    line = line_of(record)
    read = record_of(line)
    assert read is not None
    assert line_of(read) == line


@given(st.binary(max_size=60))
def test_any_bytes_are_a_record_or_none(line: bytes) -> None:
    assert record_of(line) is None


@pytest.mark.parametrize(
    "line",
    [
        b'{"at":"2024-10-04T12:00:01.000Z","level":"loud","component":"a","text":"t"}',
        b'{"at":"yesterday","level":"info","component":"a","text":"t"}',
        b'{"level":"info","component":"a","text":"t"}',
    ],
)
def test_a_line_of_another_shape_is_none(line: bytes) -> None:
    assert record_of(line) is None


def test_moments_are_as_long_as_one_another_and_sort_as_text() -> None:
    moments = [float("-inf"), -1.0, 0.0, 0.25, 1.0, 2e9, 1e300]
    texts = [iso(at) for at in moments]
    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {24}
    assert texts[3] == "1970-01-01T00:00:00.250Z"


@pytest.mark.parametrize(
    ("sought", "found"), [("STRASSE", True), ("needle", True), ("hay", False), ("level", False)]
)
def test_text_is_looked_for_in_the_text_and_in_the_data_whatever_its_case(sought: str, found: bool) -> None:
    record = Record(0.0, "info", "pass", "in the Straße", data={"a": ["Needle"]})
    assert Filter(text=sought).admits(record) is found
    assert not Filter(text=sought).admits(Record(0.0, "info", "pass", "nothing"))
