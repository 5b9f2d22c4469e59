"""Whose a file of another tool's library is: what its name, the tool's records and an info.json beside it say.

What is said must agree: a wrong id would put one video in the place of another, and that for good. A file that
nobody vouches for, or that two name differently, is left where it is, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ytarchive.core.desired import Target, target_digest
from ytarchive.core.foreign_names import IdInName, as_text, title_in_name
from ytarchive.core.info_fields import number_of
from ytarchive.core.inspection import Inspection
from ytarchive.core.item import Adopted, Got, Metadata

VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}\Z")
_CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}\Z")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a tool's own records say of one file. `place` is its path as the tool saw it, in parts, without the root.

    Tools in containers see other roots than we do: a file is found by as many parts from the end as agree.
    """

    tool: str
    video: str
    place: tuple[str, ...]
    title: str | None = None
    uploaded_on: str | None = None
    channel: str | None = None
    channel_id: str | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What an info.json of yt-dlp's says of its video, apart from what is copied of it later."""

    video: str
    extractor: str
    title: str | None = None
    uploaded_on: str | None = None
    channel: str | None = None
    channel_id: str | None = None
    duration_seconds: float | None = None
    availability: str | None = None
    live_status: str | None = None
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The video that a file is of, who said so (as in `Adoption`), and the tool that made it."""

    video: str
    by: str
    tool: str


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why nobody knows of which video a file is."""

    why: str


def claims_of(path: tuple[str, ...], known: Mapping[str, Iterable[Claim]]) -> tuple[Claim, ...]:
    """The claims that agree with an absolute path in the most parts from its end; `known` by the last part.

    A name alone is not enough, where the tool knew a folder too: every channel has its `trailer.mp4`.
    """
    ranked: dict[int, list[Claim]] = {}
    for claim in known.get(path[-1], ()):
        agreed = _common(path, claim.place)
        if agreed >= min(2, len(claim.place)):
            ranked.setdefault(agreed, []).append(claim)
    return tuple(ranked[max(ranked)]) if ranked else ()


def _common(path: tuple[str, ...], place: tuple[str, ...]) -> int:
    pairs = zip(reversed(path), reversed(place), strict=False)
    return next((n for n, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(path), len(place)))


def info_of(data: object) -> Info | None:
    """An info.json of one video; None for what is none, such as that of a playlist."""
    if not isinstance(data, dict) or data.get("_type", "video") != "video":
        return None
    video, extractor = data.get("id"), data.get("extractor_key") or data.get("extractor")
    if not isinstance(video, str) or not isinstance(extractor, str):
        return None
    version = data.get("_version")
    return Info(
        video=_sound(video)[:100],
        extractor=_sound(extractor)[:100],
        title=_text(data, "title"),
        uploaded_on=day_of_text(_text(data, "upload_date")),
        channel=_text(data, "channel") or _text(data, "uploader"),
        channel_id=channel_id_of(_text(data, "channel_id")),
        duration_seconds=number_of(data.get("duration")),
        availability=_text(data, "availability"),
        live_status=_text(data, "live_status"),
        engine=_text(version, "version") if isinstance(version, dict) else None,
    )


def _text(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    return _told(value) if isinstance(value, str) else None


def _told(text: str | None) -> str | None:
    """Text as it may be stored; None where there is none."""
    return _sound(text or "")[:_LONGEST_TEXT].strip() or None


def _sound(text: str) -> str:
    """The same without half characters, which JSON can name and UTF-8 cannot write."""
    return text.encode("utf-8", "replace").decode()


def day_of_text(text: str | None) -> str | None:
    """`2026-11-23` of a text that begins with a day, with hyphens or without; None for anything else."""
    told = _DAY.match(text or "")
    return "-".join(told.groups()) if told else None


def channel_id_of(text: str | None) -> str | None:
    return text if text and _CHANNEL_ID.match(text) else None


def identify(
    claims: tuple[Claim, ...], info: Info | None, named: IdInName | None, *, confirmed: bool = False
) -> Match | NoMatch | None:
    """Of which video a file is, by everything that is said of it; None: nobody says anything that is sure.

    `confirmed`: the id in its name, which alone would not be sure, is one that the person's lists know.
    """
    if info is not None and not info.extractor.lower().startswith("youtube"):
        return NoMatch(f"the info.json beside it is of {info.extractor}, not of YouTube")
    claimed = sorted({claim.video for claim in claims})
    told = {"the info.json beside it": info.video} if info is not None else {}
    if len(claimed) == 1:
        told[f"the records of {claims[0].tool}"] = claimed[0]
    if named is not None and (named.sure or confirmed):
        told["its name"] = named.video
    if len({*told.values()}) > 1:
        return NoMatch("; ".join(f"{who} says {video}" for who, video in told.items()))
    if not told:
        return NoMatch(f"the records name {len(claimed)} videos for it") if claimed else None
    video = next(iter(told.values()))
    if not VIDEO_ID.match(video):
        return NoMatch(f"{next(iter(told))} says {video!r}, which is no id of a video")
    if len(claimed) == 1:
        return Match(video, "state", claims[0].tool)
    return Match(video, "info.json" if info is not None else "name", named.tool if named else "yt-dlp")


def metadata_of(
    match: Match, info: Info | None, claim: Claim | None, found: Inspection, stem: str
) -> Metadata:
    """What is known of a video without asking anybody: its info.json first, then records, tags and its name."""
    tags = found.tags
    said = [one for one in (info, claim) if one is not None]
    title = next((told for one in said if (told := _told(one.title))), None)
    day = next((one.uploaded_on for one in said if one.uploaded_on), None)
    return Metadata(
        title=title or _told(tags.get("title")) or title_in_name(as_text(stem), match.video),
        channel=next((told for one in said if (told := _told(one.channel))), None)
        or _told(tags.get("artist")),
        channel_id=next((one.channel_id for one in said if one.channel_id), None),
        uploaded_on=day or day_of_text(tags.get("date")),
        duration_seconds=(info.duration_seconds if info else None) or found.duration_seconds,
        availability=info.availability if info else None,
        live_status=info.live_status if info else None,
    )


def got_of(picture: Inspection | None, sound: Inspection | None, container: str, adopted: Adopted) -> Got:
    """What the media of an adopted item are; at least one of the two is there."""
    lasts = [one.duration_seconds for one in (picture, sound) if one is not None and one.duration_seconds]
    return Got(
        video=picture.as_format() if picture else None,
        audio=sound.as_format() if sound else None,
        container=container,
        duration_seconds=max(lasts, default=None),
        adopted=adopted,
    )


NOTHING_WANTED = Target()
NOTHING_WANTED_DIGEST = target_digest(NOTHING_WANTED)
