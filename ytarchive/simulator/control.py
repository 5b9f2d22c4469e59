"""The control URL: what a test in another process may see and change, as JSON.

GET    /__counters            counts;  DELETE resets them
GET    /__log                 the latest requests
GET    /__faults              rules in force;  POST adds one;  DELETE removes all, or ?number=N
POST   /__videos, /__streams, /__reencode, /__playlists, /__edits, /__restorals, /__channels, /__uploads, /__removals,
       /__accounts, /__rotations, /__segments
                              what `changes` says of them
GET    /__limits              what each visitor asked, and its bans;  DELETE ends the limit
POST   /__limits              {"most": extractions, "seconds": in, "ban_seconds": of bot checks}
GET    /__clock               the simulated time;  POST {"at": ...} sets it, {"seconds": ...} moves it
GET    /__schedule            changes to come, and what failed;  DELETE forgets them
POST   /__schedule            {"at": time, or "seconds": from now, "change": a name of `changes`, "facts": {...}}
GET    /__keys                keys of the Data API, and what was spent with each;  DELETE forgets all, or ?key=...
POST   /__keys                {"key": ..., "units": a day's quota, "state": "valid" | "revoked" | "expired" | ...}
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from ytarchive.simulator.changes import CHANGES, catch_up, change
from ytarchive.simulator.http import Bytes, Request, Response
from ytarchive.simulator.limits import RateLimit
from ytarchive.simulator.world import World

Json = dict[str, Any]


class Control:
    """Answers the control URL of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: Request) -> Response:
        """Carry out a command; 400 with a message when it cannot be understood."""
        try:
            content = self._dispatch(request)
        except (KeyError, TypeError, ValueError) as error:
            return _response(400, {"error": f"{type(error).__name__}: {error}"})
        return _response(404, {"error": "no such command"}) if content is None else _response(200, content)

    def _dispatch(self, request: Request) -> Json | None:
        world = self._world
        body = json.loads(request.body or b"{}")
        match request.method, request.path:
            case "GET", "/__counters":
                return world.counters.snapshot()
            case "DELETE", "/__counters":
                world.counters.reset()
            case "GET", "/__log":
                return {"log": world.counters.log_as_json()}
            case "GET", "/__faults":
                return {"faults": world.faults.report()}
            case "DELETE", "/__faults":
                number = request.query.get("number")
                world.faults.remove(int(number) if number else None)
            case "GET", "/__limits":
                return {"visitors": world.rate_limits.report()}
            case "POST", "/__limits":
                world.rate_limits.set(RateLimit(**body))
            case "DELETE", "/__limits":
                world.rate_limits.set(None)
            case "GET" | "POST", "/__clock":
                return self._clock(body)
            case "GET", "/__schedule":
                return {"schedule": world.schedule.report(), "failed": world.schedule.failed}
            case "DELETE", "/__schedule":
                world.schedule.clear()
            case "POST", "/__schedule":
                return {"number": self._plan(body)}
            case "POST", path if path.removeprefix("/__") in CHANGES:
                return change(world, path.removeprefix("/__"), body)
            case "GET", "/__keys":
                return {"keys": world.api_keys.report()}
            case "POST", "/__keys":
                world.api_keys.set(**body)
            case "DELETE", "/__keys":
                world.api_keys.remove(request.query.get("key"))
            case _:
                return None
        return {}

    def _clock(self, body: Json) -> Json:
        """Move the clock as far as is asked, and let happen what falls due."""
        world = self._world
        if "at" in body:
            world.advance((datetime.fromisoformat(body["at"]) - world.clock.now()).total_seconds())
        elif "seconds" in body:
            world.advance(float(body["seconds"]))
        catch_up(world)
        return {"now": world.clock.now().isoformat()}

    def _plan(self, body: Json) -> int:
        world = self._world
        if body["change"] not in CHANGES:
            raise ValueError(f"no such change: {body['change']!r}; expected one of {', '.join(CHANGES)}")
        if "at" in body:
            at = datetime.fromisoformat(body["at"])
        else:
            at = world.clock.now() + timedelta(seconds=float(body["seconds"]))
        if at.tzinfo is None:
            raise ValueError(f"{body['at']!r} has no time zone")
        return world.schedule.plan(at, body["change"], dict(body.get("facts", {})))


def _response(status: int, content: Json) -> Response:
    return Response(status, "application/json", Bytes(json.dumps(content).encode()))
