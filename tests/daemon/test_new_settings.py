"""What becomes of settings that are read again while a daemon runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ytarchive import settings as settings_module
from ytarchive.core.setting_keys import BY_KEY, FIXED, is_fixed, variable
from ytarchive.daemon.new_settings import change
from ytarchive.daemon.whereabouts import settings_digest
from ytarchive.settings import Settings

OTHER = {
    "archive.root": "elsewhere",
    "archive.min_free": "7GiB",
    "archive.scrub_rate": "1MiB",
    "archive.umask": "027",
    "archive.guard": "20%",
    "manifests.path": "elsewhere",
    "state.path": "elsewhere",
    "schedule.interval": "1h",
    "schedule.windows": "01:00-06:00",
    "limits.downloads": "7",
    "limits.bandwidth": "1MiB",
    "network.proxy": "http://127.0.0.1:3128",
    "youtube.quota": "77",
    "server.listen": "127.0.0.1:1",
    "server.hosts": "archive.example.org",
    "log.level": "debug",
    "tracing.endpoint": "http://127.0.0.1:4318",
    "executor.grace": "7s",
}


def settings(folder: Path, **given: str) -> Settings:
    return settings_module.load(None, {variable(key): value for key, value in given.items()}, {}, folder)


@pytest.mark.parametrize("key", OTHER)
def test_another_value_is_taken_or_held_and_nothing_else_changes(tmp_path: Path, key: str) -> None:
    now, new = settings(tmp_path), settings(tmp_path, **{key: OTHER[key]})
    told = change(now, new)
    assert (told.taken, told.held) == (((), (key,)) if is_fixed(key) else ((key,), ()))
    in_force = now if is_fixed(key) else new
    assert settings_digest(told.settings) == settings_digest(in_force)
    assert change(told.settings, new).held == told.held, "it is told as long as it is so"


def test_all_at_once_are_told_by_their_keys(tmp_path: Path) -> None:
    told = change(settings(tmp_path), settings(tmp_path, **OTHER))
    assert sorted(told.taken + told.held) == sorted(OTHER)
    assert told.settings.limits.downloads == 7
    assert told.settings.archive.root == tmp_path / "archive"


def test_accounts_come_and_go_without_a_restart(tmp_path: Path) -> None:
    def with_accounts(*names: str) -> Settings:
        file = tmp_path / "ytarchive.toml"
        file.write_text("".join(f'[auth.{name}]\ncookies_file = "{name}.txt"\n' for name in names))
        return settings_module.load(None, {}, {}, tmp_path)

    told = change(with_accounts("main", "old"), with_accounts("main", "new"))
    assert (told.taken, told.held) == (("auth.new", "auth.old"), ())
    assert [account.name for account in told.settings.auth] == ["main", "new"]


def test_what_needs_a_restart_is_in_the_table() -> None:
    assert all(any(is_fixed(key) and key.startswith(fixed) for key in BY_KEY) for fixed in FIXED)
