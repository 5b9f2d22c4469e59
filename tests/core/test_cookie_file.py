"""Cookies files: what is used of them, what is wrong with them, and that nothing of them is ever told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.cookie_file import SIZE_CAP_BYTES, read

NOW = 1_800_000_000
CANARY = "canary-value"


def line(name: str, *, domain: str = ".youtube.com", expires: str = "2147483647", value: str = CANARY) -> str:
    return "\t".join((domain, "TRUE", "/", "TRUE", expires, name, value))


SIGNED_IN = (line("LOGIN_INFO"), line("SAPISID"))


def told(*lines: str) -> str | None:
    return read("\n".join(lines).encode(), NOW).trouble


def test_a_sign_in_is_kept_with_a_header_and_without_other_sites() -> None:
    text = "\r\n".join(
        (
            "# Netscape HTTP Cookie File",
            f"#HttpOnly_{line('LOGIN_INFO')}",
            line("__Secure-3PAPISID", domain="www.youtube.com", expires="0"),
            line("SESSION", domain=".bank.example"),
            line("X", domain="notyoutube.com"),
            "",
        )
    )
    found = read(b"\xef\xbb\xbf" + text.encode(), NOW)
    assert found.trouble is None
    assert found.text.splitlines() == [
        "# Netscape HTTP Cookie File",
        line("LOGIN_INFO"),
        line("__Secure-3PAPISID", domain="www.youtube.com", expires="0"),
    ]


def test_a_file_without_its_header_is_read_all_the_same() -> None:
    assert told(*SIGNED_IN) is None


@pytest.mark.parametrize("key", ["SAPISID", "__Secure-1PAPISID", "__Secure-3PAPISID"])
def test_one_key_is_enough(key: str) -> None:
    assert told(line("LOGIN_INFO"), line(key)) is None


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", "found no cookies of youtube.com in Netscape format (seven columns between tabs)"),
        (b"LOGIN_INFO=1; SAPISID=2", "found no cookies of youtube.com in Netscape format"),
        (SIGNED_IN[0].replace("\t", " ").encode(), "found no cookies of youtube.com in Netscape format"),
        (line("LOGIN_INFO", expires="soon").encode(), "found no cookies of youtube.com in Netscape format"),
        (b' [{"domain": ".youtube.com"}]', "found JSON, expected cookies in Netscape format (cookies.txt)"),
        (b"\xff\xfe", "found no text (UTF-8), expected cookies in Netscape format"),
        (b"#" * (SIZE_CAP_BYTES + 1), "found more than 1 MiB, expected cookies"),
        (line("PREF").encode(), "found cookies without a sign-in (LOGIN_INFO, SAPISID)"),
        (line("LOGIN_INFO").encode(), "found cookies without a sign-in (LOGIN_INFO, SAPISID)"),
    ],
)
def test_what_is_no_sign_in_is_told(data: bytes, trouble: str) -> None:
    found = read(data, NOW).trouble
    assert found is not None
    assert found.startswith(trouble)


def test_a_sign_in_that_ended_is_told_with_its_day() -> None:
    ended = line("LOGIN_INFO", expires="1700000000.5")
    assert told(ended, line("SAPISID")) == "found a sign-in that ended on 2023-11-14"
    assert told(line("LOGIN_INFO"), line("SAPISID", expires="1700000000"), line("__Secure-1PAPISID")) is None


@given(
    st.lists(st.sampled_from([*SIGNED_IN, line("X", expires="x"), CANARY, "[", f"{CANARY}\t" * 7])),
    st.sampled_from(["", "\x00", "{"]),
)
def test_no_message_and_no_printed_form_holds_a_value(lines: list[str], before: str) -> None:
    found = read((before + "\n".join(lines)).encode(), NOW)
    assert CANARY not in repr(found)
    assert CANARY not in (found.trouble or "")


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    found = read(data, NOW)
    assert (found.trouble is None) <= bool(found.text)
    for kept in found.text.splitlines()[1:]:
        assert kept.count("\t") == 6
