"""What yt-dlp makes of the formats on offer."""

from __future__ import annotations

import pytest

from ytarchive.simulator import WELL_KNOWN, Catalogue
from ytarchive.simulator.catalogue import Shape
from ytarchive.simulator.formats import formats_of, picture_size


def probe(extract, name: str, **params):
    return extract(
        f"https://www.youtube.com/watch?v={WELL_KNOWN[name]}", ignore_no_formats_error=True, **params
    )


def media(found) -> list[dict]:
    return [entry for entry in found["formats"] if entry["protocol"] in ("http", "https")]


def test_ordinary_video_offers_every_codec_up_to_1080p(extract):
    found = media(probe(extract, "ordinary"))
    codecs = {
        (entry["vcodec"].split(".")[0], entry["format_note"]) for entry in found if entry["vcodec"] != "none"
    }
    assert {("avc1", "1080p"), ("vp9", "1080p"), ("av01", "1080p"), ("avc1", "144p")} <= codecs
    assert {entry["format_id"] for entry in found if entry["vcodec"] == "none"} == {
        "139",
        "140",
        "249",
        "250",
        "251",
    }
    assert all(entry["filesize"] for entry in found)


def test_frame_rate_hdr_and_2160p(extract):
    notes = {entry["format_note"]: entry for entry in media(probe(extract, "hdr"))}
    assert notes["2160p60"]["fps"] == 60
    assert notes["2160p60 HDR"]["dynamic_range"] == "HDR10"
    assert notes["480p"]["fps"] == 30


@pytest.mark.parametrize(
    ("shape", "label", "size"),
    [
        (Shape.WIDE, 1080, (1920, 1080)),
        (Shape.WIDE, 480, (854, 480)),
        (Shape.VERTICAL, 1080, (1080, 1920)),
        (Shape.PORTRAIT, 360, (384, 480)),
        (Shape.ULTRA_WIDE, 1080, (1920, 640)),
    ],
)
def test_label_is_a_box_not_a_height(shape, label, size):
    assert picture_size(shape, label) == size


@pytest.mark.parametrize(
    ("name", "preferences"),
    [
        ("dubbed", {"en-US": 10, "de-DE": -1, "fr-FR": -1}),
        ("default_is_a_dub", {"fr-FR": 10, "en-US": 5}),
        ("descriptive_audio", {"en": 10, "en-desc": -10}),
    ],
)
def test_audio_tracks_have_yt_dlps_preferences(extract, name, preferences):
    found = [entry for entry in media(probe(extract, name)) if entry["vcodec"] == "none"]
    assert {entry["language"]: entry["language_preference"] for entry in found} == preferences


def test_upscaled_and_damaged_formats_are_marked(extract):
    upscaled = [entry for entry in media(probe(extract, "upscaled")) if entry["format_id"].endswith("-sr")]
    assert "AI-upscaled" in upscaled[0]["format_note"]
    damaged = [entry for entry in media(probe(extract, "damaged")) if "DAMAGED" in entry["format_note"]]
    assert {entry["format_id"] for entry in damaged} == {"137", "248"}


def test_clients_differ(client):
    def offered(name: str) -> list[dict]:
        return client.player(WELL_KNOWN["ordinary"], name)["streamingData"]["adaptiveFormats"]

    assert all("url" in found for found in offered("TVHTML5"))
    assert not any("url" in found for found in offered("WEB"))
    assert not any("av01" in found["mimeType"] for found in offered("VISIONOS"))
    assert (
        client.player(WELL_KNOWN["made_for_kids"], "VISIONOS")["playabilityStatus"]["status"] == "UNPLAYABLE"
    )


def test_one_client_alone_is_enough(extract, youtube):
    arguments = {
        "player_client": ["visionos"],
        "player_skip": ["webpage", "configs", "initial_data"],
        "skip": ["hls"],
    }
    found = probe(extract, "ordinary", extractor_args={"youtube": arguments})
    assert {entry["vcodec"].split(".")[0] for entry in media(found)} == {"avc1", "vp9", "none"}
    assert youtube.counters()["requests"] == {"player": 1}


def test_drm_and_sabr_only_are_told_apart_by_their_formats(extract):
    assert probe(extract, "drm")["_has_drm"]
    assert all(entry["format_note"] == "storyboard" for entry in probe(extract, "sabr_only")["formats"])


def test_low_quality_and_progressive_only():
    catalogue = Catalogue()
    low = formats_of(catalogue.video(WELL_KNOWN["low_quality"]))
    assert {found.label for found in low if found.label} == {"144p", "240p"}
    assert [found.itag for found in formats_of(catalogue.video(WELL_KNOWN["progressive_only"]))] == [18]


def test_no_url_needs_a_challenge(client):
    streaming = client.player(WELL_KNOWN["ordinary"])["streamingData"]
    for found in streaming["formats"] + streaming["adaptiveFormats"]:
        assert found["url"].startswith("http://127.0.0.1:")
        assert "&n=" not in found["url"]
        assert "signatureCipher" not in found


def test_metadata_reaches_yt_dlp(extract):
    found = probe(extract, "ordinary")
    assert found["channel"].startswith("Simulated Channel")
    assert found["uploader_id"].startswith("@simulated-")
    assert found["channel_id"].startswith("UC")
    assert found["duration"] == 2
    assert len(found["upload_date"]) == 8
    assert found["availability"] == "public"
    assert found["thumbnail"].endswith("maxresdefault.jpg")
    assert "simulated" in found["tags"]


def test_hostile_titles_arrive_unchanged(extract):
    for name in (
        "title_traversal",
        "title_html",
        "title_terminal",
        "title_quotes",
        "title_rtl",
        "title_long",
    ):
        title = Catalogue().video(WELL_KNOWN[name]).title
        assert probe(extract, name)["title"] == title
    assert len(Catalogue().video(WELL_KNOWN["title_long"]).title) == 300
