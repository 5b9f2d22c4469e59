"""The lines between worker and parent: what is written is read back, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.codec import MalformedValue
from ytarchive.core.desired import Audio, CaptionWish, Quality, Target
from ytarchive.core.failure import Evidence, HttpExchange, classify
from ytarchive.core.job import LINE_CAP_BYTES, Event, Job, Known, ListingSummary, Network, Receipt
from ytarchive.core.protocol import Cancel, Hello, LineTooLong, Message, Quit, decode_message, encode_message
from ytarchive.core.selection import Format

TARGET = Target(video=Quality(max=1080), sound=Audio(), captions=(CaptionWish("en"),), embed=("tags",))
FAILURE = classify(
    Evidence("extract", "Private video", http=(HttpExchange("watch", "www.youtube.com", 200),))
)


@pytest.mark.parametrize(
    "message",
    [
        Hello("2026.10.26", "0.8.0", 42),
        Hello("2026.10.26", None, 42),
        Job(
            "job-1",
            "fetch",
            "-leadDash01",
            TARGET,
            network=Network(proxy="http://x"),
            deadline_at=1_700_000_000,
        ),
        Job("job-2", "list", "PLx", known=Known(("a" * 11,), 1)),
        Cancel("job-1"),
        Quit(),
        Event("job-1", 7, "progress", {"phase": "download", "done_bytes": 5, "text": "\u2028 ünïcode 👍"}),
        Receipt("job-1", "failed", FAILURE, offered=(Format("137", "video", clen=5),)),
        Receipt("job-1", "done", listing=ListingSummary("partial", 5, 3, "t", "why")),
    ],
)
def test_a_message_is_one_line_that_gives_it_back(message: Message) -> None:
    line = encode_message(message)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode_message(line) == message


@given(
    st.dictionaries(
        st.text(), st.one_of(st.none(), st.integers(-(2**53), 2**53), st.text(), st.booleans()), max_size=5
    )
)
def test_any_data_of_an_event_survives(data: dict[str, object]) -> None:
    event = Event("job-1", 1, "log", data)

    assert decode_message(encode_message(event)) == event


def test_an_unknown_type_is_passed_over() -> None:
    assert decode_message(b'{"type":"from-the-future","x":1}\n') is None


def test_an_unknown_key_is_passed_over() -> None:
    assert decode_message(b'{"type":"cancel","job":"job-1","reason":"new in version 2"}\n') == Cancel("job-1")


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"garbage\n", b"\xff\xfe\n", b"[]\n", b"{}\n", b'{"type":7}\n', b'{"type":"cancel"}\n', b'{"type":"event","job":"j","sequence":"x","kind":"k"}\n', b"[" * 200_000],
)  # fmt: skip
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(MalformedValue):
        decode_message(line)


def test_a_message_above_the_cap_is_not_written() -> None:
    with pytest.raises(LineTooLong, match="event of"):
        encode_message(Event("job-1", 1, "log", {"text": "x" * LINE_CAP_BYTES}))


def test_half_a_character_does_not_stop_a_line() -> None:
    line = encode_message(Receipt("job-1", "done", listing=ListingSummary("complete", 1, 1, "\ud83d title")))

    read = decode_message(line)

    assert isinstance(read, Receipt)
    assert read.listing is not None
    assert read.listing.title == "? title"
