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
    import json

    from ytarchive.core.manifest_docs import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
