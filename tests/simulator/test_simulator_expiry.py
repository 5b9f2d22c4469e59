"""Addresses of media expire, serve only who asked for them, and need a solve where that is wanted."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ytarchive.simulator import Simulator

VIDEO = "sim_Expires"


@pytest.fixture(autouse=True)
def _as_at_first(youtube: Simulator) -> Any:
    before = youtube.now()
    yield
    youtube.set_addresses()
    youtube.set_clock(before)


def address(client: Any, name: str = "TVHTML5") -> str:
    found: str = client.player(VIDEO, name)["streamingData"]["adaptiveFormats"][0]["url"]
    return found


def test_an_address_serves_until_it_expires(client: Any, youtube: Simulator) -> None:
    youtube.set_addresses(lives_seconds=21_540)
    url = address(client)
    youtube.advance(21_000)
    assert client.get(url).status == 200
    youtube.advance(600)
    assert client.get(url).status == 403
    assert client.get(address(client)).status == 200


def test_an_address_serves_only_who_asked_for_it(client: Any, youtube: Simulator) -> None:
    youtube.set_addresses(bound=True)
    url = address(client)
    assert client.get(url).status == 200
    assert client.get(re.sub(r"\bip=[^&]+", "ip=192.0.2.7", url)).status == 403


def test_formats_of_some_clients_need_a_solve(client: Any, youtube: Simulator) -> None:
    youtube.set_addresses(solving=["TVHTML5"])
    (scrambled, *_) = client.player(VIDEO, "TVHTML5")["streamingData"]["adaptiveFormats"]
    assert "url" not in scrambled
    assert scrambled["signatureCipher"].startswith("s=")
    assert address(client, "VISIONOS")
