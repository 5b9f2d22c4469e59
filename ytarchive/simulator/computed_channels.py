"""The channels that exist without being defined: the fifty of ordinary videos, and those whose id tells their size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ytarchive.simulator.catalogue import Case, Channel, channel_of, digest, numbered_video_id, ordinary_video
from ytarchive.simulator.upload_ids import UploadKind, key_of
from ytarchive.simulator.uploads import Base, ComputedUploads, ListedUploads, Upload
from ytarchive.simulator.wellknown import CHANGES

CHANNEL_COUNT = 50
NEWEST_AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
"""When the newest upload of a computed channel was published."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_WIDTHS = {"v": 5, "s": 4, "l": 3, "m": 2, "p": 2, "r": 2}
_COMPUTED_ID = re.compile(
    "UCn" + "".join(f"(?P<{name}>[0-9a-z]{{{width}}})" for name, width in _WIDTHS.items()) + "([0-9a-z]{3})"
)
_COMPUTED_NAME = re.compile(r"n((?:\.[vslmpr]\d+)*)\.([0-9a-z]{3})", re.IGNORECASE)
_CANDIDATES = 40


@dataclass(frozen=True, slots=True)
class Profile:
    """A channel as it is now. `custom` and `user` are its names under `/c/` and `/user/`.

    `state` is `public`, `terminated` or `missing`. Without `upload_lists` only `UU` exists, so that a client has to
    read the tabs. `playlists` and `releases` are ids of lists.
    """

    id: str
    handle: str
    title: str
    custom: str = ""
    user: str = ""
    description: str = ""
    subscribers: int = 12_300
    country: str = ""
    created_at: datetime = datetime(2014, 3, 1, tzinfo=UTC)
    state: str = "public"
    upload_lists: bool = True
    playlists: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()

    @property
    def channel(self) -> Channel:
        """Return how its videos name it."""
        return Channel(self.id, self.handle, self.title)


def computed_channel_id(
    *,
    videos: int = 0,
    shorts: int = 0,
    live: int = 0,
    members: int = 0,
    playlists: int = 0,
    releases: int = 0,
    seed: str = "aaa",
) -> str:
    """Return the id of a channel of so many; `seed` is three of 0-9 a-z: another seed is another channel."""
    numbers = zip((videos, shorts, live, members, playlists, releases), _WIDTHS.values(), strict=True)
    channel_id = "UCn" + "".join(_in_digits(number, width) for number, width in numbers) + seed
    if not _COMPUTED_ID.fullmatch(channel_id):
        raise ValueError(f"seed {seed!r}: expected three of 0-9 a-z")
    return channel_id


def computed_handle(channel_id: str) -> str:
    """Return the handle of a computed channel, such as `@n.v100000.p3.aaa`; numbers that are 0 are left out."""
    sizes, seed = _sizes(channel_id)
    return ".".join(["@n", *(f"{name}{size}" for name, size in sizes.items() if size), seed])


def owned_list_ids(channel_id: str, name: str, count: int) -> tuple[str, ...]:
    """Return the ids of a channel's first computed `playlists` or `releases`; albums have ids of another form."""
    prefix = "PLp" if name == "playlists" else "OLAK5uy_r"
    return tuple(f"{prefix}{channel_id[2:]}{number:04d}" for number in range(count))


def _in_digits(number: int, width: int) -> str:
    if not 0 <= number < 36**width:
        raise ValueError(f"{number}: expected 0 to {36**width - 1}")
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _sizes(channel_id: str) -> tuple[dict[str, int], str]:
    found = _COMPUTED_ID.fullmatch(channel_id)
    if not found:
        raise ValueError(f"{channel_id!r} is not the id of a computed channel")
    return {name: int(found[name], 36) for name in _WIDTHS}, channel_id[-3:]


def computed_id_of(name: str) -> str | None:
    """Return the id of the channel that had a name from the start."""
    numbered = re.fullmatch(r"simulated-(\d\d)", name, re.IGNORECASE)
    if numbered and int(numbered[1]) < CHANNEL_COUNT:
        return channel_of(int(numbered[1])).id
    found = _COMPUTED_NAME.fullmatch(name)
    if not found:
        return None
    sizes = {part[0].lower(): int(part[1:]) for part in found[1].split(".") if part}
    names = ("videos", "shorts", "live", "members", "playlists", "releases")
    try:
        return computed_channel_id(
            **{full: sizes.get(short, 0) for full, short in zip(names, _WIDTHS, strict=True)},
            seed=found[2].lower(),
        )
    except ValueError:
        return None


def computed_channel(channel_id: str) -> tuple[Profile, Base] | None:
    """Return a channel that exists from the start and its uploads, None for other ids."""
    if channel_id in _fifty():
        return _one_of_fifty(_fifty()[channel_id])
    if not _COMPUTED_ID.fullmatch(channel_id):
        return None
    sizes, seed = _sizes(channel_id)
    handle = computed_handle(channel_id)
    profile = Profile(
        channel_id,
        handle,
        f"Computed Channel {seed}",
        custom=handle[1:],
        user=handle[1:],
        description=f"A channel of {sizes['v']} videos.",
        playlists=owned_list_ids(channel_id, "playlists", sizes["p"]),
        releases=owned_list_ids(channel_id, "releases", sizes["r"]),
    )
    counts = tuple(sizes[name] for name in "vslm")
    return profile, (ComputedUploads(key_of(channel_id), counts, NEWEST_AT))


@lru_cache(maxsize=1)
def _fifty() -> dict[str, int]:
    return {channel_of(number).id: number for number in range(CHANNEL_COUNT)}


def _one_of_fifty(number: int) -> tuple[Profile, Base]:
    """Return a channel of ordinary videos: of all possible ids, some forty that are its own, and the well-known ones."""
    channel = channel_of(number)
    names = [numbered_video_id(f"uploads/{number}", at) for at in range(_CANDIDATES * CHANNEL_COUNT)]
    own = [each for each in [*names, *CHANGES] if digest(each)[3] % CHANNEL_COUNT == number]
    by_id = {
        each: Upload(_kind_of_well_known(CHANGES.get(each, {})), ordinary_video(each).published_at)
        for each in own
    }
    handle = channel.handle.removeprefix("@")
    profile = Profile(
        channel.id,
        channel.handle,
        channel.name,
        custom=handle,
        user=handle,
        description=f"Everything by {channel.name}.",
        playlists=owned_list_ids(channel.id, "playlists", 2),
    )
    return profile, (ListedUploads(by_id))


def _kind_of_well_known(changes: Mapping[str, Any]) -> UploadKind:
    case = changes.get("case", Case.PUBLIC)
    if changes.get("short"):
        return UploadKind.SHORTS
    if case is Case.MEMBERS:
        return UploadKind.MEMBERS
    live = changes.get("was_live") or case in (
        Case.LIVE_NOW,
        Case.POST_LIVE,
        Case.UPCOMING,
        Case.NO_RECORDING,
    )
    return UploadKind.LIVE if live else UploadKind.VIDEOS
