"""Who may ask for what, tried on real sockets."""

from __future__ import annotations

import http.client
import os
import socket
import stat
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest
from web_office import Client, SmallOffice, served

from ytarchive.errors import YtarchiveError
from ytarchive.web.guards import Rates
from ytarchive.web.keys import COOKIE, Keys, ready_token
from ytarchive.web.server import _listening

WRITE = "/api/v1/passes"
READ = "/openapi.json"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        folder = os.open(self._path.parent, os.O_RDONLY)
        self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        os.close(folder)


def test_a_write_over_loopback_needs_the_token(client: Client) -> None:
    answer = client.post(WRITE, {}, signed=False)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "token" in answer.json()["cure"]


def test_a_read_over_loopback_needs_none(client: Client) -> None:
    assert client.get(READ, signed=False).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_what_came_through_a_proxy_needs_the_token_for_reading(client: Client, header: str) -> None:
    assert client.get(READ, signed=False, headers={header: "203.0.113.7"}).status_code == 401
    assert client.get(READ, headers={header: "203.0.113.7"}).status_code == 200


def test_a_wrong_token_is_refused_even_for_reading(client: Client) -> None:
    assert client.get(READ, signed=False, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get(READ, signed=False, headers={"Authorization": "Bearer \u00fc"}).status_code == 401


def test_a_foreign_host_is_refused_since_a_name_may_be_rebound(client: Client) -> None:
    answer = client.get(READ, headers={"Host": "rebound.example.org"})
    assert answer.status_code == 400
    assert "server.hosts" in answer.json()["cure"]


def test_a_named_host_is_served_to_who_has_the_token(office: SmallOffice) -> None:
    server = replace(office.settings.server, hosts=("archive.example.org",))
    named = copy(office)
    named.settings = replace(office.settings, server=server)
    with served(named) as (_, client):
        host = {"Host": "archive.example.org"}
        assert client.get(READ, headers=host).status_code == 200
        assert client.get(READ, headers=host, signed=False).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_a_write_that_another_page_steers_is_refused(client: Client, headers: dict[str, str]) -> None:
    assert client.post(WRITE, {}, headers=headers).status_code == 403


def test_a_link_from_another_page_may_lead_here_and_may_read_nothing(client: Client) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get(READ, headers=link).status_code == 200
    assert (
        client.get(READ, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}).status_code
        == 403
    )


def test_the_cookie_of_the_page_proves_the_token_and_does_not_hold_it(client: Client) -> None:
    session = Keys(client.token).session
    assert client.token not in session
    proxied = {"Cookie": f"{COOKIE}={session}", "Via": "x"}
    assert client.get(READ, signed=False, headers=proxied).status_code == 200
    assert (
        client.get(READ, signed=False, headers={"Cookie": f"{COOKIE}={client.token}", "Via": "x"}).status_code
        == 401
    )


def test_every_answer_has_the_headers_of_a_strict_page(client: Client) -> None:
    for path in (READ, "/nowhere", WRITE):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"


def test_a_body_that_is_too_large_is_not_read(client: Client) -> None:
    answer = client(
        "POST", WRITE, data=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_a_body_without_a_length_is_counted(client: Client) -> None:
    pieces = (b" " * 65536 for _ in range(20))
    answer = client("POST", WRITE, data=pieces, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_form_is_no_json(client: Client) -> None:
    assert client("POST", WRITE, data={"entry": "a"}).status_code == 415


def test_wrong_tokens_are_counted(office: SmallOffice) -> None:
    with served(office, rates=Rates(per_second=1e6, burst=10**6, guesses=3)) as (_, client):
        wrong = {"Authorization": "Bearer wrong"}
        codes = [client.get(READ, signed=False, headers=wrong).status_code for _ in range(5)]
        assert codes == [401, 401, 401, 429, 429]
        assert client.get(READ).status_code == 200


def test_requests_of_one_client_are_counted(office: SmallOffice) -> None:
    with served(office, rates=Rates(per_second=0.001, burst=3)) as (_, client):
        assert [client.get("/healthz").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_unix_socket_is_its_owner_s_alone_and_needs_no_token(office: SmallOffice, client: Client) -> None:
    path = office.settings.state.path / "daemon.sock"
    with served(office):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        connection = UnixConnection(path)
        connection.request("GET", "/readyz", headers={"Host": "anything"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"ready\n")
        connection.close()
    assert not path.exists()


def test_beyond_this_machine_it_is_not_served_without_a_token_file(office: SmallOffice) -> None:
    with pytest.raises(YtarchiveError, match="other machines") as caught, served(office, listen="0.0.0.0:0"):
        pass
    assert "token_file" in (caught.value.cure or "")


def test_an_address_that_is_taken_is_told_with_its_cure(office: SmallOffice, client: Client) -> None:
    taken = client.url.removeprefix("http://")
    with pytest.raises(YtarchiveError, match="cannot be listened on") as caught, served(office, listen=taken):
        pass
    assert "ss -ltnp" in (caught.value.cure or "")


def test_the_token_is_made_once_and_is_secret(tmp_path: Path) -> None:
    path = tmp_path / "state" / "token"
    first, second = ready_token(path), ready_token(path)
    assert first.session == second.session
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "mode"), [("short", 0o600), ("two words that are long enough", 0o600), ("x" * 40, 0o644)]
)
def test_a_token_that_is_none_or_that_others_may_read_is_refused(
    tmp_path: Path, text: str, mode: int
) -> None:
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(YtarchiveError):
        ready_token(path, own=False)


def test_not_ready_is_told_with_what_is_missing(office: SmallOffice, client: Client) -> None:
    office.not_ready = ("the archive is not mounted",)
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (503, "the archive is not mounted")
    finally:
        office.not_ready = ()
    assert client.get("/readyz").text == "ready\n"


def test_metrics_may_be_open_on_their_own(office: SmallOffice) -> None:
    with served(office, metrics_listen="127.0.0.1:0") as (server, client):
        assert server.metrics_url
        client.url = server.metrics_url
        assert client.get("/metrics", signed=False).text.startswith("# HELP ytarchive_up")
        assert client.get("/openapi.json").status_code == 404
        assert client.post("/metrics").status_code == 405


def test_what_listens_is_known_for_tcp() -> None:
    """asyncio switches Nagle's algorithm off for what it knows for TCP alone; answers else take 40 ms each."""
    with _listening("127.0.0.1:0", "server.listen") as taken:
        assert taken.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (False, b""),
        (False, b"GET /healthz HTTP/1.1\r\nX-Slow: "),
        (True, b"GET /healthz HTTP/1.1\r\nX-Slow: "),
    ],
    ids=["nothing", "a part", "a part of a second one"],
)
def test_a_connection_without_a_request_is_closed(
    client: Client, monkeypatch: pytest.MonkeyPatch, sent: bytes, *, asked: bool
) -> None:
    monkeypatch.setattr("ytarchive.web.patience.HEAD_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", int(client.url.rpartition(":")[2])), timeout=60) as taken:
        if asked:
            taken.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while not answer.endswith(b"alive\n"):
                answer += taken.recv(65536) or b"closed"
        taken.sendall(sent)
        assert taken.recv(65536) == b""


def test_an_answer_may_take_longer_than_a_request(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ytarchive.web.patience.HEAD_SECONDS", 0.1)
    answer = client.get("/api/v1/events?seconds=0.5")
    assert (answer.status_code, answer.text) == (200, "retry: 2000\n\n")
