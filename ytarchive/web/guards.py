"""Who may ask for what: the checks that every request passes before any route sees it.

- A Unix socket that only its owner can open needs no more proof.
- Over loopback anybody on this machine may read, and writing needs the token: other users are here, too. What came
  through a proxy, or names a host that is not this machine, needs it for reading as well.
- Everywhere else everything needs it.
- A browser that another page steers is refused: by `Host` (DNS rebinding), `Origin` and `Sec-Fetch-Site`.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Literal
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytarchive.web.keys import COOKIE, Keys
from ytarchive.web.problems import problem

Door = Literal["unix", "loopback", "open"]
SAFE = ("GET", "HEAD", "OPTIONS")
OPEN_PATHS = ("/healthz", "/readyz", "/sign-in")
OPEN_FOLDERS = ("/static/",)
MOST_BODY_BYTES = 1024 * 1024
BODY_SECONDS = 30.0
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests of one client: so many a second in the long run, so many at once. `guesses`: wrong tokens a minute."""

    per_second: float = 50.0
    burst: int = 500
    guesses: int = 20


class Guards:
    """The application behind its checks. `doors` tell by the scope how a request came in."""

    def __init__(
        self, app: ASGIApp, *, keys: Keys, hosts: Collection[str] = (), rates: Rates | None = None
    ) -> None:
        rates = rates or Rates()
        self._app = app
        self._keys = keys
        self._hosts = frozenset(host.lower() for host in hosts)
        self._requests = _Buckets(rates.burst, rates.per_second)
        self._guesses = _Buckets(rates.guesses, rates.guesses / 60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # web sockets are not spoken here: the server closes the connection
        send = _with_headers(send, scope["path"])
        refusal = self._refusal(scope)
        if refusal is None:
            receive = _Bounded(receive, _length(Headers(scope=scope)))
            await self._app(_as_read(scope), receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, door, client = Headers(scope=scope), _door(scope), _client(scope)
        if door != "unix" and not self._requests.take(client):
            return problem(429, "too many requests", headers={"Retry-After": "1"})
        return (
            _bad_body(scope, headers)
            or self._foreign(scope, headers, door)
            or self._unproven(scope, headers, door, client)
        )

    def _foreign(self, scope: Scope, headers: Headers, door: Door) -> Response | None:
        """What a browser sends that somebody else's page steers."""
        host = headers.get("host", "")
        if door == "loopback" and not self._is_ours(host):
            return problem(
                400,
                f"the host {host[:100]!r} is not served here",
                cure="ask by 127.0.0.1 or localhost, or name the host in server.hosts",
            )
        origin = headers.get("origin")
        if origin is not None and _host_of(origin) != host.lower():
            return problem(403, f"requests from {origin[:100]!r} are not taken", cure="open the page itself")
        site = headers.get("sec-fetch-site", "none")
        arrives = scope["method"] in SAFE and headers.get("sec-fetch-mode") == "navigate"
        if site not in ("none", "same-origin") and not arrives:
            return problem(403, "requests from other pages are not taken", cure="open the page itself")
        return None

    def _is_ours(self, host: str) -> bool:
        name = _host_name(host)
        return _is_local(name) or name in self._hosts or _is_address(name)

    def _unproven(self, scope: Scope, headers: Headers, door: Door, client: str) -> Response | None:
        if door == "unix":
            scope["state"] = {**scope["state"], "proven": True}
            return None
        proof = self._proof(headers)
        path, method = scope["path"], scope["method"]
        guesses = proof == "wrong" or (path == "/sign-in" and method == "POST")
        if guesses and not self._guesses.take(client):
            return problem(429, "too many tokens were tried", headers={"Retry-After": "60"})
        scope["state"] = {**scope.get("state", {}), "proven": proof == "right"}
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDERS) or proof == "right":
            return None
        reads = method in SAFE and proof != "wrong"
        if (
            door == "loopback"
            and reads
            and _is_local(_host_name(headers.get("host", "")))
            and not any(name in headers for name in PROXY_HEADERS)
        ):
            return None
        if "text/html" in headers.get("accept", "") and not path.startswith("/api/"):
            return RedirectResponse(f"/sign-in?next={quote(path, safe='/')}", 303)
        return problem(
            401,
            "the token is wrong" if proof == "wrong" else "this needs the token",
            cure="send `Authorization: Bearer ...` with the content of the file `token` in the state folder",
            headers={"WWW-Authenticate": 'Bearer realm="ytarchive"'},
        )

    def _proof(self, headers: Headers) -> Literal["right", "wrong", "none"]:
        given = headers.get("authorization")
        if given is not None:
            scheme, _, token = given.partition(" ")
            return "right" if scheme.lower() == "bearer" and self._keys.is_token(token.strip()) else "wrong"
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except CookieError:
            return "none"
        session = cookies.get(COOKIE)
        return "right" if session is not None and self._keys.is_session(session.value) else "none"


class _Buckets:
    """A bucket of allowances for each client; the clients that were quiet longest are forgotten."""

    MOST = 4096

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> bool:
        now = time.monotonic()
        level, at = self._levels.pop(client, (float(self._burst), now))
        level = min(self._burst, level + (now - at) * self._per_second)
        allowed = level >= 1
        self._levels[client] = (level - 1 if allowed else level, now)
        if len(self._levels) > self.MOST:
            self._levels.popitem(last=False)
        return allowed


class _Bounded:
    """Reads a body of at most so many bytes within so many seconds."""

    def __init__(self, receive: Receive, length: int | None) -> None:
        self._receive = receive
        self._left = MOST_BODY_BYTES
        self._ends_at = time.monotonic() + BODY_SECONDS
        self._is_whole = length == 0

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._ends_at - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, f"the request did not arrive within {BODY_SECONDS:.0f} s") from None
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
            if self._left < 0:
                raise HTTPException(413, f"a request may have {MOST_BODY_BYTES:,} bytes")
        return message


def _as_read(scope: Scope) -> Scope:
    """What can be read can be asked for without its body, which the server leaves out; not what never ends."""
    if scope["method"] != "HEAD" or scope["path"].endswith("/events"):
        return scope
    return {**scope, "method": "GET"}


def _bad_body(scope: Scope, headers: Headers) -> Response | None:
    length = _length(headers)
    if length is not None and length > MOST_BODY_BYTES:
        return problem(413, f"{length:,} bytes, and a request may have {MOST_BODY_BYTES:,}")
    has_body = length != 0 if length is not None else "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if (
        has_body
        and scope["path"].startswith("/api/")
        and scope["method"] not in SAFE
        and kind != "application/json"
    ):
        return problem(415, f"the content type {kind[:60]!r} is not taken", cure="send application/json")
    return None


def _length(headers: Headers) -> int | None:
    text = headers.get("content-length")
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _door(scope: Scope) -> Door:
    door: Door = scope.get("state", {}).get("door", "open")
    return door


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _host_name(host: str) -> str:
    """`[::1]:8790` gives `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")


def _host_of(origin: str) -> str | None:
    """The host and port of an origin; None for `null` and what is none."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") and parts.netloc else None


def _is_local(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    """No name that somebody else's DNS could lead here."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send, path: str) -> Send:
    keeps = path.startswith(OPEN_FOLDERS)

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", ())}
            extra = [pair for pair in HEADERS if pair[0] not in given]
            if not keeps and b"cache-control" not in given:
                extra.append((b"cache-control", b"no-store"))
            message = {**message, "headers": [*message.get("headers", ()), *extra]}
        await send(message)

    return told
