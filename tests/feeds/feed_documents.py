"""Feeds as YouTube writes them, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

TAIL = "abcdefghijklmnopqrstuv"
CHANNEL = f"UC{TAIL}"
UPLOADS = f"UULF{TAIL}"
VIDEO = "dQw4w9WgXcQ"
NAMESPACES = (
    'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns="http://www.w3.org/2005/Atom"'
)
AUTHOR = f"<author><name>A channel</name><uri>https://www.youtube.com/channel/{CHANNEL}</uri></author>"


def document(*parts: str, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f"{declaration}\n<feed {NAMESPACES}>\n{''.join(parts)}\n</feed>".encode()


def head(playlist: str = UPLOADS, channel_tail: str = TAIL) -> str:
    """Whose feed it is. YouTube leaves the UC of the channel away here."""
    return (
        f'<link rel="self" href="http://www.youtube.com/feeds/videos.xml?playlist_id={playlist}"/>'
        f"<id>yt:playlist:{playlist}</id><yt:playlistId>{playlist}</yt:playlistId>"
        f"<yt:channelId>{channel_tail}</yt:channelId><title>Videos</title>"
        f"{AUTHOR}<published>2015-01-02T03:04:05+00:00</published>"
    )


def entry(video: str = VIDEO, *, title: str = "A title", views: int = 1, page: str = "watch?v=") -> str:
    return (
        f"<entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{CHANNEL}</yt:channelId>"
        f"<title>{escape(title)}</title>"
        f'<link rel="alternate" href="https://www.youtube.com/{page}{video}"/>{AUTHOR}'
        "<published>2026-11-20T10:00:00+00:00</published>"
        f"<updated>2026-11-21T10:00:{views % 60:02}+00:00</updated>"
        f"<media:group><media:title>{escape(title)}</media:title>"
        "<media:description>First line\nsecond line</media:description>"
        f'<media:community><media:statistics views="{views}"/></media:community></media:group></entry>'
    )


def uploads(videos: Sequence[str], playlist: str = UPLOADS) -> bytes:
    return document(head(playlist), *(entry(video) for video in videos))
