"""The simulator as a Python object: start it, point a program at it, break things, read the counters."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ytarchive.simulator.catalogue import Catalogue, Video
from ytarchive.simulator.changes import CHANGES, catch_up, change
from ytarchive.simulator.control import Control
from ytarchive.simulator.counters import Counters, Served
from ytarchive.simulator.data_api.keys import KeyState
from ytarchive.simulator.faults import Fault, FaultKind, fault_from_json
from ytarchive.simulator.hosts import is_simulated, make_certificates
from ytarchive.simulator.http import Request
from ytarchive.simulator.limits import RateLimit
from ytarchive.simulator.media import MediaLibrary
from ytarchive.simulator.player import Endpoint
from ytarchive.simulator.routes import Routes
from ytarchive.simulator.server import Answer, Server
from ytarchive.simulator.upload_ids import UploadKind
from ytarchive.simulator.world import World


class Simulator:
    """A YouTube in threads of this process, from `start` to `close`; usually a context manager.

    with Simulator() as youtube:
        subprocess.run(["yt-dlp", "--compat-options", "no-certifi", url], env=os.environ | youtube.environment())
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue | None = None,
        port: int = 0,
        cache_directory: Path | None = None,
        layout: str = "lockup",
        api_keys: Mapping[str, int] | None = None,
    ) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="ytarchive-simulator-")
        self.ca_path = Path(self._directory.name) / "ca.pem"
        counters = Counters()
        library = MediaLibrary(cache_directory)
        tls = make_certificates(self.ca_path)
        self._server = Server(self._answer, is_simulated, tls, counters, port)
        endpoint = Endpoint(self.media_url, datetime.now(UTC))
        self._world = World(endpoint, library, catalogue or Catalogue(), counters=counters, layout=layout)
        for key, units in (api_keys or {}).items():
            self._world.api_keys.set(key, units)
        self._routes = Routes(self._world, Control(self._world).answer)

    def _answer(self, request: Request) -> Answer:
        return self._routes.answer(request)

    def start(self) -> Self:
        """Begin to answer."""
        self._server.start()
        return self

    def close(self) -> None:
        """End every connection and remove the CA certificate."""
        self._server.close()
        self._directory.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def proxy_url(self) -> str:
        """Return the URL for `https_proxy` and `http_proxy`."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def media_url(self) -> str:
        """Return the plain endpoint that formats point at."""
        return self.proxy_url

    @property
    def control_url(self) -> str:
        """Return the base of the control URLs, such as `/__counters`."""
        return self.proxy_url

    def environment(self) -> dict[str, str]:
        """Return the variables that make a program use the simulator and nothing else.

        yt-dlp also needs `--compat-options no-certifi`, which makes it trust `SSL_CERT_FILE`.
        """
        return environment(self.proxy_url, self.ca_path)

    def video(self, video_id: str) -> Video | None:
        """Return the facts of a video as they are now."""
        return self._world.video(video_id)

    def set_video(self, video_id: str, **changes: Any) -> None:
        """Change facts of a video (fields of `catalogue.Video`), for example `case="private"`."""
        self._world.change_video(video_id, changes)

    def set_stream(self, video_id: str, **life: Any) -> None:
        """Let a video live as a stream or premiere does, by the simulated clock (the parameters of `live.life_of`)."""
        change(self._world, "streams", {"id": video_id, **life})

    def reencode(self, video_id: str) -> None:
        """Give a video's formats another length, modification time and other bytes."""
        self._world.reencode(video_id)

    def set_playlist(self, playlist_id: str, entries: Iterable[str] | None, **facts: Any) -> None:
        """Define a list (fields of `playlists.Playlist`: title, private, unlisted); None deletes it."""
        self._world.set_playlist(playlist_id, entries, **facts)

    def edit_playlist(self, playlist_id: str, **edits: Any) -> None:
        """Change a list that exists, whatever it is: the parameters of `changes.edited`, such as `prepend=[id]`."""
        change(self._world, "edits", {"id": playlist_id, **edits})

    def restore_playlist(self, playlist_id: str) -> None:
        """Forget what was done to a list: it is again as its id or its channel describes it."""
        change(self._world, "restorals", {"id": playlist_id})

    def set_channel(self, channel_id: str, **facts: Any) -> None:
        """Define a channel, or change one (fields of `channels.Profile`, and `videos`, `shorts`, `live`, `members`)."""
        change(self._world, "channels", {"id": channel_id, **facts})

    def upload(
        self, channel_id: str, *video_ids: str, kind: UploadKind | str = UploadKind.VIDEOS, count: int = 1
    ) -> list[str]:
        """Publish videos on a channel now, the last being the newest; without ids, `count` new ones. Return the ids."""
        facts = {"channel": channel_id, "kind": kind, "videos": video_ids, "count": count}
        found: list[str] = change(self._world, "uploads", facts)["videos"]
        return found

    def remove_uploads(self, channel_id: str, *video_ids: str) -> None:
        """Take videos out of all of a channel's lists of uploads."""
        change(self._world, "removals", {"channel": channel_id, "videos": video_ids})

    def now(self) -> datetime:
        """Return the simulated time."""
        return self._world.clock.now()

    def set_clock(self, at: datetime) -> None:
        """Set the simulated time, which then runs on; what falls due happens."""
        self.advance((at - self.now()).total_seconds())

    def advance(self, seconds: float) -> None:
        """Move the simulated time, and the day of quotas with it; what falls due happens."""
        self._world.advance(seconds)
        catch_up(self._world)

    def schedule(self, when: datetime | float, name: str, **facts: Any) -> int:
        """Plan a change (a name of `changes`) at a simulated time, or in so many seconds; return its number."""
        at = when if isinstance(when, datetime) else self.now() + timedelta(seconds=when)
        if name not in CHANGES:
            raise ValueError(f"no such change: {name!r}; expected one of {', '.join(CHANGES)}")
        return self._world.schedule.plan(at, name, facts)

    def schedule_failures(self) -> list[str]:
        """Return what was planned and could not be done when its time came."""
        return list(self._world.schedule.failed)

    def clear_schedule(self) -> None:
        """Forget what was planned."""
        self._world.schedule.clear()

    def set_segments(self, video_id: str, *segments: Mapping[str, Any]) -> None:
        """Let SponsorBlock know of parts of a video: {"segment": [start, end], "category": "sponsor"} and so on."""
        change(self._world, "segments", {"id": video_id, "segments": segments})

    def add_fault(self, kind: FaultKind | str | Fault, **rule: Any) -> int:
        """Make something go wrong from now on (fields of `faults.Fault`); return the rule's number."""
        fault = kind if isinstance(kind, Fault) else fault_from_json({"kind": kind, **rule})
        return self._world.faults.add(fault)

    def limit_rate(self, most: int | None, seconds: float = 3600.0, ban_seconds: float = 6 * 3600.0) -> None:
        """Answer with bot checks for a time after more than `most` extractions in so many seconds; None: never."""
        self._world.rate_limits.set(None if most is None else RateLimit(most, seconds, ban_seconds))

    def visitors(self) -> list[dict[str, Any]]:
        """Return what each address and account asked while a limit was in force, and how often it was banned."""
        return self._world.rate_limits.report()

    def remove_faults(self, number: int | None = None) -> None:
        """End one rule, or all."""
        self._world.faults.remove(number)

    def set_addresses(self, **rules: Any) -> None:
        """Let addresses of media expire, be bound to who asked, or need solving (`expiry.AddressRules`); none: as at first."""
        change(self._world, "addresses", rules)

    def set_api_key(
        self, key: str, units: int | None = None, *, state: KeyState | str = KeyState.VALID
    ) -> None:
        """Make a key of the Data API, or change one: a day's units (10,000 at first), and what it is (`KeyState`)."""
        self._world.api_keys.set(key, units, state)

    def remove_api_key(self, key: str | None = None) -> None:
        """Forget a key and what was spent with it, or all of them."""
        self._world.api_keys.remove(key)

    def api_keys(self) -> dict[str, dict[str, Any]]:
        """Return units, state, what was spent by day, and the calls beyond the quota, by key."""
        return self._world.api_keys.report()

    def set_account(self, name: str, **facts: Any) -> str:
        """Make an account, or change one (fields of `sign_in.Account`); return its cookies in Netscape format."""
        cookies: str = change(self._world, "accounts", {"name": name, **facts})["cookies"]
        return cookies

    def rotate_account(self, name: str) -> str:
        """Take an account's cookies no more; return those that are taken from now on."""
        cookies: str = change(self._world, "rotations", {"name": name})["cookies"]
        return cookies

    def counters(self) -> dict[str, Any]:
        """Return the counts, as `GET /__counters` does."""
        return self._world.counters.snapshot()

    def reset_counters(self) -> None:
        """Count from zero."""
        self._world.counters.reset()

    def log(self) -> list[Served]:
        """Return the latest requests."""
        return self._world.counters.log()


def environment(proxy_url: str, ca_path: Path) -> dict[str, str]:
    """Return proxy and certificate variables; loopback stays direct, for the media endpoint is there."""
    return {
        "https_proxy": proxy_url,
        "http_proxy": proxy_url,
        "HTTPS_PROXY": proxy_url,
        "HTTP_PROXY": proxy_url,
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
        "SSL_CERT_FILE": str(ca_path),
    }
