"""NFO files as Kodi and Jellyfin read them beside an episode and in a show's folder.

Elements and their forms: https://kodi.wiki/view/NFO_files/Episodes and NFO_files/TV_shows (numbers whole, dates
YYYY-MM-DD, one default uniqueid). What XML 1.0 cannot hold is left out of texts, which come from the network.
"""

from __future__ import annotations

import re
from html import escape

from ytarchive.core.item import Item

MADE_BY = "<!-- made by ytarchive -->"
LONGEST_PLOT = 20_000
LONGEST_SECONDS = 10_000_000
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def episode_nfo(
    item: Item, title: str, show: str, season: int, episode: int, day: str, plot: str | None
) -> bytes:
    """`<episodedetails>` of one video; `day` as YYYY-MM-DD, `plot` its description."""
    place = [
        _element("showtitle", show),
        _element("season", str(season)),
        _element("episode", str(episode)),
        _element("aired", day),
    ]
    return _document("episodedetails", [*_of_video(item, title, day, plot), *place])


def movie_nfo(item: Item, title: str, channel: str, day: str, plot: str | None) -> bytes:
    """`<movie>` of a video that stands in no show: https://kodi.wiki/view/NFO_files/Movies."""
    return _document("movie", [*_of_video(item, title, day, plot), _element("director", channel)])


def _of_video(item: Item, title: str, day: str, plot: str | None) -> list[str]:
    """What is told of every video; Kodi takes none without a title."""
    return [
        _element("title", title if _text(title).strip() else item.id),
        f'<uniqueid type="youtube" default="true">{_text(item.id)}</uniqueid>',
        _element("premiered", day),
        _element("year", day[:4]),
        _element("studio", item.metadata.channel),
        _element("runtime", _minutes(item.metadata.duration_seconds)),
        _element("plot", plot[:LONGEST_PLOT] if plot else None),
    ]


def show_nfo(show: str, channel_id: str | None) -> bytes:
    """`<tvshow>`: what a media server needs so that it looks nothing up elsewhere.

    `channel_id` where the show is a channel; Kodi requires some id, so that any other show has its name for one.
    """
    kind, unique = ("youtube", channel_id) if channel_id else ("ytarchive", show)
    unique = f'<uniqueid type="{kind}" default="true">{_text(unique)}</uniqueid>'
    return _document("tvshow", [_element("title", show), unique, _element("genre", "YouTube")])


def is_ours(content: bytes) -> bool:
    """Whether an NFO is as we wrote it, or at least began as one of ours."""
    return MADE_BY.encode() in content[:200]


def _minutes(seconds: float | None) -> str | None:
    """Whole minutes; None for what is no length of a video."""
    return str(max(1, round(seconds / 60))) if seconds and 0 < seconds < LONGEST_SECONDS else None


def _document(root: str, elements: list[str]) -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{MADE_BY}\n'
    inner = "".join(f"  {element}\n" for element in elements if element)
    return f"{head}<{root}>\n{inner}</{root}>\n".encode()


def _element(name: str, text: str | None) -> str:
    return f"<{name}>{_text(text)}</{name}>" if text else ""


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text), quote=False)
