"""From what the program says to lines in files and on a stream, without secrets."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from ytarchive.__main__ import _keep_traceback
from ytarchive.adapters.logs import as_text
from ytarchive.cli.app import Invocation
from ytarchive.core.log_record import Filter, Record
from ytarchive.errors import YtarchiveError
from ytarchive.reconciler.logs import logging_to, open_log
from ytarchive.settings import Account, Settings, load
from ytarchive.web.traced import Traced

CANARIES = {
    "token": "tok3n-c4nary-0123456789abcdef",
    "key": "AIzaC4naryKeyOfTheDataApi0123456789abcd",
    "cookie": "c4naryCookieValue.AFmmF2swRQ-xyz",
    "proxy": "pr0xy-c4nary",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Secrets of every kind lie in their files."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "token").write_text(CANARIES["token"] + "\n")
    (tmp_path / "key").write_text(CANARIES["key"] + "\n")
    (tmp_path / "cookies.txt").write_text(
        "# Netscape HTTP Cookie File\n"
        f".youtube.com\tTRUE\t/\tTRUE\t2000000000\tLOGIN_INFO\t{CANARIES['cookie']}\n"
        ".youtube.com\tTRUE\t/\tTRUE\t2000000000\tPREF\tinfo\n"
    )
    (tmp_path / "ytarchive.toml").write_text(
        '[youtube]\napi_key_file = "key"\n[auth.main]\ncookies_file = "cookies.txt"\n[log]\nlevel = "debug"\n'
        f'[network]\nproxy = "http://someone:{CANARIES["proxy"]}@localhost:3128"\n'
    )
    return load(tmp_path / "ytarchive.toml", {}, {}, tmp_path)


def lines_in(settings: Settings) -> list[Record]:
    return list(open_log(settings).query(Filter(), newest_first=False).records)


def test_a_line_has_its_own_fields_and_everything_else_is_data(settings: Settings) -> None:
    with logging_to(settings):
        structlog.get_logger("download").info(
            "fetched", job="job-1", video="dQw4w9WgXcQ", entry="a", pass_number=3, bytes=5, title="T"
        )
    (record,) = lines_in(settings)
    assert (record.component, record.level, record.text) == ("download", "info", "fetched")
    assert (record.job, record.video, record.entry, record.pass_number) == ("job-1", "dQw4w9WgXcQ", "a", 3)
    assert record.data == {"bytes": 5, "title": "T"}


@pytest.mark.parametrize(("level", "kept"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_what_is_below_the_level_is_not_logged(
    settings: Settings, level: str, kept: int, tmp_path: Path
) -> None:
    quieter = load(None, {}, {"log.level": level}, tmp_path)
    with logging_to(quieter):
        log = structlog.get_logger("pass")
        for say in (log.debug, log.info, log.warning, log.error):
            say("something")
        logging.getLogger("library").info("libraries are heard from warnings on")
    assert len(lines_in(quieter)) == kept


def test_what_libraries_log_comes_along(settings: Settings) -> None:
    stream = io.StringIO()
    with logging_to(settings, stream):
        logging.getLogger("some.library").warning("retrying %s", "https://h/?key=" + CANARIES["key"])
        logging.getLogger("uvicorn.error").error("no")
    first, second = lines_in(settings)
    assert (first.component, first.level, first.data) == ("python", "warning", {"logger": "some.library"})
    assert (second.component, second.level) == ("api", "error")
    logging.getLogger("some.library").warning("after the end")
    assert len(lines_in(settings)) == 2
    assert "after" not in stream.getvalue()


def test_no_secret_is_in_any_file_or_stream_whatever_is_logged(settings: Settings) -> None:
    stream = io.StringIO()
    with logging_to(settings, stream):
        log = structlog.get_logger("worker")
        for secret in CANARIES.values():
            log.warning(
                " ".join(["it said", secret]), job=secret, entry=secret, data={"deep": [secret], secret: 1}
            )
            try:
                raise ValueError(f"with {secret} in it")
            except ValueError:
                log.exception("a crash")
            logging.getLogger("x").warning("%s", secret)
        renewed = "r3newed-c4nary-value"
        text = settings.auth[0].cookies_file.read_text().replace(CANARIES["cookie"], renewed)
        (settings.state.path / "cookies").write_text(text)
        log.warning("Set-Cookie: LOGIN_INFO=%s; Path=/", renewed)
    written = stream.getvalue()
    for folder, _, names in os.walk(settings.state.path / "logs"):
        written += "".join(Path(folder, name).read_text() for name in names)
    assert "ValueError" in written
    assert "c4nary" not in written.casefold()
    assert "c4nary" not in repr(settings).casefold()


def test_a_secret_that_changes_is_kept_out_as_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ytarchive.adapters.secrets._LOOK_SECONDS", 0.0)
    with logging_to(settings):
        structlog.get_logger("pass").info("one")
        (settings.state.path / "token").write_text("a-new-t0ken-value")
        structlog.get_logger("pass").info("it is a-new-t0ken-value")
    assert "t0ken" not in lines_in(settings)[1].text


def test_secrets_of_settings_that_were_read_again_are_kept_out_and_those_of_before_too(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ytarchive.adapters.secrets._LOOK_SECONDS", 0.0)
    now = [settings]
    with logging_to(settings, now=lambda: now[0]):
        structlog.get_logger("pass").info("one")
        proxy = replace(settings.network, proxy="http://a:an0ther-password@localhost:3128")
        (tmp_path / "two.txt").write_text(
            ".youtube.com\tTRUE\t/\tTRUE\t2000000000\tSID\tan0ther-cookie-value\n"
        )
        now[0] = replace(settings, network=proxy, auth=(Account("two", tmp_path / "two.txt"),))
        structlog.get_logger("pass").info(
            f"an0ther-password an0ther-cookie-value {CANARIES['proxy']} are told nowhere"
        )
    said = lines_in(settings)[1].text
    assert "told nowhere" in said
    assert "an0ther" not in said
    assert CANARIES["proxy"] not in said


def test_away_from_a_terminal_a_stream_gets_json_and_text_when_that_is_wished(
    settings: Settings, tmp_path: Path
) -> None:
    stream = io.StringIO()
    with logging_to(settings, stream):
        structlog.get_logger("pass").info("with \x1b[31m colour \u202e", video="dQw4w9WgXcQ")
    told = json.loads(stream.getvalue())
    assert told["video"] == "dQw4w9WgXcQ"
    assert stream.getvalue().isascii(), "what could steer a terminal is escaped"
    assert "\x1b" not in stream.getvalue()
    stream = io.StringIO()
    with logging_to(load(None, {}, {"log.format": "text"}, tmp_path), stream):
        structlog.get_logger("pass").warning("with \x1b[31m colour", video="dQw4w9WgXcQ", code="AGE")
    assert stream.getvalue().endswith(" warning pass      [dQw4w9WgXcQ] AGE: with [31m colour\n")


def test_a_stream_that_nobody_reads_any_more_stops_nothing(settings: Settings) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", closefd=False) as stream, logging_to(settings, stream):
        structlog.get_logger("pass").info("one")
        structlog.get_logger("pass").info("two")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)  # what is left in its buffer goes nowhere
    os.close(writing)
    assert [record.text for record in lines_in(settings)] == ["one", "two"]


def test_text_of_several_lines_goes_on_indented() -> None:
    text = as_text(Record(0.0, "error", "worker", "it died\n  File x\n"))
    assert text.splitlines()[1] == "    File x"


def test_the_log_of_these_settings_is_kept_for_as_long_and_as_large_as_they_say(tmp_path: Path) -> None:
    settings = load(None, {}, {"log.keep": "1d", "log.max_size": "200kB"}, tmp_path)
    with logging_to(settings) as store:
        for number in range(1_000):
            structlog.get_logger("pass").info(f"line {number}", fill="x" * 300)
        os.utime(min(store.folder.iterdir()), (0, 0))
        for number in range(100):
            structlog.get_logger("pass").info(f"line {number}", fill="x" * 300)
    sizes = [path.stat() for path in store.folder.iterdir()]
    assert sum(one.st_size for one in sizes) <= 225_000
    assert all(one.st_mtime > 0 for one in sizes)


def test_a_fault_that_ends_the_program_is_logged_with_its_place_and_an_error_of_ours_is_not(
    settings: Settings,
) -> None:
    for error in (YtarchiveError("no"), ZeroDivisionError(f"with {CANARIES['key']}")):
        with pytest.raises(type(error)), logging_to(settings):
            raise error
    (record,) = lines_in(settings)
    assert (record.component, record.level) == ("daemon", "error")
    assert "ended by a fault\nTraceback" in record.text
    assert "test_logging.py" in record.text
    assert "c4nary" not in record.text.casefold()


def test_the_file_of_a_bug_that_is_to_be_reported_holds_no_secret(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = Invocation(config=settings.file)
    try:
        raise ZeroDivisionError(f"with {CANARIES['cookie']} and {CANARIES['token']}")
    except ZeroDivisionError as error:
        kept = _keep_traceback(error, told)
    assert kept is not None
    written = Path(kept).read_text()
    Path(kept).unlink()
    assert "ZeroDivisionError" in written
    assert "c4nary" not in written.casefold()


@pytest.mark.parametrize(
    ("method", "status", "level"), [("GET", 200, "debug"), ("POST", 201, "info"), ("GET", 503, "error")]
)
def test_a_request_is_a_line_that_names_its_route(
    settings: Settings, method: str, status: int, level: str
) -> None:
    class Route:
        path = "/api/v1/videos/{video}"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["route"] = Route()
        await send({"type": "http.response.start", "status": status, "headers": []})

    async def nothing(*_: Any) -> Any: ...

    scope = {"type": "http", "method": method, "path": "/api/v1/videos/x?key=1", "headers": []}
    with logging_to(settings):
        asyncio.run(Traced(app)(scope, nothing, nothing))
    (record,) = lines_in(settings)
    assert (record.component, record.level) == ("api", level)
    assert record.text == f"{method} /api/v1/videos/{{video}}: {status}"
