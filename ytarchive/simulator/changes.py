"""What tests may change in a world, by the name under which the control URL and the schedule know it.

videos      {"id", any field of a video}
reencode    {"id"}
streams     {"id", "begins_in", "lasts", "recorded_after", "premiere", "best_while_new"}: see `live.life_of`
playlists   {"id", "entries": [...] or null, any field of a playlist}
edits       {"id", "remove", "prepend", "append", "reverse", "shuffle", "keep", "cut"}: see `edited`
restorals   {"id"} of a list, which then is as its id or its channel describes it
channels    {"id", any field of a profile; videos, shorts, live, members, playlists, releases}
uploads     {"channel", "kind", "videos": [ids] or "count": n}
removals    {"channel", "videos": [ids]}
faults      {"kind", any field of a fault}
accounts    {"name", any field of an account}; returns its cookies
rotations   {"name"} of an account, whose cookies become others; returns these
addresses   {"lives_seconds", "bound", "solving": [clients]}: of media, see `expiry.AddressRules`
segments    {"id", "segments": [{"segment": [start, end], "category", ...}]}: what SponsorBlock knows of a video
keys        {"key", "units": a day's quota of the Data API, "state": see `data_api.keys.KeyState`}
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ytarchive.simulator.expiry import AddressRules
from ytarchive.simulator.faults import fault_from_json
from ytarchive.simulator.live import planned
from ytarchive.simulator.playlists import Playlist
from ytarchive.simulator.upload_ids import UploadKind
from ytarchive.simulator.world import World

Facts = Mapping[str, Any]


def change(world: World, name: str, facts: Facts) -> dict[str, Any]:
    """Carry out a change and return what there is to say about it; KeyError for a name that is none."""
    if name not in CHANGES:
        raise KeyError(f"no such change: {name!r}; expected one of {', '.join(CHANGES)}")
    return CHANGES[name](world, dict(facts)) or {}


def catch_up(world: World) -> None:
    """Carry out what is due by the world's clock. What cannot be done is noted, for whoever asks now is not to blame."""
    for due in world.schedule.take_due(world.clock.now()):
        try:
            change(world, due.change, due.facts)
        except (KeyError, TypeError, ValueError) as error:
            world.schedule.failed.append(f"{due.change} {dict(due.facts)}: {error}")


def edited(
    playlist: Playlist,
    *,
    remove: Sequence[str] = (),
    prepend: Sequence[str] = (),
    append: Sequence[str] = (),
    reverse: bool = False,
    shuffle: int | None = None,
    keep: int | None = None,
    cut: int | None = None,
) -> Playlist:
    """Return a list as it is after changes, made in the order of the parameters.

    `remove` takes out every entry of an id, `shuffle` is a seed, `keep` forgets all but the first so many; `cut` also
    shows only the first so many, but YouTube goes on counting the others. An edited list of uploads no longer follows
    its channel, and the channel's other lists and its tabs do not follow it; a restoral ends that.
    """
    entries = [*prepend, *(each for each in playlist.entries if each not in set(remove)), *append]
    if reverse:
        entries.reverse()
    if shuffle is not None:
        random.Random(shuffle).shuffle(entries)
    entries = entries[:keep]
    hidden = playlist.hidden
    if cut is not None:
        hidden += max(0, len(entries) - cut)
        entries = entries[:cut]
    return replace(playlist, entries=tuple(entries), hidden=hidden)


def _videos(world: World, facts: dict[str, Any]) -> None:
    world.change_video(facts.pop("id"), facts)


def _streams(world: World, facts: dict[str, Any]) -> None:
    for at, changes in planned(facts, world.endpoint.started_at, world.clock.now()):
        world.schedule.plan(at, "videos", changes)
    catch_up(world)


def _reencode(world: World, facts: dict[str, Any]) -> None:
    world.reencode(facts["id"])


def _playlists(world: World, facts: dict[str, Any]) -> None:
    world.set_playlist(facts.pop("id"), facts.pop("entries"), **facts)


def _edits(world: World, facts: dict[str, Any]) -> None:
    playlist = world.playlist(facts.pop("id"))
    if playlist is None:
        raise ValueError("there is no such list")
    world.keep_playlist(edited(playlist, **facts))


def _restorals(world: World, facts: dict[str, Any]) -> None:
    world.restore_playlist(facts["id"])


def _channels(world: World, facts: dict[str, Any]) -> dict[str, Any]:
    profile = world.channels.define(facts.pop("id"), world.clock.now(), **facts)
    return {"id": profile.id, "handle": profile.handle, "title": profile.title}


def _uploads(world: World, facts: dict[str, Any]) -> dict[str, Any]:
    kind = UploadKind(facts.get("kind", UploadKind.VIDEOS))
    videos = facts.get("videos") or [None] * int(facts.get("count", 1))
    return {"videos": world.channels.upload(facts["channel"], world.clock.now(), kind, videos)}


def _removals(world: World, facts: dict[str, Any]) -> None:
    world.channels.remove(facts["channel"], facts["videos"])


def _faults(world: World, facts: dict[str, Any]) -> dict[str, Any]:
    return {"number": world.faults.add(fault_from_json(facts))}


def _addresses(world: World, facts: dict[str, Any]) -> None:
    world.addresses = AddressRules.of(**facts)


def _keys(world: World, facts: dict[str, Any]) -> None:
    world.api_keys.set(**facts)


def _accounts(world: World, facts: dict[str, Any]) -> dict[str, Any]:
    return {"cookies": world.accounts.set(facts.pop("name"), facts).cookies_text}


def _rotations(world: World, facts: dict[str, Any]) -> dict[str, Any]:
    return {"cookies": world.accounts.rotate(facts["name"]).cookies_text}


def _segments(world: World, facts: dict[str, Any]) -> None:
    world.sponsorblock.set(facts["id"], facts["segments"])


CHANGES: dict[str, Callable[[World, dict[str, Any]], dict[str, Any] | None]] = {
    "videos": _videos,
    "reencode": _reencode,
    "streams": _streams,
    "playlists": _playlists,
    "edits": _edits,
    "restorals": _restorals,
    "channels": _channels,
    "uploads": _uploads,
    "removals": _removals,
    "faults": _faults,
    "addresses": _addresses,
    "keys": _keys,
    "accounts": _accounts,
    "rotations": _rotations,
    "segments": _segments,
}
