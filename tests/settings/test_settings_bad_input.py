"""Settings that cannot be: every problem of every source at once, with its place, its near miss and exit 78."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core.kinds import Kind
from ytarchive.core.misread import Misread
from ytarchive.core.setting_keys import (
    ADDRESS,
    BY_KEY,
    ENDPOINT,
    LISTEN,
    PATH,
    PROXY,
    UMASK,
    redacted,
    variable,
)
from ytarchive.core.setting_sources import from_environment, from_toml, text_of, value_of
from ytarchive.errors import ConfigError
from ytarchive.settings import FILE_NAME, SIZE_CAP_BYTES, load

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def refused(
    text: str | bytes, tmp_path: Path, environ: dict[str, str] | None = None, **overrides: object
) -> list[str]:
    file = tmp_path / FILE_NAME
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as error:
        load(
            None, environ or {}, {key.replace("__", "."): value for key, value in overrides.items()}, tmp_path
        )
    assert error.value.exit_code == 78
    assert error.value.cure
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in error.value.problems]


TOML = """
[archive]
root = 5
min_fre = "1GiB"
umask = 22
guard = "200%"
policies = "keep"

[limits]
downloads = "2"
pause = 5
bandwidth = "10MB/s"
videos_per_hour = -1
root = "x"
extractions = [1]

[limit]
downloads = 1

[network]
proxy = "http://someone:secret@"
ca_file = "nope.pem"
source_address = "localhost"

[schedule]
interval = 6

[state]
path = {a = 1}

[manifests]
path = ""

[server]
listen = "nowhere"
hosts = ["not a host"]
"""
TOLD = """\
ytarchive.toml:4:1: archive: found the unknown key 'min_fre', expected guard, min_free, policies, quarantine_grace, root, scrub_rate or umask; did you mean min_free?
ytarchive.toml:5:1: archive.umask: found '22', expected a umask of three octal digits in quotes, such as "022"; did you mean "022"?
ytarchive.toml:6:1: archive.guard: found '200%', expected a share such as 10%
ytarchive.toml:7:1: archive.policies: found 'keep', expected the section [archive.policies]
ytarchive.toml:10:1: limits.downloads: found the quoted text '2', expected a whole number up to 64; 0 switches the limit off; remove the quotes
ytarchive.toml:11:1: limits.pause: found '5', expected a duration such as 5s, or 0; did you mean 5s, 5m, 5h or 5d?
ytarchive.toml:12:1: limits.bandwidth: found '10MB/s', expected a size such as 1GiB, 500MB, or 0; did you mean 10MB?
ytarchive.toml:13:1: limits.videos_per_hour: found '-1', expected a whole number up to 100,000; 0 switches the limit off
ytarchive.toml:14:1: limits: found the unknown key 'root', expected bandwidth, downloads, extractions, pause, per_day or videos_per_hour; it stands in [archive]
ytarchive.toml:15:1: limits.extractions: found a list, expected a whole number up to 64; 0 switches the limit off
ytarchive.toml:17:1: found the unknown key 'limit', expected archive, auth, executor, limits, log, manifests, network, schedule, server, state, tracing or youtube; did you mean limits?
ytarchive.toml:21:1: network.proxy: found 'http://***@', expected the address of a proxy such as http://localhost:3128 or socks5://localhost:1080
ytarchive.toml:22:1: network.ca_file: found no file FOLDER/nope.pem, expected certificates (PEM)
ytarchive.toml:23:1: network.source_address: found 'localhost', expected an IP address of this machine, such as 192.168.1.20
ytarchive.toml:26:1: schedule.interval: found '6', expected a duration such as 90s, 6h, 30d or 1h30m; did you mean 6s, 6m, 6h or 6d?
ytarchive.toml:29:1: state.path: found a section, expected a path
ytarchive.toml:32:1: manifests.path: found nothing, expected a path
ytarchive.toml:35:1: server.listen: found 'nowhere', expected a host and port such as 127.0.0.1:8790, or unix: and a path
ytarchive.toml:36:1: server.hosts: found 'not a host', expected the name of a host, such as archive.example.org
"""


def test_every_problem_of_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    assert refused(TOML, tmp_path) == TOLD.replace("FOLDER", str(tmp_path)).splitlines()


LATER = """
[executor]
kind = "fleet"
"""
LATER_TOLD = """\
ytarchive.toml:3:1: executor.kind: 'fleet' is not yet supported by this version; use local, or remove it
"""


def test_what_a_later_version_acts_on_is_refused_by_name(tmp_path: Path) -> None:
    assert refused(LATER, tmp_path) == LATER_TOLD.splitlines()


def test_what_the_data_api_may_cost_is_checked(tmp_path: Path) -> None:
    assert refused('[youtube]\napi_key_file = "key"\nquota = -1\nreserve = "a lot"\n', tmp_path) == [
        f"ytarchive.toml:2:1: youtube.api_key_file: found no file {tmp_path}/key, expected a key of the YouTube Data API",
        "ytarchive.toml:3:1: youtube.quota: found '-1', expected a whole number up to 10,000,000; 0: the API is not used",
        "ytarchive.toml:4:1: youtube.reserve: found 'a lot', expected a share such as 10%",
    ]


def test_accounts_are_checked(tmp_path: Path) -> None:
    text = (
        '[auth]\nx = 1\n[auth.main]\ncookies = "a"\ncookies_file = 5\nzzz = 1\n[auth."a/b"]\n[auth.two]\n'
        '[auth.guest]\ncookies_file = "g"\n[auth.four]\ncookies_file = ""\n[auth.five]\ncookies_file = ["a"]\n'
    )
    assert refused(text, tmp_path) == [
        "ytarchive.toml:2:1: auth.x: found '1', expected a section with cookies_file",
        "ytarchive.toml:4:1: auth.main.cookies: found the unknown key 'cookies', expected cookies_file; "
        "did you mean cookies_file?",
        "ytarchive.toml:6:1: auth.main.zzz: found the unknown key 'zzz', expected cookies_file",
        "ytarchive.toml:7:1: auth.a/b: found 'a/b', expected a name: at most 100 visible characters, without / and \\, "
        "not beginning with a dot",
        "ytarchive.toml:8:1: auth.two: found nothing, expected cookies_file",
        "ytarchive.toml:9:1: auth.guest: found 'guest', expected another name: the guest is who asks without an account",
        "ytarchive.toml:12:1: auth.four.cookies_file: found nothing, expected a path",
        "ytarchive.toml:14:1: auth.five.cookies_file: found a list, expected a path",
    ]
    assert refused('auth.guest.cookies_file = "g"', tmp_path) == [
        "ytarchive.toml:1:1: auth.guest: found 'guest', expected another name: the guest is who asks without an account"
    ]
    assert refused("auth = [1]", tmp_path) == [
        "ytarchive.toml:1:1: auth: found a list, expected sections such as [auth.main]"
    ]
    assert refused('auth = {two = {cookies_file = {}}, "" = 1}', tmp_path) == [
        "ytarchive.toml:1:1: auth.two.cookies_file: found a section, expected a path",
        "ytarchive.toml:1:1: auth: found nothing, expected a name: at most 100 visible characters, without / and \\, "
        "not beginning with a dot",
    ]


def test_a_wrong_variable_is_named_with_what_was_meant(tmp_path: Path) -> None:
    environ = {
        "YTARCHIVE_ARCHIVE_ROOT": "x",
        "YTARCHIVE_LIMITS__PAUSES": "1s",
        "YTARCHIVE_LIMITS__PAUSE": "soon",
        "YTARCHIVE_ZZZ__QQQ": "1",
        "YTARCHIVE_AUTH__MAIN__COOKIES": "x",
        "YTARCHIVE_AUTH__GUEST__COOKIES_FILE": "x",
        "YTARCHIVE_SCHEDULE__WINDOWS": "22:00-06:00, 6-7",
    }
    assert refused("", tmp_path, environ) == [
        "environment variable YTARCHIVE_ARCHIVE_ROOT: found no such setting; did you mean YTARCHIVE_ARCHIVE__ROOT?",
        "environment variable YTARCHIVE_AUTH__GUEST__COOKIES_FILE: auth: found no such setting, "
        "expected YTARCHIVE_AUTH__MAIN__COOKIES_FILE",
        "environment variable YTARCHIVE_AUTH__MAIN__COOKIES: auth: found no such setting, "
        "expected YTARCHIVE_AUTH__MAIN__COOKIES_FILE",
        "environment variable YTARCHIVE_LIMITS__PAUSE: limits.pause: found 'soon', expected a duration such as 5s, or 0",
        "environment variable YTARCHIVE_LIMITS__PAUSES: found no such setting; did you mean YTARCHIVE_LIMITS__PAUSE?",
        "environment variable YTARCHIVE_SCHEDULE__WINDOWS: schedule.windows: found '6-7', expected a time of day such as 22:00-06:00",
        "environment variable YTARCHIVE_ZZZ__QQQ: found no such setting",
    ]


def test_a_wrong_flag_is_named_with_what_was_meant(tmp_path: Path) -> None:
    assert refused(
        "",
        tmp_path,
        archive__rot="x",
        limits__downloads="many",
        tracing__endpoint="localhost:4318",
        log__level=["a"],
    ) == [
        "command line: found the unknown setting 'archive.rot', expected guard, min_free, policies, quarantine_grace, root, scrub_rate or umask; "
        "did you mean root?",
        "command line: limits.downloads: found 'many', expected a whole number up to 64; 0 switches the limit off",
        "command line: tracing.endpoint: found 'localhost:4318', expected an address such as http://localhost:4318",
        "command line: log.level: found a list, expected debug, info, warning or error",
    ]


def test_problems_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    problems = refused("x = 1", tmp_path, {"YTARCHIVE_LIMITS__PAUSE": "x"}, y="1")
    assert [problem.partition(": ")[0] for problem in problems] == [
        "ytarchive.toml:1:1",
        "command line",
        "environment variable YTARCHIVE_LIMITS__PAUSE",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a = \n", "ytarchive.toml:1:5: not TOML: Invalid value"),
        (
            b"[limits]\ndownloads = 2\ndownloads = 3",
            "ytarchive.toml: not TOML: Cannot overwrite a value at the end of the file",
        ),
        (b"a = [1,", "ytarchive.toml: not TOML: Invalid value at the end of the file"),
        (
            b"a = " + b"[" * 5000,
            "ytarchive.toml: not TOML: a value is nested too deeply, or a number is too long",
        ),
        (
            b"a = " + b"9" * 5000,
            "ytarchive.toml: not TOML: a value is nested too deeply, or a number is too long",
        ),
        (b"a = '\xff'", "ytarchive.toml: not UTF-8: found the byte 0xff at offset 5; save the file as UTF-8"),
        (b"#" * (SIZE_CAP_BYTES + 1), "ytarchive.toml: larger than 1 MiB, expected settings"),
        (
            b"limits = {downloads = 2, downloud = 3}",
            "ytarchive.toml:1:1: limits: found the unknown key 'downloud'",
        ),
        (b"limits = 3", "ytarchive.toml:1:1: limits: found '3', expected the section [limits]"),
        (b"schedule.windows = true", "ytarchive.toml:1:1: schedule.windows: found 'true', expected a list"),
        (
            b"limits.pause = 2020-01-01",
            "ytarchive.toml:1:1: limits.pause: found '2020-01-01', expected a duration",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: bytes, message: str, tmp_path: Path) -> None:
    (problem, *_) = refused(text, tmp_path)
    assert problem.startswith(message)


def test_a_settings_file_that_is_no_plain_file_is_refused_without_waiting(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    makes: list[Callable[[], None]] = [
        lambda: os.mkfifo(file),
        file.mkdir,
        lambda: file.symlink_to("nowhere"),
    ]
    for make in makes:
        make()
        with pytest.raises(ConfigError, match="cannot be read") as error:
            load(None, {}, {}, tmp_path)
        assert "--config" in str(error.value.cure)
        file.rmdir() if file.is_dir() else file.unlink()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("http://user:secret@host:1", "http://***@host:1"),
        ("http://user:se@cret@host", "http://***@host"),
        ("user:secret@host", "***@host"),
        ("http://host", "http://host"),
    ],
)
def test_a_password_is_never_shown(text: str, safe: str) -> None:
    assert redacted(text) == safe


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            PROXY,
            ["http://h", "https://u:p@h:1", "socks5://[::1]:1080"],
            ["", "h:1", "ftp://h", "http://", "http://[::1", "http://h:99999", "http://h:0", "http://h x"],
        ),
        (UMASK, ["022", "0022", "777"], ["22", "0o22", "888", "-022", "00022"]),
        (
            LISTEN,
            ["127.0.0.1:1", "[::1]:80", "localhost:0", "unix:/run/x"],
            ["", "h", ":80", "h:x", "h:1/x", "u@h:1", "unix:x"],
        ),
        (ENDPOINT, ["http://h:4318/v1", "https://h"], ["h:4318", "grpc://h", "http://"]),
        (ADDRESS, ["192.168.1.20", "fe80::1"], ["localhost", "1.2.3", "1.2.3.4/8"]),
        (PATH, ["a b", "~/x", "/"], ["", "a\0b"]),
    ],
)
def test_special_settings_are_read_or_misread(kind: Kind, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert kind.parse(text) is not None
    for text in bad:
        with pytest.raises(Misread):
            kind.parse(text)


@patient
@given(st.binary(max_size=80))
def test_any_bytes_of_toml_end_in_settings_or_problems(data: bytes) -> None:
    source = from_toml("x.toml", data)
    for each in source.given:
        value_of(each)
    assert all(str(problem).startswith("x.toml") for problem in source.problems)


TEXTS = st.text(alphabet=st.characters(exclude_characters="\0"), min_size=1, max_size=20)


@patient
@given(st.sampled_from(sorted(BY_KEY)), TEXTS)
def test_any_text_of_any_setting_is_a_value_or_a_problem(key: str, text: str) -> None:
    source = from_environment({variable(key): text})
    for each in source.given:
        value, problem = value_of(each)
        assert (problem is None) or (value is None and problem.message.startswith(f"{key}: "))
        assert "@" not in text_of(each) or key != "network.proxy" or "***@" in text_of(each)
