"""What is read from a feed, and what is no feed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from feed_documents import AUTHOR, CHANNEL, TAIL, UPLOADS, VIDEO, document, entry, head, uploads
from hypothesis import example, given
from hypothesis import strategies as st

from ytarchive.core.feed import MOST_BYTES, NotAFeed, fingerprint, is_about, parse
from ytarchive.core.job import Feed, VideoDetails

OTHER = "jNQXAC9IVRw"
WHOLE = uploads([VIDEO, OTHER])
video_ids = st.text("abcXYZ019_-", min_size=11, max_size=11)


def test_a_feed_of_youtube_is_read_in_its_order() -> None:
    feed = parse(document(head(), entry(VIDEO, title="Fish & <chips>"), entry(OTHER, page="shorts/")))

    assert (feed.title, feed.channel_id, feed.playlist) == ("Videos", CHANNEL, UPLOADS)
    assert [each.video for each in feed.videos] == [VIDEO, OTHER]
    assert feed.videos[0] == VideoDetails(
        VIDEO,
        title="Fish & <chips>",
        description="First line\nsecond line",
        channel="A channel",
        channel_id=CHANNEL,
        published_at=1_795_168_800,
    )
    assert [each.kind for each in feed.videos] == [None, "shorts"]


def test_a_feed_of_a_channel_says_no_playlist() -> None:
    feed = parse(document(f"<id>yt:channel:{TAIL}</id><yt:channelId>{TAIL}</yt:channelId>"))

    assert (feed.playlist, feed.channel_id, feed.videos) == (None, CHANNEL, ())


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ("", VideoDetails(VIDEO)),
        ("<title> </title>", VideoDetails(VIDEO)),
        ("<media:group><media:title>Inside</media:title></media:group>", VideoDetails(VIDEO, title="Inside")),
        ("<title>\u202eevil\u0085</title>", VideoDetails(VIDEO, title="\u202eevil\u0085")),
        (AUTHOR, VideoDetails(VIDEO, channel="A channel", channel_id=CHANNEL)),
        (
            f'<link rel="alternate" href="https://www.youtube.com/channel/{CHANNEL}"/>',
            VideoDetails(VIDEO, channel_id=CHANNEL),
        ),
        ("<yt:channelId>../../etc</yt:channelId>", VideoDetails(VIDEO)),
        (
            "<published>2026-11-20T12:00:00.5+02:00</published>",
            VideoDetails(VIDEO, published_at=1_795_168_800),
        ),
        ("<published>yesterday</published>", VideoDetails(VIDEO)),
        ("<published>0001-01-01T00:00:00+23:59</published>", VideoDetails(VIDEO)),
        ("<published>9999-12-31T23:59:59-23:59</published>", VideoDetails(VIDEO)),
        ("<published>2026-02-30T00:00:00Z</published>", VideoDetails(VIDEO)),
        ('<link rel="alternate"/>', VideoDetails(VIDEO)),
        (f'<link rel="related" href="https://www.youtube.com/shorts/{VIDEO}"/>', VideoDetails(VIDEO)),
    ],
)
def test_what_an_entry_lacks_or_says_wrongly_is_not_known(parts: str, expected: VideoDetails) -> None:
    content = document(f"<entry><yt:videoId>{VIDEO}</yt:videoId>{parts}</entry>")

    assert parse(content).videos == (expected,)


def test_the_id_of_an_entry_tells_its_video_too() -> None:
    assert parse(document(f"<entry><id>yt:video:{VIDEO}</id></entry>")).videos == (VideoDetails(VIDEO),)


def test_a_video_shown_twice_is_there_once() -> None:
    assert parse(document(entry(VIDEO, title="a"), entry(OTHER), entry(VIDEO, title="b"))).videos == (
        *parse(document(entry(VIDEO, title="a"), entry(OTHER))).videos,
    )


def test_an_entry_without_an_id_is_passed_over() -> None:
    content = document("<entry><yt:videoId>../../../x</yt:videoId></entry>", entry(OTHER))

    assert [each.video for each in parse(content).videos] == [OTHER]


def test_a_feed_without_an_entry_is_a_feed() -> None:
    assert parse(b"<feed/>") == Feed(())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "nothing"),
        (b" \n", "nothing"),
        (b"<!DOCTYPE html><html><body>Before you continue</body></html>", "an HTML page"),
        (b"<!-- x --><HTML lang=en>", "an HTML page"),
        (b"Not found", "no XML"),
        (b'{"error": 404}', "no XML"),
        (b"<rss version='2.0'><channel/></rss>", "XML of 'rss'"),
        (f"<{'x' * 500}/>".encode(), "XML of 'xxx"),
        (WHOLE[:-20], "no XML"),
        (document("<title>\xff</title>").replace("\xff".encode(), b"\xff"), "no XML"),
        (document("<title>\0</title>"), "no XML"),
        (document(declaration='<?xml version="1.0" encoding="utf-7"?>'), "no XML"),
        (document(declaration='<?xml version="1.0" encoding="klingon"?>'), "no XML"),
        (b"<feed>" + b"<a>" * 100_000, "more than 20000 elements"),
        (b"<feed>" + b"<a/>" * 100_000 + b"</feed>", "more than 20000 elements"),
        (b"<feed>" + b" " * MOST_BYTES + b"</feed>", f"{MOST_BYTES + 13} bytes"),
        (b"x" * 10_000_000, "10000000 bytes"),
        (document("<entry><id>tag:blogger.com,1999:blog-1</id></entry>" * 3), "3 entries of which none"),
        (b'<!DOCTYPE feed SYSTEM "http://127.0.0.1:1/x.dtd"><feed/>', "definitions"),
        (b'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed><title>&x;</title></feed>', "definit"),
        (
            b'<!DOCTYPE f [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
            b"<feed><title>&c;</title></feed>",
            "definitions",
        ),
        (b"<feed><title>&nbsp;</title></feed>", "no XML"),
    ],
)
def test_what_is_no_feed_is_refused_with_what_was_found(content: bytes, found: str) -> None:
    with pytest.raises(NotAFeed) as caught:
        parse(content)

    assert found in str(caught.value)
    assert len(str(caught.value)) < 250


def test_other_encodings_that_say_so_are_read() -> None:
    text = document("<title>Grüße</title>", declaration='<?xml version="1.0" encoding="{}"?>').decode()

    for encoding in ("utf-16", "iso-8859-1"):
        assert parse(text.format(encoding).encode(encoding)).title == "Grüße"


def _refused_or_read(content: bytes) -> Feed | None:
    try:
        return parse(content)
    except NotAFeed:
        return None


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe<")
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    _refused_or_read(content)


@given(st.integers(0, len(WHOLE)), st.binary(min_size=1, max_size=6), st.integers(0, 6))
def test_no_damage_raises_anything_else(place: int, damage: bytes, eaten: int) -> None:
    _refused_or_read(WHOLE[:place] + damage + WHOLE[place + eaten :])


@given(st.integers(0, len(WHOLE) - 1))
def test_a_feed_that_was_cut_is_never_taken_for_a_shorter_one(length: int) -> None:
    assert _refused_or_read(WHOLE[:length]) is None


@given(st.lists(video_ids, max_size=20))
def test_every_id_comes_back_once_in_order(videos: list[str]) -> None:
    assert [each.video for each in parse(uploads(videos)).videos] == list(dict.fromkeys(videos))


@given(st.lists(video_ids, max_size=5), st.lists(video_ids, max_size=5))
def test_the_fingerprint_tells_the_ids_and_their_order_alone(one: list[str], other: list[str]) -> None:
    first, second = parse(uploads(one)), parse(uploads(other))
    same = list(dict.fromkeys(one)) == list(dict.fromkeys(other))

    assert (fingerprint(first) == fingerprint(second)) is same


def test_views_titles_and_dates_leave_the_fingerprint_alone() -> None:
    before = parse(document(head(), entry(VIDEO, views=1, title="Old")))
    after = parse(document(head(), entry(VIDEO, views=2, title="New")))

    assert fingerprint(before) == fingerprint(after)
    assert len(fingerprint(before)) == 64


OWN = Feed((VideoDetails(VIDEO, channel_id=CHANNEL),), channel_id=CHANNEL, playlist=UPLOADS)
STRANGER = "UCzyxwvutsrqponmlkjihgfe"


@pytest.mark.parametrize(
    ("feed", "query", "expected"),
    [
        (OWN, f"playlist_id={UPLOADS}", True),
        (OWN, f"playlist_id=UU{TAIL}", False),
        (OWN, "playlist_id=PLabcdefghijklmnop", False),
        (OWN, f"channel_id={CHANNEL}", True),
        (OWN, f"channel_id={STRANGER}", False),
        (replace(OWN, playlist=None), f"playlist_id={UPLOADS}", True),
        (replace(OWN, playlist=None), f"playlist_id=UU{TAIL}", True),
        (replace(OWN, playlist=None), f"playlist_id=UULF{STRANGER[2:]}", False),
        (replace(OWN, playlist=None), "playlist_id=PLabcdefghijklmnop", True),
        (replace(OWN, playlist=None), "playlist_id=UUshort", True),
        (replace(OWN, channel_id=None), f"channel_id={CHANNEL}", True),
        (replace(OWN, channel_id=None), f"channel_id={STRANGER}", False),
        (Feed((VideoDetails(VIDEO),)), f"channel_id={CHANNEL}", True),
        (Feed(()), f"playlist_id={UPLOADS}", True),
    ],
)
def test_a_feed_is_held_to_what_it_says_of_itself(feed: Feed, query: str, expected: bool) -> None:
    assert is_about(feed, query) is expected
