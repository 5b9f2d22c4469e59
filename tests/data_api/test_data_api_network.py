"""The way to the Data API: proxies, certificates, own address, limits of an answer, threads, and being stopped."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pytest
import socks
from api_desk import NOON, PLAYLIST, Desk, Say, Scripted, item, page, video_id

from ytarchive.adapters.data_api import transport
from ytarchive.adapters.data_api.transport import Route, forget_connections, proxy_of
from ytarchive.core.job import Job, Network
from ytarchive.simulator import Simulator, computed_playlist_id, numbered_video_id

Start = Callable[[Say], Scripted]
SOME = computed_playlist_id(60)


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("setting", "environment", "expected"),
    [
        (None, {}, None),
        (None, {"https_proxy": "http://one:1"}, "http://one:1"),
        (None, {"HTTPS_PROXY": "http://one:1"}, "http://one:1"),
        (None, {"all_proxy": "socks5://one:1"}, "socks5://one:1"),
        (None, {"http_proxy": "http://one:1"}, None),
        (None, {"https_proxy": "one:1"}, "http://one:1"),
        ("http://two:2", {"https_proxy": "http://one:1"}, "http://two:2"),
        ("http://two:2", {"no_proxy": "localhost"}, "http://two:2"),
        ("http://two:2", {"no_proxy": "*"}, None),
        (None, {"https_proxy": "http://one:1", "no_proxy": "localhost, .googleapis.com"}, None),
        (None, {"https_proxy": "http://one:1", "no_proxy": "youtube.googleapis.com"}, None),
        (None, {"https_proxy": "http://one:1", "no_proxy": "apis.com"}, "http://one:1"),
    ],
)
def test_the_proxy_is_that_of_the_settings_or_of_the_environment(
    no_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    setting: str | None,
    environment: dict[str, str],
    expected: str | None,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert proxy_of(Network(proxy=setting)) == expected


def test_proxy_and_certificates_of_the_settings_are_used(
    desk: Desk, youtube: Simulator, no_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    desk.network = Network(proxy=youtube.proxy_url, ca_file=str(youtube.ca_path), source_address="127.0.0.1")

    assert desk.list(SOME).listing.completeness == "complete"


def test_a_certificate_that_nobody_trusts_needs_a_person(
    desk: Desk, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    found = desk.list(SOME)

    assert (found.receipt.outcome, found.code, len(found.receipt.http)) == ("failed", "TLS", 1)


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_certificates_that_cannot_be_read_need_a_person(
    desk: Desk, youtube: Simulator, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    desk.network = Network(ca_file=str(tmp_path / "ca.pem"))

    assert desk.list(SOME).code == "TLS"


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:1", "socks5h://127.0.0.1:1", "https://127.0.0.1:1", "ftp://127.0.0.1:1"]
)
def test_a_proxy_that_cannot_be_used_is_told(desk: Desk, no_environment: None, proxy: str) -> None:
    desk.network = Network(proxy=proxy)

    found = desk.list(SOME)

    assert (found.receipt.outcome, found.code) == ("failed", "PROXY")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "DNS"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "REFUSED"),
        (OSError(errno.EMFILE, "Too many open files"), "RESET"),
    ],
)
def test_a_network_that_is_not_there_is_told_and_costs_one_unit(
    desk: Desk, no_environment: None, monkeypatch: pytest.MonkeyPatch, error: OSError, code: str
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    found = desk.list(SOME)

    assert (found.code, desk.spent()) == (code, {"look": 1})


def test_the_key_goes_to_one_host_alone(desk: Desk, youtube: Simulator) -> None:
    http = transport.Transport(Route(Network()))

    with closing(http), pytest.raises(HTTPException, match="expected youtube"):
        http.request("https://www.youtube.com/youtube/v3/videos")

    assert youtube.counters()["connections"] == 0


def test_the_password_of_a_proxy_is_told_nowhere(desk: Desk, no_environment: None) -> None:
    desk.network = Network(proxy="http://somebody:hunter2@127.0.0.1:1")

    assert "hunter2" not in repr(desk.list(SOME))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_requests_come_from_the_address_of_the_settings(
    no_environment: None, listener: socket.socket
) -> None:
    route = Route(Network(source_address="127.0.0.2"))

    with closing(route.connect(*listener.getsockname())):
        line, (address, _) = listener.accept()
        line.close()

    assert address == "127.0.0.2"


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h", "socks4", "socks4a"])
def test_every_kind_of_proxy_is_spoken_to_in_its_language(
    no_environment: None, listener: socket.socket, scheme: str
) -> None:
    """And from the address of the settings; the name of the host is left to the proxy where its kind says so."""
    host, port = listener.getsockname()
    said: list[tuple[bytes, str]] = []

    def answer() -> None:
        line, (address, _) = listener.accept()
        with line:
            said.append((line.recv(1000), address))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(answer)
        route = Route(Network(proxy=f"{scheme}://{host}:{port}", source_address="127.0.0.2"))
        with suppress(socks.ProxyError):
            route.connect("localhost", 443).close()

    beginnings = {"http": b"CONNECT localhost:443 HTTP/1.1\r\n", "socks5": b"\x05", "socks4": b"\x04\x01"}
    ((words, address),) = said
    assert words.startswith(beginnings[scheme.rstrip("ha") if scheme != "http" else scheme])
    assert (b"localhost" in words) == (scheme in ("http", "socks4a"))
    assert address == "127.0.0.2"


def test_an_answer_that_is_too_large_is_not_read(
    desk: Desk, scripted: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_CAP_BYTES", 100_000)
    scripted(lambda _: (200, b" " * 200_000))

    found = desk.list(PLAYLIST)

    assert (found.receipt.outcome, found.code) == ("failed", "API_BAD_ANSWER")


def test_an_answer_that_drips_in_is_not_waited_for(
    desk: Desk, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.2)
    youtube.add_fault("throttle", value=4000, request="data_api")

    assert desk.list(SOME).code == "TIMEOUT"


def test_an_answer_that_does_not_come_is_not_waited_for(
    desk: Desk, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.2)
    youtube.add_fault("stall", request="data_api")
    forget_connections()

    assert desk.list(SOME).code == "TIMEOUT"


def test_one_connection_serves_all_jobs_of_a_thread(desk: Desk, youtube: Simulator) -> None:
    for _ in range(3):
        desk.list(SOME)

    assert youtube.counters()["connections"] == 1


def test_another_way_is_taken_once_the_settings_say_so(
    desk: Desk, youtube: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.list(SOME)
    desk.network = Network(proxy="http://127.0.0.1:1")

    assert desk.list(SOME).code == "PROXY"


def test_threads_get_their_own_answers(desk: Desk, youtube: Simulator) -> None:
    """A transport that two of them share can hand out the other one's."""
    playlists = [computed_playlist_id(size) for size in range(51, 67)]
    together = threading.Barrier(8)

    def ask(number: int) -> bool:
        together.wait()
        asking = replace(desk, sent=100 * number)
        mine = playlists[number::8]
        found = [(playlist, asking.list(playlist).ids) for playlist in mine for _ in range(2)]
        forget_connections()
        return all(
            ids == [numbered_video_id(playlist, each) for each in range(len(ids))] and len(ids) > 50
            for playlist, ids in found
        )

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(8)))
    assert youtube.counters()["connections"] == 8
    assert sum(desk.spent().values()) == youtube.counters()["total_requests"] == 8 * 2 * 2 * 3


def test_a_thread_that_ends_leaves_no_connection_open(desk: Desk, youtube: Simulator) -> None:
    thread = threading.Thread(target=desk.list, args=(SOME,))
    thread.start()
    thread.join()
    # A socket that is left to the collector is a warning, and each warning is an error here.


def test_a_job_that_is_stopped_before_it_began_asks_nothing(desk: Desk, youtube: Simulator) -> None:
    desk.stop.set()

    assert desk.list(SOME).receipt.outcome == "cancelled"
    assert desk.details(video_id(1)).receipt.outcome == "cancelled"
    assert youtube.counters()["total_requests"] == 0


def test_a_job_that_is_stopped_in_the_middle_asks_no_further(desk: Desk, youtube: Simulator) -> None:
    desk.on_event = lambda _: desk.stop.set()

    found = desk.list(computed_playlist_id(5000))

    assert (found.receipt.outcome, found.receipt.failure) == ("cancelled", None)
    assert len(found.ids) == 500
    assert youtube.counters()["total_requests"] == 10


def test_a_job_that_is_stopped_while_it_fails_tries_no_further(desk: Desk, scripted: Start) -> None:
    def say(_: object) -> tuple[int, object]:
        desk.stop.set()
        return 500, b""

    server = scripted(say)
    found = desk.list(PLAYLIST)

    assert found.receipt.outcome == "cancelled"
    assert len(server.asked) == 1


def test_a_job_ends_at_its_deadline(desk: Desk, scripted: Start) -> None:
    def say(_: object) -> tuple[int, object]:
        desk.clock.at += 60
        return 200, page([item(video_id(len(server.asked)))], 100, f"{len(server.asked)}")

    server = scripted(say)
    found = desk.do(Job("job-late", "list", PLAYLIST, deadline_at=NOON + 120))

    assert (found.listing.completeness, found.code, found.listing.got) == ("partial", "DEADLINE", 2)
    assert desk.do(Job("later", "list", PLAYLIST, deadline_at=NOON)).receipt.outcome == "failed"


def test_nothing_of_google_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, ytarchive.adapters.data_api;"
        "print([name for name in sys.modules if name.startswith(('googleapiclient', 'httplib2', 'stamina'))])"
    )

    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"
