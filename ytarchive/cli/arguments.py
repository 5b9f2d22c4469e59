"""What commands take: videos (ids may begin with a dash), entries, durations and dates."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import click

from ytarchive.cli.app import Command, Invocation

_DASHED = re.compile("-[A-Za-z0-9_-]{5,}")
_VIDEO_LENGTH = 11
_SOURCE = re.compile("(?:channel|playlists|releases):.+")
_JOB = re.compile("job-[0-9a-f]+")
_ADDRESS = "https://www.youtube.com/watch?v="
_NEAR = 0.8


class Video(click.ParamType[str]):
    """The id of a video, from an id or any of its addresses."""

    name = "video"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ytarchive.core.address import parse_video
        from ytarchive.core.misread import Misread

        try:
            return parse_video(value)
        except Misread as wrong:
            self.fail(str(wrong), param, ctx)


class Subject(click.ParamType[str]):
    """What an item of the work plan is about: the id of a video or of a playlist, from any of its addresses.

    Channels and lists of playlists are meant as the work plan calls them: `channel:@handle`.
    """

    name = "video"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ytarchive.core.address import parse_any
        from ytarchive.core.misread import Misread

        if _SOURCE.fullmatch(value):
            return str(value)
        try:
            return parse_any(value).id
        except Misread as wrong:
            self.fail(str(wrong), param, ctx)


class JobOrVideo(click.ParamType[str]):
    """`job-...` as it stands, anything else as a video."""

    name = "video or job"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if _JOB.fullmatch(value) and len(value) != _VIDEO_LENGTH:
            return str(value)
        return VIDEO.convert(value, param, ctx)


class Source(click.ParamType[Any]):
    """A video or a playlist, and where `channels` are taken a channel, as `core.address.Address`."""

    name = "url"

    def __init__(self, *, channels: bool) -> None:
        self._channels = channels

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from ytarchive.core.address import Address, parse_any
        from ytarchive.core.misread import Misread

        if isinstance(value, Address):
            return value
        try:
            found = parse_any(value)
        except Misread as wrong:
            self.fail(str(wrong), param, ctx)
        if found.kind == "channel" and not self._channels:
            self.fail(f"{found.id} is a channel: name it in a manifest, under channels", param, ctx)
        return found


class Duration(click.ParamType[int]):
    """Seconds, from `90s`, `6h`, `1h30m`, or `0`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from ytarchive.core.amounts import DURATION_OR_0
        from ytarchive.core.misread import Misread

        if isinstance(value, int):
            return value
        try:
            seconds: int = DURATION_OR_0.parse(value)
        except Misread as wrong:
            self.fail(str(wrong), param, ctx)
        return seconds


class Size(click.ParamType[int]):
    """An amount of bytes as in the settings: 20MiB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from ytarchive.core.amounts import SIZE as KIND
        from ytarchive.core.misread import Misread

        if isinstance(value, int):
            return value
        try:
            size: int = KIND.parse(value)
        except Misread as wrong:
            self.fail(str(wrong), param, ctx)
        return size


class Until(click.ParamType[int]):
    """An instant in the future, from a duration (`30d`) or a date (`2027-01-01`, its first moment here)."""

    name = "duration or date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        import time
        from datetime import datetime
        from datetime import time as clock_time

        from ytarchive.core.amounts import DATE, DURATION
        from ytarchive.core.misread import Misread, shown

        now = int(time.time())
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                at = int(datetime.combine(DATE.parse(value), clock_time()).astimezone().timestamp())
                if at <= now:
                    raise Misread(shown(value), "a date in the future")
                return at
            return now + int(DURATION.parse(value))
        except Misread as wrong:
            self.fail(f"{wrong} (or a date such as 2027-01-31)", param, ctx)
        except (OverflowError, OSError):
            self.fail(f"{shown(value)} is too far away", param, ctx)


def _complete_entry(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of entries for the shell; manifests that cannot be read complete to nothing."""
    try:
        options = context.find_root().ensure_object(Invocation)
        loaded = options.manifests(options.settings())
    except Exception:
        return []
    return [entry.name for entry in loaded.entries if entry.name.startswith(incomplete)]


VIDEO = Video()
SUBJECT = Subject()
JOB_OR_VIDEO = JobOrVideo()
SOURCE = Source(channels=False)
ANY_SOURCE = Source(channels=True)
DURATION = Duration()
UNTIL = Until()
SIZE = Size()

entry_option = click.option(
    "--entry", metavar="NAME", shell_complete=_complete_entry, help="Only this entry of the manifests."
)
full_option = click.option(
    "--full", is_flag=True, help="Read every list to its end, also where its beginning is as it was."
)
last_copies_option = click.option(
    "--even-last-copies",
    is_flag=True,
    help="Let policies take away also what YouTube has no more: the only copies.",
)
entry_argument = click.argument("entry", shell_complete=_complete_entry)


class VideoCommand(Command):
    """A command whose arguments are videos: `ytarchive explain -abc123DEF4` needs no `--`.

    An argument that has the shape of an id (or nearly, for a better error), is no option of this command and looks
    like no misspelt one, is read as the address of that video: the parser would take it for short options.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._with_addresses(args))

    def _with_addresses(self, args: list[str]) -> list[str]:
        takes_value: dict[str, bool] = {"--help": False, "-h": False}
        for option in self.params:
            if isinstance(option, click.Option):
                takes_value |= dict.fromkeys((*option.opts, *option.secondary_opts), not option.is_flag)
        read: list[str] = []
        left = iter(args)
        for argument in left:
            if argument == "--":
                return [*read, argument, *left]
            read.append(self._address_of(argument, takes_value))
            if takes_value.get(argument):
                read.extend([value] if (value := next(left, None)) is not None else [])
        return read

    @staticmethod
    def _address_of(argument: str, options: dict[str, bool]) -> str:
        if argument in options or not _DASHED.fullmatch(argument):
            return argument
        if len(argument) != _VIDEO_LENGTH and (argument.startswith("--") or argument[:2] in options):
            return argument
        if argument.startswith("--") and get_close_matches(argument, options, n=1, cutoff=_NEAR):
            return argument
        return _ADDRESS + argument
