"""The work plan's files in the state folder: written whole or not at all, and read back; one of before is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

from ytarchive.core import codec
from ytarchive.core.work_plan import VERSION, WorkPlan
from ytarchive.core.work_plan_changes import Changes, compared
from ytarchive.core.work_plan_outline import outline
from ytarchive.core.work_plan_text import to_markdown, to_yaml
from ytarchive.errors import YtarchiveError

YAML_NAME = "work-plan.yaml"
MARKDOWN_NAME = "work-plan.md"
PREVIOUS_NAME = "work-plan.previous.yaml"


def write(state: Path, plan: WorkPlan) -> tuple[Path, Path]:
    """Keep the plan of before beside the new one, replace both files, and give their paths, YAML first.

    They are written each time, also when nothing changed: `made_at` says as of when the plan is true.
    `YtarchiveError` when the state folder refuses.
    """
    with _telling(state):
        before = _text(state / YAML_NAME)
        if before is not None and outline(before) is not None:
            state.mkdir(parents=True, exist_ok=True)
            _replace(state / PREVIOUS_NAME, before)
        return _write(state, plan)


def amend(state: Path, plan: WorkPlan) -> tuple[Path, Path]:
    """The same after a decision: the plan of before stays the one of before, and what changed since is told."""
    with _telling(state):
        return _write(state, plan)


def changes(state: Path, plan: WorkPlan) -> Changes:
    """What changed since the plan of before."""
    with _telling(state):
        before = _text(state / PREVIOUS_NAME)
    return compared(outline(before) if before is not None else None, plan)


def _write(state: Path, plan: WorkPlan) -> tuple[Path, Path]:
    yaml_path, markdown_path = state / YAML_NAME, state / MARKDOWN_NAME
    state.mkdir(parents=True, exist_ok=True)
    _replace(yaml_path, to_yaml(plan))
    _replace(markdown_path, to_markdown(plan, changes(state, plan)))
    _sync_folder(state)
    return yaml_path, markdown_path


@contextmanager
def _telling(state: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise YtarchiveError(
            f"the work plan cannot be written to {state}: {error.strerror or error}",
            cure="let ytarchive write to the state folder, and free some space if the disk is full",
        ) from error


def _text(path: Path) -> str | None:
    """A file as it is, however damaged; None when there is none, or something that is no file."""
    try:
        return path.read_bytes().decode(errors="replace") if path.is_file() else None
    except FileNotFoundError:
        return None


def read(state: Path) -> WorkPlan | None:
    """The work plan as last written; None when there is none. `YtarchiveError` when it is not one of ours."""
    path = state / YAML_NAME
    cure = "write it anew with `ytarchive reconcile --once`"
    try:
        return parse(path.read_bytes().decode())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = error.strerror or error
        raise YtarchiveError(
            f"{path} cannot be read: {why}", cure="check what it is, and its permissions"
        ) from error
    except OtherVersion as error:
        raise YtarchiveError(f"{path} is of version {error}, not {VERSION}", cure=cure) from None
    except ValueError:
        raise YtarchiveError(f"{path} is not a work plan that ytarchive wrote", cure=cure) from None


class OtherVersion(Exception):
    """A work plan of another version than ours."""


def parse(text: str) -> WorkPlan:
    """The plan that `to_yaml` wrote. `OtherVersion`, or `ValueError` for anything else."""
    try:
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if isinstance(data, dict) and data.get("version", VERSION) != VERSION:
        raise OtherVersion(str(data["version"]))
    return codec.adapter(WorkPlan).validate_python(data)


def _replace(path: Path, text: str) -> None:
    """All of the new text or all of the old one, whenever the power goes."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _sync_folder(path: Path) -> None:
    """Make the new names durable. Some network file systems refuse this and order renames themselves."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
