"""Which items of the work plan a command is about: the options, and what they choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ytarchive.cli.arguments import DURATION, SUBJECT, entry_option

if TYPE_CHECKING:
    from ytarchive.core.work_plan_choice import Choice

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _complete_cause(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from ytarchive.core.failure_table import CODES

    return sorted(code for code in CODES if code.startswith(incomplete.upper()))


class Cause(click.ParamType[str]):
    """A code of the failure table, in any case."""

    name = "cause"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ytarchive.core.failure_table import CODES
        from ytarchive.core.misread import did_you_mean, shown

        code = str(value).upper().replace("-", "_")
        if code not in CODES:
            hint = did_you_mean(code, CODES)
            self.fail(f"no cause is called {shown(value)}" + (f"; {hint}" if hint else ""), param, ctx)
        return code


_FILTERS = (
    click.option(
        "--cause",
        "causes",
        multiple=True,
        type=Cause(),
        metavar="CODE",
        shell_complete=_complete_cause,
        help="Only items with this cause, such as PRIVATE or GEO; may be repeated.",
    ),
    entry_option,
    click.option(
        "--older-than", type=DURATION, metavar="AGE", help="Only what has been open for longer, such as 30d."
    ),
    click.option(
        "--newer-than", type=DURATION, metavar="AGE", help="Only what has been open for less, such as 12h."
    ),
)
_all_option = click.option("--all", "everything", is_flag=True, help="Every open item.")
subjects_argument = click.argument("subjects", nargs=-1, type=SUBJECT, metavar="[VIDEO]...")


def filtering(command: Decorated) -> Decorated:
    """The options that filter; they arrive as keywords for `choice_of`."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def choosing(command: Decorated) -> Decorated:
    """Videos, `--all`, and the options that filter."""
    return subjects_argument(_all_option(filtering(command)))


def choice_of(
    now: int,
    *,
    subjects: tuple[str, ...] = (),
    everything: bool = False,
    causes: tuple[str, ...] = (),
    entry: str | None = None,
    older_than: int | None = None,
    newer_than: int | None = None,
) -> Choice:
    from ytarchive.core.work_plan_choice import Choice

    return Choice(
        subjects=subjects,
        causes=causes,
        entry=entry,
        open_before=None if older_than is None else now - older_than,
        open_after=None if newer_than is None else now - newer_than,
        everything=everything,
    )
