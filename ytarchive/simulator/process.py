"""The simulator in a process of its own, with the same methods: what is measured does not share its interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ytarchive.simulator.data_api.keys import KeyState
from ytarchive.simulator.faults import Fault, FaultKind
from ytarchive.simulator.simulator import environment
from ytarchive.simulator.upload_ids import UploadKind

_STOP_SECONDS = 10


class SimulatorProcess:
    """Starts `python -m ytarchive.simulator` and talks to its control URL; usually a context manager.

    `catalogue` is the content of its `--catalogue` file. Values given to methods must be expressible in JSON.
    """

    def __init__(self, *, catalogue: Mapping[str, Any] | None = None, layout: str = "lockup") -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="ytarchive-simulator-")
        path = Path(self._directory.name) / "catalogue.json"
        path.write_text(json.dumps(catalogue or {}))
        command = [sys.executable, "-m", "ytarchive.simulator", "--catalogue", str(path), "--layout", layout]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError("the simulator did not start")
        place = json.loads(line)
        self.proxy_url: str = place["proxy"]
        self.control_url: str = place["control"]
        self.ca_path = Path(place["ca"])
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Return the process id, for measuring its CPU time."""
        return self._process.pid

    def close(self) -> None:
        """End the process by closing its input; kill it if it does not end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._directory.cleanup()

    def environment(self) -> dict[str, str]:
        """Return the variables that make a program use the simulator and nothing else."""
        return environment(self.proxy_url, self.ca_path)

    def set_video(self, video_id: str, **changes: Any) -> None:
        """Change facts of a video."""
        self._call("POST", "videos", {"id": video_id, **changes})

    def reencode(self, video_id: str) -> None:
        """Give a video's formats another length, modification time and other bytes."""
        self._call("POST", "reencode", {"id": video_id})

    def set_playlist(self, playlist_id: str, entries: Iterable[str] | None, **facts: Any) -> None:
        """Define a list; None deletes it."""
        listed = None if entries is None else list(entries)
        self._call("POST", "playlists", {"id": playlist_id, "entries": listed, **facts})

    def edit_playlist(self, playlist_id: str, **edits: Any) -> None:
        """Change a list that exists: the parameters of `changes.edited`."""
        self._call("POST", "edits", {"id": playlist_id, **edits})

    def restore_playlist(self, playlist_id: str) -> None:
        """Forget what was done to a list: it is again as its id or its channel describes it."""
        self._call("POST", "restorals", {"id": playlist_id})

    def set_channel(self, channel_id: str, **facts: Any) -> None:
        """Define a channel, or change one."""
        self._call("POST", "channels", {"id": channel_id, **facts})

    def upload(
        self, channel_id: str, *video_ids: str, kind: UploadKind | str = UploadKind.VIDEOS, count: int = 1
    ) -> list[str]:
        """Publish videos on a channel now, the last being the newest; without ids, `count` new ones. Return the ids."""
        facts = {"channel": channel_id, "kind": kind, "videos": video_ids, "count": count}
        found: list[str] = self._call("POST", "uploads", facts)["videos"]
        return found

    def remove_uploads(self, channel_id: str, *video_ids: str) -> None:
        """Take videos out of all of a channel's lists of uploads."""
        self._call("POST", "removals", {"channel": channel_id, "videos": video_ids})

    def now(self) -> datetime:
        """Return the simulated time."""
        return datetime.fromisoformat(self._call("GET", "clock")["now"])

    def set_clock(self, at: datetime) -> None:
        """Set the simulated time, which then runs on; what falls due happens."""
        self._call("POST", "clock", {"at": at.isoformat()})

    def advance(self, seconds: float) -> None:
        """Move the simulated time, and the day of quotas with it; what falls due happens."""
        self._call("POST", "clock", {"seconds": seconds})

    def schedule(self, when: datetime | float, name: str, **facts: Any) -> int:
        """Plan a change (a name of `changes`) at a simulated time, or in so many seconds; return its number."""
        at = {"at": when.isoformat()} if isinstance(when, datetime) else {"seconds": when}
        return int(self._call("POST", "schedule", {**at, "change": name, "facts": facts})["number"])

    def schedule_failures(self) -> list[str]:
        """Return what was planned and could not be done when its time came."""
        found: list[str] = self._call("GET", "schedule")["failed"]
        return found

    def clear_schedule(self) -> None:
        """Forget what was planned."""
        self._call("DELETE", "schedule")

    def set_segments(self, video_id: str, *segments: Mapping[str, Any]) -> None:
        """Let SponsorBlock know of parts of a video."""
        self._call("POST", "segments", {"id": video_id, "segments": segments})

    def add_fault(self, kind: FaultKind | str | Fault, **rule: Any) -> int:
        """Make something go wrong from now on; return the rule's number."""
        fault = asdict(kind) if isinstance(kind, Fault) else {"kind": kind, **rule}
        return int(self._call("POST", "faults", fault)["number"])

    def remove_faults(self, number: int | None = None) -> None:
        """End one rule, or all."""
        self._call("DELETE", f"faults?number={number}" if number is not None else "faults")

    def set_addresses(self, **rules: Any) -> None:
        """Let addresses of media expire, be bound to who asked, or need solving (`expiry.AddressRules`); none: as at first."""
        self._call("POST", "addresses", rules)

    def set_api_key(
        self, key: str, units: int | None = None, *, state: KeyState | str = KeyState.VALID
    ) -> None:
        """Make a key of the Data API, or change one."""
        self._call("POST", "keys", {"key": key, "units": units, "state": state})

    def remove_api_key(self, key: str | None = None) -> None:
        """Forget a key, or all of them."""
        self._call("DELETE", "keys" if key is None else f"keys?{urllib.parse.urlencode({'key': key})}")

    def api_keys(self) -> dict[str, dict[str, Any]]:
        """Return units, state, what was spent by day, and the calls beyond the quota, by key."""
        found: dict[str, dict[str, Any]] = self._call("GET", "keys")["keys"]
        return found

    def set_account(self, name: str, **facts: Any) -> str:
        """Make an account, or change one; return its cookies in Netscape format."""
        cookies: str = self._call("POST", "accounts", {"name": name, **facts})["cookies"]
        return cookies

    def rotate_account(self, name: str) -> str:
        """Take an account's cookies no more; return those that are taken from now on."""
        cookies: str = self._call("POST", "rotations", {"name": name})["cookies"]
        return cookies

    def counters(self) -> dict[str, Any]:
        """Return the counts."""
        return self._call("GET", "counters")

    def reset_counters(self) -> None:
        """Count from zero."""
        self._call("DELETE", "counters")

    def log(self) -> list[dict[str, Any]]:
        """Return the latest requests, as the fields of `counters.Served`."""
        found: list[dict[str, Any]] = self._call("GET", "log")["log"]
        return found

    def _call(self, method: str, name: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.control_url}/__{name}", body, method=method)  # noqa: S310 - loopback
        with self._opener.open(request, timeout=30) as response:
            found: dict[str, Any] = json.load(response)
        return found
