"""`ytarchive demo`: the main job from end to end, against a stand-in for YouTube on this machine."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ytarchive.cli.app import Command, invocation
from ytarchive.errors import UsageError, YtarchiveError

if TYPE_CHECKING:
    from ytarchive.cli.output import Screen
    from ytarchive.core.report import PassReport
    from ytarchive.settings import Settings
    from ytarchive.simulator.process import SimulatorProcess

MARKER = ".ytarchive-demo"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

SETTINGS = """\
# Settings of the demo. The stand-in for YouTube is gone once the demo has ended: look around with
#   ytarchive --config {file} status
[archive]
root = "archive"
min_free = "100MB"
[manifests]
path = "manifests"
[state]
path = "state"
[limits]            # nobody's address needs protection from a stand-in
videos_per_hour = 0
pause = 0
downloads = 2
extractions = 2
[network]
proxy = "{proxy}"
ca_file = "ca.pem"
"""

THE_REAL_THING = """\
  1  ytarchive init                     makes manifests/ with a commented starter
  2  write into manifests/mine.yaml:    videos: [dQw4w9WgXcQ]
  3  ytarchive plan                     shows what would be done, and why
  4  ytarchive reconcile --once         does it; run it again at any time
  5  ytarchive workplan                 what could not be had, why, and what to do"""


@click.command(cls=Command, short_help="See it work, without account or internet")
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("ytarchive-demo"),
    show_default=True,
    metavar="DIR",
    help="Where the demo's archive goes; made, or one of an earlier demo.",
)
@click.option(
    "--keep", is_flag=True, help="Go on with what an earlier demo left, instead of starting afresh."
)
def demo(directory: Path, keep: bool) -> int:
    """Run the main job from end to end, against a stand-in for YouTube on this machine.

    Two playlists and some single videos, some of which cannot be had, become an archive with the real yt-dlp and
    the real ffmpeg. Needs no account and no internet.
    """
    from ytarchive.cli.demo_world import CATALOGUE
    from ytarchive.cli.output import Screen

    screen = Screen(invocation())
    directory = directory.absolute()
    _claim(directory, keep=keep)
    _forget_proxies()
    screen.heading("A stand-in for YouTube starts on this machine, in a process of its own.")
    with _stand_in(CATALOGUE) as youtube:
        settings = _settings(directory, youtube)
        first = _pass(screen, settings, "First pass: two playlists and some single videos.")
        _show_disk(screen, directory)
        _show_work_plan(screen, settings)
        second = _pass(screen, settings, "Second pass: everything is here, so nothing is downloaded.")
    _require_as_designed(first, second)
    _say_goodbye(screen, directory, first, second)
    return 0


def _claim(directory: Path, *, keep: bool) -> None:
    """Make the folder ours. Raise `UsageError` for one that something else is in."""
    try:
        if directory.exists() and any(directory.iterdir()):
            if not (directory / MARKER).is_file():
                raise UsageError(
                    f"{directory} is not empty, and no demo made it",
                    cure="name another folder with --directory; nothing was touched",
                )
            if not keep:
                for name in ("archive", "state", "manifests"):
                    _remove(directory / name)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / MARKER).touch()
        shutil.copytree(_manifests(), directory / "manifests", dirs_exist_ok=True)
    except OSError as error:
        raise YtarchiveError(
            f"{error.filename or directory}: {error.strerror}", cure="name another folder with --directory"
        ) from None


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)


def _manifests() -> Path:
    """The demo's manifests: in an installed package beside this module, in a checkout in examples/."""
    packaged = Path(str(resources.files("ytarchive.cli"))) / "demo_manifests"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "examples" / "demo"


def _forget_proxies() -> None:
    """The demo talks to this machine alone, whatever proxy is set for the rest of the world."""
    for name in PROXY_VARIABLES:
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)


@contextmanager
def _stand_in(catalogue: dict[str, object]) -> Iterator[SimulatorProcess]:
    try:
        import trustme  # noqa: F401

        from ytarchive.simulator.process import SimulatorProcess
    except ImportError as missing:
        raise YtarchiveError(
            f"the demo needs the package {missing.name}, which is not installed",
            cure="uv run --extra demo ytarchive demo, or: pip install 'ytarchive[demo]'",
        ) from None
    try:
        youtube = SimulatorProcess(catalogue=catalogue)
    except RuntimeError as error:
        raise YtarchiveError(
            f"{error}: it said why above", cure="let programs listen on 127.0.0.1, then try again"
        ) from None
    with youtube:
        yield youtube


def _settings(directory: Path, youtube: SimulatorProcess) -> Settings:
    from ytarchive import settings

    file = directory / "ytarchive.toml"
    shutil.copyfile(youtube.ca_path, directory / "ca.pem")
    file.write_text(SETTINGS.format(file=file, proxy=youtube.proxy_url), encoding="utf-8")
    return settings.load(file, {}, {}, directory)


def _pass(screen: Screen, settings: Settings, heading: str) -> PassReport:
    from ytarchive.cli.progress import watching
    from ytarchive.cli.reports import draw_pass
    from ytarchive.reconciler import open_world, reconcile_once

    screen.say()
    screen.heading(heading)
    with watching(screen) as observer, open_world(settings, observer=observer) as world:
        report = reconcile_once(world)
    screen.say()
    draw_pass(screen, report, now=int(time.time()))
    return report


def _show_disk(screen: Screen, directory: Path) -> None:
    from ytarchive.cli.tree import draw_tree

    screen.say()
    screen.heading("On disk")
    screen.drawn(f"{directory.name}/")
    for line in draw_tree(directory, unicode=screen.console.encoding.lower().startswith("utf")):
        screen.drawn(line)


def _show_work_plan(screen: Screen, settings: Settings) -> None:
    from ytarchive.cli.work_plan_drawing import draw_items
    from ytarchive.reconciler import open_reading, work_plan

    screen.say()
    screen.heading("The work plan: what could not be had, why, and what to do")
    screen.say()
    with open_reading(settings) as world:
        plan = work_plan(world)
        draw_items(screen, plan, plan.items, world.clock.now())


def _require_as_designed(first: PassReport, second: PassReport) -> None:
    """Raise `YtarchiveError` when the demo shows something else than it was made to show."""
    from ytarchive.cli.demo_world import EXPECTED_CODES, EXPECTED_VIDEOS

    surprises = [
        f"{what}: {found}, expected {expected}"
        for what, found, expected in (
            ("videos on disk", second.books.have, EXPECTED_VIDEOS),
            ("videos that cannot be had", first.failures, EXPECTED_CODES),
            ("downloads of the second pass", second.done.fetched + second.done.updated, 0),
            ("exit code", second.exit_code, 3),
        )
        if found != expected
    ]
    if surprises:
        raise YtarchiveError(
            f"the demo did not go as designed: {'; '.join(surprises)}",
            cure="`ytarchive doctor` checks the machine",
        )


def _say_goodbye(screen: Screen, directory: Path, first: PassReport, second: PassReport) -> None:
    from ytarchive.documents.answers import DemoAnswer

    if screen.json:
        screen.document(DemoAnswer(str(directory), first, second))
        return
    screen.say()
    screen.say(
        "The demo went as designed: what can be had is here, the rest is explained, nothing came twice.",
        "green",
    )
    screen.say(f"Look around: ytarchive --config {directory / 'ytarchive.toml'} status")
    screen.say()
    screen.heading("The real thing, in five lines")
    for line in THE_REAL_THING.splitlines():
        screen.drawn(line)
