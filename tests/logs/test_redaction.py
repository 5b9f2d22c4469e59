"""Secrets in text and in data: by their value wherever it stands, and by the name before them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.redaction import REDACTED, Redactor

SECRET = "AIzaSy/canary+1234=="


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"x{SECRET}y",
        "https://h/p?a=AIzaSy%2Fcanary%2B1234%3D%3D&b=1",
        "https://h/AIzaSy/canary%2B1234%3D%3D",
        json.dumps({"a": SECRET}),
    ],
)
def test_a_known_value_is_taken_out_however_it_is_written(text: str) -> None:
    assert "canary" not in Redactor([SECRET]).text(text)


def test_the_longer_of_two_secrets_that_begin_alike_goes_whole() -> None:
    assert Redactor(["secret", "secret-and-more"]).text("a secret-and-more b") == f"a {REDACTED} b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "GET https://www.googleapis.com/?key=CANARY&part=id",
            f"GET https://www.googleapis.com/?key={REDACTED}&part=id",
        ),
        ("https://r1.googlevideo.com/videoplayback?id=1&ip=1.2.3.4&sig=CANARY", None),
        ("https://manifest.googlevideo.com/api/ip/CANARY/itag/18", None),
        ("http://user:CANARY@proxy:3128/", "http://***@proxy:3128/"),
        ("Authorization: Bearer CANARYCANARY", f"Authorization: {REDACTED}"),
        ("sent with bearer CANARYCANARY, refused", f"sent with bearer {REDACTED}, refused"),
        ("Cookie: SID=CANARY; HSID=CANARY\nHost: x", f"Cookie: {REDACTED}\nHost: x"),
        ("{'Set-Cookie': 'SID=CANARY; Path=/'}", None),
        ('{"token": "CANARY", "video": "abc"}', f'{{"token": "{REDACTED}", "video": "abc"}}'),
        ("__Secure-3PAPISID=CANARY", None),
        ("SAPISIDHASH CANARYCANARY_u", None),
        ("?v=1&pot=CANARY", None),
    ],
)
def test_what_stands_behind_the_name_of_a_secret_is_taken_out(text: str, expected: str | None) -> None:
    clean = Redactor().text(text)
    assert "CANARY" not in clean
    assert "1.2.3.4" not in clean
    assert expected is None or clean == expected


@pytest.mark.parametrize(
    "text",
    [
        "the video dQw4w9WgXcQ was fetched in 12 s: 720p, 3 captions",
        "tokenised keys and monkeys: 5 keys of 3 sessions",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL123",
        "manifests/a.yaml:3:5: found 'x', expected a key",
        "the cookies are no longer valid",
        "ip addresses",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert Redactor(["unrelated-secret"]).text(text) == text


def test_data_loses_values_under_secret_keys_and_secrets_in_values() -> None:
    told = {
        "token": "CANARY",
        "Cookie": ["CANARY"],
        "nested": {"API-Key": 5, "url": "https://h/?key=CANARY"},
        "list": ["CANARY-VALUE", 7, None, True],
        "CANARY-VALUE": "x",
    }
    clean = Redactor(["CANARY-VALUE"]).data(told)
    assert "CANARY" not in json.dumps(clean)
    assert clean["list"][1:] == [7, None, True]
    assert clean["nested"]["API-Key"] == REDACTED


@given(st.lists(st.text(min_size=4, max_size=20), max_size=4), st.text(max_size=80), st.text(max_size=80))
def test_no_secret_is_left_and_redacting_twice_changes_nothing(
    secrets: list[str], before: str, after: str
) -> None:
    redactor = Redactor(secrets)
    for secret in secrets:
        clean = redactor.text(before + secret + after)
        if not any(each in REDACTED or each in "***@" or REDACTED in each for each in secrets):
            assert secret not in clean.replace(REDACTED, "\0")


@given(st.text(alphabet=st.sampled_from("ab=&:;,/@?'\" %3D\ntokenkeysidipCookieBearer[]")))
def test_redacting_what_is_redacted_changes_nothing(text: str) -> None:
    once = Redactor().text(text)
    assert Redactor().text(once) == once


def test_data_without_end_is_cut_and_never_read_to_its_end() -> None:
    deep: list[object] = []
    deep.append(deep)
    clean = Redactor().data({"deep": deep, "long": list(range(1_000)), "wide": "x" * 100_000})
    assert REDACTED in json.dumps(clean["deep"])
    assert len(clean["long"]) < 100
    assert len(clean["wide"]) < 50_000
