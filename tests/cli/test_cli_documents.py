"""docs/commands.md names every command, every option and every key that is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import click
import pytest

from ytarchive.adapters.index import JobRecord
from ytarchive.cli.app import cli
from ytarchive.cli.checks import DoctorAnswer
from ytarchive.core.drift import Drift
from ytarchive.core.errand import Errand
from ytarchive.core.forecast import Forecast
from ytarchive.core.halts import Notice
from ytarchive.core.plan import Books, Decision, Ledger
from ytarchive.core.removal import Held, Removal, Removals
from ytarchive.core.report import AccountReport, Done, PassReport, RemovalReport, SourceReport
from ytarchive.core.space import EntryUsage, Need, Part, Room, Space
from ytarchive.core.work_plan import OnlyCopy
from ytarchive.core.work_plan_changes import Change, Changes
from ytarchive.documents import answers as documents
from ytarchive.documents.quarantine import QuarantineAnswer, QuarantineDone
from ytarchive.reconciler import (
    Damage,
    EgressOutlook,
    Explanation,
    History,
    InQuarantine,
    Merged,
    Moment,
    PlanDocument,
    RebuildReport,
    VerifyReport,
)
from ytarchive.reconciler.adoptable import LeftBehind
from ytarchive.reconciler.adopting import AdoptionReport
from ytarchive.reconciler.live import Running

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
NAMED = {*re.findall(r"[a-z_]+", TEXT), *re.findall(r"[a-z-]+", TEXT)}
OURS = [
    value
    for value in vars(documents).values()
    if is_dataclass(value) and getattr(value, "__module__", "") == documents.__name__
]
OTHERS = [
    AdoptionReport,
    LeftBehind,
    DoctorAnswer,
    Books,
    Decision,
    Ledger,
    Done,
    PassReport,
    SourceReport,
    AccountReport,
    Explanation,
    History,
    Moment,
    Merged,
    PlanDocument,
    RebuildReport,
    VerifyReport,
    Damage,
    Changes,
    Change,
    OnlyCopy,
    Forecast,
    Notice,
    EgressOutlook,
    Running,
    Errand,
    Drift,
    Space,
    Room,
    Part,
    EntryUsage,
    Need,
    Removal,
    Removals,
    RemovalReport,
    Held,
    QuarantineAnswer,
    QuarantineDone,
    InQuarantine,
]


@pytest.mark.parametrize("document", [*OURS, *OTHERS, JobRecord], ids=lambda document: document.__name__)
def test_every_key_of_a_document_is_named(document: type) -> None:
    assert {field.name for field in fields(document)} - NAMED == set()


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} ")


@pytest.mark.parametrize(
    ("path", "command"), list(commands(cli)), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_named(path: str, command: click.Command) -> None:
    assert path.split()[-1] in NAMED
    shown = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    assert {name for option in shown for name in option.opts if name not in TEXT} == set()


def test_every_common_option_is_named() -> None:
    names = {name for option in cli.params if isinstance(option, click.Option) for name in option.opts}
    assert {name for name in names - {"--version", "-V"} if name not in TEXT} == set()


def test_the_readme_holds_the_two_commands_as_they_must_be_typed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert "    pip install uv && uv run ytarchive demo" in readme
    assert "    pip install uv && uv run pytest" in readme


def test_the_readme_s_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []
