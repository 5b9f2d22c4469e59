"""One question to the Data API: its unit, its attempts, and what becomes of every way in which it can fail."""

from __future__ import annotations

import http.client
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

import httplib2
import socks
import stamina
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from ytarchive.adapters.data_api import Clock, Ledger, Stop
from ytarchive.adapters.data_api.transport import HOST, CertificatesUnusable, Transport, transport_for
from ytarchive.core.failure import Evidence, Failure, HttpExchange, classify
from ytarchive.core.failure_texts import CAUSES
from ytarchive.core.instant import Instant
from ytarchive.core.job import Job, Network
from ytarchive.core.quota import Purpose, QuotaSpent
from ytarchive.errors import YtarchiveError

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 4.0
JITTER_SECONDS = 1.0
"""Before the n-th repetition: the first wait, doubled each time, and up to the jitter more; never above the longest."""
RETRIED = frozenset(
    {"API_RATE", "API_5XX", "API_BAD_ANSWER", "DNS", "TIMEOUT", "REFUSED", "RESET", "PROXY", "UNKNOWN"}
)

Json = Mapping[str, Any]
Found = TypeVar("Found")

# What these would say is in the receipts; on stderr, and with answers in full, it has no place.
logging.getLogger("googleapiclient").setLevel(logging.CRITICAL)
stamina.instrumentation.set_on_retry_hooks(())


class Stopped(Exception):
    """The job is to end."""


class NotAnAnswer(Exception):
    """An answer is not one to what was asked: what was found, and what was expected."""


class Trouble(Exception):
    """A question got no answer, and why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Caller:
    """Asks for one job, in one thread. `exchanges` is every request that was made, the failed ones too."""

    def __init__(
        self,
        job: Job,
        key: str,
        network: Network,
        ledger: Ledger,
        stop: Stop,
        clock: Clock,
        purpose: Purpose | None,
    ) -> None:
        self.exchanges: list[HttpExchange] = []
        self._job = job
        self._key = key
        self._network = network
        self._ledger = ledger
        self._stop = stop
        self._clock = clock
        self._purpose = purpose
        self._is_paid = False
        self._transport: Transport | None = None

    def ask(
        self, resource: str, purpose: Purpose, read: Callable[[Json], Found], **parameters: object
    ) -> Found:
        """What `read` makes of the answer. It raises `NotAnAnswer` for one to another question.

        Raise `Trouble` when there is none, `Stopped` when the job is to end.
        """
        attempts = stamina.retry_context(
            on=self._is_worth_another,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=FIRST_WAIT_SECONDS,
            wait_max=LONGEST_WAIT_SECONDS,
            wait_jitter=JITTER_SECONDS,
        )
        try:
            for attempt in attempts:
                with attempt:
                    self.check()
                    return self._once(resource, self._purpose or purpose, read, parameters)
        except Trouble:
            if self._stop.is_set():
                raise Stopped from None
            raise
        raise AssertionError("an attempt returns or raises")

    def check(self) -> None:
        """Raise when it is time to stop."""
        if self._stop.is_set():
            raise Stopped
        if 0 < self._job.deadline_at <= self._clock.now():
            raise self.trouble("The deadline of the job has passed", cause="Deadline")

    def trouble(
        self,
        message: str,
        *,
        cause: str | None = None,
        status: int | None = None,
        number: int | None = None,
        until: Instant | None = None,
    ) -> Trouble:
        """What went wrong, as a verdict. Nothing that is told holds the key."""
        evidence = Evidence(
            "api",
            self._redacted(message),
            cause=cause,
            error_number=number,
            status=status,
            http=tuple(self.exchanges),
        )
        return Trouble(replace(classify(evidence), until=until))

    def _is_worth_another(self, error: Exception) -> bool:
        return isinstance(error, Trouble) and error.failure.code in RETRIED and not self._stop.is_set()

    def _once(
        self, resource: str, purpose: Purpose, read: Callable[[Json], Found], parameters: Json
    ) -> Found:
        started_at = time.monotonic()
        status, error = 0, None
        try:
            if not self._is_paid:
                self._spend(purpose)
            answer = self._send(resource, purpose, parameters)
            status = 200
            return read(answer)
        except QuotaSpent as spent:
            raise self.trouble(str(spent), cause="quotaExceeded", until=spent.until) from None
        except YtarchiveError:
            raise  # of the index: nobody can go on
        except Exception as failed:  # Google's client raises what it pleases of an answer that is none
            heard = heard_in(failed)
            status, error = heard.status or status, heard.reason or type(failed).__name__
        finally:
            if status or error:
                took = round(time.monotonic() - started_at, 3)
                self.exchanges.append(HttpExchange("api", HOST, status, seconds=took, error=error))
        raise self._verdict(heard)

    def _verdict(self, heard: Heard) -> Trouble:
        trouble = self.trouble(
            heard.message, cause=heard.reason, status=heard.status, number=heard.error_number
        )
        if trouble.failure.code != "API_QUOTA":
            return trouble
        until = self._ledger.renews_at(self._clock.now())
        self._ledger.pause(until)
        return Trouble(replace(trouble.failure, until=until))

    def _spend(self, purpose: Purpose) -> None:
        self._ledger.spend(purpose, 1, self._clock.now())
        self._is_paid = True

    def _send(self, resource: str, purpose: Purpose, parameters: Json) -> Json:
        def pay() -> None:
            if not self._is_paid:  # the connection had gone stale, and the request is sent again
                self._spend(purpose)
            self._is_paid = False

        if self._transport is None:
            self._transport = transport_for(self._network)
        self._transport.key, self._transport.route.pay = self._key, pay
        answer = _resource(resource).list(**parameters).execute(http=self._transport)
        if not isinstance(answer, dict):
            raise NotAnAnswer("found no JSON object, expected an answer of the Data API")
        return answer

    def _redacted(self, text: str) -> str:
        for shape in (self._key, quote(self._key, safe="")):
            text = text.replace(shape, "***") if shape else text
        return text


class _Kept(threading.local):
    """Google's description of the API, as Python objects; one of each for every thread."""

    def __init__(self) -> None:
        self.resources: dict[str, Any] = {}
        self.service: Any = None


_KEPT = _Kept()


def _resource(name: str) -> Any:
    if _KEPT.service is None:
        # It is never asked through this `Http`, which only keeps it from looking for credentials.
        _KEPT.service = build(
            "youtube", "v3", http=httplib2.Http(), static_discovery=True, cache_discovery=False
        )
    if name not in _KEPT.resources:
        _KEPT.resources[name] = getattr(_KEPT.service, name)()
    return _KEPT.resources[name]


_TAGS = re.compile(r"<[^<>]*>")
_REASON = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def reason_of(content: bytes) -> tuple[str | None, str]:
    """The reason and the words of a refusal. The newer form of a reason says more than the older one."""
    try:
        body = json.loads(content)
        error = body["error"] if isinstance(body, dict) else body[0]["error"]
        message = _TAGS.sub("", str(error.get("message", "")))[:1000]
        found = next((reason for reason in _reasons(error) if _REASON.fullmatch(reason)), None)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None, "found no JSON, expected an answer of the Data API"
    return found, f"{found}: {message}"


def _reasons(error: Json) -> Iterator[str]:
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("reason"), str):
            limit = str(detail.get("metadata", {}).get("quota_limit", ""))
            yield "dailyLimitExceeded" if "perday" in limit.lower() else detail["reason"]
    errors = error.get("errors")
    for each in errors if isinstance(errors, list) else ():
        if isinstance(each, dict) and isinstance(each.get("reason"), str):
            yield each["reason"]
    if isinstance(error.get("status"), str):
        yield error["status"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was told instead of an answer: a reason of the API's, or the class name that `core.failure` knows."""

    reason: str | None
    message: str
    status: int | None = None
    error_number: int | None = None


def heard_in(error: Exception) -> Heard:
    """What an exception tells, without the addresses that Google's client writes into it."""
    if isinstance(error, HttpError):
        reason, message = reason_of(error.content)
        return Heard(reason, message, error.status_code)
    if isinstance(error, NotAnAnswer):
        return Heard("NotAnAnswer", str(error), 200)
    number = error.errno if isinstance(error, OSError) else None
    return Heard(_cause_of(error), str(error) or type(error).__name__, error_number=number)


def _cause_of(error: Exception) -> str:
    if isinstance(error, socks.ProxyError):
        return "ProxyError"
    if isinstance(error, httplib2.ServerNotFoundError):
        return "gaierror"
    if isinstance(error, CertificatesUnusable):
        return "CertificateVerifyError"
    if isinstance(error, TimeoutError):
        return "TimeoutError"
    if isinstance(error, OSError) and type(error).__name__ not in CAUSES:
        return "ConnectionError"
    if isinstance(error, http.client.HTTPException | OSError):
        return type(error).__name__
    return "NotAnAnswer"
