"""Settings from a file, the environment and the command line: which one holds, and what it means."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ytarchive.core import setting_keys as table
from ytarchive.core.origin import Origin
from ytarchive.core.quota import QuotaLimits
from ytarchive.errors import ConfigError
from ytarchive.settings import FILE_NAME, Account, Settings, load

ROOT = Path(__file__).parents[2]
# A value for each setting that this version acts on, other than the built-in one: as in TOML, and as it is read.
OTHER: dict[str, tuple[str, Any]] = {
    "archive.root": ('"videos"', "videos"),
    "archive.min_free": ('"20GiB"', 20 << 30),
    "archive.umask": ('"077"', 0o077),
    "archive.guard": ('"25%"', 0.25),
    "archive.policies.when_removed_from_source": ('"quarantine"', "quarantine"),
    "archive.policies.when_unavailable": ('"keep"', "keep"),
    "archive.policies.when_unwanted": ('"delete"', "delete"),
    "archive.policies.when_deleted_locally": ('"respect"', "respect"),
    "manifests.path": ('"wishes"', "wishes"),
    "state.path": ('"../state"', "../state"),
    "schedule.interval": ('"1h30m"', 5400),
    "schedule.windows": ("[]", ()),
    "limits.downloads": ("8", 8),
    "limits.extractions": ("0", 0),
    "limits.videos_per_hour": ("0", 0),
    "limits.per_day": ("1000", 1000),
    "limits.pause": ('"0"', 0),
    "limits.bandwidth": ('"8MiB"', 8 << 20),
    "network.proxy": ('"socks5h://someone:secret@localhost:1080"', "socks5h://someone:secret@localhost:1080"),
    "network.ca_file": ('"ca.pem"', "ca.pem"),
    "network.source_address": ('"::1"', "::1"),
    "youtube.api_key_file": ('"key"', "key"),
    "youtube.quota": ("500", 500),
    "youtube.reserve": ('"25%"', 0.25),
    "server.listen": ('"0.0.0.0:80"', "0.0.0.0:80"),
    "server.metrics_listen": ('"unix:/run/x.sock"', "unix:/run/x.sock"),
    "server.token_file": ('"key"', "key"),
    "server.hosts": ("[]", ()),
    "log.level": ('"debug"', "debug"),
    "log.format": ('"json"', "json"),
    "log.keep": ('"7d"', 7 * 86_400),
    "log.max_size": ('"1GB"', 1_000_000_000),
    "tracing.endpoint": ('"http://localhost:4318"', "http://localhost:4318"),
    "executor.kind": ('"local"', "local"),
}


def value(settings: Settings, key: str) -> Any:
    """The value of a setting by its key in the table."""
    setting = table.BY_KEY[key]
    section: Any = settings
    for word in setting.section.split("."):
        section = getattr(section, word)
    return getattr(section, setting.name)


def plain(settings: Settings) -> Settings:
    return replace(settings, file=None, origins=())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "ca.pem").touch()
    (folder / "key").touch()
    return folder


def toml(keys: dict[str, tuple[str, Any]]) -> str:
    return "".join(f"{key} = {text}\n" for key, (text, _) in keys.items())


def test_everything_has_a_value_without_any_setting(tmp_path: Path) -> None:
    settings = load(None, {}, {}, tmp_path)
    assert settings.archive.root == tmp_path / "archive"
    assert settings.manifests.path == tmp_path / "manifests"
    assert settings.state.path == tmp_path / "state"
    assert (settings.archive.min_free_bytes, settings.archive.umask, settings.archive.guard_share) == (
        1 << 30,
        0o022,
        0.1,
    )
    limits = settings.limits
    assert (limits.downloads, limits.extractions, limits.videos_per_hour, limits.per_day) == (2, 1, 250, 0)
    assert (limits.pause_seconds, limits.bandwidth_bytes_per_second) == (5, 0)
    assert settings.schedule.interval_seconds == 6 * 3600
    assert (settings.network.proxy, settings.network.ca_file, settings.network.source_address) == (
        None,
        None,
        None,
    )
    assert (settings.youtube.api_key_file, settings.youtube.limits) == (None, QuotaLimits(10_000, 1_000))
    assert settings.server.listen == "127.0.0.1:8790"
    assert settings.file is None
    assert {origin.origin for origin in settings.origins} == {"built-in"}


@pytest.mark.parametrize("key", OTHER)
def test_a_file_sets_each_setting(key: str, folder: Path, tmp_path: Path) -> None:
    (folder / FILE_NAME).write_text(toml({key: OTHER[key]}), encoding="utf-8")
    settings = load(folder / FILE_NAME, {}, {}, tmp_path)
    expected = OTHER[key][1]
    is_path = table.BY_KEY[key].kind is table.PATH
    assert value(settings, key) == (folder / expected if is_path else expected)
    assert [origin.key for origin in settings.origins if origin.origin != "built-in"] == [key]


@pytest.mark.parametrize("key", OTHER)
def test_the_environment_and_the_command_line_set_each_setting(key: str, folder: Path) -> None:
    text, expected = OTHER[key]
    written = "" if expected == () else text.strip('"')
    is_path = table.BY_KEY[key].kind is table.PATH
    for settings in (
        load(None, {table.variable(key): written}, {}, folder),
        load(None, {}, {key: written or []}, folder),
    ):
        assert value(settings, key) == (folder / expected if is_path else expected)


def test_all_settings_at_once_in_sections_read_as_those_one_by_one(folder: Path, tmp_path: Path) -> None:
    sections: dict[str, list[str]] = {}
    for key, (text, _) in OTHER.items():
        section, _, name = key.rpartition(".")
        sections.setdefault(section, []).append(f"{name} = {text}")
    written = "\n".join(f"[{section}]\n" + "\n".join(lines) for section, lines in sections.items())
    (folder / FILE_NAME).write_text(written, encoding="utf-8")
    whole = load(folder / FILE_NAME, {}, {}, tmp_path)
    (folder / "flat.toml").write_text(toml(OTHER), encoding="utf-8")
    assert plain(whole) == plain(load(folder / "flat.toml", {}, {}, tmp_path))


def test_the_command_line_stands_over_the_environment_over_the_file(folder: Path) -> None:
    (folder / FILE_NAME).write_text(
        "[limits]\ndownloads = 3\nextractions = 3\nper_day = 3\n", encoding="utf-8"
    )
    environ = {"YTARCHIVE_LIMITS__DOWNLOADS": "4", "YTARCHIVE_LIMITS__EXTRACTIONS": "4"}
    settings = load(None, environ, {"limits.downloads": 5, "limits.pause": None}, folder)
    limits = settings.limits
    assert (limits.downloads, limits.extractions, limits.per_day, limits.videos_per_hour) == (5, 4, 3, 250)
    origins = {origin.key: origin for origin in settings.origins}
    assert origins["limits.downloads"] == Origin("limits.downloads", "5", "command line")
    assert origins["limits.extractions"].origin == "environment variable YTARCHIVE_LIMITS__EXTRACTIONS"
    assert origins["limits.per_day"].origin == f"file {folder / FILE_NAME}:4"
    assert origins["limits.videos_per_hour"] == Origin("limits.videos_per_hour", "250", "built-in")


def test_relative_paths_are_taken_from_where_they_are_written(folder: Path, tmp_path: Path) -> None:
    (folder / FILE_NAME).write_text(
        'archive.root = "a"\nmanifests.path = "/srv/m"\nstate.path = "~/s"\n', encoding="utf-8"
    )
    settings = load(folder / FILE_NAME, {"HOME": "/home/x"}, {}, tmp_path)
    assert settings.archive.root == folder / "a"
    assert (settings.manifests.path, settings.state.path) == (Path("/srv/m"), Path("/home/x/s"))
    over = load(
        folder / FILE_NAME, {"YTARCHIVE_ARCHIVE__ROOT": "b", "HOME": "/home/x"}, {"state.path": "c"}, tmp_path
    )
    assert (over.archive.root, over.state.path) == (tmp_path / "b", tmp_path / "c")


def test_the_first_of_the_usual_files_is_read(tmp_path: Path) -> None:
    places = {name: tmp_path / name for name in ("named", "variable", "cwd", "xdg", "home")}
    (places["xdg"] / "ytarchive").mkdir(parents=True)
    (places["home"] / ".config" / "ytarchive").mkdir(parents=True)
    for name in ("named", "variable", "cwd"):
        places[name].mkdir()
    files = {
        "named": places["named"] / "x.toml",
        "variable": places["variable"] / "x.toml",
        "cwd": places["cwd"] / FILE_NAME,
        "xdg": places["xdg"] / "ytarchive" / FILE_NAME,
        "home": places["home"] / ".config" / "ytarchive" / FILE_NAME,
    }
    for number, file in enumerate(files.values(), 10):
        file.write_text(f"limits.downloads = {number}", encoding="utf-8")
    environ = {
        "YTARCHIVE_CONFIG": "../variable/x.toml",
        "XDG_CONFIG_HOME": str(places["xdg"]),
        "HOME": str(places["home"]),
    }

    def read(config: Path | None) -> int:
        return load(config, environ, {}, places["cwd"]).limits.downloads

    assert read(Path("../named/x.toml")) == 10
    assert read(None) == 11
    del environ["YTARCHIVE_CONFIG"]
    assert read(None) == 12
    files["cwd"].unlink()
    assert read(None) == 13
    del environ["XDG_CONFIG_HOME"]
    assert read(None) == 14


def test_other_variables_of_the_program_are_left_alone(tmp_path: Path) -> None:
    environ = {
        "YTARCHIVE_CONFIG": "",
        "YTARCHIVE_DEBUG": "1",
        "YTARCHIVE_LIMITS__PAUSE": "",
        "ytarchive_limits__pause": "x",
    }
    assert plain(load(None, environ, {}, tmp_path)) == plain(load(None, {}, {}, tmp_path))


def test_settings_do_not_change_and_show_no_password(tmp_path: Path) -> None:
    settings = load(None, {"YTARCHIVE_NETWORK__PROXY": "http://someone:s3cret@localhost:3128"}, {}, tmp_path)
    assert settings.network.proxy == "http://someone:s3cret@localhost:3128"
    assert "s3cret" not in repr(settings) + str(settings.origins)
    assert [origin.value for origin in settings.origins if origin.key == "network.proxy"] == [
        "http://***@localhost:3128"
    ]
    with pytest.raises(FrozenInstanceError):
        settings.limits.downloads = 9  # type: ignore[misc]


def test_every_field_is_a_row_of_the_table_and_every_row_a_field() -> None:
    def names(kind: Any, prefix: str) -> set[str]:
        found: set[str] = set()
        for one in fields(kind):
            inner = value_types.get(f"{prefix}{one.name}")
            found |= names(inner, f"{prefix}{one.name}.") if inner else {f"{prefix}{one.name}"}
        return found

    settings = load(None, {}, {}, Path("/nowhere"))
    value_types = {
        one.name: type(getattr(settings, one.name))
        for one in fields(Settings)
        if is_dataclass(getattr(settings, one.name))
    }
    value_types["archive.policies"] = type(settings.archive.policies)
    rows = {f"{setting.section}.{setting.name}" for setting in table.SETTINGS}
    assert names(Settings, "") - {"file", "origins", "auth"} == rows


def test_the_example_says_what_is_built_in() -> None:
    example = load(ROOT / "examples/ytarchive.toml", {}, {}, Path("/elsewhere"))
    assert plain(example) == plain(load(None, {}, {}, ROOT / "examples"))


def test_the_lines_of_the_example_that_are_commented_out_are_valid(tmp_path: Path) -> None:
    text = (ROOT / "examples/ytarchive.toml").read_text(encoding="utf-8")
    assert text.count("\n# proxy") == 1
    for name in ("proxy", "ca_file", "source_address"):
        text = text.replace(f"# {name} =", f"{name} =")
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    (tmp_path / "ca.pem").touch()
    settings = load(None, {}, {}, tmp_path)
    assert settings.network.proxy == "socks5://localhost:1080"


def test_blocks_of_settings_in_the_docs_are_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    _, _, after = text.partition("```toml\n")
    (tmp_path / FILE_NAME).write_text(after.partition("```")[0], encoding="utf-8")
    assert load(None, {}, {}, tmp_path).archive.min_free_bytes == 20 << 30
    variables = dict(
        line.split("=") for line in text.partition("```sh\n")[2].partition("```")[0].splitlines()
    )
    assert load(None, variables, {}, tmp_path).limits.downloads == 4


def test_reading_settings_needs_no_slow_library() -> None:
    code = "import sys, ytarchive.settings; print([name for name in ('pydantic', 'yaml', 'yt_dlp', 'apsw') if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_the_limits_can_all_be_switched_off(tmp_path: Path) -> None:
    names = ("downloads", "extractions", "videos_per_hour", "per_day", "pause", "bandwidth")
    (tmp_path / FILE_NAME).write_text(
        "[limits]\n" + "".join(f"{name} = 0\n" for name in names), encoding="utf-8"
    )
    limits = load(None, {}, {}, tmp_path).limits
    assert [getattr(limits, one.name) for one in fields(limits)] == [0] * 6
    environ = {f"YTARCHIVE_LIMITS__{name.upper()}": "0" for name in names}
    (tmp_path / FILE_NAME).unlink()
    assert load(None, environ, {}, tmp_path).limits == limits


def test_a_settings_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(Path("none.toml"), {}, {}, tmp_path)


def test_accounts_come_from_the_file_and_from_variables(folder: Path, tmp_path: Path) -> None:
    (folder / FILE_NAME).write_text(
        '[auth.main]\ncookies_file = "main.txt"\n[auth."on tape"]\ncookies_file = "$CREDENTIALS_DIRECTORY/tape"\n',
        encoding="utf-8",
    )
    environ = {
        "YTARCHIVE_AUTH__MAIN__COOKIES_FILE": "other.txt",
        "YTARCHIVE_AUTH__THIRD__COOKIES_FILE": "~/third.txt",
        "CREDENTIALS_DIRECTORY": "/run/credentials/ytarchive",
        "HOME": "/home/someone",
    }

    settings = load(folder / FILE_NAME, environ, {}, tmp_path)

    assert settings.auth == (
        Account("main", tmp_path / "other.txt"),
        Account("on tape", Path("/run/credentials/ytarchive/tape")),
        Account("third", Path("/home/someone/third.txt")),
    )
    assert load(folder / FILE_NAME, {}, {}, tmp_path).auth[:2] == (
        Account("main", folder / "main.txt"),
        Account("on tape", folder / "$CREDENTIALS_DIRECTORY/tape"),  # not set: there is no such file
    )


def test_hosts_are_known_in_whatever_case_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "ytarchive.toml").write_text('[server]\nhosts = ["Archive.example.org"]\n')
    assert load(None, {}, {}, tmp_path).server.hosts == ("archive.example.org",)
