"""The control URL: what a test in another process may see and change, as JSON.

GET    /__counters            counts;  DELETE resets them
GET    /__log                 the latest requests
GET    /__faults              rules in force;  POST adds one;  DELETE removes all, or ?number=N
POST   /__playlists           {"id": ..., "entries": [...] or null, "title": ..., "private": ...}
POST   /__videos              {"id": ..., any field of a video}
POST   /__reencode            {"id": ...}
GET    /__keys                keys of the Data API, and what was spent with each;  DELETE forgets all, or ?key=...
POST   /__keys                {"key": ..., "units": a day's quota, "state": "valid" | "revoked" | "expired" | ...}
POST   /__keys/advance        {"seconds": ...} moves the clock of the quota ahead
"""

from __future__ import annotations

import json
from typing import Any

from ytarchive.simulator.faults import fault_from_json
from ytarchive.simulator.http import Bytes, Request, Response
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
            case "POST", "/__faults":
                return {"number": world.faults.add(fault_from_json(body))}
            case "DELETE", "/__faults":
                number = request.query.get("number")
                world.faults.remove(int(number) if number else None)
            case "POST", "/__playlists":
                world.set_playlist(body.pop("id"), body.pop("entries"), **body)
            case "POST", "/__videos":
                world.change_video(body.pop("id"), body)
            case "POST", "/__reencode":
                world.reencode(body["id"])
            case "GET", "/__keys":
                return {"keys": world.api_keys.report()}
            case "POST", "/__keys":
                world.api_keys.set(**body)
            case "DELETE", "/__keys":
                world.api_keys.remove(request.query.get("key"))
            case "POST", "/__keys/advance":
                world.api_keys.advance(float(body["seconds"]))
            case _:
                return None
        return {}


def _response(status: int, content: Json) -> Response:
    return Response(status, "application/json", Bytes(json.dumps(content).encode()))
