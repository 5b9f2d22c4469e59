"""From a request to an answer: which faults hit it, and what is said."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from ytarchive.simulator.answers import Visit, answer_to, error_response
from ytarchive.simulator.changes import catch_up
from ytarchive.simulator.data_api import service
from ytarchive.simulator.faults import Fault, FaultKind
from ytarchive.simulator.http import Bytes, Request, Response
from ytarchive.simulator.questions import recognise
from ytarchive.simulator.server import Answer, is_control
from ytarchive.simulator.world import World

_COMPRESSED = ("Content-Encoding", "gzip")


class Routes:
    """Answers requests about one simulated world; safe to call from many threads."""

    def __init__(self, world: World, control: Callable[[Request], Response]) -> None:
        self._world = world
        self._control = control

    def answer(self, request: Request) -> Answer:
        """Return the answer to any request to a simulated host or to the plain endpoint."""
        catch_up(self._world)
        if is_control(request):
            return Answer("control", None, (), self._control(request))
        question = recognise(request)
        faults = self._world.faults.take(question.name, request.host, question.video, question.playlist)
        values = {fault.kind: fault.value for fault in faults}
        if FaultKind.REENCODE in values and question.video:
            self._world.reencode(question.video)
        if FaultKind.STATUS in values:
            response = self._failed(request, question.kind, faults)
        else:
            visitor = self._world.accounts.visitor(request)
            visit = Visit(self._world, request, question, frozenset(values), visitor.account)
            response = visitor.told(answer_to(visit))
        if FaultKind.MALFORMED in values:
            response = _broken_off(response)
        return Answer(question.kind, question.video, faults, response)

    def _failed(self, request: Request, kind: str, faults: tuple[Fault, ...]) -> Response:
        fault = next(fault for fault in reversed(faults) if fault.kind is FaultKind.STATUS)
        if kind == "data_api":
            return service.failed(self._world, request, fault)
        return error_response(int(fault.value), kind)


def _broken_off(response: Response) -> Response:
    """Return a response whose text stops in the middle, followed by garbage, under a correct length."""
    content = response.body.read(0, response.body.length)
    if _COMPRESSED in response.headers:
        content = gzip.decompress(content)
    headers = tuple(header for header in response.headers if header != _COMPRESSED)
    return Response(
        response.status, response.content_type, Bytes(content[: len(content) * 2 // 3] + b"<!--"), headers
    )
