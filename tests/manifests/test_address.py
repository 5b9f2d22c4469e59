"""What a person may write for a video, a playlist or a channel."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core.address import Address, parse_any, parse_channel, parse_playlist, parse_video
from ytarchive.core.misread import Misread

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

VIDEO = "dQw4w9WgXcQ"
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"
CHANNEL = "UCHnyfMqiRRG1u-2MsSQLbXA"

VIDEO_FORMS = [
    VIDEO,
    f"  {VIDEO}\n",
    f"https://www.youtube.com/watch?v={VIDEO}",
    f"http://youtube.com/watch?v={VIDEO}&t=42s#x",
    f"HTTPS://WWW.YouTube.com/watch?app=desktop&v={VIDEO}",
    f"https://www.youtube.com/watch?v={VIDEO}&list={LIST}&index=3",
    f"https://www.youtube.com/watch/{VIDEO}",
    f"https://www.youtube.com/?v={VIDEO}",
    f"https://m.youtube.com/watch?v={VIDEO}",
    f"https://music.youtube.com/watch?v={VIDEO}&list=RDAMVM{VIDEO}",
    f"https://youtu.be/{VIDEO}?si=abc",
    f"youtu.be/{VIDEO}",
    f"www.youtube.com/watch?v={VIDEO}",
    f"https://www.youtube.com/shorts/{VIDEO}?feature=share",
    f"https://www.youtube.com/live/{VIDEO}/",
    f"https://www.youtube-nocookie.com/embed/{VIDEO}?rel=0",
    f"https://www.youtube.com/v/{VIDEO}",
    f"https://www.youtube.com/watch?v={VIDEO}&v=otherother1",
]


@pytest.mark.parametrize("text", VIDEO_FORMS)
def test_every_form_of_a_video_gives_its_id(text: str) -> None:
    assert parse_video(text) == VIDEO
    assert parse_any(text) == Address("video", VIDEO)


@pytest.mark.parametrize("video", ["-wtIMTCHWuI", "--_-_-_-_--", "12345678901", "PLabcdefghi", "___________"])
def test_ids_of_any_allowed_characters_are_read(video: str) -> None:
    assert parse_video(video) == video
    assert parse_video(f"https://youtu.be/{video}") == video
    assert parse_any(video) == Address("video", video)


@pytest.mark.parametrize(
    ("text", "playlist"),
    [
        (LIST, LIST),
        ("OLAK5uy_mExampleAlbum01abcdefghijklmnopqr", "OLAK5uy_mExampleAlbum01abcdefghijklmnopqr"),
        ("UUHnyfMqiRRG1u-2MsSQLbXA", "UUHnyfMqiRRG1u-2MsSQLbXA"),
        ("UULFHnyfMqiRRG1u-2MsSQLbXA", "UULFHnyfMqiRRG1u-2MsSQLbXA"),
        ("RDCLAK5uy_kmPRjHDECIcuVwnKsx", "RDCLAK5uy_kmPRjHDECIcuVwnKsx"),
        (f"https://www.youtube.com/playlist?list={LIST}", LIST),
        (f"music.youtube.com/playlist?list={LIST}&si=x", LIST),
        (f"https://www.youtube.com/embed/videoseries?list={LIST}", LIST),
        (f"https://www.youtube.com/watch?list={LIST}", LIST),
    ],
)
def test_every_form_of_a_playlist_gives_its_id(text: str, playlist: str) -> None:
    assert parse_playlist(text) == playlist
    assert parse_any(text) == Address("playlist", playlist)


def test_an_address_with_both_is_a_video_or_a_playlist_as_asked() -> None:
    text = f"https://youtu.be/{VIDEO}?list={LIST}"
    assert (parse_video(text), parse_playlist(text)) == (VIDEO, LIST)
    assert parse_any(text) == Address("video", VIDEO)


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("@veritasium", "@veritasium"),
        ("@ヨビノリ", "@ヨビノリ"),
        (CHANNEL, CHANNEL),
        (f"https://www.youtube.com/channel/{CHANNEL}/playlists", CHANNEL),
        ("https://www.youtube.com/@veritasium/videos", "@veritasium"),
        ("https://youtube.com/%40a.b-c_d", "@a.b-c_d"),
        ("https://www.youtube.com/c/Some.Name", "c/Some.Name"),
        ("https://www.youtube.com/user/name1/featured", "user/name1"),
    ],
)
def test_every_form_of_a_channel_gives_its_handle_or_id(text: str, channel: str) -> None:
    assert parse_channel(text) == channel
    assert parse_any(text) == Address("channel", channel)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", ""),
        ("dQw4w9WgXc", "; an id has 11 characters, this has 10"),
        (LIST, "; that is a playlist"),
        ("@veritasium", "; that is a channel"),
        (f"https://www.youtube.com/playlist?list={LIST}", "; that is a playlist"),
        ("https://www.youtube.com/@veritasium", "; that is a channel"),
        (
            "https://www.youtube.com/watch?v=short",
            "; the id 'short' has 5 characters of 11, or others than those",
        ),
        ("https://www.youtube.com/watch", ""),
        ("https://vimeo.com/12345678901", "; 'vimeo.com' is not a host of YouTube's"),
        (
            "https://www.youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
            "; 'www.youtube.com.evil.example' is not a host",
        ),
        (
            "https://evil@www.youtube.com/watch?v=dQw4w9WgXcQ",
            "; an address of YouTube's has no port and no user",
        ),
        (
            "https://www.youtube.com:8080/watch?v=dQw4w9WgXcQ",
            "; an address of YouTube's has no port and no user",
        ),
        ("https://www.youtube.com:x/watch?v=dQw4w9WgXcQ", "; it is not a valid address"),
        ("https://[::1/watch", "; it is not a valid address"),
        ("file:///etc/passwd", "; 'file' is not http or https"),
        ("ftp://youtu.be/dQw4w9WgXcQ", "; 'ftp' is not http or https"),
        ("https://youtu.be/dQw4w9WgXcQ x", "; an address has no spaces or invisible characters"),
        ("https://youtu.be/\u200bdQw4w9WgXcQ", "; an address has no spaces or invisible characters"),
        ("https://youtu.be/dQw4w9WgXcQ/more", "; its path is not one that YouTube is known to use"),
        ("https://www.youtube.com/@veritasium/nothing", "; its path is not one that YouTube is known to use"),
        ("https://www.youtube.com/clip/UgkxAbc", "; YouTube's /clip pages are not archived"),
        ("../../etc", ""),
        ("a" * 3000, ""),
    ],
)
def test_what_is_no_video_is_refused_with_the_reason(text: str, hint: str) -> None:
    with pytest.raises(Misread, match="expected a video: 11 letters") as refused:
        parse_video(text)
    assert (hint in str(refused.value)) if hint else (refused.value.hint is None)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (VIDEO, "that is a video"),
        ("Cosmos", "None"),
        ("PLx", "None"),
        (f"https://www.youtube.com/watch?v={VIDEO}", "that is a video"),
        (f"https://www.youtube.com/watch?v={VIDEO}&list=RD{VIDEO}", "made anew for each viewer"),
        (f"RD{VIDEO}", "made anew for each viewer"),
        ("https://www.youtube.com/playlist?list=WL", "visible to its owner alone"),
        ("LL", "visible to their owner alone"),
        ("https://www.youtube.com/playlist?list=XY123456789012", "is not the id of a playlist"),
    ],
)
def test_what_is_no_playlist_is_refused_with_the_reason(text: str, hint: str) -> None:
    with pytest.raises(Misread, match="expected a playlist: an id") as refused:
        parse_playlist(text)
    assert hint in str(refused.value.hint)


@pytest.mark.parametrize(
    "text", ["veritasium", "@x", "https://www.youtube.com/channel/UCshort", "@with space", VIDEO]
)
def test_what_is_no_channel_is_refused(text: str) -> None:
    with pytest.raises(Misread, match="expected a channel"):
        parse_channel(text)


@pytest.mark.parametrize("text", ["", "hello", "https://www.youtube.com/", "https://example.com"])
def test_what_is_nothing_known_is_refused(text: str) -> None:
    with pytest.raises(Misread, match="expected a YouTube address"):
        parse_any(text)


ANY = st.one_of(
    st.text(max_size=40),
    st.builds(
        "{}{}".format, st.sampled_from([f.replace(VIDEO, "") for f in VIDEO_FORMS]), st.text(max_size=15)
    ),
)


@patient
@given(ANY)
def test_any_text_gives_a_clean_id_or_is_misread(text: str) -> None:
    for read, form in (
        (parse_video, r"[A-Za-z0-9_-]{11}"),
        (parse_playlist, r"[A-Za-z0-9_-]{8,70}"),
        (parse_channel, r"(UC|@|c/|user/)[\w.·-]+"),
    ):
        try:
            found = read(text)
        except Misread as refused:
            message = str(refused)
            assert message.isprintable()
        else:
            assert re.fullmatch(form, found)
    try:
        any_ = parse_any(text)
    except Misread:
        return
    again = {"video": parse_video, "playlist": parse_playlist, "channel": parse_channel}[any_.kind]
    assert again(text) == any_.id
