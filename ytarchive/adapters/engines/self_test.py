"""Ask an engine in a process of its own whether it can be used."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ytarchive.adapters.child import run_child
from ytarchive.core.codec import MalformedValue, decode
from ytarchive.core.engines import SelfTest, Step
from ytarchive.core.job import Network
from ytarchive.core.text import printable

OFFLINE_SECONDS = 90.0
ONLINE_SECONDS = 180.0


def self_test(home: Path | None, *, video: str | None = None, network: Network | None = None) -> SelfTest:
    """What `worker.self_test` says of the engine in `home`, or of the built-in one; with `video` it asks YouTube instead."""
    command = [sys.executable, "-P", "-m", "ytarchive.worker.self_test"]
    network = network or Network()
    for option, value in (
        ("--engine", home),
        ("--online", video),
        ("--proxy", network.proxy),
        ("--ca-file", network.ca_file),
        ("--source-address", network.source_address),
    ):
        if value is not None:
            command.append(f"{option}={value}")
    ended = run_child(
        command,
        seconds=ONLINE_SECONDS if video else OFFLINE_SECONDS,
        environment={**os.environ, "YTDLP_NO_PLUGINS": "1"},
    )
    try:
        return decode(SelfTest, ended.out)
    except MalformedValue:
        said = printable(ended.last_words, 300) or f"it ended with {ended.code} and said nothing"
        return SelfTest(steps=(Step("start", "failed", said),))
