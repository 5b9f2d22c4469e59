"""All manifests together: profiles seen in every file, unique names, and entries with every value filled in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from ytarchive.core.contradictions import Holding, contradictions
from ytarchive.core.desired import Entry, EntryKind, LibraryView, Target
from ytarchive.core.filters import Keep, Where
from ytarchive.core.identity import GUEST
from ytarchive.core.instant import HOUR
from ytarchive.core.layout import clean_title, folder_name_problem
from ytarchive.core.manifest import Draft, EntryDraft, Given, Options, Profile
from ytarchive.core.misread import did_you_mean, one_of, shown
from ytarchive.core.origin import Origin
from ytarchive.core.profiles import (
    Layer,
    Layers,
    built_in_layer,
    built_in_profiles,
    fitting,
    keep_of,
    merged,
    origins,
    policies_of,
    profile_layer,
    where_of,
    wish_of,
)
from ytarchive.core.removal_policies import Policies
from ytarchive.errors import Problem

INTERVAL_SECONDS = 6 * HOUR
_LISTED_PROFILES = 12


@dataclass(frozen=True, slots=True)
class Manifests:
    """What all files together want. `layers` tells, by entry, where its values come from."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    profiles: Mapping[str, Profile] = field(default_factory=built_in_profiles)
    layers: Mapping[str, Layers] = field(default_factory=dict)

    def origins(self, entry_name: str) -> tuple[Origin, ...]:
        """Every effective value of an entry and where it came from. Raise `KeyError` for an unknown entry."""
        return origins(self.layers[entry_name])

    def wish(self, profile: str | None = None) -> Target:
        """What a profile asks for by itself. Raise `KeyError` for an unknown one."""
        layers = built_in_layer("videos", "videos", INTERVAL_SECONDS, "")
        if profile is not None:
            layers += (profile_layer(self.profiles[profile]),)
        return wish_of({path: given.value for path, (_, given) in merged(layers).items()})


def assemble(
    drafts: Iterable[Draft],
    lists: Mapping[str, tuple[str, ...]],
    *,
    interval_seconds: int = INTERVAL_SECONDS,
    interval_origin: str = "built-in",
    accounts: Collection[str] | None = None,
) -> Manifests:
    """Unite the drafts. `lists` holds the ids of each file's `videos_from`, by the name of the manifest.

    `interval_seconds` holds for lists that name none; `interval_origin` says who set it. `accounts` are those of the
    settings that `auth` may name; None: whatever it names is taken.
    """
    ordered = sorted(drafts, key=lambda draft: draft.file)
    assembly = _Assembly(interval_seconds, interval_origin, accounts)
    assembly.add_profiles(ordered)
    for draft in ordered:
        assembly.add_entries(draft, lists.get(draft.file, ()))
    return assembly.done()


@dataclass(frozen=True, slots=True)
class _Effective:
    """What holds for all entries that say the same at one place."""

    values: Mapping[str, Any]
    wish: Target
    where: Where
    keep: Keep
    policies: Policies


class _Assembly:
    """Brings drafts together, and collects what is wrong between them."""

    def __init__(self, interval_seconds: int, interval_origin: str, accounts: Collection[str] | None) -> None:
        self._accounts = accounts
        self._interval = (interval_seconds, interval_origin)
        self._problems: dict[Problem, None] = {}
        self._profiles = built_in_profiles()
        self._entries: dict[str, Entry] = {}
        self._layers: dict[str, Layers] = {}
        self._shared: dict[tuple[object, ...], _Effective] = {}
        self._fitting: dict[tuple[int, EntryKind], Options] = {}

    def done(self) -> Manifests:
        problems = sorted(self._problems, key=lambda problem: (problem.file, problem.line, problem.column))
        return Manifests(tuple(self._entries.values()), tuple(problems), self._profiles, self._layers)

    def add_profiles(self, drafts: list[Draft]) -> None:
        for profile in (profile for draft in drafts for profile in draft.profiles):
            known = self._profiles.setdefault(profile.name, profile)
            if known is not profile and known.file:
                self._problem(
                    profile.file,
                    profile,
                    f"the profile {shown(profile.name)} is already defined at {known.file}:{known.line}:{known.column}; "
                    "give one of them another name",
                )

    def add_entries(self, draft: Draft, listed: tuple[str, ...]) -> None:
        stem = PurePosixPath(draft.file).stem
        self._profile(draft.file, draft.defaults.get("profile"))
        if draft.plain or listed:
            line, column = draft.plain_at if draft.plain else (draft.videos_from or _TOP)[2:4]
            own = EntryDraft(stem, "videos", stem, draft.file, line, column)
            self._add(draft, own, tuple(dict.fromkeys((*draft.plain, *listed))))
        for entry in draft.entries:
            self._add(draft, entry, (entry.address,) if entry.kind == "videos" else ())

    def _add(self, draft: Draft, entry: EntryDraft, videos: tuple[str, ...]) -> None:
        profile = self._profile(entry.file, entry.options.get("profile") or draft.defaults.get("profile"))
        known = self._entries.get(entry.name)
        if known is not None:
            self._problem(
                entry.file,
                entry,
                f"the entry {shown(entry.name)} is already defined at {known.file}:{known.line}; "
                "give one of them another name",
            )
            return
        layers = self._layers_of(draft, entry, profile)
        effective = self._effective(layers)
        values = effective.values
        self._layers[entry.name] = layers
        self._entries[entry.name] = Entry(
            name=entry.name,
            kind=entry.kind,
            source=_source(entry),
            wish=effective.wish,
            videos=videos,
            priority=values["priority"],
            order=values["order"],
            interval_seconds=INTERVAL_SECONDS if entry.kind == "videos" else values["interval"],
            library=_library(values),
            include=values.get("include", ("videos",)),
            where=effective.where,
            keep=effective.keep,
            pins=values.get("pin", ()),
            suspend=values["suspend"],
            policies=effective.policies,
            file=entry.file,
            line=entry.line,
        )

    def _layers_of(self, draft: Draft, entry: EntryDraft, profile: Profile | None) -> Layers:
        stem = PurePosixPath(draft.file).stem
        library = _folder(stem) if entry.kind == "videos" else _folder(entry.name, entry.address)
        layers = built_in_layer(entry.kind, library, *self._interval)
        if profile:
            below = profile_layer(profile)
            layers += (below._replace(options=self._that_fit(below.options, entry.kind)),)
        layers += (Layer("defaults of", self._that_fit(draft.defaults, entry.kind), draft.file),)
        return (*layers, Layer("file", entry.options, entry.file))

    def _that_fit(self, options: Options, kind: EntryKind) -> Options:
        """What of a profile or of defaults holds for a kind of entry; one value for all of them, as it is compared by id."""
        found = self._fitting.get((id(options), kind))
        if found is None:
            found = self._fitting[id(options), kind] = fitting(options, kind)
        return found

    def _effective(self, layers: Layers) -> _Effective:
        """The values that hold; worked out once for all entries that say the same."""
        *below, own = layers
        same = (
            *(id(layer.options) for layer in below),
            *((key, given.value) for key, given in own.options.items()),
        )
        known = self._shared.get(same)
        if known is None:
            holding = merged(layers)
            values = {path: given.value for path, (_, given) in holding.items()}
            known = _Effective(
                values, wish_of(values), where_of(values), keep_of(values), policies_of(values)
            )
            found = tuple(contradictions(layers, holding))
            for contradiction in found:
                self._problem(contradiction.layer.file, contradiction.given, contradiction.message)
            if not found and self._is_known_account(holding):
                self._shared[same] = known
        return known

    def _is_known_account(self, holding: Holding) -> bool:
        """Whether the settings know the account that is named, if one is."""
        layer, given = holding.get("auth", (None, _TOP))
        if layer is None or self._accounts is None or given.value in (GUEST, *self._accounts):
            return True
        known = sorted(self._accounts)
        expected = one_of([*known, GUEST]) if known else "an account of the settings"
        hint = did_you_mean(given.value, [*known, GUEST])
        cure = hint or f"give its cookies in the settings: [auth.{given.text}] cookies_file = ..."
        self._problem(
            layer.file,
            given,
            f"auth: found {shown(given.value)}, which the settings do not define, expected {expected}; {cure}",
        )
        return False

    def _profile(self, file: str, given: Given | None) -> Profile | None:
        """The profile that is named at a place, or None."""
        if given is None:
            return None
        profile = self._profiles.get(given.value)
        if profile is None:
            known = sorted(self._profiles)
            expected = one_of(known) if len(known) <= _LISTED_PROFILES else "a profile of any file"
            hint = did_you_mean(given.value, known)
            self._problem(
                file,
                given,
                f"profile: found {shown(given.value)}, which no file defines, expected {expected}"
                + (f"; {hint}" if hint else ""),
            )
        return profile

    def _problem(self, file: str, place: EntryDraft | Given | Profile, message: str) -> None:
        self._problems[Problem(file, place.line, place.column, message)] = None


_TOP = Given("", "", 1, 1)


def _source(entry: EntryDraft) -> str:
    """As `core.sources` calls it."""
    if entry.kind == "playlist":
        return entry.address
    return f"channel:{entry.address}" if entry.kind == "channel" else f"videos:{entry.name}"


@lru_cache(maxsize=4096)
def _folder(*names: str) -> str:
    """The first of the names that can be a folder on every file system, cleaned as titles are."""
    clean = (clean_title(name).rstrip(". ") for name in names)
    return next((name for name in clean if folder_name_problem(name) is None), "videos")


def _library(values: Mapping[str, Any]) -> LibraryView | None:
    if values["library.layout"] == "none":
        return None
    return LibraryView(
        values["library.name"],
        values["library.layout"],
        values.get("library.show"),
        follow_titles=values["library.follow_titles"],
        nfo="nfo" in values["sidecars"],
    )
