"""The command group: which command lives in which module, and the options that every command understands.

Nothing heavy is imported here or at the top of a command's module, so that `--help` answers at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ytarchive.adapters.manifest_files import Loaded
    from ytarchive.settings import Settings

SECTIONS: dict[str, dict[str, str]] = {
    "The work": {
        "plan": "ytarchive.cli.plan:plan",
        "reconcile": "ytarchive.cli.reconcile:reconcile",
        "download": "ytarchive.cli.download:download",
    },
    "Where it stands": {
        "status": "ytarchive.cli.status:status",
        "explain": "ytarchive.cli.explain:explain",
        "history": "ytarchive.cli.history:history",
        "metadata": "ytarchive.cli.metadata:metadata",
        "workplan": "ytarchive.cli.workplan:workplan",
        "logs": "ytarchive.cli.logs:logs",
    },
    "Manifests": {
        "init": "ytarchive.cli.init:init",
        "validate": "ytarchive.cli.validate:validate",
        "show": "ytarchive.cli.show:show",
        "schema": "ytarchive.cli.schema:schema",
    },
    "The archive": {
        "adopt": "ytarchive.cli.adopt:adopt",
        "space": "ytarchive.cli.space:space",
        "verify": "ytarchive.cli.verify:verify",
        "export": "ytarchive.cli.export:export",
        "quarantine": "ytarchive.cli.quarantine:quarantine",
    },
    "The machine": {
        "doctor": "ytarchive.cli.doctor:doctor",
        "engine": "ytarchive.cli.engine:engine",
        "index": "ytarchive.cli.index:index",
        "demo": "ytarchive.cli.demo:demo",
    },
}
"""Headings of the help, and under each the commands with the place of their code."""


@dataclass(slots=True)
class Invocation:
    """What the options common to all commands say. `overrides` maps settings (`archive.root`) to text."""

    config: Path | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True

    def settings(self) -> Settings:
        """Read the settings; relative paths on the command line are meant from the working folder."""
        import os

        from ytarchive import settings

        return settings.load(self.config, os.environ, self.overrides, Path.cwd())

    def manifests(self, settings: Settings) -> Loaded:
        """Read the manifests as they are now: no last good copy stands in."""
        from ytarchive.adapters import manifest_files

        origin = next(one.origin for one in settings.origins if one.key == "schedule.interval")
        return manifest_files.load(
            settings.manifests.path,
            interval_seconds=settings.schedule.interval_seconds,
            interval_origin=origin,
            accounts=[account.name for account in settings.auth],
        )


def invocation() -> Invocation:
    """The options of the command that runs."""
    return click.get_current_context().find_root().ensure_object(Invocation)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Put an option's value into the invocation, wherever on the line it was written."""

    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is None or value is False:
            return
        known = context.find_root().ensure_object(Invocation)
        setattr(known, name, value)

    return keep


def _override(setting: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.find_root().ensure_object(Invocation).overrides[setting] = str(value.absolute())

    return keep


def _no_color(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.find_root().ensure_object(Invocation).color = False


def common_options(*, hidden: bool) -> list[click.Option]:
    """The options that may stand before the command and after it."""
    path = click.Path(path_type=Path)
    shared: dict[str, Any] = {"expose_value": False, "hidden": hidden}
    return [
        click.Option(
            ["--config"],
            type=path,
            callback=_remember("config"),
            metavar="FILE",
            help="Read settings from this file.",
            **shared,
        ),
        click.Option(
            ["--manifests"],
            type=path,
            callback=_override("manifests.path"),
            metavar="DIR",
            help="Folder of the manifests (manifests.path).",
            **shared,
        ),
        click.Option(
            ["--archive"],
            type=path,
            callback=_override("archive.root"),
            metavar="DIR",
            help="Folder of the archive (archive.root).",
            **shared,
        ),
        click.Option(
            ["--state"],
            type=path,
            callback=_override("state.path"),
            metavar="DIR",
            help="Folder of the index and the work plan (state.path).",
            **shared,
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            callback=_remember("json"),
            help="Print one JSON document on standard output; progress goes to standard error.",
            **shared,
        ),
        click.Option(
            ["-q", "--quiet"], is_flag=True, callback=_remember("quiet"), help="No progress.", **shared
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            callback=_remember("verbose"),
            help="Tell more: every video, every started job.",
            **shared,
        ),
        click.Option(
            ["--no-color"],
            is_flag=True,
            callback=_no_color,
            help="No colours (also: NO_COLOR in the environment).",
            **shared,
        ),
    ]


class Command(click.Command):
    """A command that takes the common options after its name too. They are shown in `ytarchive --help`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(common_options(hidden=True))


class Group(click.Group):
    """A group of our commands, such as `workplan`."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(common_options(hidden=True))


class LazyGroup(click.Group):
    """Import a command's module when it is called, completed or listed, and no sooner."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for commands in SECTIONS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for commands in SECTIONS.values():
            if cmd_name in commands:
                module, _, attribute = commands[cmd_name].partition(":")
                command: click.Command = getattr(import_module(module), attribute)
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse an unknown command with the nearest known one."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            raise click.exceptions.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, commands in SECTIONS.items():
            rows = []
            for name in commands:
                command = self.get_command(ctx, name)
                assert command is not None
                rows.append((name, command.get_short_help_str(limit=90)))
            with formatter.section(section):
                formatter.write_dl(rows)


EPILOG = """\b
Exit codes:
  0  converged                        70  a bug in ytarchive
  1  an error, told with its cure     75  another instance holds the archive
  3  something wanted is missing:     78  invalid manifest or settings
     see `ytarchive workplan`         130 interrupted; the next run continues
  64 wrong usage
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="COMMAND [ARGS]...",
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    help="Print the versions of ytarchive, yt-dlp and ffmpeg.",
)
@click.pass_context
def cli(context: click.Context, version: bool) -> None:
    """Write what you want in YAML; ytarchive makes the disk match it, and tells exactly what it could not do."""
    if version:
        from ytarchive.cli.versions import tell_versions

        tell_versions()
        context.exit()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


cli.params.extend(common_options(hidden=False))
