"""One worker process: its pipes, what it says, its process group and its end.

Everything here belongs to one thread. Nothing blocks: the owner waits on the selector that it hands over, and
a worker that does not read, does not write or floods stderr holds nobody up.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from ytarchive.adapters.clock import Clock
from ytarchive.adapters.executor.outfit import Outfit
from ytarchive.core.codec import MalformedValue
from ytarchive.core.job import LINE_CAP_BYTES
from ytarchive.core.protocol import Message, Quit, decode_message, encode_message
from ytarchive.core.text import printable

_CHUNK_BYTES = 64 * 1024
_STDERR_LINES = 200
_STDERR_LINE_BYTES = 1000
_LAST_WORDS_CHARACTERS = 300
_NOISE = b"Extension modules: "  # what ends Python's dump of a crash, hundreds of names long
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# How long a killed process may take to leave the kernel: one that hangs in a dead mount never does.
_REAP_SECONDS = 10.0


class WorkerBroken(Exception):
    """The worker is of no use any longer. The text goes on from "the worker ..."."""


class WorkerProcess:
    """A process in a session of its own that speaks the worker protocol over stdin and stdout.

    `command` starts it, with the arguments of its outfit; `environment` is added to our own. Raise `WorkerBroken`
    when it cannot be started.
    The owner waits on `selector` and calls the `data` of what is ready.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        outfit: Outfit,
        selector: selectors.BaseSelector,
        clock: Clock,
    ) -> None:
        try:
            self._process = subprocess.Popen(
                [*command, *outfit.arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env={**os.environ, **environment},
                pass_fds=outfit.keeps,
            )
        except OSError as error:
            raise WorkerBroken(f"could not be started ({command[0]}: {error.strerror})") from None
        self.engine = outfit.engine
        self._selector = selector
        self._clock = clock
        self._unsent = bytearray()
        self._unread = bytearray()
        self._messages: deque[Message] = deque()
        self._stderr = bytearray()
        self._stderr_lines: deque[bytes] = deque(maxlen=_STDERR_LINES)
        self._untold: deque[bytes] = deque(maxlen=_STDERR_LINES)
        self._fault: str | None = None
        self._open: set[IO[bytes]] = set()
        self.heard_at = clock.monotonic()
        self.jobs = 0
        for stream, take in ((self._stdout, self._take_output), (self._stderr_pipe, self._take_stderr)):
            os.set_blocking(stream.fileno(), False)
            self._watch(stream, selectors.EVENT_READ, take)
        os.set_blocking(self._stdin.fileno(), False)

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout

    @property
    def _stderr_pipe(self) -> IO[bytes]:
        assert self._process.stderr
        return self._process.stderr

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether it closed its output, which it does by ending."""
        return self._stdout not in self._open

    def send(self, message: Message) -> None:
        """Queue a message. Raise `LineTooLong` for one above the cap. That the worker no longer listens is told by `take`, not here."""
        self._unsent += encode_message(message)
        self.heard_at = self._clock.monotonic()  # it may have been silent while it had nothing to do
        self._push()

    def take(self) -> Message | None:
        """The next message, or None for now. Raise `WorkerBroken` when no more can come."""
        if self._messages:
            return self._messages.popleft()
        if self._fault:
            raise WorkerBroken(self._fault)
        if self.gone:
            raise WorkerBroken("stopped talking")
        return None

    def resident_bytes(self) -> int:
        """Its memory, or 0 where the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except OSError:
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def end(self, grace_seconds: float) -> str | None:
        """End it and its whole group, and say how it ended by itself, or None when it had to be killed.

        It is asked to quit and has `grace_seconds` for it; with 0 it is killed at once.
        """
        if grace_seconds and not self.gone:
            self.send(Quit())
        until = self._clock.monotonic() + grace_seconds
        while self._open - {self._stdin} and (left := until - self._clock.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data()
        by_itself = self.gone
        # Before the leader is reaped: until then its number cannot belong to anybody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_REAP_SECONDS)
        self._take_stderr()
        for stream in (self._stdin, self._stdout, self._stderr_pipe):
            self._unwatch(stream)
            stream.close()
        return self._ending() if by_itself else None

    def complaints(self) -> str:
        """The lines that it wrote to stderr since this was asked last, safe to print."""
        lines = list(self._untold)
        self._untold.clear()
        return _safe(lines)

    def dump(self) -> str:
        """The last lines that it wrote to stderr: of a crash, where that was."""
        return _safe([*self._stderr_lines, bytes(self._stderr)])

    def last_words(self) -> str:
        """The end of what it wrote to stderr, on one line, safe to print."""
        lines = [*self._stderr_lines, bytes(self._stderr)]
        text = " | ".join(line.decode(errors="replace").strip() for line in lines if line.strip())
        return printable(_COLOURS.sub("", text)[-_LAST_WORDS_CHARACTERS:], _LAST_WORDS_CHARACTERS)

    def _ending(self) -> str | None:
        status = self._process.returncode
        if status is None:
            return None
        if status < 0:
            return f"was ended by signal {-status} ({signal.strsignal(-status)})"
        return f"exited with status {status}"

    def _watch(self, stream: IO[bytes], events: int, act: Callable[[], None]) -> None:
        self._selector.register(stream, events, act)
        self._open.add(stream)

    def _unwatch(self, stream: IO[bytes]) -> None:
        if stream in self._open:
            self._open.discard(stream)
            self._selector.unregister(stream)

    def _push(self) -> None:
        """Write what the pipe takes now; the selector calls again for the rest."""
        try:
            while self._unsent:
                del self._unsent[: os.write(self._stdin.fileno(), self._unsent[:_CHUNK_BYTES])]
        except BlockingIOError:
            if self._stdin not in self._open:
                self._watch(self._stdin, selectors.EVENT_WRITE, self._push)
            return
        except BrokenPipeError:
            self._unsent.clear()
        self._unwatch(self._stdin)

    def _read(self, stream: IO[bytes]) -> bytes:
        """What is there now. An end of the stream stops the watch on it."""
        if stream not in self._open:
            return b""
        try:
            chunk = os.read(stream.fileno(), _CHUNK_BYTES)
        except BlockingIOError:
            return b""
        if not chunk:
            self._unwatch(stream)
        return chunk

    def _take_output(self) -> None:
        chunk = self._read(self._stdout)
        if self._fault:
            return  # what follows garbage is garbage
        *whole, rest = chunk.split(b"\n")
        for end in whole:
            line = bytes(self._unread + end)
            self._unread.clear()
            self._take_line(line)
        self._unread += rest
        if len(self._unread) >= LINE_CAP_BYTES:
            self._unread.clear()
            self._fault = f"wrote a line of more than {LINE_CAP_BYTES} bytes"

    def _take_line(self, line: bytes) -> None:
        if self._fault:
            return
        self.heard_at = self._clock.monotonic()
        try:
            message = decode_message(line)
        except MalformedValue as error:
            self._fault = f"wrote what is no message ({error}): {line[:80]!r}"
            return
        if message is not None:
            self._messages.append(message)

    def _take_stderr(self) -> None:
        *whole, rest = self._read(self._stderr_pipe).split(b"\n")
        for end in whole:
            line = bytes(self._stderr + end)[:_STDERR_LINE_BYTES]
            self._stderr.clear()
            if not line.startswith(_NOISE):
                self._stderr_lines.append(line)
                self._untold.append(line)
        self._stderr += rest
        del self._stderr[_STDERR_LINE_BYTES:]


def _safe(lines: Sequence[bytes]) -> str:
    """Lines without what steers a terminal, and with the indentation that makes a traceback readable."""
    texts = (_COLOURS.sub("", line.decode(errors="replace")) for line in lines)
    return "\n".join(
        " " * (len(text) - len(text.lstrip(" "))) + printable(text.lstrip(" "), _STDERR_LINE_BYTES)
        for text in texts
        if text.strip()
    )
