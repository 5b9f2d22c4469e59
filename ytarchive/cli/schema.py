"""`ytarchive schema`: the JSON Schema of manifests, for editors."""

from __future__ import annotations

import click

from ytarchive.cli.app import Command


@click.command(cls=Command, short_help="The JSON Schema of manifests, for editors")
def schema() -> None:
    """Print the JSON Schema of manifests, for editors.

    \b
    ytarchive schema > manifest.schema.json
    and as the first line of a manifest:
    # yaml-language-server: $schema=./manifest.schema.json
    """
    click.echo(schema_text(), nl=False)


def schema_text() -> str:
    """The schema as a file."""
    import json

    from ytarchive.core.manifest_docs import json_schema

    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
