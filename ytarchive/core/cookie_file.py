"""A cookies file in Netscape format, as extensions of browsers export it: what of it is used, and what is wrong with it.

No message ever holds a value, or a line of the file. Cookies of other sites than YouTube are left out: exports of a
whole browser hold those of banks as well. Which cookies make a sign-in is read in yt-dlp's `_has_auth_cookies`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

SIZE_CAP_BYTES = 1024 * 1024
SIGN_IN_MARK = "LOGIN_INFO"
"""The cookie that YouTube takes away from who is signed in no more."""

_HEADER = "# Netscape HTTP Cookie File\n"
_HTTP_ONLY = "#HttpOnly_"
_COLUMNS = 7
_KEYS = frozenset({"SAPISID", "__Secure-1PAPISID", "__Secure-3PAPISID"})


@dataclass(frozen=True, slots=True)
class CookieFile:
    """What is used of a file: `text`, in the form that yt-dlp reads. `trouble` (a phrase) says why it is no sign-in."""

    text: str = field(default="", repr=False)
    trouble: str | None = None


class _Cookie(NamedTuple):
    line: str
    name: str
    expires_at: float  # 0: when the session ends


def read(data: bytes, now: float) -> CookieFile:
    """The cookies of YouTube in the bytes of a file; `now` in seconds since the epoch."""
    if len(data) > SIZE_CAP_BYTES:
        return CookieFile(trouble=f"found more than {SIZE_CAP_BYTES >> 20} MiB, expected cookies")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return CookieFile(trouble="found no text (UTF-8), expected cookies in Netscape format")
    if text.lstrip()[:1] in ("[", "{"):
        return CookieFile(trouble="found JSON, expected cookies in Netscape format (cookies.txt)")
    cookies = tuple(_cookies(text))
    if not cookies:
        return CookieFile(
            trouble="found no cookies of youtube.com in Netscape format (seven columns between tabs)"
        )
    return CookieFile(_HEADER + "".join(f"{cookie.line}\n" for cookie in cookies), _trouble(cookies, now))


def _cookies(text: str) -> Iterator[_Cookie]:
    """The well-formed lines of YouTube's cookies; every other line is passed over."""
    for line in text.split("\n"):
        line = line.rstrip("\r").removeprefix(_HTTP_ONLY)
        columns = line.split("\t")
        if line.startswith("#") or len(columns) != _COLUMNS:
            continue
        domain, _, _, _, expires, name, value = columns
        is_youtube = f".{domain.lstrip('.').lower()}".endswith(".youtube.com")
        if is_youtube and name and value and re.fullmatch(r"([0-9]{1,15}(\.[0-9]{1,9})?)?", expires):
            yield _Cookie(line, name, float(expires or 0))


def _trouble(cookies: tuple[_Cookie, ...], now: float) -> str | None:
    mark = [cookie for cookie in cookies if cookie.name == SIGN_IN_MARK]
    keys = [cookie for cookie in cookies if cookie.name in _KEYS]
    if not mark or not keys:
        return "found cookies without a sign-in (LOGIN_INFO, SAPISID), expected those of a signed-in browser"
    ends = [max(cookie.expires_at or float("inf") for cookie in some) for some in (mark, keys)]
    if min(ends) > now:
        return None
    return f"found a sign-in that ended on {datetime.fromtimestamp(min(ends), UTC):%Y-%m-%d}"
