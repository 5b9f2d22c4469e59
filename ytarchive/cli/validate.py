"""`ytarchive validate`: check manifests and settings."""

from __future__ import annotations

import click

from ytarchive.cli.app import Command, invocation
from ytarchive.errors import ConfigError


@click.command(cls=Command, short_help="Check settings and manifests")
def validate() -> int:
    """Check settings and all manifests; tells every problem of every file at once.

    Reads nothing but files, and ignores last good copies: what is wrong now is an error.
    """
    from ytarchive.cli.output import Screen
    from ytarchive.cli.words import count
    from ytarchive.documents.answers import ValidateAnswer

    options = invocation()
    screen = Screen(options)
    try:
        settings = options.settings()
        loaded = options.manifests(settings)
    except ConfigError as error:
        if not screen.json:
            raise
        screen.document(ValidateAnswer(False, error.problems))
        return error.exit_code
    if screen.json:
        screen.document(ValidateAnswer(True, (), tuple(entry.name for entry in loaded.entries)))
        return 0
    for warning in loaded.warnings:
        screen.say(f"warning: {warning}", "yellow")
    for entry in loaded.entries if screen.verbose else ():
        videos = f", {count(len(entry.videos), 'video')}" if entry.kind == "videos" else f" {entry.source}"
        screen.say(f"{entry.name}: {entry.kind}{videos} ({entry.file}:{entry.line})")
    screen.say(
        f"Valid: {count(len(loaded.entries), 'entry', 'entries')} in {settings.manifests.path}", "green"
    )
    return 0
