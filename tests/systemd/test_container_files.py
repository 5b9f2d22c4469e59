"""Containerfile and compose.yaml are held against the rules that linters know, and against the settings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ytarchive.core.setting_keys import SETTINGS, variable

ROOT = Path(__file__).parents[2]
INSTRUCTIONS = {
    "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip
SERVICE_KEYS = {
    "image", "build", "user", "environment", "secrets", "ports", "volumes", "init", "restart", "stop_grace_period",
    "read_only", "tmpfs", "cap_drop", "security_opt", "mem_limit", "pids_limit",
}  # fmt: skip
VARIABLES = {variable(setting.key): setting for setting in SETTINGS}


def instructions() -> list[tuple[str, str]]:
    """(instruction, the rest) with continued lines joined, comments left out."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines if line.strip()]


def of(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for text in of("ENV") for pair in text.split())


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


@pytest.fixture
def service(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]["ytarchive"]
    return found


def test_every_instruction_is_one_that_there_is() -> None:
    assert {name for name, _ in instructions()} <= INSTRUCTIONS
    assert instructions()[0][0] == "FROM"


def test_images_are_named_with_a_version_and_no_host() -> None:
    for image in of("FROM"):
        assert re.fullmatch(r"python:3\.\d+-slim-\w+( AS \w+)?", image)


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert ignored == (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    for rest in of("COPY"):
        if rest.startswith("--from"):
            continue
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source


def test_pip_keeps_to_the_versions_that_were_tested_and_keeps_no_cache() -> None:
    (made,) = [rest for rest in of("RUN") if "pip install" in rest]
    assert "--constraint constraints.txt" in made
    assert "--no-cache-dir" in made
    assert "sudo" not in made


def test_the_program_is_the_first_process_and_gets_the_signals() -> None:
    assert json.loads(of("ENTRYPOINT")[0]) == ["ytarchive"]
    assert json.loads(of("CMD")[0]) == ["reconcile"]
    assert of("STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])[0] == "python"


def test_it_runs_as_an_ordinary_user_that_owns_the_folders() -> None:
    (user,) = of("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    owner, _, group = user.partition(":")
    (made,) = [rest for rest in of("RUN") if rest.startswith("install -d")]
    assert f"-o {owner} -g {group} /archive /state /manifests" in made


def test_variables_are_settings_and_hold_no_secret(service: dict[str, Any]) -> None:
    ours = {**environment(), **service["environment"]}
    for name, value in ours.items():
        if name.startswith("YTARCHIVE_"):
            setting = VARIABLES[name]
            setting.kind.parse(value)  # type: ignore[union-attr]
    assert not [name for name in ours if re.search("KEY|PASSWORD|COOKIE", name)]


def test_compose_knows_every_key_and_mounts_what_the_image_expects(service: dict[str, Any]) -> None:
    assert {*service} <= SERVICE_KEYS
    mounted = {one["target"] if isinstance(one, dict) else one.split(":")[1] for one in service["volumes"]}
    expected = {value for name, value in environment().items() if name.startswith("YTARCHIVE_")}
    assert mounted == expected
    assert service["build"]["dockerfile"] == "Containerfile"
    assert [service["user"]] == of("USER")


def test_archive_and_library_are_one_mount_that_is_never_made_up(service: dict[str, Any]) -> None:
    (archive,) = [one for one in service["volumes"] if isinstance(one, dict)]
    assert archive["target"] == environment()["YTARCHIVE_ARCHIVE__ROOT"]
    assert archive["bind"] == {"create_host_path": False}


def test_ports_are_published_to_this_machine_alone_and_those_that_are_listened_on(
    service: dict[str, Any], compose: dict[str, Any]
) -> None:
    given = service["environment"]
    listened = {
        given[f"YTARCHIVE_SERVER__{name}"].rpartition(":")[2] for name in ("LISTEN", "METRICS_LISTEN")
    }
    assert {tuple(one.split(":")) for one in service["ports"]} == {
        ("127.0.0.1", port, port) for port in listened
    }
    assert {*of("EXPOSE")[0].split()} == listened
    (secret,) = service["secrets"]
    assert given["YTARCHIVE_SERVER__TOKEN_FILE"] == f"/run/secrets/{secret}"
    assert secret in compose["secrets"]


def test_it_may_do_little_and_is_given_time_to_end(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["stop_grace_period"] == "2m"
