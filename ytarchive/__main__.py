"""The program's entry, and the one place that turns errors into exits."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from ytarchive import __version__
from ytarchive.cli.app import Invocation, cli
from ytarchive.errors import ConfigError, UsageError, YtarchiveError

USAGE = 64
BUG = 70
INTERRUPTED = 130

OPERATIONAL = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOSPC,
        errno.ENOMEM,
        errno.EPERM,
        errno.EROFS,
        errno.ESTALE,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.ELOOP,
    }
)
"""What the machine refuses: told as an error of the machine, never as a bug of ours."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with a code of `EPILOG` in `cli.app`. Never shows a traceback."""
    _claim_standard_streams()
    if "_YTARCHIVE_COMPLETE" in os.environ:
        cli.main(prog_name="ytarchive")  # click writes the completion and exits
    code = run(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_flushed(code))


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command line; errors are told on standard error."""
    told = Invocation()
    try:
        _stop_on_signals()
        with cli.make_context("ytarchive", list(arguments), obj=told) as context:
            answer = cli.invoke(context)
        return answer if isinstance(answer, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as wrong:
        return _usage(wrong)
    except click.ClickException as wrong:
        return _fail(wrong.format_message(), None, YtarchiveError.exit_code)
    except UsageError as error:
        return _fail(error.message, error.cure, USAGE)
    except ConfigError as error:
        return _invalid(error)
    except YtarchiveError as error:
        return _fail(error.message, error.cure, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _tell("interrupted: nothing is lost, the next run continues where this one stopped")
        return INTERRUPTED
    except BrokenPipeError:
        return INTERRUPTED
    except Exception as error:
        return _machine_or_bug(error, told)


def _usage(wrong: click.UsageError) -> int:
    """Tell what is wrong, how the command is used, and where its help is."""
    _tell(f"error: {wrong.format_message()}")
    if wrong.ctx is not None:
        _tell(
            f"  usage: {wrong.ctx.command_path} {' '.join(wrong.ctx.command.collect_usage_pieces(wrong.ctx))}"
        )
        _tell(f"  help: {wrong.ctx.command_path} --help")
    return USAGE


def _invalid(error: ConfigError) -> int:
    """Every problem on a line of its own, as compilers write them, so that editors can jump there."""
    for problem in error.problems:
        _tell(f"error: {problem}")
    if error.cure:
        _tell(f"  cure: {error.cure}")
    return error.exit_code


def _machine_or_bug(error: Exception, told: Invocation) -> int:
    if isinstance(error, OSError) and error.errno in OPERATIONAL:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(
            f"{where}{error.strerror}",
            "`ytarchive doctor` checks the folders, their permissions and their free space",
            YtarchiveError.exit_code,
        )
    kept = _keep_traceback(error, told)
    return _fail(
        f"this is a bug in ytarchive ({type(error).__name__})",
        f"please report it with the file {kept}" if kept else "please report it",
        BUG,
    )


def _keep_traceback(error: Exception, told: Invocation) -> str | None:
    """Write the traceback where a report can take it from: the state folder, else the temporary folder."""
    import tempfile
    import traceback

    folders = [Path(tempfile.gettempdir())]
    dump = "".join(traceback.format_exception(error))
    with contextlib.suppress(Exception):
        settings = told.settings()
        folders.insert(0, settings.state.path / "crashes")
        # Of a program that cannot even be loaded there is no secret to tell: it never came to read one.
        from ytarchive.reconciler.logs import secrets_of

        dump = secrets_of(settings)().text(dump)
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=folder, prefix="ytarchive-", suffix=".txt", delete=False, errors="backslashreplace"
            ) as file:
                file.write(f"ytarchive {__version__}, Python {sys.version}, {sys.platform}\n")
                file.write(dump)
            return file.name
    return None


def _fail(message: str, cure: str | None, code: int) -> int:
    _tell(f"error: {message}")
    if cure:
        _tell(f"  cure: {cure}")
    return code


def _tell(line: str) -> None:
    """Write to standard error; text from elsewhere cannot steer the terminal."""
    from ytarchive.cli.words import clean

    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(clean(line) + "\n")
        sys.stderr.flush()


def _stop_on_signals() -> None:
    """SIGTERM and SIGHUP end a run as Ctrl-C does: workers are ended, locks are given back.

    A second signal ends at once; workers then end themselves, since their standard input is closed.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(again, lambda *_: os._exit(INTERRUPTED))
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and shells' background jobs
            signal.signal(number, stop)


def _claim_standard_streams() -> None:
    """Never let a database or a lock get the number of a closed standard stream, nor a byte break a print."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _flushed(code: int) -> int:
    """Flush here, where a reader that went away or a full disk is still an exit code and not a traceback."""
    try:
        sys.stdout.flush()
    except OSError as error:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):
            return _fail(f"cannot write the output: {error.strerror}", None, YtarchiveError.exit_code)
    return code


if __name__ == "__main__":
    main()
