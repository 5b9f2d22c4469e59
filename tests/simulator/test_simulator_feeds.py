"""Feeds: what Atom readers find in them, and what they cannot rely on."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree

from ytarchive.simulator import (
    UPLOAD_LISTS,
    WELL_KNOWN,
    computed_channel_id,
    computed_playlist_id,
    numbered_video_id,
)
from ytarchive.simulator.channels import Channels

FEED = "https://www.youtube.com/feeds/videos.xml"
NAMES = {
    "": "http://www.w3.org/2005/Atom",
    "yt": "http://www.youtube.com/xml/schemas/2015",
    "media": "http://search.yahoo.com/mrss/",
}
CHANNEL = computed_channel_id(videos=30, shorts=10, live=2, seed="fee")


def read(client, query: str) -> Element:
    reply = client.get(f"{FEED}?{query}")
    assert reply.status == 200
    return ElementTree.fromstring(reply.body)


def texts(feed: Element, path: str) -> list[str]:
    return [found.text or "" for found in feed.findall(path, NAMES)]


def videos(feed: Element) -> list[str]:
    return texts(feed, "entry/yt:videoId")


def test_channel_feed_has_the_newest_fifteen(client, youtube):
    feed = read(client, f"channel_id={CHANNEL}")
    assert videos(feed) == list(Channels().uploads(CHANNEL)[:15])
    assert texts(feed, "yt:channelId") == [CHANNEL[2:]]
    assert set(texts(feed, "entry/yt:channelId")) == {CHANNEL}
    dates = [datetime.fromisoformat(each) for each in texts(feed, "entry/published")]
    assert dates == [youtube.video(each).published_at for each in videos(feed)]
    assert dates == sorted(dates, reverse=True)
    assert texts(feed, "title") == texts(feed, "author/name") == ["Computed Channel fee"]
    assert youtube.counters()["requests"] == {"feed": 1}


def test_entry_tells_what_a_feed_tells(client, youtube):
    feed = read(client, f"channel_id={CHANNEL}")
    entry = feed.find("entry", NAMES)
    video = youtube.video(videos(feed)[0])
    group = entry.find("media:group", NAMES)
    assert texts(entry, "id") == [f"yt:video:{video.id}"]
    assert texts(entry, "title") == texts(group, "media:title") == [video.title]
    assert texts(group, "media:description") == [video.description]
    assert group.find("media:thumbnail", NAMES).get("url").endswith(f"/vi/{video.id}/hqdefault.jpg")
    links = [found.get("href") for found in feed.findall("entry/link", NAMES)]
    assert links == [
        f"https://www.youtube.com/{'shorts/' if youtube.video(each).short else 'watch?v='}{each}"
        for each in videos(feed)
    ]


def test_views_change_at_every_request_and_the_rest_does_not(client):
    first, second = (read(client, f"channel_id={CHANNEL}") for _ in range(2))

    def views(feed: Element) -> list[int]:
        return [int(found.get("views", 0)) for found in feed.iterfind(".//media:statistics", NAMES)]

    assert all(before < after for before, after in zip(views(first), views(second), strict=True))
    assert videos(first) == videos(second)


def test_feed_may_be_kept_and_cannot_be_asked_for_changes(client):
    reply = client.get(f"{FEED}?channel_id={CHANNEL}")
    headers = {name.lower(): value for name, value in reply.headers.items()}
    assert headers["content-type"] == "text/xml; charset=UTF-8"
    assert headers["cache-control"] == "public, max-age=900"
    assert not {"etag", "last-modified"} & set(headers)


@pytest.mark.parametrize("name", UPLOAD_LISTS)
def test_feed_of_a_list_of_uploads_follows_the_list(client, name):
    channel_id = computed_channel_id(videos=30, shorts=10, live=2, members=1, seed="lst")
    listed = Channels().uploads(channel_id, UPLOAD_LISTS[name])
    members = set(Channels().uploads(channel_id, UPLOAD_LISTS["UUMO"]))
    feed = read(client, f"playlist_id={name}{channel_id[2:]}")
    assert videos(feed) == [each for each in listed if each not in members][:15]
    assert texts(feed, "yt:playlistId") == [f"{name}{channel_id[2:]}"]


def test_playlist_feed_has_the_first_fifteen_not_the_newest(client, youtube):
    playlist_id = computed_playlist_id(40, "feed")
    expected = [numbered_video_id(playlist_id, at) for at in range(15)]
    assert videos(read(client, f"playlist_id={playlist_id}")) == expected
    youtube.edit_playlist(playlist_id, append=[WELL_KNOWN["ordinary"]])
    assert videos(read(client, f"playlist_id={playlist_id}")) == expected


def test_unavailable_and_members_videos_are_not_in_a_feed(client, youtube):
    names = ("private", "ordinary", "removed", "members", "leading_dash", "live_now")
    youtube.set_playlist("PLfeed-unavailab", [WELL_KNOWN[name] for name in names])
    feed = read(client, "playlist_id=PLfeed-unavailab")
    assert videos(feed) == [WELL_KNOWN[name] for name in ("ordinary", "leading_dash", "live_now")]


def test_channel_without_videos_has_an_empty_feed(client, youtube):
    youtube.set_channel(computed_channel_id(seed="emp"), title="<Empty> & done")
    feed = read(client, f"channel_id={computed_channel_id(seed='emp')}")
    assert (videos(feed), texts(feed, "title")) == ([], ["<Empty> & done"])


def test_hostile_titles_stay_well_formed(client, youtube):
    hostile = {name: video for name, video in WELL_KNOWN.items() if name.startswith("title_")}
    feeds = []
    for number, start in enumerate(range(0, len(hostile), 15)):
        youtube.set_playlist(f"PLhostile-feed0{number}", list(hostile.values())[start : start + 15])
        feeds.append(read(client, f"playlist_id=PLhostile-feed0{number}"))
    titles = dict(
        zip(hostile.values(), (title for feed in feeds for title in texts(feed, "entry/title")), strict=True)
    )
    assert titles[hostile["title_html"]] == youtube.video(hostile["title_html"]).title
    assert titles[hostile["title_nul"]] == "beforeafter\u2400"


@pytest.mark.parametrize(
    "query",
    [
        "channel_id=UCnobodyWasEverHere00001",
        "playlist_id=PLsimMissingList1",
        "playlist_id=PLsimPrivateList1",
        f"playlist_id=UUSH{computed_channel_id(videos=3)[2:]}",
        "user=nobody",
        "",
    ],
)
def test_feed_of_nothing_is_not_found(client, query):
    assert client.get(f"{FEED}?{query}").status == 404


def test_feed_of_a_user_name(client):
    profile = Channels().by_id(CHANNEL)
    assert texts(read(client, f"user={profile.user}"), "yt:channelId") == [CHANNEL[2:]]


@pytest.mark.parametrize("status", [404, 500])
def test_feed_fails_as_told_and_recovers(client, youtube, status):
    youtube.add_fault("status", value=status, request="feed", playlist=CHANNEL, count=2)
    other = computed_channel_id(videos=3, seed="oth")
    found = [client.get(f"{FEED}?channel_id={each}").status for each in (CHANNEL, other, CHANNEL, CHANNEL)]
    assert found == [status, 200, status, 200]
