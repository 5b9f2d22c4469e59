"""`ytarchive init`: make the folders, the archive and a manifest to begin with."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from ytarchive.cli.app import Command, invocation
from ytarchive.errors import YtarchiveError

STARTER = "starter.yaml"
SCHEMA = "manifest.schema.json"


@click.command(cls=Command, short_help="Make the folders, the archive and a first manifest")
def init() -> int:
    """Make the manifests folder with a commented starter and its schema, the state folder, and the archive.

    What exists stays as it is. Run it too when an archive was replaced on purpose: it makes the one that is found
    there, or a new one, the archive that belongs to this state.
    """
    from ytarchive.adapters.archive import init_archive
    from ytarchive.cli.output import Screen
    from ytarchive.documents.answers import InitAnswer
    from ytarchive.reconciler.disk import remember_id
    from ytarchive.reconciler.world import known_id_path

    options = invocation()
    settings = options.settings()
    screen = Screen(options)
    made: list[str] = []
    _starter(settings.manifests.path, made)
    _folder(settings.state.path, made)
    if not settings.archive.root.exists():
        made.append(str(settings.archive.root))
    archive = init_archive(settings.archive.root, umask=settings.archive.umask)
    remember_id(known_id_path(settings), archive.id)
    if screen.json:
        screen.document(InitAnswer(archive.id, tuple(made)))
        return 0
    for path in made:
        screen.say(f"made {path}")
    screen.say(f"Archive {archive.id} in {settings.archive.root}", "green")
    screen.say(f"Write what you want into {settings.manifests.path}, then: ytarchive plan")
    return 0


def _folder(path: Path, made: list[str]) -> None:
    if path.is_dir():
        return
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise YtarchiveError(
            f"{path} cannot be made: {error.strerror}",
            cure="choose another folder, or let this user write there",
        ) from None
    made.append(str(path))


def _starter(folder: Path, made: list[str]) -> None:
    """Write the starter, and the schema that it names for editors, only where no manifest is."""
    from ytarchive.cli.schema import schema_text

    _folder(folder, made)
    if any(folder.glob("*.yaml")) or any(folder.glob("*.yml")):
        return
    text = resources.files("ytarchive.cli").joinpath(STARTER).read_text(encoding="utf-8")
    _file(folder / STARTER, text, made)
    _file(folder / SCHEMA, schema_text(), made)


def _file(path: Path, text: str, made: list[str]) -> None:
    if path.exists():
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise YtarchiveError(
            f"{path} cannot be written: {error.strerror}", cure="let this user write there"
        ) from None
    made.append(str(path))
