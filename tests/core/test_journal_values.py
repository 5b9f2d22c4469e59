from __future__ import annotations

from ytarchive.core.codec import decode, encode
from ytarchive.core.desired import Quality, Target
from ytarchive.core.journal import Decision, journal_file


def test_a_decision_written_and_read_is_the_same() -> None:
    decision = Decision(
        at=1_790_000_000,
        kind="request",
        video="-abc",
        until=1_800_000_000,
        why="for the train",
        wish=Target(video=Quality(max=720)),
    )
    assert decode(Decision, encode(decision)) == decision


def test_a_decision_goes_to_the_file_of_its_month() -> None:
    assert journal_file(0) == "1970-01.jsonl"
    assert journal_file(1_798_761_599) == "2026-12.jsonl"
    assert journal_file(1_798_761_600) == "2027-01.jsonl"
