"""Which of the offered formats and captions answer a target: YouTube's labels, our order of preference.

A picture is ranked by label, then a pair of streams before a muxed file, the frame rate limit, HDR where it is
preferred, codec, frame rate, a direct download, bitrate. Sound is ranked by language, then the plain mix before
the one with compressed dynamics, codec, a direct download, bitrate. Formats that yt-dlp holds for damaged come
after everything else. The order of what is offered never matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ytarchive.core.desired import CODEC_RANK, Audio, CaptionWish, Container, Quality, Target
from ytarchive.core.sponsor import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ytarchive.core.plan import ItemFacts

FormatKind = Literal["video", "audio", "muxed"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format that YouTube offered, in terms that stay true: never yt-dlp's `format_id` as identity.

    `label` is YouTube's quality label as a number (1080 for "1080p60"). `clen` (bytes) and `lmt` (the time
    of the encode) tell one encode from the next; either may be unknown. `codec` is `av1`, `vp9`, `h264`, or
    what YouTube said; `audio_codec` is `opus`, `aac`, or what YouTube said. `drc`: dynamics are compressed.
    """

    itag: str
    kind: FormatKind
    label: int | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    codec: str | None = None
    audio_codec: str | None = None
    hdr: bool = False
    bitrate_kbps: float | None = None
    clen: int | None = None
    lmt: str | None = None
    language: str | None = None
    language_preference: int = -1
    track: str | None = None
    client: str | None = None
    protocol: str = "https"
    drm: bool = False
    damaged: bool = False
    upscaled: bool = False
    has_url: bool = True
    drc: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What to download of the offered formats: `video` (with `sound`, unless muxed) and `audio` on its own.

    `below_wish` is true when a fallback was taken: something better may be offered later. `audio` is a muxed
    format where no sound is offered on its own.
    """

    video: Format | None = None
    sound: Format | None = None
    audio: Format | None = None
    container: str = "mkv"
    below_wish: bool = False


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """One caption track that YouTube offered; `translated` ones are never wanted."""

    language: str
    automatic: bool
    formats: tuple[str, ...]
    translated: bool = False


STANDARD_LABELS = (144, 240, 360, 480, 720, 1080, 1440, 2160, 4320)

# What a container may hold (codecs of picture, of sound); mkv, which is not here, takes everything.
_HOLDS: dict[str, tuple[frozenset[str | None], frozenset[str | None]]] = {
    "mp4": (frozenset({"h264", "av1"}), frozenset({"aac", "opus"})),
    "webm": (frozenset({"vp9", "av1"}), frozenset({"opus", "vorbis"})),
}
# The better sound when the wish names no codec. Who asks for mp4 asks for old players, and those want aac.
_BETTER_SOUND = {"mp4": ("aac", "opus"), "webm": ("opus", "vorbis"), "mkv": ("opus", "aac")}
_AUDIO_CONTAINERS = {"opus": "opus", "aac": "m4a"}

_LABEL = re.compile(r"(?<![0-9A-Za-z])([0-9]{3,4})[ps](?:[0-9]{2,3})?(?![0-9A-Za-z])")
_DESCRIPTIVE = -10
# May the picture be damaged, and the sound? yt-dlp calls a format damaged that is less than half as long as the
# page says. The page may be what is wrong, so such formats are taken, but only where nothing else answers.
_DAMAGE = ((False, False), (False, True), (True, True))
_UNLIMITED = 1_000_000


def label_of(format_note: str | None, width: int | None, height: int | None) -> int | None:
    """YouTube's quality label as a number, or None when nothing tells it.

    The note says it ("1080p60", "2160p60 HDR", "1440s" for spherical video). Else the picture is laid into
    the smallest standard 16:9 (or 9:16) frame: 1920x640 is 1080, a vertical 384x480 is 360.
    """
    if format_note and (found := _LABEL.search(format_note)):
        return int(found[1])
    if not width or not height or width < 0 or height < 0:
        return None
    longer, shorter = max(width, height), min(width, height)
    frame = max(shorter, longer / 16 * 9)
    return min(STANDARD_LABELS, key=lambda label: (abs(label - frame), label))


def choose(offered: Iterable[Format], target: Target) -> Choice | None:
    """The formats that answer every media part of the target, or None (POLICY_MISS).

    `Choice.container` is the container of the video part: the wished one, or mkv when nothing that is
    offered within the limits fits into it (then, and after a fallback, `below_wish` is true).
    """
    formats = tuple(offered)
    choice: Choice | None = Choice(container=target.container)
    if target.video is not None:
        choice = _choose_picture(formats, target.video, target.sound or Audio(), target.container)
    if target.audio is not None and choice is not None:
        audio = _choose_audio(formats, target.audio)
        choice = replace(choice, audio=audio) if audio else None
    return choice


def audio_container(audio: Format) -> str:
    """The file type of an audio part, by its codec, never re-encoded: `opus` (Ogg), `m4a`, else `mka`.

    Ogg and MP4 take tags and a cover, which WebM does not, and ordinary music players read them.
    """
    return _AUDIO_CONTAINERS.get(audio.audio_codec or "", "mka")


def _choose_audio(offered: tuple[Format, ...], wish: Audio) -> Format | None:
    """Sound on its own, else a muxed file that it can be copied out of."""
    kinds: tuple[FormatKind, ...] = ("audio", "muxed")
    for damaged in (False, True):
        for kind in kinds:
            if found := _best_sound(_spoken(_usable(offered, kind, damaged), wish), wish, "mkv"):
                return found
    return None


def _usable(offered: Iterable[Format], kind: FormatKind, damaged: bool) -> tuple[Format, ...]:
    return tuple(
        each
        for each in offered
        if each.kind == kind
        and each.has_url
        and each.protocol != "mhtml"  # a storyboard
        and not (each.drm or each.upscaled)
        and each.damaged <= damaged
        and (kind == "video" or each.language_preference > _DESCRIPTIVE)
    )


# Picture


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a wish for quality: labels from `lowest` to `highest` are taken alike, the best first."""

    lowest: int
    highest: int
    below_wish: bool


def rungs(quality: Quality) -> Iterator[Rung]:
    """The steps of a wish, the wished labels first."""
    lowest = quality.min or 0
    if quality.max is None:
        yield Rung(lowest, _UNLIMITED, below_wish=False)
        return
    yield Rung(max(lowest, quality.max), quality.max, below_wish=False)
    for step in quality.fallback:
        if step == "any":
            yield Rung(lowest, quality.max - 1, below_wish=True)
        else:
            yield Rung(max(lowest, step), min(step, quality.max), below_wish=True)


def _choose_picture(
    offered: tuple[Format, ...], quality: Quality, sound: Audio, container: Container
) -> Choice | None:
    for damaged in _DAMAGE:
        if found := _choose_within(offered, quality, sound, container, damaged):
            return found
        if container != "mkv" and (found := _choose_within(offered, quality, sound, "mkv", damaged)):
            return replace(found, below_wish=True)
    return None


def _choose_within(
    offered: tuple[Format, ...],
    quality: Quality,
    wish: Audio,
    container: Container,
    damaged: tuple[bool, bool],
) -> Choice | None:
    picture_may, sound_may = damaged
    sound = _best_sound(_spoken(_usable(offered, "audio", sound_may), wish), wish, container)
    muxed = _spoken(_usable(offered, "muxed", picture_may), wish)
    # A picture without sound is right only for a video that has none, not when its sound cannot be had.
    silent = all(each.kind == "video" for each in offered)
    pictures = [
        each
        for each in (*(_usable(offered, "video", picture_may) if sound or silent else ()), *muxed)
        if _acceptable(each, quality) and fits(each, container)
    ]
    for rung in rungs(quality):
        within = [each for each in pictures if rung.lowest <= (each.label or 0) <= rung.highest]
        if within:
            best = max(within, key=lambda each: _picture_rank(each, quality))
            return Choice(
                video=best,
                sound=sound if best.kind == "video" else None,
                container=container,
                below_wish=rung.below_wish or best.damaged,
            )
    return None


def _acceptable(picture: Format, quality: Quality) -> bool:
    if picture.label is None and (quality.max is not None or quality.min):
        return False
    if picture.hdr and quality.hdr == "never":
        return False
    return not quality.codecs_only or picture.codec in quality.codecs


def fits(media: Format, container: str) -> bool:
    """Whether a container may hold the codecs of a format."""
    if container not in _HOLDS:
        return True
    pictures, sounds = _HOLDS[container]
    if media.kind == "audio":
        return media.audio_codec in sounds
    return media.codec in pictures and (media.kind == "video" or media.audio_codec in sounds)


def _picture_rank(picture: Format, quality: Quality) -> tuple[object, ...]:
    fps = picture.fps or 0.0
    within_limit = quality.fps is None or fps <= quality.fps
    return (
        picture.label or 0,
        picture.kind == "video",
        within_limit,
        picture.hdr and quality.hdr == "prefer",
        _codec_rank(picture.codec, quality),
        fps if within_limit else -fps,
        not picture.hdr,
        *_transfer_rank(picture),
    )


def _codec_rank(codec: str | None, quality: Quality) -> tuple[int, int]:
    """Those that the wish names, in its order, before all others."""
    for place, wished in enumerate(quality.codecs):
        if codec == wished:
            return (1, -place)
    return (0, CODEC_RANK.get(codec or "", -1))


def _transfer_rank(media: Format) -> tuple[object, ...]:
    # A direct file can be resumed and checked by its length; the bitrate of fragmented ones is a peak value.
    # The last field only makes the order total.
    return (media.protocol.startswith("http"), media.bitrate_kbps or 0.0, repr(media))


# Sound


def _spoken(media: tuple[Format, ...], wish: Audio) -> tuple[Format, ...]:
    """The tracks in the first wished language that is there, else in the original one."""
    for language in (*wish.languages, "original"):
        if found := _in_language(media, language):
            return found
    return ()


def _in_language(media: tuple[Format, ...], language: str) -> tuple[Format, ...]:
    if language == "original":
        # YouTube marks it with 10, the default with 5; with no mark at all every track is as good.
        highest = max((each.language_preference for each in media), default=0)
        return tuple(each for each in media if each.language_preference == highest)
    for matches in (_same_language, _narrower_language):
        if found := tuple(each for each in media if matches(each.language or "", language)):
            return found
    return ()


def _best_sound(spoken: tuple[Format, ...], wish: Audio, container: Container) -> Format | None:
    fitting = [each for each in spoken if fits(each, container)]
    return max(fitting, key=lambda each: _sound_rank(each, wish, container), default=None)


def _sound_rank(sound: Format, wish: Audio, container: Container) -> tuple[object, ...]:
    better = _BETTER_SOUND[container]
    codec = sound.audio_codec or ""
    return (
        not sound.damaged,
        sound.language_preference,
        not sound.drc,
        codec == wish.codec,
        -better.index(codec) if codec in better else -len(better),
        *_transfer_rank(sound),
    )


# Captions


def choose_captions(
    tracks: Iterable[CaptionTrack], wishes: tuple[CaptionWish, ...]
) -> tuple[tuple[CaptionWish, CaptionTrack | None], ...]:
    """Each wish with its track, or with None when none is offered; in the order of the wishes.

    A wish for `also` automatic captions is there twice when both kinds are offered, manual ones first.
    """
    wanted = [each for each in tracks if not each.translated and each.language != "live_chat"]
    manual = [each for each in wanted if not each.automatic]
    automatic = [each for each in wanted if each.automatic]
    return tuple((wish, track) for wish in wishes for track in _tracks_of_wish(wish, manual, automatic))


def _tracks_of_wish(
    wish: CaptionWish, manual: list[CaptionTrack], automatic: list[CaptionTrack]
) -> tuple[CaptionTrack | None, ...]:
    written = _best_track(manual, wish.language)
    heard = _best_track(automatic, wish.language) if wish.automatic != "never" else None
    if wish.automatic == "also" and written and heard:
        return (written, heard)
    return (written or heard,)


def _best_track(tracks: list[CaptionTrack], language: str) -> CaptionTrack | None:
    matching = [each for each in tracks if _answers_language(each.language, language)]
    return min(matching, key=lambda each: _track_rank(each, language), default=None)


def _track_rank(track: CaptionTrack, language: str) -> tuple[object, ...]:
    return (
        # What was said, before what may have been made from it; `-orig` marks it among automatic ones.
        not (track.automatic and track.language.endswith("-orig")),
        not _same_language(track.language, language),
        len(track.language),
        repr(track),
    )


def _answers_language(language: str, wished: str) -> bool:
    return _same_language(language, wished) or _narrower_language(language, wished)


def _same_language(language: str, wished: str) -> bool:
    return language.lower() == wished.lower()


def _narrower_language(language: str, wished: str) -> bool:
    """BCP-47 prefix: `en` is answered by `en-GB`, never `en-GB` by `en`."""
    return language.lower().startswith(wished.lower() + "-")


# What is on disk


Lacking = Literal["nothing", "marks", "beside", "media"]


def missing_of(facts: ItemFacts, target: Target) -> Lacking:
    """What an item on disk lacks to answer a target, as far as can be told without a request.

    "nothing": it was made of what would be chosen now, and all that lies beside is there or is known not to be
    offered; "beside": only captions (required ones in any case) or sidecars are missing; "marks": only SponsorBlock
    was not asked for all that is to be marked or cut out. What was cut out comes back with other media alone. A new encode of the same format (`clen`, `lmt`) is no reason to download again. A part
    on disk that the target does not want is no fault. `nfo` is derived in library views, and no file of an item.
    What was adopted as it is answers every wish for media of its kind, and lacks nothing beside.
    """
    if _is_cut_otherwise(facts, target):
        return "media"
    if facts.got.adopted is None:
        choice = choose(facts.offered, target)
        if choice is None or not _same_media(choice, facts, target):
            return "media"
    elif not _adopted_answers(facts, target):
        return "media"
    elif facts.got.adopted == "as-is":
        return "nothing"
    required = {wish.language for wish in target.captions if wish.required}
    unknown = {*missing_captions(facts.captions, target)} - ({*facts.captions_missing} - required)
    if unknown or {*target.sidecars} - {"nfo"} - {*facts.roles}:
        return "beside"
    asked = covers(facts.marked, facts.removed, facts.cut, target.marks, target.cuts)
    return "nothing" if asked else "marks"


def _is_cut_otherwise(facts: ItemFacts, target: Target) -> bool:
    """Something is cut out that is wanted, or more is to be cut out of what is not whole any more."""
    if not facts.cut:
        return False
    return bool({*facts.cut} - {*target.cuts} or {*target.cuts} - {*facts.removed})


def satisfied(facts: ItemFacts, target: Target) -> bool:
    """Whether an item on disk answers a target as it is."""
    return missing_of(facts, target) == "nothing"


def missing_captions(on_disk: Iterable[str], target: Target) -> tuple[str, ...]:
    """The wished languages that no caption file on disk answers; `en-GB` answers `en`."""
    languages = tuple(on_disk)
    return tuple(
        wish.language
        for wish in target.captions
        if not any(_answers_language(language, wish.language) for language in languages)
    )


def _adopted_answers(facts: ItemFacts, target: Target) -> bool:
    """Whether what another tool fetched is media of the wished kind, and, where that is compared, within the limits.

    Nobody knows which format it was, nor whether an audio track is the original: neither is held against it.
    """
    picture = facts.got.video
    if target.video is None:
        return True
    if picture is None or facts.got.adopted == "as-is":
        return picture is not None
    return _acceptable(picture, target.video) and (picture.label or 0) >= (target.video.min or 0)


def _same_media(choice: Choice, facts: ItemFacts, target: Target) -> bool:
    got = facts.got
    if target.audio is not None and _identity(choice.audio) != _identity(got.audio):
        return False
    return target.video is None or (
        _identity(choice.video) == _identity(got.video)
        and _identity(choice.sound) == _identity(got.sound)
        and (choice.container == got.container or got.because == "MERGE_FAIL")
    )


def _identity(media: Format | None) -> tuple[object, ...] | None:
    if media is None:
        return None
    return (
        media.itag,
        media.kind,
        media.label,
        media.codec,
        media.audio_codec,
        media.language,
        media.track,
        media.drc,
    )
