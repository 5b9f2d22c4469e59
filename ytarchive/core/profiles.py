"""Which of the values written at several places holds, and what all of them together ask for.

An entry's own values stand over the defaults of its file, these over its profile, these over what is built in.
As values go by dotted path, mappings merge key by key and lists replace.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ytarchive.core import manifest_keys as table
from ytarchive.core.amounts import duration_text
from ytarchive.core.desired import Audio, CaptionWish, EntryKind, Quality, Target
from ytarchive.core.filters import Keep, Where
from ytarchive.core.identity import GUEST
from ytarchive.core.manifest import Given, Options, Profile
from ytarchive.core.manifest_keys import Place
from ytarchive.core.origin import Origin
from ytarchive.core.removal_policies import Policies


class Layer(NamedTuple):
    """Values that were written at one place. `label` is what that place is called."""

    label: str
    options: Options
    file: str = ""


Layers = tuple[Layer, ...]
"""Weakest first."""


def merged(layers: Layers) -> dict[str, tuple[Layer, Given]]:
    """The strongest value of each path, with the layer that it came from."""
    return {path: (layer, given) for layer in layers for path, given in layer.options.items()}


def origins(layers: Layers) -> tuple[Origin, ...]:
    """Every value that holds, in the order of the table."""
    values = merged(layers)
    return tuple(
        Origin(path, values[path][1].text, place_of(*values[path]))
        for path in table.BY_PATH
        if path in values
    )


def place_of(layer: Layer, given: Given) -> str:
    """Where a value of a layer stands, for people."""
    if not given.line:
        return layer.label
    place = f"{layer.file}:{given.line}:{given.column}"
    return f"{layer.label} ({place})" if layer.label.startswith("profile ") else f"{layer.label} {place}"


def fitting(options: Options, kind: EntryKind) -> Options:
    """What of the values at one place holds for entries of a kind; the very same options where all of it does."""
    place = _PLACES[kind]
    if all(place in table.BY_PATH[path].where for path in options):
        return options
    return {path: given for path, given in options.items() if place in table.BY_PATH[path].where}


_PLACES: dict[EntryKind, Place] = {"videos": "videos", "playlist": "playlists", "channel": "channels"}


@lru_cache(maxsize=4096)
def built_in_layer(kind: EntryKind, library: str, interval_seconds: int, interval_origin: str) -> Layers:
    """What holds where nothing is written. `library` is the name of the library's folder."""
    every = {path: Given(value, text) for path, (text, value) in table.built_in_values().items()}
    options = dict(fitting(every, kind))
    options["library.name"] = Given(library, library)
    if kind == "videos":
        options["order"] = Given("listed", "listed")
        return (Layer("built-in", options),)
    interval = {"interval": Given(interval_seconds, duration_text(interval_seconds))}
    return (Layer("built-in", options), Layer(interval_origin, interval))


def built_in_profiles() -> dict[str, Profile]:
    """The profiles that every file knows."""
    return {
        name: Profile(
            name,
            {
                path: Given(table.value_of(table.BY_PATH[path], written), table.as_text(written))
                for path, written in options.items()
            },
        )
        for name, options in table.BUILT_IN_PROFILES.items()
    }


def profile_layer(profile: Profile) -> Layer:
    return Layer(f"profile {profile.name}", profile.options, profile.file)


def wish_of(values: Mapping[str, Any]) -> Target:
    """The wish of a full set of values by path."""
    sound = Audio(
        codec=None if values["audio.codec"] == "any" else values["audio.codec"],
        languages=values["audio.languages"],
    )
    is_video = values["media"] == "video"
    return Target(
        video=_quality(values) if is_video else None,
        sound=sound if is_video else None,
        audio=None if is_video else sound,
        container=values["quality.container"] if is_video else "mkv",
        captions=tuple(_caption(language, values) for language in values["captions.languages"]),
        embed=values["embed"],
        sidecars=tuple(one for one in values["sidecars"] if one != "nfo"),  # a view's, made of what is here
        live=values["live"],
        identities=() if values.get("auth") in (None, GUEST) else (values["auth"],),
        marks=values["sponsorblock.mark"],
        cuts=values["sponsorblock.remove"],
    )


def where_of(values: Mapping[str, Any]) -> Where:
    """The filter of a set of values by path; what is not there is not asked for."""
    return Where(
        since=values.get("where.since"),
        until=values.get("where.until"),
        duration=values.get("where.duration", (None, None)),
        match=values.get("where.title.match", ()),
        avoid=values.get("where.title.not", ()),
        kinds=values.get("where.kinds", ()),
        members_only=values.get("where.members_only", "want"),
        live=values.get("where.live", "want"),
        languages=values.get("where.languages", ()),
        running="skip" if values.get("live") == "skip" else "want",
    )


def keep_of(values: Mapping[str, Any]) -> Keep:
    return Keep(last=values.get("keep.last"), max_age_seconds=values.get("keep.max_age"))


def policies_of(values: Mapping[str, Any]) -> Policies:
    """What happens to files that are wanted no more; what is not there, the settings say."""
    return Policies(
        when_removed_from_source=values.get("when_removed_from_source"),
        when_unavailable=values.get("when_unavailable"),
        when_unwanted=values.get("when_unwanted"),
        when_deleted_locally=values.get("when_deleted_locally"),
    )


def _quality(values: Mapping[str, Any]) -> Quality:
    return Quality(
        max=values["quality.max"],
        min=values.get("quality.min"),
        codecs=values["quality.codecs"],
        codecs_only=values["quality.codecs_only"],
        fps=values["quality.fps"],
        hdr=values["quality.hdr"],
        fallback=values["quality.fallback"],
    )


def _caption(language: str, values: Mapping[str, Any]) -> CaptionWish:
    return CaptionWish(
        language=language,
        automatic=values["captions.automatic"],
        formats=values["captions.formats"],
        keep_looking_seconds=values["captions.keep_looking"],
        required=values["captions.required"],
    )
