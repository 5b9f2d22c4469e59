"""Accounts through the real yt-dlp: what cookies open, whom they open it to, and what rotated ones give."""

from __future__ import annotations

import io

import pytest
from yt_dlp.utils import DownloadError

from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator
from ytarchive.simulator.catalogue import Catalogue

ROTATED = "The provided YouTube account cookies are no longer valid"


class Heard:
    """What yt-dlp warns of."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None: ...

    info = error = debug

    def warning(self, message: str) -> None:
        self.warnings.append(message)


def watch(name: str) -> str:
    return f"https://www.youtube.com/watch?v={WELL_KNOWN[name]}"


def channel_of(name: str) -> str:
    video = Catalogue().video(WELL_KNOWN[name])
    assert video is not None
    return video.channel.id


def test_an_account_opens_what_it_may_see_and_another_one_does_not(youtube: Simulator, extract):
    opened = {"age": {}, "members": {"member_of": [channel_of("members")]}, "premium": {"premium": True}}
    opened |= {name: {"videos": [WELL_KNOWN[name]]} for name in ("private", "paid")}
    for name, facts in opened.items():
        may = youtube.set_account(f"may see {name}", adult=name == "age", **facts)
        other = youtube.set_account("somebody else", adult=False)

        found = extract(watch(name), cookiefile=io.StringIO(may))

        assert any(each.get("url") for each in found["formats"]), name
        with pytest.raises(DownloadError):
            extract(watch(name), cookiefile=io.StringIO(other))


def test_rotated_cookies_are_those_of_a_guest_and_are_cleared(youtube: Simulator, extract):
    heard = Heard()
    old = youtube.set_account("rotated")
    new = youtube.rotate_account("rotated")

    with pytest.raises(DownloadError, match="Sign in to confirm your age"):
        extract(watch("age"), cookiefile=io.StringIO(old), logger=heard)

    assert any(ROTATED in warning for warning in heard.warnings)
    heard.warnings.clear()
    assert extract(watch("age"), cookiefile=io.StringIO(new), logger=heard)["formats"]
    assert not any(ROTATED in warning for warning in heard.warnings)


def test_a_private_list_is_its_owners_and_a_secret_one_does_not_exist_to_others(youtube: Simulator, extract):
    youtube.set_playlist("PLsimSecretList01", [WELL_KNOWN["ordinary"]], private=True, secret=True)
    mine = youtube.set_account("owner", playlists=[PLAYLISTS["private"], "PLsimSecretList01"])
    for name, text in ((PLAYLISTS["private"], "is private"), ("PLsimSecretList01", "does not exist")):
        url = f"https://www.youtube.com/playlist?list={name}"
        with pytest.raises(DownloadError, match=text):
            extract(url)

        found = extract(url, cookiefile=io.StringIO(mine), extract_flat=True)

        assert [entry["id"] for entry in found["entries"]] == [WELL_KNOWN["ordinary"]]


def test_cookies_without_the_authorization_made_of_them_are_a_guests(youtube: Simulator, client):
    cookies = youtube.set_account("half")
    pairs = [line.split("\t")[5:7] for line in cookies.splitlines() if line.count("\t") == 6]
    header = {"Cookie": "; ".join("=".join(pair) for pair in pairs)}

    page = client.request("GET", watch("age"), headers=header)
    answer = client.request(
        "POST",
        "https://www.youtube.com/youtubei/v1/player?key=x",
        body={"videoId": WELL_KNOWN["age"], "context": {"client": {"clientName": "TVHTML5"}}},
        headers=header,
    )

    assert '"LOGGED_IN":true' in page.text
    assert answer.json["playabilityStatus"]["status"] == "LOGIN_REQUIRED"
    assert "set-cookie" not in answer.headers
