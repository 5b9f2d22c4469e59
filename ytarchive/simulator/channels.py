"""Channels: the fifty that ordinary videos belong to, those whose id or handle tells their size, those defined by tests.

`Channels` answers by id, handle, `/c/` and `/user/` name, gives each channel's uploads, playlists and releases, and
tells of a video whose it is. Facts of computed uploads follow from their id; their channel has to have been asked
for once, since eleven characters cannot hold the whole id of a channel.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from ytarchive.simulator.catalogue import Case, Channel, Shape, Video, numbered_video_id
from ytarchive.simulator.computed_channels import (
    CHANNEL_COUNT,
    NEWEST_AT,
    Profile,
    computed_channel,
    computed_channel_id,
    computed_handle,
    computed_id_of,
    owned_list_ids,
)
from ytarchive.simulator.upload_ids import KINDS, MOST_UPLOADS, UploadKind, key_of, read_upload_id, upload_id
from ytarchive.simulator.uploads import Base, Chained, ComputedUploads, ListedUploads, Upload, Without
from ytarchive.simulator.wellknown import CHANGES

__all__ = [
    "CHANNEL_COUNT",
    "NEWEST_AT",
    "UPLOAD_LISTS",
    "Channels",
    "Profile",
    "Videos",
    "computed_channel_id",
    "computed_handle",
    "upload_letters",
]

UPLOAD_LISTS: Mapping[str, tuple[UploadKind, ...]] = {
    "UULF": (UploadKind.VIDEOS, UploadKind.MEMBERS),
    "UUSH": (UploadKind.SHORTS,),
    "UULV": (UploadKind.LIVE,),
    "UUMO": (UploadKind.MEMBERS,),
    "UU": KINDS,
}
"""Letters of a list of uploads -> what it shows. That UU and UULF show members' videos is assumed: the Videos tab does."""

_LIST_ID = re.compile(r"(UULF|UUSH|UULV|UUMO|UU)([\w-]{22})", re.ASCII)
_OWNED_LIST = re.compile(r"(?:PLp|OLAK5uy_r)([\w-]{22})(\d{4})", re.ASCII)


_FIRST_MADE = MOST_UPLOADS // 2
"""Number of the first upload that is made after a channel was first seen; computed ones have smaller numbers."""


class Videos(Protocol):
    """Whatever knows the present facts of videos: the catalogue."""

    @property
    def changes(self) -> Mapping[str, Mapping[str, Any]]: ...
    def video(self, video_id: str) -> Video | None: ...


@dataclass(slots=True)
class _Known:
    """A channel that was asked for: who it is, its first uploads, and what came and went since."""

    profile: Profile
    base: Base
    recent: ListedUploads = field(default_factory=lambda: ListedUploads({}))
    removed: frozenset[str] = frozenset()


def upload_letters(playlist_id: str) -> str | None:
    """Return which of `UPLOAD_LISTS` an id names, None if it is no list of uploads."""
    found = _LIST_ID.fullmatch(playlist_id)
    return found.group(1) if found else None


class Channels:
    """All channels, and whose a video is. Safe to call from many threads: what is read is replaced, not changed."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._by_key: dict[int, str] = {}
        self._by_video: dict[str, str] = {}
        self._dates: dict[str, datetime] = {}
        self._names: dict[str, str] = {}
        self._lock = threading.RLock()

    # --- who ---

    def by_id(self, channel_id: str) -> Profile | None:
        """Return a channel, also a terminated one; None where there is none."""
        known = self._of(channel_id)
        return known.profile if known and known.profile.state != "missing" else None

    def by_handle(self, handle: str) -> Profile | None:
        """Return the channel that has a handle now, with its `@`; case does not matter."""
        return self._named(handle, "handle", handle.removeprefix("@"))

    def by_custom(self, name: str) -> Profile | None:
        """Return the channel of `/c/NAME`."""
        return self._named(name, "custom", name)

    def by_user(self, name: str) -> Profile | None:
        """Return the channel of `/user/NAME`."""
        return self._named(name, "user", name)

    def of_list(self, playlist_id: str) -> Profile | None:
        """Return the channel to which a list of uploads, a playlist or a release belongs, if its id tells."""
        found = _LIST_ID.fullmatch(playlist_id)
        if found:
            return self.by_id(f"UC{found.group(2)}")
        owned = _OWNED_LIST.fullmatch(playlist_id)
        if owned:
            return self.by_id(f"UC{owned.group(1)}")
        for known in list(self._known.values()):
            if playlist_id in known.profile.playlists or playlist_id in known.profile.releases:
                return known.profile
        return None

    # --- what ---

    def uploads(
        self, channel_id: str, kinds: Sequence[UploadKind] = KINDS, videos: Videos | None = None
    ) -> Sequence[str]:
        """Return the ids of a channel's uploads, newest first.

        With `videos`, those that were made private or are gone are left out, as in YouTube's lists of uploads.
        """
        known = self._of(channel_id)
        if known is None or known.profile.state != "public":
            return ()
        gone = known.removed | (_hidden(videos) if videos else frozenset())
        recent = [each for each in known.recent.listed(kinds) if each not in gone]
        # What was published again stands where it came back.
        elsewhere = gone | known.recent.by_id.keys()
        places = [place for each in elsewhere if (place := known.base.place(each, kinds)) is not None]
        base = known.base.listed(kinds)
        return Chained(recent, Without(base, places) if places else base)

    def find(self, video_id: str) -> tuple[Profile, Upload] | None:
        """Return whose upload an id is, and what it is there; None for videos of nobody that was asked for."""
        found = read_upload_id(video_id)
        owner = self._by_video.get(video_id) or (self._by_key.get(found[0]) if found else None)
        known = self._known.get(owner) if owner else None
        if known is None:
            return None
        upload = known.recent.find(video_id) or known.base.find(video_id)
        return (known.profile, upload) if upload else None

    def facts_of(self, video: Video) -> Mapping[str, Any]:
        """Return in what a video differs from the ordinary one of its id, because of its channel."""
        found = self.find(video.id)
        if found is None:
            known = self._known.get(video.channel.id)
            return _facts_of_channel(known.profile, video.channel) if known else {}
        profile, upload = found
        return {
            "published_at": upload.published_at,
            **_FACTS[upload.kind],
            **_facts_of_channel(profile, video.channel),
        }

    def owned_entries(self, playlist_id: str) -> tuple[Profile, Sequence[str], str] | None:
        """Return owner, videos and title of a computed playlist or release of a channel.

        It holds up to 20 of the channel's first videos, oldest first, as people add to the end of a playlist.
        """
        owned = _OWNED_LIST.fullmatch(playlist_id)
        known = self._of(f"UC{owned.group(1)}") if owned else None
        if (
            known is None
            or owned is None
            or playlist_id not in known.profile.playlists + known.profile.releases
        ):
            return None
        number, videos = int(owned.group(2)), known.base.listed((UploadKind.VIDEOS,))
        if videos:
            size = len(videos)
            entries = [videos[size - 1 - (number * 20 + at) % size] for at in range(min(20, size))]
        else:
            entries = [numbered_video_id(playlist_id, at) for at in range(5)]
        word = "Playlist" if playlist_id.startswith("PL") else "Release"
        return known.profile, entries, f"{word} {number} of {known.profile.title}"

    # --- changes ---

    def define(self, channel_id: str, now: datetime, **facts: Any) -> Profile:
        """Define a channel or change what is known of it; names are those of `Profile`, and the kinds of uploads.

        `videos`, `shorts`, `live` and `members` are numbers of computed uploads, or ids, newest first; either
        replaces all uploads. Ids that were named before keep their dates; new ones of an old channel are of now.
        `playlists` and `releases` are ids, or a number of computed ones.
        """
        with self._lock:
            old = self._of(channel_id)
            uploads = {kind: facts.pop(kind) for kind in KINDS if kind in facts}
            unknown = set(facts) - {each.name for each in fields(Profile)} | {"id"} & set(facts)
            if unknown:
                raise ValueError(f"unknown facts of a channel: {', '.join(sorted(unknown))}")
            if not re.fullmatch(r"UC[\w-]{22}", channel_id, re.ASCII):
                raise ValueError(f"{channel_id!r} is not the id of a channel: UC and 22 characters")
            profile = old.profile if old else _new_profile(channel_id)
            profile = replace(
                profile, **{name: _typed(channel_id, name, each) for name, each in facts.items()}
            )
            known = replace(old, profile=profile) if old else _Known(profile, ListedUploads({}))
            if uploads:
                known = _Known(profile, self._base(channel_id, uploads, now if old else None))
            self._keep(channel_id, known)
            return profile

    def upload(
        self, channel_id: str, now: datetime, kind: UploadKind, video_ids: Sequence[str | None]
    ) -> list[str]:
        """Publish videos now, the last one being the newest; None makes an id. Return the ids."""
        with self._lock:
            known = self._of(channel_id)
            if known is None:
                raise ValueError(f"there is no channel {channel_id}")
            last, number = now.replace(microsecond=0), _FIRST_MADE + len(known.recent.by_id)
            made = (upload_id(key_of(channel_id), kind, number + at) for at in range(len(video_ids)))
            ids = [given or new for given, new in zip(video_ids, made, strict=True)]
            new = {
                each: Upload(kind, last - timedelta(seconds=age)) for age, each in enumerate(reversed(ids))
            }
            recent = ListedUploads(
                new | {each: old for each, old in known.recent.by_id.items() if each not in new}
            )
            self._keep(channel_id, replace(known, recent=recent, removed=known.removed - set(ids)))
            return ids

    def remove(self, channel_id: str, video_ids: Sequence[str]) -> None:
        """Take uploads out of all lists of their channel; `upload` brings them back as new ones."""
        with self._lock:
            known = self._of(channel_id)
            if known is None:
                raise ValueError(f"there is no channel {channel_id}")
            self._keep(channel_id, replace(known, removed=known.removed | set(video_ids)))

    # --- inside ---

    def _of(self, channel_id: str) -> _Known | None:
        known = self._known.get(channel_id)
        if known is None:
            found = computed_channel(channel_id)
            if found is None:
                return None
            with self._lock:
                known = self._known.get(channel_id)
                if known is None:
                    known = _Known(*found)
                    self._keep(channel_id, known)
        return known

    def _keep(self, channel_id: str, known: _Known) -> None:
        self._by_key[key_of(channel_id)] = channel_id
        listed = [known.recent, known.base]
        for uploads in listed:
            if isinstance(uploads, ListedUploads):
                for video_id, upload in uploads.by_id.items():
                    self._by_video[video_id] = channel_id
                    self._dates.setdefault(video_id, upload.published_at)
        profile = known.profile
        for kind, name in (("handle", profile.handle), ("custom", profile.custom), ("user", profile.user)):
            if name:
                self._names[f"{kind}/{name.lower()}"] = channel_id
        self._known[channel_id] = known

    def _named(self, name: str, kind: str, plain: str) -> Profile | None:
        # A name leads where it was given last, and only while that channel still has it.
        channel_id = self._names.get(f"{kind}/{name.lower()}") or computed_id_of(plain)
        profile = self.by_id(channel_id) if channel_id else None
        return profile if profile and getattr(profile, kind).lower() == name.lower() else None

    def _base(self, channel_id: str, uploads: Mapping[UploadKind, Any], now: datetime | None) -> Base:
        if all(isinstance(each, int) for each in uploads.values()):
            counts = tuple(int(uploads.get(kind, 0)) for kind in KINDS)
            return ComputedUploads(key_of(channel_id), counts, NEWEST_AT)
        if any(isinstance(each, int) for each in uploads.values()):
            raise ValueError("uploads are all numbers, or all lists of ids")
        return self._listed(uploads, now)

    def _listed(self, uploads: Mapping[UploadKind, Sequence[str]], now: datetime | None) -> ListedUploads:
        longest = max(len(each) for each in uploads.values())
        by_id: dict[str, Upload] = {}
        for kind, ids in uploads.items():
            for place, video_id in enumerate(ids):
                if now is None:
                    date = NEWEST_AT - timedelta(
                        days=place * longest // max(1, len(ids)), minutes=KINDS.index(kind)
                    )
                else:
                    date = now - timedelta(seconds=place)
                by_id[video_id] = Upload(kind, self._dates.get(video_id, date))
        return ListedUploads(by_id)


_FACTS: dict[UploadKind, dict[str, Any]] = {
    UploadKind.VIDEOS: {},
    UploadKind.SHORTS: {"short": True, "shape": Shape.VERTICAL},
    UploadKind.LIVE: {"was_live": True},
    UploadKind.MEMBERS: {"case": Case.MEMBERS},
}


def _facts_of_channel(profile: Profile, named: Channel) -> dict[str, Any]:
    facts: dict[str, Any] = {} if profile.channel == named else {"channel": profile.channel}
    return facts | {"case": Case.TERMINATED} if profile.state == "terminated" else facts


def _hidden(videos: Videos) -> frozenset[str]:
    """Return the videos that tests took away; computed ones never are, and well-known ones are asked by name."""
    changed = {video_id for video_id, facts in videos.changes.items() if "case" in facts} | CHANGES.keys()
    found = (videos.video(video_id) for video_id in changed)
    return frozenset(video.id for video in found if video and video.case in _GONE)


_GONE = frozenset(case for case in Case if case.is_hidden_in_listings) - {Case.GEO, Case.COPYRIGHT_GEO}


def _typed(channel_id: str, name: str, value: Any) -> Any:
    """Return a fact's value from what JSON can say of it."""
    match name:
        case "playlists" | "releases" if isinstance(value, int):
            return owned_list_ids(channel_id, name, value)
        case "playlists" | "releases":
            return tuple(value)
        case "created_at" if isinstance(value, str):
            return datetime.fromisoformat(value)
        case "state" if value not in ("public", "terminated", "missing"):
            raise ValueError(f"state {value!r}: expected public, terminated or missing")
        case "handle":
            return f"@{value.removeprefix('@')}"
    return value


def _new_profile(channel_id: str) -> Profile:
    name = f"defined-{channel_id[2:8].lower().replace('_', '-')}"
    return Profile(channel_id, f"@{name}", f"Channel {channel_id[2:8]}")
