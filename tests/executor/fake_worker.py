"""A worker that does what a test tells it: `subject` of the job names how it behaves, an argument how it starts.

It knows the protocol from its description alone, and imports nothing of ours.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn


def say(message: str, /, **fields: object) -> None:
    sys.stdout.write(json.dumps({"type": message, **fields}) + "\n")
    sys.stdout.flush()


def raw(data: bytes) -> None:
    os.write(1, data)


def heard() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    message: dict[str, Any] = json.loads(line)
    return message


def hang() -> NoReturn:
    while True:
        time.sleep(3600)


def progress(job: str, **data: object) -> None:
    say("event", job=job, sequence=1, kind="progress", data={"pid": os.getpid(), **data})


def done(job: str) -> None:
    say("receipt", job=job, outcome="done", metadata={"title": f"pid {os.getpid()}"})


def do(message: dict[str, Any]) -> None:
    job, subject = message["id"], message["subject"]
    kind, _, argument = subject.partition(":")
    if kind == "done":
        progress(job)
        done(job)
    elif kind == "environment":
        say("receipt", job=job, outcome="done", metadata={"title": os.environ.get(argument, "")})
    elif kind == "fail":
        evidence = {"stage": "extract", "message": "Private video"}
        say(
            "receipt",
            job=job,
            outcome="failed",
            failure={"code": "PRIVATE", "kind": "permanent", "evidence": evidence},
        )
    elif kind == "wait":
        progress(job)
        assert heard() == {"type": "cancel", "job": job}
        if argument == "done":
            done(job)
        elif argument == "failed":
            evidence = {"stage": "download", "message": "[Errno 32] Broken pipe"}
            say(
                "receipt",
                job=job,
                outcome="failed",
                failure={"code": "UNKNOWN", "kind": "transient", "evidence": evidence},
            )
        else:
            say("receipt", job=job, outcome="cancelled")
    elif kind == "deaf":
        child = subprocess.Popen(["sleep", "3600"]) if argument == "child" else None
        progress(job, child=child.pid if child else None)
        hang()
    elif kind == "garbage":
        progress(job)
        raw(b"Traceback (most recent call last):\n")
        hang()
    elif kind == "binary":
        raw(b"\xff\xfe\x00\n")
        hang()
    elif kind == "oversized":
        try:
            while True:
                raw(b"x" * 65536)
        except BrokenPipeError:
            os._exit(0)
    elif kind == "long":  # just below the cap
        say("event", job=job, sequence=1, kind="log", data={"text": "x" * (4 * 1024 * 1024 - 200)})
        done(job)
    elif kind == "die":
        print("\x1b[31mout of luck\u202e", file=sys.stderr, flush=True)
        os._exit(int(argument))
    elif kind == "killed":
        progress(job)
        os.kill(os.getpid(), signal.SIGKILL)
    elif kind == "orphan":  # dies, and leaves a child that holds its stderr and is in its group
        child = subprocess.Popen(["sleep", "3600"], stdout=subprocess.DEVNULL)
        progress(job, child=child.pid)
        os._exit(7)
    elif kind == "flood":
        for _ in range(2000):
            print("e" * 1000, file=sys.stderr)
        sys.stderr.write("f" * 5_000_000)
        sys.stderr.flush()
        done(job)
    elif kind == "stranger":
        done("somebody-else")
        hang()
    elif kind == "hello":
        hello()
        hang()
    elif kind == "future":  # newer than we are, within the version
        say("event", job=job, sequence=1, kind="sparkle", data={})
        say("weather", sun=True)
        say("event", job="of-before", sequence=9, kind="heartbeat")
        say("receipt", job=job, outcome="done", colour="green")
    elif kind == "late":  # a heartbeat that comes after the receipt
        done(job)
        say("event", job=job, sequence=9, kind="heartbeat")
    elif kind == "twice":
        done(job)
        done(job)
    elif kind == "leave":
        done(job)
        os._exit(0)
    else:
        raise ValueError(subject)


def hello(protocol: int = 1) -> None:
    say("hello", protocol=protocol, engine="2026.10.26", ejs=None, pid=os.getpid())


def main(start: str) -> None:
    if start == "die":
        print("cannot import the engine", file=sys.stderr)
        sys.exit(4)
    if start == "hang":
        hang()
    if start == "garbage":
        raw(b"Usage: worker\n")
    elif start == "event":
        progress("nobody")
    elif start == "other-version":
        hello(protocol=99)
    elif start == "reads-nothing":
        hello()
        hang()
    elif start == "closed-input":
        os.close(0)
        hello()
        hang()
    else:
        hello()
    while True:
        message = heard()
        if message["type"] == "quit":
            if goodbye := os.environ.get("GOODBYE_FILE"):
                Path(goodbye).touch()
            if start == "stay":
                hang()
            return
        do(message)


main(sys.argv[1] if len(sys.argv) > 1 else "")
