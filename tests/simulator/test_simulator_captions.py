"""Captions: which tracks yt-dlp sees, and the files behind them."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from ytarchive.simulator import WELL_KNOWN


def tracks(extract, name: str):
    url = f"https://www.youtube.com/watch?v={WELL_KNOWN[name]}"
    found = extract(url, writeautomaticsub=True, writesubtitles=True)
    return found["subtitles"], found["automatic_captions"]


def test_manual_and_automatic_tracks_are_told_apart(extract):
    manual, automatic = tracks(extract, "manual_captions")
    assert set(manual) == {"en", "de", "pt-BR"}
    assert "en-orig" in automatic
    manual, automatic = tracks(extract, "automatic_captions")
    assert manual == {}
    assert {"en", "en-orig"} <= set(automatic)
    assert tracks(extract, "no_captions") == ({}, {})


def test_only_translations_carry_tlang(extract):
    _, automatic = tracks(extract, "french_captions")
    assert not any("tlang=" in track["url"] for track in automatic["fr"] + automatic["fr-orig"])
    assert all("tlang=en" in track["url"] for track in automatic["en"])


@pytest.mark.parametrize("kind", ["json3", "srv1", "srv2", "srv3", "ttml", "srt", "vtt"])
def test_each_format_is_well_formed_and_names_its_video(extract, client, kind):
    manual, _ = tracks(extract, "manual_captions")
    track = next(track for track in manual["de"] if track["ext"] == kind)
    text = client.get(track["url"]).text
    assert f"{WELL_KNOWN['manual_captions']}: manual de" in text
    if kind == "json3":
        assert len(json.loads(text)["events"]) == 2
    elif kind in ("srt", "vtt"):
        assert text.count("-->") == 2
    else:
        ElementTree.fromstring(text)


def test_translation_says_so(client):
    url = f"https://www.youtube.com/api/timedtext?v={WELL_KNOWN['french_captions']}&lang=fr&kind=asr&fmt=vtt"
    assert "automatic fr translated to en" in client.get(f"{url}&tlang=en").text
    assert "translated" not in client.get(url).text


def test_track_that_does_not_exist_is_an_empty_file(client):
    reply = client.get(f"https://www.youtube.com/api/timedtext?v={WELL_KNOWN['ordinary']}&lang=xx&fmt=vtt")
    assert (reply.status, reply.body) == (200, b"")


def test_only_the_web_client_lists_translations(client):
    for name, listed in (("WEB", True), ("TVHTML5", False)):
        renderer = client.player(WELL_KNOWN["manual_captions"], name)["captions"][
            "playerCaptionsTracklistRenderer"
        ]
        assert ("translationLanguages" in renderer) is listed
        query = parse_qs(urlsplit(renderer["captionTracks"][0]["baseUrl"]).query)
        assert ("exp" in query) is listed
