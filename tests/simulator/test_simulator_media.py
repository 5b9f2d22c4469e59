"""Media are real, tell whose they are, and are served as a media server serves files."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import av
import pytest

from ytarchive.simulator import WELL_KNOWN, Catalogue
from ytarchive.simulator.formats import formats_of
from ytarchive.simulator.media import (
    MediaLibrary,
    Recipe,
    default_cache_directory,
    media_file,
    run_ffmpeg,
    stamp,
)


def streams_of(content: bytes) -> tuple[dict[str, str], list[av.stream.Stream], float, int]:
    """Return a file's tags, streams, duration in seconds and number of decoded frames."""
    with av.open(io.BytesIO(content)) as container:
        tags = {name.lower(): value for name, value in container.metadata.items()}
        frames = sum(len(packet.decode()) for packet in container.demux())
        return tags, list(container.streams), (container.duration or 0) / 1e6, frames


def formats(client, video_id: str) -> dict[int, dict]:
    streaming = client.player(video_id)["streamingData"]
    return {found["itag"]: found for found in streaming["formats"] + streaming["adaptiveFormats"]}


@pytest.mark.parametrize("itag", [18, 137, 248, 399, 140, 251, 160, 278, 394])
def test_file_decodes_and_tells_its_video(client, itag):
    video_id = WELL_KNOWN["leading_dash"]
    found = formats(client, video_id)[itag]
    reply = client.get(found["url"])
    tags, streams, seconds, frames = streams_of(reply.body)
    assert len(reply.body) == int(found["contentLength"])
    assert tags["comment"] == f"ytsim:{video_id}:{itag:04d}:________:0000"
    assert [dict(stream.metadata).get("handler_name", tags["comment"]) for stream in streams]
    assert seconds == pytest.approx(int(found["approxDurationMs"]) / 1000, abs=0.1)
    assert frames > 0


@pytest.mark.parametrize("name", ["vertical", "portrait", "ultra_wide"])
def test_picture_has_the_promised_size(client, name):
    found = formats(client, WELL_KNOWN[name])[135]
    _, (stream,), _, _ = streams_of(client.get(found["url"]).body)
    assert (stream.codec_context.width, stream.codec_context.height) == (found["width"], found["height"])


@pytest.mark.parametrize("itag", [337, 701, 315])
def test_hdr_and_2160p_decode(client, itag):
    found = formats(client, WELL_KNOWN["hdr"])[itag]
    _, (stream,), seconds, _ = streams_of(client.get(found["url"]).body)
    assert stream.codec_context.height == 2160
    assert seconds == pytest.approx(2, abs=0.1)


def test_two_videos_have_different_bytes(client):
    one, two = (
        client.get(formats(client, WELL_KNOWN[name])[248]["url"]).body for name in ("ordinary", "short")
    )
    assert one != two


def test_audio_track_is_named_in_its_file(client):
    tracks = client.player(WELL_KNOWN["dubbed"])["streamingData"]["adaptiveFormats"]
    german = next(found for found in tracks if found.get("audioTrack", {}).get("id") == "de-DE.10")
    tags, _, _, _ = streams_of(client.get(german["url"]).body)
    assert tags["comment"].split(":")[3] == "de-DE.10"


def test_every_template_is_below_its_nominal_length_and_exact_after_padding():
    library = MediaLibrary()
    video = Catalogue().video(WELL_KNOWN["damaged"])
    for found in formats_of(video):
        if found.label in (None, "144p", "360p"):
            mark = stamp(video.id, found.itag, found.language, 0)
            file = media_file(library.template(found.recipe), found.recipe, mark, found.length)
            content = file.read(0, file.length)
            assert len(content) == found.length
            _, _, seconds, _ = streams_of(content)
            assert seconds == pytest.approx(12, abs=0.1)


def test_range_head_and_unsatisfiable_range(client):
    url = formats(client, WELL_KNOWN["ordinary"])[251]["url"]
    whole = client.get(url)
    assert (whole.status, whole.headers["accept-ranges"]) == (200, "bytes")
    length = len(whole.body)

    part = client.get(url, Range="bytes=100-199")
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{length}"
    assert client.get(url, Range="bytes=100-").body == whole.body[100:]
    assert client.get(url, Range="bytes=-50").body == whole.body[-50:]
    assert client.get(url, Range=f"bytes=0-{length * 2}").body == whole.body

    head = client.request("HEAD", url)
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(length))
    beyond = client.get(url, Range=f"bytes={length}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{length}")
    assert client.get(url, Range="lines=1-2").status == 200


def test_reencode_changes_length_time_and_bytes_but_not_the_old_url(client, youtube):
    before = formats(client, "sim_Reenco1")[248]
    old = client.get(before["url"]).body
    youtube.reencode("sim_Reenco1")
    after = formats(client, "sim_Reenco1")[248]
    new = client.get(after["url"]).body
    assert parse_qs(urlsplit(before["url"]).query)["lmt"] != parse_qs(urlsplit(after["url"]).query)["lmt"]
    assert int(after["contentLength"]) == len(new) != len(old)
    assert old[:2000] != new[:2000]
    assert client.get(before["url"]).body == old


def test_large_file_is_padded_and_still_decodes(client):
    found = formats(client, WELL_KNOWN["large"])
    for itag in (137, 248, 18):
        content = client.get(found[itag]["url"]).body
        assert len(content) == 10_000_000
        assert streams_of(content)[3] > 0


def test_unknown_format_is_forbidden(client):
    url = formats(client, WELL_KNOWN["ordinary"])[251]["url"]
    assert client.get(url.replace("itag=251", "itag=999")).status == 403
    assert client.get(url.replace("rev=0", "rev=x")).status == 400


def test_thumbnails_are_real_pictures_of_their_video(client):
    video_id = WELL_KNOWN["ordinary"]
    for name, size in (
        ("maxresdefault.jpg", (1280, 720)),
        ("hqdefault.jpg", (480, 360)),
        ("default.jpg", (120, 90)),
    ):
        reply = client.get(f"https://i.ytimg.com/vi/{video_id}/{name}")
        assert reply.headers["content-type"] == "image/jpeg"
        assert video_id.encode() in reply.body
        with av.open(io.BytesIO(reply.body)) as picture:
            context = picture.streams.video[0].codec_context
            assert (context.width, context.height) == size
    webp = client.get(f"https://i.ytimg.com/vi_webp/{video_id}/maxresdefault.webp").body
    assert webp[:4] == b"RIFF"
    assert int.from_bytes(webp[4:8], "little") == len(webp) - 8
    with av.open(io.BytesIO(webp)) as picture:
        assert next(picture.decode(video=0)).width == 1280
    assert client.get(f"https://i.ytimg.com/sb/{video_id}/storyboard3_L1/M0.jpg").body[:2] == b"\xff\xd8"


def test_thumbnails_that_do_not_exist(client):
    assert client.get(f"https://i.ytimg.com/vi/{WELL_KNOWN['low_quality']}/maxresdefault.jpg").status == 404
    assert client.get(f"https://i.ytimg.com/vi/{WELL_KNOWN['private']}/hqdefault.jpg").status == 404
    assert client.get(f"https://i.ytimg.com/vi/{WELL_KNOWN['ordinary']}/nonsense").status == 404


@pytest.mark.parametrize("kind", ["avc1", "vp9", "av01", "progressive", "aac", "opus"])
def test_template_is_encoded_once_and_kept(tmp_path, kind):
    recipe = Recipe(kind, 1) if kind in ("aac", "opus") else Recipe(kind, 1, 64, 48)
    content = MediaLibrary(tmp_path).template(recipe)
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == content
    assert streams_of(content)[2] == pytest.approx(1, abs=0.1)
    changed = content + b"kept"
    kept.write_bytes(changed)
    assert MediaLibrary(tmp_path).template(recipe) == changed


def test_picture_is_encoded_once_and_kept(tmp_path):
    library = MediaLibrary(tmp_path)
    assert library.image(32, 32, "jpg")[:2] == b"\xff\xd8"
    assert library.image(32, 32, "webp")[:4] == b"RIFF"
    assert {path.name for path in tmp_path.iterdir()} == {"image-32x32.jpg", "image-32x32.webp"}


def test_spoilt_template_is_noticed(tmp_path):
    recipe = Recipe("avc1", 1, 64, 48)
    for content, complaint in (
        (b"nothing", "placeholder"),
        (b"ytsim:@@@@@@@@@@@:0000:________:0000" * 999, "nominal"),
    ):
        (tmp_path / recipe.file_name).write_bytes(content)
        with pytest.raises(RuntimeError, match=complaint):
            MediaLibrary(tmp_path).template(recipe)


def test_ffmpeg_trouble_is_told(tmp_path):
    with pytest.raises(RuntimeError, match="ffmpeg failed"):
        run_ffmpeg(["-i", str(tmp_path / "missing")], tmp_path / "out.mp4")


def test_stamp_must_fit():
    with pytest.raises(ValueError, match="must have"):
        media_file(b"", Recipe("opus", 1), "too short", 100)


def test_cache_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("YTARCHIVE_SIMULATOR_CACHE", str(tmp_path / "chosen"))
    assert default_cache_directory().parent == tmp_path / "chosen"
    monkeypatch.delenv("YTARCHIVE_SIMULATOR_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_cache_directory().parent.parent == tmp_path / "cache"
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert "ytarchive-simulator" in str(default_cache_directory())
    assert not str(default_cache_directory()).startswith(str(tmp_path / "file"))
