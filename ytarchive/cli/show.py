"""`ytarchive show`: what holds for an entry, and where each value comes from."""

from __future__ import annotations

import click

from ytarchive.cli.app import Command, invocation
from ytarchive.cli.arguments import entry_argument


@click.command(cls=Command, short_help="What holds for an entry, and where it comes from")
@entry_argument
def show(entry: str) -> int:
    """Show every value that holds for an entry of the manifests, and the file and line that it comes from."""
    from ytarchive.cli.output import Column, Screen
    from ytarchive.documents.answers import ShowAnswer, Value

    options = invocation()
    screen = Screen(options)
    loaded = options.manifests(options.settings())
    values = tuple(Value(*origin) for origin in loaded.origins(entry))
    (found,) = (known for known in loaded.entries if known.name == entry)
    if screen.json:
        screen.document(ShowAnswer(entry, found.kind, found.source, found.generation, values))
        return 0
    screen.heading(f"{entry}: {found.kind} {found.source}")
    screen.table(
        [Column("Key"), Column("Value", wide=True), Column("From", wide=True, style="dim")],
        [[value.key, value.value, value.origin] for value in values],
    )
    return 0
