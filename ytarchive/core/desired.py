"""What is wanted of one video: the wish of one entry, and the target that unites the wishes of all.

Uniting is commutative, associative and idempotent (properties), so that neither the order of files nor a
repeated entry changes what is downloaded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Literal

from ytarchive.core.codec import digest
from ytarchive.core.filters import Keep, Where
from ytarchive.core.removal_policies import Policies
from ytarchive.core.sponsor import PARTS, SponsorPart

if TYPE_CHECKING:
    from collections.abc import Iterable

Codec = Literal["av1", "vp9", "h264"]
AudioCodec = Literal["opus", "aac"]
Hdr = Literal["never", "allow", "prefer"]
Container = Literal["mkv", "mp4", "webm"]
Automatic = Literal["never", "fallback", "also"]
CaptionFormat = Literal["vtt", "srt", "json3", "srv3"]
Embed = Literal["tags", "chapters", "thumbnail"]
Sidecar = Literal["info_json", "thumbnail", "description", "nfo"]
Live = Literal["wait", "record", "skip"]


@dataclass(frozen=True, slots=True)
class Quality:
    """Limits of the video stream. `max` and `min` are YouTube's labels (1080 for "1080p60"); None: no limit.

    `fallback` says what to take when nothing at `max` is offered: labels to try in order, or "any" for the
    best below `max`, never below `min`.
    """

    max: int | None = None
    min: int | None = None
    codecs: tuple[Codec, ...] = ("av1", "vp9", "h264")
    codecs_only: bool = False
    fps: int | None = 60
    hdr: Hdr = "never"
    fallback: tuple[int | Literal["any"], ...] = ("any",)


@dataclass(frozen=True, slots=True)
class Audio:
    """The sound: preferred codec (None: the better one) and languages ("original" or BCP-47), best first."""

    codec: AudioCodec | None = None
    languages: tuple[str, ...] = ("original",)


@dataclass(frozen=True, slots=True)
class CaptionWish:
    """Captions in one language (BCP-47). After `keep_looking_seconds` a missing one is absent for good."""

    language: str
    automatic: Automatic = "fallback"
    formats: tuple[CaptionFormat, ...] = ("vtt",)
    keep_looking_seconds: int = 30 * 86_400
    required: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What one video must have on disk: at most one video part and one audio-only part, and what is beside.

    A wish of one entry is a Target too. `sound` belongs to the video part, `audio` is a part of its own. `container` holds for the video part. `identities` are names of
    `auth.<name>` to try after the guest. `marks` and `cuts` are parts that SponsorBlock knows: to be chapters, and to be
    cut out of the media.
    """

    video: Quality | None = None
    sound: Audio | None = None
    audio: Audio | None = None
    container: Container = "mkv"
    captions: tuple[CaptionWish, ...] = ()
    embed: tuple[Embed, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()
    live: Live = "wait"
    identities: tuple[str, ...] = ()
    marks: tuple[SponsorPart, ...] = ()
    cuts: tuple[SponsorPart, ...] = ()


EntryKind = Literal["videos", "playlist", "channel"]
Order = Literal["newest", "oldest", "listed"]
Part = Literal["videos", "shorts", "live", "releases", "playlists"]


NFO_READERS = ("jellyfin", "kodi")
"""Layouts of media servers that read NFO files."""


@dataclass(frozen=True, slots=True)
class LibraryView:
    """Where people browse: `library/<name>/`, laid out by `layout` (`core.views`), under the name of a `show`.

    `follow_titles`: names are made of the title of now, and not of the first one. `nfo`: NFO files are made in every
    layout, not only for those who read them.
    """

    name: str
    layout: str = "flat"
    show: str | None = None
    follow_titles: bool = False
    nfo: bool = False

    @property
    def has_nfo(self) -> bool:
        return self.nfo or self.layout in NFO_READERS

    @property
    def key(self) -> str:
        """What tells this layout from others; empty for a flat one. Paths that another gave are given anew."""
        more = ("\nfollow" if self.follow_titles else "") + (
            "\nnfo" if self.has_nfo and self.layout not in NFO_READERS else ""
        )
        if self.layout == "flat" and not more:
            return ""
        told = f"{self.layout}\n{self.show or ''}{more}"
        return hashlib.sha256(told.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a manifest with every default filled in: the effective spec.

    `source` names where its videos come from: a playlist id, `channel:<address>` as it was written, or
    `videos:<name>` for the ids in `videos`; `core.sources` tells all that follow from it. `include` holds for
    channels. `pins` are wanted whatever `where` and `keep` say. `suspend`: nothing is read or fetched for it. `policies`: what
    happens to files that it wants no more.
    `generation` is the SHA-256 of all that decides what is wanted and how.
    """

    name: str
    kind: EntryKind
    source: str
    wish: Target
    videos: tuple[str, ...] = ()
    priority: int = 0
    order: Order = "newest"
    interval_seconds: int = 6 * 3600
    library: LibraryView | None = None
    include: tuple[Part, ...] = ("videos",)
    where: Where = field(default_factory=Where)
    keep: Keep = field(default_factory=Keep)
    pins: tuple[str, ...] = ()
    suspend: bool = False
    policies: Policies = field(default_factory=Policies)
    file: str = ""
    line: int = 0

    @property
    def filters(self) -> bool:
        """Whether it may leave out videos of its sources."""
        return self.where != Where() or self.keep != Keep()

    @property
    def generation(self) -> str:
        return digest(replace(self, file="", line=0))


CODEC_RANK: dict[str, int] = {"h264": 0, "vp9": 1, "av1": 2}
_AUTOMATIC_RANK = {"never": 0, "fallback": 1, "also": 2}
_LIVE_RANK = {"skip": 0, "wait": 1, "record": 2}
_NO_LIMIT = 1_000_000


def target_digest(target: Target) -> str:
    """Identity of a target in the index: two equal targets have one digest."""
    return digest(target)


def unite(wishes: Iterable[Target]) -> Target:
    """One target for one video from the wishes of every entry that wants it; at least one is needed."""
    return reduce(_unite_two, (_canonical(wish) for wish in wishes))


def lowered(target: Target) -> Target:
    """The same for somebody who takes what there is: the nearest to the wish, of whatever quality and codec.

    The limits from above stay, and so does `hdr`: what is left out by those cannot be shown, or not be kept.
    """
    if target.video is None:
        return target
    return replace(target, video=replace(target.video, min=None, codecs_only=False, fallback=("any",)))


def _canonical(wish: Target) -> Target:
    """Order and repetition carry no meaning here: two ways to write one wish give one digest."""
    return replace(
        wish,
        container=wish.container if wish.video else "mkv",
        sound=wish.sound if wish.video else None,
        captions=_unite_captions(wish.captions, ()),
        embed=tuple(sorted(set(wish.embed))),
        sidecars=tuple(sorted(set(wish.sidecars))),
        identities=tuple(sorted(set(wish.identities))),
        marks=_parts({*wish.marks} - {*wish.cuts}),
        cuts=_parts(wish.cuts),
    )


def _unite_two(left: Target, right: Target) -> Target:
    picture = max(left, right, key=_picture_rank)
    # What one wish alone wants cut out, another wants to see: it is marked.
    cuts = {*left.cuts} & {*right.cuts}
    return Target(
        video=picture.video,
        sound=picture.sound,
        audio=max(left.audio, right.audio, key=_audio_rank),
        container=_unite_containers(left, right),
        captions=_unite_captions(left.captions, right.captions),
        embed=tuple(sorted({*left.embed, *right.embed})),
        sidecars=tuple(sorted({*left.sidecars, *right.sidecars})),
        live=max(left.live, right.live, key=lambda live: _LIVE_RANK[live]),
        identities=tuple(sorted({*left.identities, *right.identities})),
        marks=_parts({*left.marks, *left.cuts, *right.marks, *right.cuts} - cuts),
        cuts=_parts(cuts),
    )


def _parts(parts: Iterable[SponsorPart]) -> tuple[SponsorPart, ...]:
    """Each once, in the order of the table."""
    found = {*parts}
    return tuple(part for part in PARTS if part in found)


def _picture_rank(wish: Target) -> tuple[bool, int, int, int, str]:
    if wish.video is None:
        return (False, 0, 0, 0, "")
    quality = wish.video
    return (
        True,
        quality.max or _NO_LIMIT,
        CODEC_RANK[quality.codecs[0]] if quality.codecs else -1,
        quality.fps or _NO_LIMIT,
        digest(quality) + (digest(wish.sound) if wish.sound else ""),
    )


def _audio_rank(audio: Audio | None) -> tuple[bool, str]:
    return (audio is not None, digest(audio) if audio else "")


def _unite_containers(left: Target, right: Target) -> Container:
    if left.video is None:
        return right.container
    if right.video is None:
        return left.container
    return left.container if left.container == right.container else "mkv"


def _unite_captions(left: tuple[CaptionWish, ...], right: tuple[CaptionWish, ...]) -> tuple[CaptionWish, ...]:
    by_language: dict[str, CaptionWish] = {}
    for wish in (*left, *right):
        known = by_language.get(wish.language, wish)
        by_language[wish.language] = CaptionWish(
            language=wish.language,
            automatic=max(known.automatic, wish.automatic, key=lambda kind: _AUTOMATIC_RANK[kind]),
            formats=tuple(sorted({*known.formats, *wish.formats})),
            keep_looking_seconds=max(known.keep_looking_seconds, wish.keep_looking_seconds),
            required=known.required or wish.required,
        )
    return tuple(by_language[language] for language in sorted(by_language))
