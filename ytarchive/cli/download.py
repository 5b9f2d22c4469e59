"""`ytarchive download`: fetch some videos or playlists by hand, through the same machinery."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Invocation, invocation
from ytarchive.cli.arguments import DURATION, SOURCE, VideoCommand
from ytarchive.cli.reconcile import DEFAULT_MAX_WAIT

if TYPE_CHECKING:
    from ytarchive.core.address import Address
    from ytarchive.reconciler import World


def _complete_profile(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    try:
        options = context.find_root().ensure_object(Invocation)
        names = options.manifests(options.settings()).profiles
    except Exception:
        return []
    return [name for name in names if name.startswith(incomplete)]


@click.command(cls=VideoCommand, short_help="Fetch videos or playlists by hand, now")
@click.argument("sources", nargs=-1, required=True, type=SOURCE, metavar="URL...")
@click.option(
    "--profile",
    metavar="NAME",
    shell_complete=_complete_profile,
    help="What to fetch of each: a profile of the manifests, or best, 1080p, 720p, audio.",
)
@click.option(
    "--max-wait",
    type=DURATION,
    default=DEFAULT_MAX_WAIT,
    show_default=True,
    metavar="DURATION",
    help="Sit out a limit for at most this long at a time.",
)
def download(sources: tuple[Address, ...], profile: str | None, max_wait: int) -> int:
    """Fetch videos and playlists (addresses or ids) into the archive, now.

    They are wanted from now on, as if a manifest named them. Ends with the paths of the files.
    """
    from ytarchive.cli.daemon_client import find_daemon
    from ytarchive.cli.logged import logged
    from ytarchive.cli.output import Screen
    from ytarchive.cli.progress import watching
    from ytarchive.cli.reports import draw_pass
    from ytarchive.documents.answers import DownloadAnswer
    from ytarchive.reconciler import open_reading, open_world, reconcile_once, request

    options = invocation()
    screen = Screen(options)
    videos = [source.id for source in sources if source.kind == "video"]
    playlists = [source.id for source in sources if source.kind == "playlist"]
    settings = options.settings()
    daemon = find_daemon(settings)
    if daemon:
        from ytarchive.cli.following_download import download_of_daemon

        with watching(screen) as drawn:
            wanted, told = download_of_daemon(daemon, drawn, settings, videos, playlists, profile, max_wait)
        with open_reading(settings) as world:
            report, paths, now = told(world), _paths(world, wanted), world.clock.now()
    else:
        with (
            watching(screen) as drawn,
            logged(settings, drawn) as log,
            open_world(settings, observer=log.observer) as world,
        ):
            wanted, _ = request(world, videos, playlists, world.loaded.wish(profile))
            report = reconcile_once(world, only=wanted, max_wait_seconds=max_wait)
            log.passed(report)
            paths, now = _paths(world, wanted), world.clock.now()
    if screen.json:
        screen.document(DownloadAnswer(report.exit_code, paths, report))
        return report.exit_code
    if not screen.quiet:
        screen.say()
    draw_pass(screen, report, now=now)
    for path in (path for found in paths.values() for path in found):
        screen.say(shlex.quote(path))
    return report.exit_code


def _paths(world: World, videos: Sequence[str]) -> dict[str, tuple[str, ...]]:
    from ytarchive.documents.files import files_of

    return {video: files_of(world, video) for video in videos}
