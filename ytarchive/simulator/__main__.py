"""Run the simulator as a process of its own: `python -m ytarchive.simulator`.

Prints one line of JSON with where to find it, then answers until its standard input closes or SIGTERM arrives.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ytarchive.simulator.catalogue import Catalogue
from ytarchive.simulator.simulator import Simulator


def main(arguments: list[str] | None = None) -> int:
    """Start, announce, wait, stop."""
    options = _parse(arguments)
    content: dict[str, Any] = json.loads(options.catalogue.read_text()) if options.catalogue else {}
    catalogue = Catalogue(defaults=content.get("defaults", {}))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Simulator(catalogue=catalogue, port=options.port, layout=options.layout) as youtube:
        _define(youtube, content)
        if options.write_env:
            lines = [f"export {name}={shlex.quote(value)}" for name, value in youtube.environment().items()]
            options.write_env.write_text("\n".join(lines) + "\n")
        place = {"proxy": youtube.proxy_url, "ca": str(youtube.ca_path), "control": youtube.control_url}
        print(json.dumps(place), flush=True)
        threading.Thread(target=_wait_for_end_of_input, args=(stop.set,), daemon=True).start()
        stop.wait()
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ytarchive.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any)")
    parser.add_argument(
        "--catalogue",
        type=Path,
        metavar="FILE",
        help="JSON: {defaults: {field: value}, videos: {id: {field: value}}, playlists: {id: [ids]}, channels: {id: {field: value}}, faults: [...],"
        " api_keys: {key: units}}",
    )
    parser.add_argument(
        "--layout",
        choices=("lockup", "renderer", "page-header"),
        default="lockup",
        help="layout of playlists",
    )
    parser.add_argument("--write-env", type=Path, metavar="FILE", help="write shell exports to FILE")
    return parser.parse_args(arguments)


def _define(youtube: Simulator, content: dict[str, Any]) -> None:
    for video_id, changes in content.get("videos", {}).items():
        youtube.set_video(video_id, **changes)
    for playlist_id, entries in content.get("playlists", {}).items():
        youtube.set_playlist(playlist_id, entries)
    for channel_id, facts in content.get("channels", {}).items():
        youtube.set_channel(channel_id, **facts)
    for key, units in content.get("api_keys", {}).items():
        youtube.set_api_key(key, units)
    for fault in content.get("faults", []):
        youtube.add_fault(**fault)


def _wait_for_end_of_input(stop: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass
    stop()


if __name__ == "__main__":
    sys.exit(main())
