"""Requests that no client would send: any bytes in path, parameters, headers and body. None of them is a 500.

`YTARCHIVE_REQUESTS=10000` sends so many; by default it is some hundred, always the same ones.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
from collections import Counter
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from web_office import Client

REQUESTS = int(os.environ.get("YTARCHIVE_REQUESTS", "0")) or 400
METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X" * 50]
WORDS = [
    "", "0", "-1", "9" * 30, "1e999", "NaN", "null", "true", "dQw4w9WgXcQ", "PL" + "x" * 30, "@handle", "../../etc/passwd",
    "\x00", "\x7f", "\u202e", "\ud7ff", "\U0001f600", "%", "%00", "a" * 5000, "'; DROP TABLE videos;--", "{{7*7}}", "<script>",
    "job-0", "job-" + "f" * 32, "https://youtu.be/dQw4w9WgXcQ", "1h", "999999w", "0000-00-00T00:00:00Z", "[", "wanted",
]  # fmt: skip
VALUES: list[Any] = [*WORDS, None, True, 0, -1, 2**63, 1e308, [], {}, [[]], {"a": []}, ["x"] * 200]


def test_no_malformed_request_gives_a_500(offline_client: Client) -> None:
    document = offline_client.get("/openapi.json").json()
    paths = {
        path: list(methods) for path, methods in document["paths"].items() if not path.endswith("/events")
    }
    bodies = {
        name: schema.get("properties", {}) for name, schema in document["components"]["schemas"].items()
    }
    keys = sorted({key for properties in bodies.values() for key in properties})
    dice = random.Random(5)
    seen: Counter[int] = Counter()
    connection = connected(offline_client)
    for number in range(REQUESTS):
        method, target, headers, body = request(dice, offline_client, paths, keys)
        try:
            connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value.encode())
            connection.endheaders(body)
            answer = connection.getresponse()
            text = answer.read()
        except (http.client.HTTPException, OSError) as error:
            raise AssertionError(
                f"{number}: {method} {target[:200]!r} was not answered: {error!r}"
            ) from error
        seen[answer.status] += 1
        assert answer.status < 500 or answer.status in (502, 503), (
            number,
            method,
            target[:200],
            body[:200],
            text,
        )
        if (
            answer.status >= 400
            and method != "HEAD"
            and target.startswith("/api/")
            and answer.getheader("Content-Type")
        ):
            assert answer.getheader("Content-Type") in (
                "application/problem+json",
                "text/plain; charset=utf-8",
            )
        if answer.will_close:
            connection.close()
    connection.close()
    assert seen[422] > REQUESTS / 20
    assert offline_client.get("/healthz").status_code == 200
    print(f"{seen.total():,} requests: {dict(sorted(seen.items()))}")


def connected(client: Client) -> http.client.HTTPConnection:
    place = urlsplit(client.url)
    return http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)


def request(
    dice: random.Random, client: Client, paths: dict[str, list[str]], keys: list[str]
) -> tuple[str, str, dict[str, str], bytes]:
    path = dice.choice(list(paths))
    method = dice.choice(paths[path]).upper() if dice.random() < 0.85 else dice.choice(METHODS)
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + quote(dice.choice(WORDS), safe=dice.choice(["", "/%"])) + rest.partition("}")[2]
    if dice.random() < 0.1:
        path += dice.choice(["/", "//", "/..", "/%2e%2e/", ";x", "%ff", "/" + "a" * 3000])
    pairs = [
        f"{quote(dice.choice([*keys, *WORDS])[:99])}={quote(dice.choice(WORDS))}"
        for _ in range(dice.randrange(4))
    ]
    target = path + ("?" + "&".join(pairs) if pairs else "")
    headers = {"Authorization": f"Bearer {client.token}"}
    if dice.random() < 0.1:
        headers[
            dice.choice(
                ["Authorization", "Host", "Origin", "Cookie", "Accept", "Sec-Fetch-Site", "Last-Event-ID"]
            )
        ] = dice.choice(WORDS).replace("\x00", "").replace("\x7f", "").strip() or "x"
    body = made(dice, keys)
    if dice.random() < 0.95:
        headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(body))
    return method, target, headers, body


def made(dice: random.Random, keys: list[str]) -> bytes:
    """A body: an object with wrong values, JSON of another shape, or no JSON."""
    chance = dice.random()
    if chance < 0.1:
        return dice.randbytes(dice.randrange(200))
    if chance < 0.2:
        return json.dumps(dice.choice(VALUES)).encode()
    told = {dice.choice([*keys, *WORDS]): dice.choice(VALUES) for _ in range(dice.randrange(1, 6))}
    if dice.random() < 0.5:
        told |= {
            "kind": dice.choice(["video", "playlist", "entry", "refresh"]),
            "subject": dice.choice(VALUES),
        }
    text = json.dumps(told, ensure_ascii=dice.random() < 0.5).encode(errors="surrogatepass")
    return text if dice.random() < 0.9 else text[: dice.randrange(len(text))]


@pytest.mark.parametrize(
    "given",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1/status HTTP/1.1\r\n\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        bytes(range(256)),
    ],
    ids=range(10),
)
def test_what_is_no_http_is_refused_and_others_are_served(offline_client: Client, given: bytes) -> None:
    place = urlsplit(offline_client.url)
    with socket.create_connection((str(place.hostname), place.port), timeout=10) as taken:
        taken.sendall(given)
        taken.shutdown(socket.SHUT_WR)
        answer = taken.recv(65536)
    # Headers that are long and come in one piece may be read before they are found to be long.
    assert not answer or answer.split()[1][:1] in (b"2", b"4"), answer
    assert offline_client.get("/healthz").status_code == 200
