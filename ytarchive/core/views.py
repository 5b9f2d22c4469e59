"""What stands in a view of the library for one item: paths below `library/<view>/`, and what is found there.

Layouts are `flat`, those of media servers (`jellyfin`, `kodi`, `plex`: shows, seasons, episodes; `music`: a folder
for each channel), or a path of the person's own with fields in braces. Every name ends in `[id]` before its suffix.
Numbers never move: the season is the year, the episode the day and a number that the item got at its first commit.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from ytarchive.core.desired import NFO_READERS, LibraryView
from ytarchive.core.instant import to_iso
from ytarchive.core.item import FileRecord, Item
from ytarchive.core.layout import NAME_BYTES, NO_TITLE, SUFFIX_ROOM_BYTES, clean_title, cut, suffix_of
from ytarchive.core.nfo import episode_nfo, movie_nfo, show_nfo

SHOWS = ("jellyfin", "kodi", "plex")
KEYWORDS = ("flat", "none", *SHOWS, "music")
FIELDS = {
    "title": "the title that the video had when it was first archived; with `library.follow_titles`: that it has now",
    "id": "the video's id",
    "channel": "the channel's name when its first video was archived",
    "channel_id": "the channel's id",
    "date": "the day of the upload: 2026-11-23",
    "year": "its year",
    "month": "its month: 01 to 12",
    "day": "its day: 01 to 31",
    "show": "`library.show`; where that is not written, the channel",
    "season": "the year of the upload",
    "episode": "month, day and number of the day: 112301",
}
"""The fields of a template, and what they stand for."""
SHOW_FIELDS = ("channel", "channel_id", "year")
SHOW_NFO = "tvshow.nfo"
FOLDER_BYTES = 80
MOST_FOLDERS = 6
UNKNOWN_CHANNEL = "Unknown channel"
_TEMPLATES = {
    "flat": "{title}",
    "music": "{channel}/{title}",
    **dict.fromkeys(SHOWS, "{show}/Season {season}/{show} S{season}E{episode} - {title}"),
}
_FIELD = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class ViewFile:
    """One file: its path below the view's folder, and either the item's file that it shows or what is in it."""

    path: str
    record: FileRecord | None = None
    content: bytes = b""

    @property
    def is_media(self) -> bool:
        """Media are linked, everything else is written."""
        return self.record is not None and self.record.role in ("video", "audio")


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as a view shows it. `channel` is what the channel is called there; `plot` the description.

    `title` is what the video is called now; None: nobody told anything newer than the item. It counts in views that
    follow titles. `name_bytes` is the longest name that the file system takes.
    """

    item: Item
    view: LibraryView
    channel: str | None = None
    plot: str | None = None
    title: str | None = None
    name_bytes: int = NAME_BYTES

    @property
    def called(self) -> str:
        """The title that names are made of."""
        return (self.title if self.view.follow_titles else None) or self.item.metadata.title

    @property
    def values(self) -> dict[str, str]:
        """The fields of a template."""
        item, day = self.item, day_of(self.item)
        channel = self.channel or item.metadata.channel or UNKNOWN_CHANNEL
        known = {
            "title": self.called,
            "id": item.id,
            "channel": channel,
            "channel_id": item.metadata.channel_id or NO_TITLE,
            "date": day,
            "year": day[:4],
            "month": day[5:7],
            "day": day[8:10],
            "season": day[:4],
            "episode": f"{day[5:7]}{day[8:10]}{max(1, item.episode or 1):02}",
        }
        show = _FIELD.sub(lambda field: known.get(field[1], ""), self.view.show or "{channel}")
        # No longer than its folder: behind it in a file's name stand season and episode, which must not be cut off.
        return {**known, "show": _folder(show)}

    def stem(self, *, twin: int = 1) -> str:
        """What the paths of all files of the item begin with: `Show/Season 2026/Show S2026E112301 - Title [id]`."""
        template = _TEMPLATES.get(self.view.layout, self.view.layout)
        mark = f" [{self.item.id}]" if twin == 1 else f" [{self.item.id}] ({twin})"
        *folders, name = template.split("/")
        name = name.replace("[{id}]", "").replace("{id}", "")
        filled = [_folder(self._fill(folder)) for folder in folders]
        room = self.name_bytes - len(mark) - SUFFIX_ROOM_BYTES
        return "/".join([*filled, _title(self._fill(name), room) + mark])

    def keeps(self, stem: str) -> bool:
        """Whether names that were made of another title stay as they are."""
        if not self.view.follow_titles or self.title is None:
            return True
        return stem == self.stem(twin=twin_of(stem))

    def files(self, stem: str) -> tuple[ViewFile, ...]:
        """The item's files under a stem. No two are the same, also where case does not count."""
        taken: set[str] = set()
        files = []
        for record, suffix in _suffixes(self.item):
            path = self._free_path(stem, record, suffix, taken)
            taken.add(path.casefold())
            files.append(ViewFile(path, record))
        if self.view.has_nfo:
            files.append(ViewFile(self._fitted(stem, ".nfo"), content=self._nfo()))
        return tuple(files)

    def shared(self, stem: str) -> ViewFile | None:
        """What the show's folder holds once for all its episodes."""
        if not self.view.has_nfo or self.view.layout not in SHOWS:
            return None
        folder = stem.partition("/")[0]
        is_channel = self.view.show in (None, "{channel}")
        channel_id = self.item.metadata.channel_id if is_channel else None
        return ViewFile(f"{folder}/{SHOW_NFO}", content=show_nfo(self.values["show"], channel_id))

    def _fill(self, template: str) -> str:
        values = self.values
        return _FIELD.sub(lambda field: values.get(field[1], ""), template)

    def _nfo(self) -> bytes:
        values = self.values
        if self.view.layout not in SHOWS:
            return movie_nfo(self.item, self.called, values["channel"], values["date"], self.plot)
        season, episode = int(values["season"]), int(values["episode"])
        return episode_nfo(self.item, self.called, values["show"], season, episode, values["date"], self.plot)

    def _free_path(self, stem: str, record: FileRecord, suffix: str, taken: set[str]) -> str:
        """The plain name, else one with the file's role, else one with its tag, which no other file of the item has."""
        plain = suffix
        if record.role == "thumbnail" and self.view.layout in NFO_READERS:
            plain = f"-thumb{suffix}"
        for longer in (plain, f".{record.role.replace('_', '-')}{suffix}"):
            path = self._fitted(stem, longer)
            if path.casefold() not in taken:
                return path
        return self._fitted(stem, record.name[len(self.item.id) :])

    def _fitted(self, stem: str, suffix: str) -> str:
        """Stem and suffix; of a name that is too long, the title becomes shorter."""
        folder, slash, name = stem.rpartition("/")
        if len((name + suffix).encode()) > self.name_bytes:
            start = name.rfind(f" [{self.item.id}]")
            mark = name[start:]
            name = _title(name[:start], self.name_bytes - len((mark + suffix).encode())) + mark
        return f"{folder}{slash}{name}{suffix}"


def twin_of(stem: str) -> int:
    """Which of several names of one video a stem is: 2 for `Title [id] (2)`, 1 for the plain one."""
    marked = re.search(r"\] \((\d{1,2})\)\Z", stem)
    return int(marked[1]) if marked else 1


def day_of(item: Item) -> str:
    """YYYY-MM-DD of the upload; of the fetch where nobody told."""
    told = re.fullmatch(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", item.metadata.uploaded_on or "")
    with suppress(ValueError):
        return date(*map(int, told.groups())).isoformat() if told else to_iso(item.provenance.fetched_at)[:10]
    return to_iso(item.provenance.fetched_at)[:10]


def _folder(text: str) -> str:
    """Text as a folder's name that every file system takes; short enough that a path of several fits Windows' limits."""
    return cut(clean_title(text), FOLDER_BYTES).rstrip(". ") or NO_TITLE


def _title(text: str, room_bytes: int) -> str:
    return cut(clean_title(text), room_bytes) or NO_TITLE


def _suffixes(item: Item) -> list[tuple[FileRecord, str]]:
    """The picture first: a part of the same suffix beside it (sound in webm) takes the longer name."""
    shown = (record for record in item.files if record.role != "history")  # nobody watches that
    named = [(record, suffix_of(record.name, item.id)) for record in shown]
    return sorted(
        ((record, suffix) for record, suffix in named if suffix),
        key=lambda pair: (pair[0].role != "video", pair[0].role != "audio"),
    )
