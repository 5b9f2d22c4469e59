"""How durations, sizes, qualities and the like are written, and what was meant where they are not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core import amounts, kinds, media_kinds
from ytarchive.core.amounts import (
    DATE,
    DURATION,
    DURATION_OR_0,
    DURATION_RANGE,
    SHARE,
    SIZE,
    WINDOW,
    duration_text,
)
from ytarchive.core.kinds import BESIDE, FOLDER, NAME, TEXT, TRUTH, Kind, choice, number_or, whole_number
from ytarchive.core.media_kinds import AUDIO_LANGUAGE, FALLBACK, LABEL, LANGUAGE, LAYOUT, QUALITY
from ytarchive.core.misread import Misread, did_you_mean, near_miss, one_of, shown

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

GOOD: list[tuple[Kind, str, object]] = [
    (DURATION, "90s", 90),
    (DURATION, "1h30m", 5400),
    (DURATION, "30d", 30 * 86_400),
    (DURATION, "2w", 14 * 86_400),
    (DURATION_OR_0, "0", 0),
    (DURATION_OR_0, "0s", 0),
    (DURATION_RANGE, "2m..3h", (120, 10_800)),
    (DURATION_RANGE, "2m..", (120, None)),
    (DURATION_RANGE, "..3h", (None, 10_800)),
    (DATE, "2020-02-29", date(2020, 2, 29)),
    (WINDOW, "22:00-06:00", "22:00-06:00"),
    (SIZE, "0", 0),
    (SIZE, "1GiB", 1 << 30),
    (SIZE, "1.5 MB", 1_500_000),
    (SIZE, "12kB", 12_000),
    (SHARE, "10%", 0.1),
    (SHARE, "12.5 %", 0.125),
    (QUALITY, "best", None),
    (QUALITY, "4320p", 4320),
    (FALLBACK, "any", "any"),
    (FALLBACK, "144p", 144),
    (LANGUAGE, "EN-us", "en-US"),
    (LANGUAGE, "zh-hans-CN", "zh-Hans-CN"),
    (LANGUAGE, "es-419", "es-419"),
    (LANGUAGE, "no", "no"),
    (AUDIO_LANGUAGE, "original", "original"),
    (AUDIO_LANGUAGE, "PT-br", "pt-BR"),
    (TRUTH, "True", True),
    (TRUTH, "false", False),
    (whole_number(-5, 5), "-5", -5),
    (NAME, "Ünïcode: ok (2)", "Ünïcode: ok (2)"),
    (NAME, "e\u0301", "é"),
    (FOLDER, "Kids", "Kids"),
    (TEXT, "some words", "some words"),
    (BESIDE, "lists/a.txt", "lists/a.txt"),
    (LAYOUT, "jellyfin", "jellyfin"),
    (LAYOUT, "{channel}/{year}/{title} [{id}]", "{channel}/{year}/{title} [{id}]"),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_what_is_written_well_is_read(kind: Kind, text: str, value: object) -> None:
    assert kind.parse(text) == value


BAD: list[tuple[Kind, str, str | None]] = [
    (DURATION, "", None),
    (DURATION, "0s", None),
    (DURATION, "5", "did you mean 5s, 5m, 5h or 5d?"),
    (DURATION, "0", None),
    (DURATION, "6 hours", "did you mean 6h?"),
    (DURATION, "2 fortnights", None),
    (DURATION, "-1h", None),
    (DURATION, "1.5h", None),
    (DURATION, "36526d", None),
    (DURATION_RANGE, "..", None),
    (DURATION_RANGE, "2m-3h", "did you mean 2m..3h?"),
    (DURATION_RANGE, "3h..2m", None),
    (DURATION_RANGE, "..0s", "nothing is that short"),
    (DURATION_RANGE, "2m to 1h30m", "did you mean 2m..1h30m?"),
    (DATE, "2020-02-30", None),
    (DATE, "2020-1-1", "did you mean 2020-01-01?"),
    (DATE, "2020", "did you mean 2020-01-01?"),
    (DATE, "2020/12", "did you mean 2020-12-01?"),
    (DATE, "2020.13", None),
    (DATE, "yesterday", None),
    (WINDOW, "22-6", None),
    (WINDOW, "24:00-06:00", None),
    (SIZE, "1", "did you mean 1B?"),
    (SIZE, "10g", "did you mean 10GiB?"),
    (SIZE, "5Mib/s", "did you mean 5MiB?"),
    (SIZE, "4Mbps", "did you mean 4MB?"),
    (SIZE, "10 bananas", None),
    (SIZE, "big", None),
    (SHARE, "10", None),
    (SHARE, "101%", None),
    (QUALITY, "4K", "did you mean 2160p?"),
    (QUALITY, "1080p60", "did you mean 1080p?"),
    (QUALITY, "highest", "did you mean best?"),
    (QUALITY, "sharp", None),
    (LABEL, "best", None),
    (FALLBACK, "best", "did you mean any?"),
    (FALLBACK, "1081", "did you mean 1080p?"),
    (LANGUAGE, "German", "did you mean de?"),
    (LANGUAGE, "pt_BR", "did you mean pt-BR?"),
    (LANGUAGE, "all", None),
    (LANGUAGE, "en.*", None),
    (AUDIO_LANGUAGE, "orignal", "did you mean original?"),
    (TRUTH, "on", "did you mean true?"),
    (TRUTH, "No", "did you mean false?"),
    (TRUTH, "maybe", None),
    (whole_number(0, 9), "10", None),
    (whole_number(0, 9), "1.0", None),
    (whole_number(0, 9), "1" * 30, None),
    (whole_number(0, 9), "٣", None),
    (number_or("any", None, whole_number(1, 9)), "0", None),
    (NAME, "a/b", None),
    (NAME, "a\\b", None),
    (NAME, " a", None),
    (NAME, ".a", None),
    (NAME, "a\u202eb", None),
    (NAME, "a" * 101, None),
    (FOLDER, "con", "not every file system takes it; write '_con'"),
    (FOLDER, "界" * 99, "it is longer than 127 bytes"),
    (TEXT, "  ", None),
    (TEXT, "a\nb", None),
    (BESIDE, "/etc/passwd", None),
    (BESIDE, "../x.txt", None),
    (BESIDE, "a//b", None),
    (BESIDE, "a\\b", None),
    (LAYOUT, "flatt", "did you mean flat?"),
    (LAYOUT, "{title}/../x", None),
    (LAYOUT, "/{title}", None),
    (LAYOUT, "{titel}", "did you mean title?"),
    (LAYOUT, "{__class__}", None),
    (LAYOUT, "{title", None),
    (choice("av1", "h264", meant={"avc1": "h264"}), "AVC1", "did you mean h264?"),
    (choice("av1", "h264"), "AV1", "did you mean av1?"),
]


@pytest.mark.parametrize(("kind", "text", "hint"), BAD)
def test_what_is_not_is_misread_with_what_was_meant(kind: Kind, text: str, hint: str | None) -> None:
    with pytest.raises(Misread) as misread:
        kind.parse(text)
    assert misread.value.hint == hint
    assert misread.value.expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [(TRUTH, "true"), (whole_number(0, 9), "5"), (number_or("any", None, whole_number(0, 9)), "5")],
)
def test_a_quoted_number_or_truth_is_a_text(kind: Kind, text: str) -> None:
    assert kind.parse(text) is not None
    with pytest.raises(Misread, match="remove the quotes"):
        kind.parse(text, quoted=True)


def _kinds() -> list[Kind]:
    return [
        value
        for module in (amounts, kinds, media_kinds)
        for value in vars(module).values()
        if isinstance(value, Kind)
    ]


@patient
@given(st.sampled_from(_kinds()), st.text(max_size=40))
def test_any_text_is_read_or_misread(kind: Kind, text: str) -> None:
    try:
        kind.parse(text)
    except Misread as misread:
        message = str(misread)
        assert message.isprintable()


@patient
@given(st.integers(1, amounts.LONGEST_SECONDS))
def test_a_duration_reads_as_what_it_is_written(seconds: int) -> None:
    assert DURATION.parse(duration_text(seconds)) == seconds


def test_no_duration_is_written_too() -> None:
    assert duration_text(0) == "0s"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("", "nothing"),
        ("a b", "'a b'"),
        ("\x1b[31m\n\u202e", "'\\x1b[31m\\n\\u202e'"),
        ("x" * 100, "'" + "x" * 59 + "…'"),
        ("\udcff", "'\\udcff'"),
    ],
)
def test_what_is_shown_is_safe_on_a_terminal(text: str, safe: str) -> None:
    assert shown(text) == safe


@pytest.mark.parametrize(
    ("word", "meant"), [("Qualty", "quality"), ("keep-looking", "keep_looking"), ("zzz", None), ("", None)]
)
def test_near_misses_are_found(word: str, meant: str | None) -> None:
    assert near_miss(word, ["quality", "keep_looking", "embed"]) == meant
    assert did_you_mean(word, ["quality", "keep_looking", "embed"]) == (
        f"did you mean {meant}?" if meant else None
    )


@pytest.mark.parametrize(
    ("words", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_words_are_joined(words: list[str], text: str) -> None:
    assert one_of(words) == text


def test_every_schema_of_a_kind_is_one() -> None:
    import jsonschema

    for kind in _kinds():
        schema: Any = dict(kind.schema)
        jsonschema.Draft7Validator.check_schema(schema)
