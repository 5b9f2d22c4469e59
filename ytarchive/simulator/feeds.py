"""Feeds: `/feeds/videos.xml` by channel or list, Atom in YouTube's shape.

The first 15 videos of the list in its order: of a channel the newest ones, of a playlist those that were put in
first. Seen in feeds: at the top a channel is named without its `UC`, shorts have a link to `/shorts/`, views and
`updated` are of the moment, and there is no ETag. Members' videos are left out by the server (seen since 2026),
private and deleted ones are (assumed) as well. Missing and private lists are 404.

Assumption: what XML cannot hold, such as a NUL in a hostile title, is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from xml.sax.saxutils import escape, quoteattr

from ytarchive.simulator.catalogue import Case, Channel, Video, digest
from ytarchive.simulator.channels import upload_letters
from ytarchive.simulator.playlists import Playlist
from ytarchive.simulator.world import World

FEED_LENGTH = 15
FEED_TYPE = "text/xml; charset=UTF-8"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WEB = "https://www.youtube.com"
_asked = count(1)


def feed_of(world: World, query: Mapping[str, str]) -> str | None:
    """Return the feed of `channel_id`, `playlist_id` or `user`; None where YouTube has none."""
    playlist_id = query.get("playlist_id")
    if playlist_id:
        playlist = world.playlist(playlist_id)
        if playlist is None or playlist.private:
            return None
        return _playlist_feed(world, playlist)
    if "user" in query:
        profile = world.channels.by_user(query["user"])
    else:
        profile = world.channels.by_id(query.get("channel_id", ""))
    if profile is None or profile.state != "public":
        return None
    uploads = world.playlist(f"UU{profile.id[2:]}")
    videos = _shown(world, uploads) if uploads else []
    tail = profile.id[2:]
    head = [
        f' <link rel="self" href="http://www.youtube.com/feeds/videos.xml?channel_id={profile.id}"/>',
        f" <id>yt:channel:{tail}</id>",
        f" <yt:channelId>{tail}</yt:channelId>",
        f" <title>{_text(profile.title)}</title>",
        f' <link rel="alternate" href="{_WEB}/channel/{profile.id}"/>',
    ]
    return _feed(head, profile.channel, profile.created_at, videos, world.clock.now())


def _playlist_feed(world: World, playlist: Playlist) -> str:
    owner = world.owner_of(playlist)
    videos = _shown(world, playlist)
    address = f"http://www.youtube.com/feeds/videos.xml?playlist_id={playlist.id}"
    head = [
        f' <link rel="self" href="{address}"/>',
        f" <id>yt:playlist:{playlist.id}</id>",
        f" <yt:playlistId>{playlist.id}</yt:playlistId>",
        f" <yt:channelId>{owner.id[2:] if upload_letters(playlist.id) else owner.id}</yt:channelId>",
        f" <title>{_text(playlist.title)}</title>",
    ]
    oldest = min((video.published_at for video in videos), default=datetime(2014, 3, 1, tzinfo=UTC))
    return _feed(head, owner, oldest, videos, world.clock.now())


def _shown(world: World, playlist: Playlist) -> list[Video]:
    videos = (world.video(each) for each in _entries(playlist))
    shown = (
        video
        for video in videos
        if video and not video.case.is_hidden_in_listings and video.case is not Case.MEMBERS
    )
    return list(islice(shown, FEED_LENGTH))


def _entries(playlist: Playlist, page: int = 50) -> list[str]:
    """Return enough entries for a feed, also when some of them are not shown."""
    return list(playlist.entries[: FEED_LENGTH + page])


def _feed(head: list[str], author: Channel, published: datetime, videos: list[Video], now: datetime) -> str:
    turn = next(_asked)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns="http://www.w3.org/2005/Atom">',
        *head,
        *_author(author, " "),
        f" <published>{_moment(published)}</published>",
        *(line for video in videos for line in _entry(video, now, turn)),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _entry(video: Video, now: datetime, turn: int) -> list[str]:
    title, link = _text(video.title), f"{_WEB}/{'shorts/' if video.short else 'watch?v='}{video.id}"
    raw = digest(video.id)
    updated = max(video.published_at, now - timedelta(seconds=raw[9]))
    picture = f"https://i{raw[10] % 4 + 1}.ytimg.com/vi/{video.id}/hqdefault.jpg"
    return [
        " <entry>",
        f"  <id>yt:video:{video.id}</id>",
        f"  <yt:videoId>{video.id}</yt:videoId>",
        f"  <yt:channelId>{video.channel.id}</yt:channelId>",
        f"  <title>{title}</title>",
        f'  <link rel="alternate" href={quoteattr(link)}/>',
        *_author(video.channel, "  "),
        f"  <published>{_moment(video.published_at)}</published>",
        f"  <updated>{_moment(updated)}</updated>",
        "  <media:group>",
        f"   <media:title>{title}</media:title>",
        f'   <media:content url="{_WEB}/v/{video.id}?version=3" type="application/x-shockwave-flash" '
        'width="640" height="390"/>',
        f'   <media:thumbnail url="{picture}" width="480" height="360"/>',
        f"   <media:description>{_text(video.description)}</media:description>",
        "   <media:community>",
        f'    <media:starRating count="{video.view_count // 50 + turn}" average="5.00" min="1" max="5"/>',
        f'    <media:statistics views="{video.view_count + 7 * turn}"/>',
        "   </media:community>",
        "  </media:group>",
        " </entry>",
    ]


def _author(channel: Channel, indent: str) -> list[str]:
    return [
        f"{indent}<author>",
        f"{indent} <name>{_text(channel.name)}</name>",
        f"{indent} <uri>{_WEB}/channel/{channel.id}</uri>",
        f"{indent}</author>",
    ]


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
