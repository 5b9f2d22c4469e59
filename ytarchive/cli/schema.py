"""`ytarchive schema`: the JSON Schemas of manifests and of work plans."""

from __future__ import annotations

import click

from ytarchive.cli.app import Command


@click.command(cls=Command, short_help="The JSON Schema of manifests, for editors")
@click.argument("what", type=click.Choice(["manifest", "work-plan"]), default="manifest", required=False)
def schema(what: str) -> None:
    """Print the JSON Schema of manifests, for editors; or of work plans, for programs that read them.

    \b
    ytarchive schema > manifest.schema.json
    and as the first line of a manifest:
    # yaml-language-server: $schema=./manifest.schema.json
    ytarchive schema work-plan > work-plan.schema.json
    """
    click.echo(schema_text() if what == "manifest" else work_plan_schema_text(), nl=False)


def schema_text() -> str:
    """The schema of manifests as a file."""
    from ytarchive.core.manifest_docs import json_schema

    return _text(json_schema())


def work_plan_schema_text() -> str:
    """The schema of work plans as a file."""
    from ytarchive.core.work_plan_schema import json_schema

    return _text(json_schema())


def _text(schema: dict[str, object]) -> str:
    import json

    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
