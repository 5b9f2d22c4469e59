"""What the service manager is told: ready, reloading, stopping, alive (`sd_notify`, in what it takes of a socket)."""

from __future__ import annotations

import contextlib
import os
import socket
import time


def notify(*lines: str) -> bool:
    """Tell systemd; False where nobody listens. Never raises, and never blocks."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto(
            "\n".join(lines).encode(), address.replace("@", "\0", 1) if address[0] == "@" else address
        )
        return True
    return False


def ready(status: str) -> None:
    notify("READY=1", f"STATUS={_one_line(status)}")


def reloading() -> None:
    """A reload has begun; `ready` ends it. systemd wants the time at which it began, in microseconds."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def stopping(status: str) -> None:
    notify("STOPPING=1", f"STATUS={_one_line(status)}")


def status(text: str) -> None:
    notify(f"STATUS={_one_line(text)}")


def alive() -> None:
    notify("WATCHDOG=1")


def watchdog_seconds() -> float | None:
    """How often the service manager wants to hear that we live; None: not at all."""
    told = os.environ.get("WATCHDOG_USEC", "")
    ours = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(told) / 1e6 if ours and told.isdecimal() and int(told) else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
