"""Feeds over real lines: what is made of every answer, and of none."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from feed_desk import PATIENCE_SECONDS, QUERY, Answer, Line, code_of, plain, raw, read, reader
from feed_documents import CHANNEL, TAIL, VIDEO, document, entry, uploads

from ytarchive.core.failure import settles_by_time
from ytarchive.core.feed import MOST_BYTES
from ytarchive.core.job import Job, Network

FEED = uploads([VIDEO])

MakeLine = Callable[..., Line]


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[MakeLine]:
    made: list[Line] = []

    def make(*answers: Answer) -> Line:
        made.append(Line(tmp_path, *answers))
        return made[-1]

    yield make
    for each in made:
        each.__exit__()


def test_a_feed_is_read_by_one_request(line: MakeLine) -> None:
    youtube = line(plain(FEED))
    receipt = read(youtube.network())

    assert (receipt.job, receipt.outcome, receipt.failure) == ("job", "done", None)
    assert receipt.feed
    assert [video.video for video in receipt.feed.videos] == [VIDEO]
    assert youtube.asked == [f"GET /feeds/videos.xml?{QUERY} HTTP/1.1"]
    (exchange,) = receipt.http
    assert (exchange.purpose, exchange.host, exchange.status) == ("feed", "www.youtube.com", 200)
    assert exchange.bytes == len(FEED)


def test_a_packed_feed_is_unpacked(line: MakeLine) -> None:
    assert read(line(plain(gzip.compress(FEED), Content_Encoding="gzip")).network()).feed


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404 Not Found", "FEED_404"),
        ("410 Gone", "FEED_404"),
        ("429 Too Many Requests", "FEED_429"),
        ("403 Forbidden", "FEED_429"),
        ("400 Bad Request", "FEED_BAD"),
        ("204 No Content", "UNKNOWN"),
        ("304 Not Modified", "FEED_BAD"),
        ("302 Found", "FEED_BAD"),
        ("500 Internal Server Error", "HTTP_5XX"),
        ("503 Service Unavailable", "HTTP_5XX"),
    ],
)
def test_a_refusal_is_trouble_that_passes_and_keeps_the_connection(
    line: MakeLine, status: str, code: str
) -> None:
    no_body = status[:3] in ("204", "304")
    youtube = line(plain(b"" if no_body else b"<html>no</html>", status), plain(FEED))
    with reader() as feeds:
        job = Job("job", "feed", QUERY, network=youtube.network())
        receipt, after = (feeds.read(job, print, threading.Event()) for _ in range(2))

    assert (receipt.outcome, receipt.feed, code_of(receipt)) == ("failed", None, code)
    assert receipt.failure
    assert receipt.failure.kind == "transient"
    assert receipt.failure.evidence.status == int(status[:3])
    assert not settles_by_time(code)
    assert after.feed
    assert len(youtube.greetings) == 1


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (plain(b"<!doctype html><title>Before you continue to YouTube</title>"), "an HTML page"),
        (plain(b""), "nothing"),
        (plain(FEED[:-30]), "no XML"),
        (plain(gzip.compress(FEED)[:-30], Content_Encoding="gzip"), "no XML"),
        (plain(FEED, Content_Encoding="gzip"), "not packed as it says"),
        (plain(FEED, Content_Encoding="br"), "not packed as it says"),
        (plain(b" " * (MOST_BYTES + 1)), f"more than {MOST_BYTES} bytes"),
        (plain(gzip.compress(b" " * 10**8), Content_Encoding="gzip"), f"{MOST_BYTES + 1} bytes"),
        (plain(uploads([VIDEO], f"UUSH{TAIL}")), f"the feed of 'UUSH{TAIL}', expected that of UULF{TAIL}"),
        (plain(document("<yt:channelId>zyxwvutsrqponmlkjihgfe</yt:channelId>")), "the feed of 'UCzyx"),
        (plain(document(entry().replace(CHANNEL, "UCzyxwvutsrqponmlkjihgfe"))), "'another channel'"),
        (plain(b"", "302 Found", Location="https://consent.youtube.com/m"), "to 'consent.youtube.com'"),
        (plain(b"", "302 Found", Location="http://www.youtube.com/"), "to 'www.youtube.com'"),
        (plain(b"", "302 Found", Location="https://www.youtube.com:8443/"), "'www.youtube.com:8443'"),
        (plain(b"", "302 Found", Location="https://evil.example/@www.youtube.com"), "to 'evil.example'"),
        (plain(b"", "301 Moved", Location="/feeds/again.xml"), "more than 3 redirections"),
    ],
)
def test_what_is_no_feed_of_this_list_is_said_so(line: MakeLine, answer: Answer, found: str) -> None:
    receipt = read(line(answer).network())

    assert (receipt.outcome, receipt.feed, code_of(receipt)) == ("failed", None, "FEED_BAD")
    assert receipt.failure
    assert found in receipt.failure.evidence.message


def test_a_redirection_within_youtube_is_followed(line: MakeLine) -> None:
    youtube = line(plain(b"", "301 Moved", Location="https://youtube.com/feeds/x?y=1"), plain(FEED))
    receipt = read(youtube.network())

    assert receipt.feed
    assert [exchange.host for exchange in receipt.http] == ["www.youtube.com", "youtube.com"]
    assert youtube.asked[1] == "GET /feeds/x?y=1 HTTP/1.1"


def test_a_connection_that_was_kept_and_broke_is_made_again(line: MakeLine) -> None:
    youtube = line(raw(b""), plain(FEED))
    receipt = read(youtube.network())

    assert receipt.feed
    assert [(x.status, x.error) for x in receipt.http] == [(0, "RemoteDisconnected"), (200, None)]


@pytest.mark.parametrize(
    "answer",
    [
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<feed>"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<feed"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<feed"),
        raw(b"garbage\r\n\r\n"),
    ],
)
def test_a_connection_that_breaks_twice_is_trouble_that_passes(line: MakeLine, answer: Answer) -> None:
    youtube = line(answer)
    receipt = read(youtube.network())

    assert code_of(receipt) == "RESET"
    assert len(youtube.asked) == 2


def test_a_line_that_is_silent_is_given_up(line: MakeLine) -> None:
    released = threading.Event()
    youtube = line(lambda line, asked: (released.wait(PATIENCE_SECONDS), None)[1])
    receipt = read(youtube.network(), timeout_seconds=0.2)
    released.set()

    assert code_of(receipt) == "TIMEOUT"
    assert len(youtube.asked) == 1


def _trickle(line: ssl.SSLSocket, _: str) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<feed>")
    pause = threading.Event()
    for _ in range(500):  # or until the other side closes
        line.sendall(b" ")
        pause.wait(0.02)


def test_a_line_that_trickles_is_given_up(line: MakeLine) -> None:
    receipt = read(line(_trickle).network(), timeout_seconds=5, whole_seconds=0.3)

    assert code_of(receipt) == "TIMEOUT"


def test_a_job_that_is_cancelled_ends_in_the_middle(line: MakeLine) -> None:
    stop = threading.Event()

    def answer(line: ssl.SSLSocket, asked: str) -> None:
        stop.set()
        _trickle(line, asked)

    with reader() as feeds:
        job = Job("job", "feed", QUERY, network=line(answer).network())
        receipt = feeds.read(job, print, stop)
        asked_after = feeds.read(job, print, stop)

    assert (receipt.outcome, receipt.failure, receipt.feed) == ("cancelled", None, None)
    assert len(receipt.http) == 1
    assert (asked_after.outcome, asked_after.http) == ("cancelled", ())


def test_feeds_share_one_connection(line: MakeLine) -> None:
    youtube = line(plain(FEED))
    with reader() as feeds:
        for _ in range(5):
            job = Job("job", "feed", QUERY, network=youtube.network())
            assert feeds.read(job, print, threading.Event()).feed

    assert len(youtube.asked) == 5
    assert len(youtube.greetings) == 1


def test_a_certificate_of_somebody_else_is_refused(line: MakeLine, tmp_path: Path) -> None:
    youtube = line(plain(FEED))
    with Line(tmp_path, plain(FEED)) as other:  # writes its own authority over that of the first
        assert read(other.network()).feed
        receipt = read(youtube.network())

    assert code_of(receipt) == "TLS"
    assert youtube.asked == []


@pytest.mark.parametrize("content", [None, b"no certificates"])
def test_a_file_without_certificates_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_bytes(content)
    receipt = read(Network(ca_file=str(path)))

    assert code_of(receipt) == "TLS"
    assert receipt.failure
    assert str(path) in receipt.failure.evidence.message
    assert receipt.http == ()


def test_certificates_of_the_environment_are_trusted(line: MakeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    youtube = line(plain(FEED))
    network = Network(proxy=youtube.network().proxy)
    assert code_of(read(network)) == "TLS"
    monkeypatch.setenv("SSL_CERT_FILE", str(youtube.ca_file))

    assert read(network).feed


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_the_proxy_of_the_environment_is_used(
    line: MakeLine, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    youtube = line(plain(FEED))
    monkeypatch.setenv(name, f"{scheme}{youtube.address}")

    assert read(Network(ca_file=str(youtube.ca_file))).feed


@pytest.mark.parametrize("no_proxy", ["youtube.com", ".youtube.com", "localhost,www.youtube.com", "*"])
def test_what_no_proxy_names_is_asked_directly(
    line: MakeLine, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    youtube = line(plain(FEED))
    monkeypatch.setenv("no_proxy", no_proxy)
    monkeypatch.setattr(socket, "getaddrinfo", _nowhere)
    receipt = read(youtube.network())

    assert code_of(receipt) == "DNS"
    assert youtube.greetings == []


def _nowhere(host: object, *_: object, **__: object) -> object:
    assert host == "www.youtube.com"
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_the_login_of_a_proxy_is_said_to_it(line: MakeLine) -> None:
    youtube = line(plain(FEED))

    assert read(youtube.network(login="me:p%40ss@")).feed
    assert b"Basic bWU6cEBzcw==" in youtube.greetings[0].replace(b"\r\n", b" ")


@pytest.mark.parametrize("scheme", ["socks5h", "socks"])
def test_a_socks_proxy_is_used_and_resolves_the_name(line: MakeLine, scheme: str) -> None:
    youtube = line(plain(FEED))

    assert read(youtube.network(scheme)).feed
    assert b"www.youtube.com" in youtube.greetings[0]


def test_the_own_address_is_the_one_that_was_chosen(line: MakeLine) -> None:
    youtube = line(plain(FEED))
    network = youtube.network()
    chosen = Network(proxy=network.proxy, ca_file=network.ca_file, source_address="127.0.0.9")

    assert read(chosen).feed


@pytest.mark.parametrize("proxy", ["gopher://localhost:1", "http://localhost:99999", "socks9://localhost:1"])
def test_a_proxy_that_makes_no_sense_is_trouble_with_the_proxy(tmp_path: Path, proxy: str) -> None:
    assert code_of(read(Network(proxy=proxy))) == "PROXY"


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_proxy_that_does_not_answer_is_trouble_with_the_proxy(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    receipt = read(Network(proxy=f"{scheme}://me:secret@127.0.0.1:{port}"))

    assert code_of(receipt) == "PROXY"
    assert "secret" not in repr(receipt)


def test_nobody_at_the_other_end_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def here(host: object, port: object, *_: object, **__: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", closed))]

    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    monkeypatch.setattr(socket, "getaddrinfo", here)

    assert code_of(read(Network())) == "REFUSED"


@pytest.mark.parametrize("subject", ["", "UC" + TAIL, "playlist_id=../x", f"{QUERY}&x=1", f"user={TAIL}"])
def test_what_is_no_query_is_a_bug(subject: str) -> None:
    with reader() as feeds, pytest.raises(ValueError, match="expected channel_id"):
        feeds.read(Job("job", "feed", subject), print, threading.Event())


def test_to_close_twice_and_go_on_is_fine(line: MakeLine) -> None:
    youtube = line(plain(FEED))
    with reader() as feeds:
        for _ in range(2):
            job = Job("job", "feed", QUERY, network=youtube.network())
            assert feeds.read(job, print, threading.Event()).feed
            feeds.close()
            feeds.close()

    assert len(youtube.greetings) == 2
