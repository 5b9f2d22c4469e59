"""What must be in no log: secrets by their value, and whatever stands behind a name that means a secret.

Neither alone suffices: a value may turn up without its name (a redirect, a repr), and a secret may be one that we
were never given (a cookie that YouTube renewed, a signed address).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
DEEPEST, MOST_ITEMS, LONGEST = 6, 40, 20_000
SHORTEST = 4
"""Characters of a secret; what is shorter is found everywhere."""

_HEADERS = "(?:proxy-)?authorization|(?:set-)?cookie|x-goog-api-key|x-api-key|x-youtube-identity-token"
_NAMES = (
    "access_token|refresh_token|id_token|token|api[_-]?key|key|password|passwd|pwd|secret|session|"
    "(?:__secure-)?(?:[13]p)?s?apisid|(?:__secure-)?[13]?psid(?:ts|cc)?|[hs]?sid(?:ts|cc)?|login_info|sig|lsig|signature|pot|ip"
)
_SECRET_KEY = re.compile(f"(?:{_HEADERS}|{_NAMES})", re.IGNORECASE)
_HEADER = re.compile(rf"""(?<![A-Za-z0-9_-])({_HEADERS})(["']?\s*[:=]\s*)[^\r\n]+""", re.IGNORECASE)
_NAMED = re.compile(
    rf"""(?<![A-Za-z0-9_])({_NAMES})(["']?\s?(?:=|%3D|["']:)\s?["']?)(?!\[redacted\])[^\s&"',;<>)\]}}]+""",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|basic|sapisidhash)\s+(?!\[redacted\])[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/\s@\[\]\"'<>]+@")
_IN_PATH = re.compile(r"(?<=/)(ip|sig|lsig|signature|pot)/[^/\s?\"']+")


class Redactor:
    """Takes secrets out of text and JSON data. `values` are those that are known."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values if len(value) >= SHORTEST for form in _forms(value)}
        # The longest first: one secret may be the beginning of another.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(re.escape(form) for form in ordered)) if ordered else None

    def text(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        text = _USER.sub("***@", text)
        text = _HEADER.sub(rf"\1\2{REDACTED}", text)
        text = _BEARER.sub(rf"\1 {REDACTED}", text)
        text = _IN_PATH.sub(rf"\1/{REDACTED}", text)
        return _NAMED.sub(rf"\1\2{REDACTED}", text)

    def data(self, value: Any, depth: int = DEEPEST) -> Any:
        """The same for JSON data; under the name of a secret nothing is kept, nor what is absurdly deep or long."""
        if isinstance(value, str):
            return self.text(value[:LONGEST])
        if isinstance(value, Mapping | list | tuple) and not depth:
            return REDACTED
        if isinstance(value, Mapping):
            return {
                self.text(str(key)[:LONGEST]): REDACTED
                if _is_secret(str(key))
                else self.data(each, depth - 1)
                for key, each in islice(value.items(), MOST_ITEMS)
            }
        if isinstance(value, list | tuple):
            return [self.data(each, depth - 1) for each in value[:MOST_ITEMS]]
        return value


def _is_secret(name: str) -> bool:
    return _SECRET_KEY.fullmatch(name) is not None


def _forms(value: str) -> set[str]:
    """A secret as it stands in addresses and in JSON too."""
    return {value, quote(value, safe=""), quote(value), quote_plus(value), json.dumps(value)[1:-1]}
