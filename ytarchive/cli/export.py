"""`ytarchive export`: what other programs want to know of the archive, a line for each file or video."""

from __future__ import annotations

import click

from ytarchive.cli.app import Command, invocation
from ytarchive.errors import UsageError


@click.command(cls=Command, short_help="Lists for other programs: checksums, yt-dlp's download archive")
@click.option("--checksums", is_flag=True, help="Lines for `sha256sum --check`, run in the archive's folder.")
@click.option("--download-archive", is_flag=True, help="Lines for yt-dlp's --download-archive.")
def export(checksums: bool, download_archive: bool) -> int:
    """Print a list of what is on disk, for other programs. Standard output holds nothing else."""
    from ytarchive.cli.output import Screen
    from ytarchive.reconciler import checksum_lines, download_archive_lines, open_reading

    if checksums == download_archive:
        raise UsageError("name one list", cure="--checksums or --download-archive")
    options = invocation()
    screen = Screen(options)
    with open_reading(options.settings()) as world:
        lines = checksum_lines(world) if checksums else download_archive_lines(world)
        if screen.json:
            screen.document({"lines": list(lines)})
            return 0
        for line in lines:
            click.echo(line)
    return 0
