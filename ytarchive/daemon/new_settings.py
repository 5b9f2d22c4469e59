"""Settings that are read again while the daemon runs: what can change does, what cannot is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

from ytarchive.core.setting_keys import SETTINGS, is_fixed
from ytarchive.settings import Settings


@dataclass(frozen=True, slots=True)
class Change:
    """The settings in force from now on. `taken` are the keys with another value, `held` those that need a restart."""

    settings: Settings
    taken: tuple[str, ...]
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renewal:
    """`read` gives what the settings say now, or raises `ConfigError`; `tell` is called with those that are in force."""

    read: Callable[[], Settings]
    tell: Callable[[Settings], None]


def change(now: Settings, new: Settings) -> Change:
    """What becomes of settings in force when they are read anew."""
    taken, held = [], []
    kept: dict[str, dict[str, object]] = {}
    for setting in SETTINGS:
        value = _value(now, setting.section, setting.name)
        if value == _value(new, setting.section, setting.name):
            continue
        if is_fixed(setting.key):
            held.append(setting.key)
            kept.setdefault(setting.section, {})[setting.name] = value
        else:
            taken.append(setting.key)
    before, after = dict(_accounts(now)), dict(_accounts(new))
    taken += [f"auth.{name}" for name in sorted(before.keys() | after) if before.get(name) != after.get(name)]
    sections = {name: replace(_section(new, name), **fields) for name, fields in kept.items()}  # type: ignore[type-var]
    return Change(replace(new, **sections), tuple(taken), tuple(held))  # type: ignore[arg-type]


def _section(settings: Settings, section: str) -> object:
    return reduce(getattr, section.split("."), settings)


def _value(settings: Settings, section: str, name: str) -> object:
    return getattr(_section(settings, section), name)


def _accounts(settings: Settings) -> list[tuple[str, object]]:
    return [(account.name, account.cookies_file) for account in settings.auth]
