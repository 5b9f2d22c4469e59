"""Who is signed in: accounts by their cookies, what they may see, and cookies that are taken no more.

Where the facts come from:

* A session is the cookie `LOGIN_INFO` with one of `SAPISID`, `__Secure-1PAPISID`, `__Secure-3PAPISID`; a question to
  innertube also bears an `Authorization` made of these, the time and the origin, and without it comes from a guest
  (yt-dlp: `_has_auth_cookies`, `_make_sid_authorization`).
* Cookies that the browser has rotated since are taken no more: the answer is a guest's, and clears `LOGIN_INFO`
  (yt-dlp, beside `_has_auth_cookies`, and its pull request 13014).
* Pages say whether somebody is signed in: `LOGGED_IN`, `DATASYNC_ID`, `SESSION_INDEX` (read by yt-dlp).
* To everybody but its owner, a private list may as well not exist (the log in that pull request).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ytarchive.simulator.catalogue import Case, Video
from ytarchive.simulator.http import Request, Response
from ytarchive.simulator.playlists import Playlist

_COOKIES = (
    *("LOGIN_INFO", "SID", "__Secure-1PSID", "__Secure-3PSID", "SAPISID"),
    *("__Secure-1PAPISID", "__Secure-3PAPISID"),
)
_CLEARED = (
    "LOGIN_INFO=EXPIRED; Domain=.youtube.com; Expires=Mon, 01-Jan-1990 00:00:00 GMT; Path=/; Secure; HttpOnly"
)
_AUTHORIZATION = re.compile(r"SAPISIDHASH (\d+)_([0-9a-f]{40})(_u)?(?: |$)")
SESSION = "109876543210987654321"
"""The session that pages name, and that yt-dlp makes a part of the authorization."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person. `rotations` counts how often the cookies became others; only the latest are taken.

    `member_of` are channels; `videos` are private ones that were shared with it, or paid ones that it bought;
    `playlists` are its own private ones. `dismissed`: its session ended (a changed password), and nothing is cleared.
    """

    name: str
    rotations: int = 0
    adult: bool = True
    premium: bool = False
    member_of: frozenset[str] = frozenset()
    videos: frozenset[str] = frozenset()
    playlists: frozenset[str] = frozenset()
    dismissed: bool = False

    def cookie(self, name: str) -> str:
        """Return the value of one of its cookies."""
        digest = hashlib.sha256(f"{self.name}/{self.rotations}/{name}".encode()).hexdigest()
        return f"sim-{digest[:40]}"

    @property
    def cookies_text(self) -> str:
        """Return its cookies as a browser's extension exports them, in Netscape format."""
        lines = [
            f"{'#HttpOnly_' if name == 'LOGIN_INFO' else ''}.youtube.com\tTRUE\t/\tTRUE\t2147483647\t{name}\t{self.cookie(name)}\n"
            for name in _COOKIES
        ]
        return "# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n" + "".join(lines)

    def opens(self, video: Video) -> bool:
        """Whether it may see what YouTube refuses to a guest."""
        return {
            Case.AGE: self.adult,
            Case.MEMBERS: video.channel.id in self.member_of,
            Case.PREMIUM: self.premium,
            Case.PRIVATE: video.id in self.videos,
            Case.PAID: video.id in self.videos,
        }.get(video.case, False)

    def shown(self, playlist: Playlist | None) -> Playlist | None:
        """Return a list as its owner sees it."""
        if playlist is not None and playlist.id in self.playlists:
            return replace(playlist, private=False)
        return playlist


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: an account, or (None) a guest; `stale` cookies are cleared with the answer."""

    account: Account | None = None
    stale: bool = False

    def told(self, response: Response) -> Response:
        """Return the answer with what it says of cookies."""
        if not self.stale:
            return response
        return replace(response, headers=(*response.headers, ("Set-Cookie", _CLEARED)))


@dataclass(slots=True)
class Accounts:
    """All accounts of one world, by name."""

    _known: dict[str, Account] = field(default_factory=dict)

    def set(self, name: str, facts: Mapping[str, Any]) -> Account:
        """Make an account, or change one (fields of `Account`)."""
        sets: dict[str, Any] = {
            key: frozenset(value) if isinstance(value, Iterable) else value for key, value in facts.items()
        }
        found = self._known[name] = replace(self._known.get(name, Account(name)), **sets)
        return found

    def rotate(self, name: str) -> Account:
        """Let only new cookies be taken, as when the person goes on using the browser."""
        return self.set(name, {"rotations": self._known[name].rotations + 1})

    def visitor(self, request: Request) -> Visitor:
        """Return who asks."""
        header = request.headers.get("cookie", "")
        if "LOGIN_INFO=" not in header or not request.host.endswith("youtube.com"):
            return Visitor()
        try:
            cookies = {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        except CookieError:
            return Visitor()
        login = cookies.get("LOGIN_INFO")
        account = next((one for one in self._known.values() if one.cookie("LOGIN_INFO") == login), None)
        if account is None:
            return Visitor(stale=True)
        if account.dismissed or cookies.get("SAPISID") != account.cookie("SAPISID"):
            return Visitor()
        if request.path.startswith("/youtubei/") and not _is_authorized(account, request):
            return Visitor()
        return Visitor(account)


def _is_authorized(account: Account, request: Request) -> bool:
    found = _AUTHORIZATION.match(request.headers.get("authorization", ""))
    if not found:
        return False
    time, digest, of_session = found.groups()
    words = [time, account.cookie("SAPISID"), request.headers.get("origin", "")]
    text = " ".join([SESSION, *words] if of_session else words)
    return hashlib.sha1(text.encode()).hexdigest() == digest  # noqa: S324 - as YouTube's own
