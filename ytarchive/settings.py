"""Settings: built-in values, under those of a file, under the environment, under the command line.

    settings = load(None, os.environ, {"archive.root": "/srv/videos"}, Path.cwd())

The table in `core.setting_keys` says what may be written; here it is read, once, into frozen values.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ytarchive.core.kinds import Kind
from ytarchive.core.log_record import Level
from ytarchive.core.origin import Origin
from ytarchive.core.removal_policies import Policies
from ytarchive.core.setting_keys import PATH, SETTINGS, Setting, account_of
from ytarchive.core.setting_sources import (
    CONFIG_VARIABLE,
    Given,
    from_command_line,
    from_environment,
    from_toml,
    text_of,
    value_of,
)
from ytarchive.errors import ConfigError, Problem

if TYPE_CHECKING:
    from ytarchive.core.quota import QuotaLimits

FILE_NAME = "ytarchive.toml"
SIZE_CAP_BYTES = 1024 * 1024
_CREDENTIALS = "$CREDENTIALS_DIRECTORY"
_CURE = "name another file with --config or YTARCHIVE_CONFIG, or remove it: everything has a built-in value"


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """`umask` is a number (0o022); `guard_share` is between 0 and 1."""

    root: Path
    min_free_bytes: int
    scrub_bytes_per_second: int
    umask: int
    guard_share: float
    quarantine_grace_seconds: int
    policies: Policies


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """An absolute path."""

    path: Path


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """`interval_seconds` holds for lists whose entry names none."""

    interval_seconds: int
    windows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """0 means: no limit."""

    downloads: int
    extractions: int
    videos_per_hour: int
    per_day: int
    pause_seconds: float
    bandwidth_bytes_per_second: int


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """`proxy` may hold a password: it is in no text form of these settings."""

    proxy: str | None = field(repr=False)
    ca_file: Path | None
    source_address: str | None


@dataclass(frozen=True, slots=True)
class YoutubeSettings:
    """The Data API of YouTube; `quota` is in units a day, `reserve_share` between 0 and 1."""

    api_key_file: Path | None
    quota: int
    reserve_share: float

    @property
    def limits(self) -> QuotaLimits:
        """Units a day, and how many of them are kept for what is urgent."""
        from ytarchive.core.quota import QuotaLimits  # with pydantic, which settings need not wait for

        return QuotaLimits(self.quota, ceil(self.quota * self.reserve_share))


@dataclass(frozen=True, slots=True)
class Account:
    """An account of YouTube by its name in the settings. Whether its file can be used is seen when it is needed."""

    name: str
    cookies_file: Path


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the page, the API and the metrics are served."""

    listen: str
    metrics_listen: str | None
    token_file: Path | None
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How much is logged, in which form, and how much of it stays."""

    level: Level
    format: str
    keep_seconds: int
    max_size_bytes: int


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """Where traces go; None: nowhere."""

    endpoint: str | None


@dataclass(frozen=True, slots=True)
class ExecutorSettings:
    """Where downloads run. `grace_seconds` is what they get when the daemon is told to stop."""

    kind: str
    grace_seconds: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its value. `file` is the settings file that was read; `origins` says where each came from."""

    archive: ArchiveSettings
    manifests: FolderSettings
    state: FolderSettings
    schedule: ScheduleSettings
    limits: LimitSettings
    network: NetworkSettings
    youtube: YoutubeSettings
    auth: tuple[Account, ...]
    server: ServerSettings
    log: LogSettings
    tracing: TracingSettings
    executor: ExecutorSettings
    file: Path | None = None
    origins: tuple[Origin, ...] = ()


def load(
    config: Path | None, environ: Mapping[str, str], overrides: Mapping[str, object], cwd: Path
) -> Settings:
    """Read and join all sources: the command line over the environment over the file over what is built in.

    `config` is the file that the command line names, `overrides` maps keys (`archive.root`) to what it says.
    Relative paths in the file are taken from the file's folder, all others from `cwd`. Raise `ConfigError` with
    every problem of every source.
    """
    file = _find(config, environ, cwd)
    sources = [from_environment(environ), from_command_line(overrides)]
    if file:
        sources.insert(0, from_toml(str(file), _read(file)))
    problems = [problem for source in sources for problem in source.problems]
    values = {setting.key: _built_in(setting, cwd) for setting in SETTINGS}
    origins = {setting.key: Origin(setting.key, _built_in_text(setting), "built-in") for setting in SETTINGS}
    for given in (given for source in sources for given in source.given):
        key = given.setting.key
        value, problem = value_of(given)
        if isinstance(value, str) and given.setting.kind is PATH:
            folder = file.parent if file and given.from_file else cwd
            values[key] = _path(value, folder, environ)
        else:
            values[key] = value
        origins[key] = Origin(key, text_of(given), given.label)
        problems.extend([problem] if problem else _missing_file(given, values[key]))
    if problems:
        raise _error(problems)
    return _settings(values, file, tuple(origins.values()))


def _error(problems: list[Problem]) -> ConfigError:
    ordered = sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))
    return ConfigError(tuple(ordered), cure="docs/settings.md lists every setting")


_NEEDED_FILES = {
    "network.ca_file": "certificates (PEM)",
    "youtube.api_key_file": "a key of the YouTube Data API",
    "server.token_file": "the token of the API",
}


def _missing_file(given: Given, value: object) -> list[Problem]:
    key = given.setting.key
    if key not in _NEEDED_FILES or not isinstance(value, Path) or value.is_file():
        return []
    return [replace(given.place, message=f"{key}: found no file {value}, expected {_NEEDED_FILES[key]}")]


def _settings(values: Mapping[str, Any], file: Path | None, origins: tuple[Origin, ...]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    for setting in SETTINGS:
        sections.setdefault(setting.section, {})[setting.name] = values[setting.key]
    policies = Policies(**sections["archive.policies"])
    return Settings(
        archive=ArchiveSettings(**sections["archive"], policies=policies),
        manifests=FolderSettings(**sections["manifests"]),
        state=FolderSettings(**sections["state"]),
        schedule=ScheduleSettings(**sections["schedule"]),
        limits=LimitSettings(**sections["limits"]),
        network=NetworkSettings(**sections["network"]),
        youtube=YoutubeSettings(**sections["youtube"]),
        auth=tuple(Account(name, path) for key, path in values.items() if (name := account_of(key))),
        server=ServerSettings(**sections["server"]),
        log=LogSettings(**sections["log"]),
        tracing=TracingSettings(**sections["tracing"]),
        executor=ExecutorSettings(**sections["executor"]),
        file=file,
        origins=origins,
    )


def _built_in(setting: Setting, cwd: Path) -> object:
    default = setting.default
    if default is None or isinstance(default, tuple):
        return default
    if setting.kind is PATH:
        return cwd / default
    assert isinstance(setting.kind, Kind)
    return setting.kind.parse(default)


def _built_in_text(setting: Setting) -> str:
    if setting.default is None:
        return "not set"
    return setting.default if isinstance(setting.default, str) else f"[{', '.join(setting.default)}]"


def _path(text: str, folder: Path, environ: Mapping[str, str]) -> Path:
    """A path as written; `~/` is the home folder, `$CREDENTIALS_DIRECTORY/` that of systemd's credentials."""
    home = environ.get("HOME")
    if text.startswith(f"{_CREDENTIALS}/") and (credentials := environ.get(_CREDENTIALS[1:])):
        return folder / credentials / text.removeprefix(f"{_CREDENTIALS}/")
    if home and (text == "~" or text.startswith("~/")):
        return Path(home, text[2:])
    return folder / text


# --- the settings file


def _find(config: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The file that is named, else the first of the usual ones that exists."""
    named = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return cwd / named
    candidates = [cwd / FILE_NAME]
    if environ.get("XDG_CONFIG_HOME"):
        candidates.append(Path(environ["XDG_CONFIG_HOME"], "ytarchive", FILE_NAME))
    elif environ.get("HOME"):
        candidates.append(Path(environ["HOME"], ".config", "ytarchive", FILE_NAME))
    candidates.append(Path("/etc/ytarchive", FILE_NAME))
    return next((path for path in candidates if os.path.lexists(path)), None)


def _read(file: Path) -> bytes:
    """The bytes of a plain file of a sensible size; anything else is a `ConfigError`, and never blocks."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError("it is not a plain file")
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as opened:
            data = opened.read(SIZE_CAP_BYTES + 1)
    except OSError as error:
        message = f"this settings file cannot be read: {error.strerror or error}"
        raise ConfigError((Problem(str(file), 0, 0, message),), cure=_CURE) from None
    if len(data) > SIZE_CAP_BYTES:
        message = f"larger than {SIZE_CAP_BYTES >> 20} MiB, expected settings"
        raise ConfigError((Problem(str(file), 0, 0, message),), cure=_CURE)
    return data
