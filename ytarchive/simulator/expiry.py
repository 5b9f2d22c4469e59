"""Addresses of media: how long they live, whom they serve, and which clients must solve a challenge for them.

Where the facts come from: addresses carry `expire` (seconds since the epoch, six hours ahead) and `ip`, and the media
servers answer HTTP 403 after that time and to any other address; yt-dlp's users meet that whenever they resume a
download a day later or behind a changing VPN. yt-dlp's table of clients (`REQUIRE_JS_PLAYER`, and the handling of
`signatureCipher` and `n` in its YouTube extractor) says which ones get formats whose address must be solved with the
player's JavaScript. The script that this stand-in serves has no such function in it, so that solving fails, as it
does for days after YouTube has changed its player.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]

_EXPIRE = re.compile(r"\bexpire=\d+")
_PEER = re.compile(r"\bip=[^&]+")
_SCRAMBLED = "AOq0QJ8wRQIhAKx3simulatedsignature0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What holds for addresses given out from now on, and for requests to them.

    `lives_seconds`: they expire after so long, by the world's clock; None: never. `bound`: they serve only the network
    address that asked the player for them. `solving`: names of clients, such as `TVHTML5`, whose formats need a solve.
    """

    lives_seconds: float | None = None
    bound: bool = False
    solving: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *, solving: Iterable[str] = (), **rules: Any) -> AddressRules:
        """Make rules of plain values."""
        return cls(solving=frozenset(solving), **rules)


def with_rules(player: Json, client: str, peer: str, now: datetime, rules: AddressRules) -> Json:
    """Return a player response whose addresses are for `peer`, and expire, or are there only in scrambled form."""
    streaming = player.get("streamingData")
    if not streaming or rules == AddressRules():
        return player
    changed = dict(streaming)
    for name in ("formats", "adaptiveFormats"):
        changed[name] = [_format(found, client, peer, now, rules) for found in streaming.get(name, ())]
    return player | {"streamingData": changed}


def is_refused(query: Mapping[str, str], peer: str, now: datetime, rules: AddressRules) -> bool:
    """Whether the media servers refuse this request (HTTP 403)."""
    if rules.lives_seconds is not None and now.timestamp() > float(query.get("expire") or 0):
        return True
    return rules.bound and query.get("ip") != peer


def _format(found: Json, client: str, peer: str, now: datetime, rules: AddressRules) -> Json:
    url = found.get("url")
    if not url:
        return found
    if rules.lives_seconds is not None:
        url = _EXPIRE.sub(f"expire={int(now.timestamp() + rules.lives_seconds)}", url)
    if rules.bound:
        url = _PEER.sub(f"ip={peer}", url)
    if client not in rules.solving:
        return found | {"url": url}
    scrambled = urlencode({"s": _SCRAMBLED, "sp": "sig", "url": url})
    return {key: value for key, value in found.items() if key != "url"} | {"signatureCipher": scrambled}
