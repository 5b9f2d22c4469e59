"""Checks of the world outside: the clock, names, TLS, the Data API, accounts, and a video of YouTube.

Offline, only what lies here is looked at; everything that asks the network does so with `--online`.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ytarchive.cli.checks import Check, Status
from ytarchive.cli.words import count, moment, span, when

if TYPE_CHECKING:
    from ytarchive.adapters.engines import Rack
    from ytarchive.adapters.index import Index
    from ytarchive.core.job import Network
    from ytarchive.settings import Settings

ONLINE_CHECKS = ("dns", "tls", "clock online", "api online", "video", "challenge")
CANARY = "jNQXAC9IVRw"
"""YouTube's first video: public, 19 seconds, and there since 2005."""

_SECONDS_APART = 60.0
_HOUR = 3600.0
_DAY = 86400.0
_SET_CLOCK = "set the clock, and let it be kept by NTP (`timedatectl set-ntp true`)"
_LOOK_SECONDS = 0.05


def network_of(settings: Settings) -> Network:
    from ytarchive.core.job import Network

    network = settings.network
    ca_file = str(network.ca_file) if network.ca_file else None
    return Network(proxy=network.proxy, ca_file=ca_file, source_address=network.source_address)


def clock(rack: Rack, index_path: Path) -> Iterator[Check]:
    """Whether this clock can be right: it runs evenly, after the engine's release, and not before what it wrote."""
    now = time.time()
    drift = _drift()
    released = _release_day(rack.built_in)
    expected = "at most a minute from the true time"
    if released and datetime.fromtimestamp(now, UTC).date() < released:
        found = f"{moment(int(now))} is before the release of the built-in yt-dlp ({released})"
        yield Check("clock", "failed", found, _SET_CLOCK, expected)
        return
    written = index_path.stat().st_mtime if index_path.exists() else 0.0
    if written > now + _DAY:
        found = f"{moment(int(now))}, but the index was written at {moment(int(written))}"
        yield Check("clock", "warning", found, _SET_CLOCK, expected)
    elif drift > 1:
        yield Check(
            "clock", "warning", f"it jumped by {span(drift)} while it was watched", _SET_CLOCK, expected
        )
    else:
        yield Check("clock", "ok", f"{moment(int(now))}, runs evenly", expected=expected)


def _drift() -> float:
    """By how many seconds the clock and the time since the boot went apart in a moment."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(_LOOK_SECONDS)
    return abs((time.time() - wall) - (time.monotonic() - steady))


def _release_day(version: str) -> date | None:
    """yt-dlp's versions are days."""
    try:
        year, month, day = (int(number) for number in version.split(".")[:3])
        return date(year, month, day)
    except ValueError:
        return None


def names(network: Network) -> Iterator[Check]:
    from ytarchive.adapters.reach import name_to_resolve, resolve

    host = name_to_resolve(network)
    try:
        found = resolve(host)
    except OSError as error:
        cure = (
            "check the network and its DNS servers (/etc/resolv.conf); the proxy's name, where there is one"
        )
        yield Check("dns", "failed", f"{host}: {error.strerror or error}", cure, "an address")
    else:
        yield Check("dns", "ok", f"{host} is {', '.join(found[:3])}")


def handshake(network: Network) -> Iterator[Check]:
    """TLS with YouTube through the proxy of the settings or the environment, and its clock beside ours."""
    import ssl

    from ytarchive.adapters.data_api.transport import CertificatesUnusable
    from ytarchive.adapters.reach import reach
    from ytarchive.core.evidence import short_message

    asked_at = time.time()
    try:
        reached = reach(network)
    except (ssl.SSLCertVerificationError, CertificatesUnusable) as error:
        cure = (
            "check the clock and network.ca_file; a proxy that looks into TLS needs its own certificate there"
        )
        yield Check("tls", "failed", short_message(str(error), 300), cure, "a certificate that is trusted")
        return
    except OSError as error:
        cure = "check the network, network.proxy and the proxy variables of the environment"
        yield Check("tls", "failed", short_message(str(error), 300), cure, "a connection to www.youtube.com")
        return
    yield Check("tls", "ok", f"{reached.protocol}, certificate by {reached.issuer}")
    if reached.date is None:
        yield Check("clock online", "skipped", "the answer did not tell the time")
        return
    yield _beside(reached.date, (asked_at + time.time()) / 2)


def _beside(theirs: float, ours: float) -> Check:
    apart = abs(theirs - ours)
    expected = f"at most {span(_SECONDS_APART)} from YouTube's"
    if apart <= _SECONDS_APART:
        return Check("clock online", "ok", f"{span(round(apart))} from YouTube's", expected=expected)
    side = "behind" if ours < theirs else "ahead of"
    status: Status = "failed" if apart > _HOUR else "warning"
    return Check("clock online", status, f"{span(apart)} {side} YouTube's", _SET_CLOCK, expected)


def api(settings: Settings, index: Index | None) -> Iterator[Check]:
    """The key's file, and what is left of the day's units. Asks nobody."""
    from ytarchive.adapters.data_api import read_key
    from ytarchive.errors import YtarchiveError

    path = settings.youtube.api_key_file
    if path is None:
        yield Check("api key", "ok", "none: lists are read without the Data API")
        return
    try:
        read_key(path)
    except YtarchiveError as error:
        yield Check("api key", "failed", error.message, error.cure, "a key of the YouTube Data API")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IRWXO:
        yield Check(
            "api key",
            "warning",
            f"{path} is open to everybody ({mode:04o})",
            f"chmod 600 {path}",
            "a file for its owner alone",
        )
    else:
        yield Check("api key", "ok", f"{path}, {_age(path)}")
    if index is not None:
        yield _quota(settings, index)


def _quota(settings: Settings, index: Index) -> Check:
    now = int(time.time())
    ledger = index.quota_ledger(settings.youtube.limits)
    try:
        standing = ledger.standing(now)
    finally:
        ledger.close()
    left = standing.left("look")
    found = f"{left:,} of {standing.limits.budget:,} units left; new ones {when(standing.renews_at, now)}"
    if left:
        return Check("api quota", "ok", found)
    cure = "nothing needs to be done: until then lists are read without the Data API"
    return Check("api quota", "warning", found, cure)


def api_online(settings: Settings, index: Index | None, video: str, network: Network) -> Iterator[Check]:
    """One question to the Data API: one unit, taken from the ledger as any other."""
    from threading import Event

    from ytarchive.adapters.clock import SystemClock
    from ytarchive.adapters.data_api import answer, read_key
    from ytarchive.adapters.index import QuotaLedger
    from ytarchive.core.failure_table import policy
    from ytarchive.core.job import Job
    from ytarchive.errors import YtarchiveError
    from ytarchive.reconciler.world import index_path

    path = settings.youtube.api_key_file
    if path is None or index is None:
        why = "there is no key" if path is None else "there is no index yet, which keeps count of its units"
        yield Check("api online", "skipped", why)
        return
    try:
        key = read_key(path)
    except YtarchiveError:
        return  # `api` has told it
    job = Job("doctor", "details", video, videos=(video,), network=network)
    ledger = QuotaLedger(index_path(settings), settings.youtube.limits)
    try:
        receipt = answer(
            job, key, network, ledger, lambda _: None, Event(), SystemClock(), purpose="metadata"
        )
    finally:
        ledger.close()
    if receipt.failure is None:
        yield Check("api online", "ok", "the Data API answers (1 unit)")
        return
    rule = policy(receipt.failure.code)
    cure = rule.cures[0].edit or rule.cures[0].what if rule.cures else None
    found = f"{receipt.failure.code}: {rule.meaning}"
    yield Check("api online", "failed" if rule.kind == "user" else "warning", found, cure, "an answer")


def accounts(settings: Settings) -> Iterator[Check]:
    """The cookies files of `auth.<name>`: there, readable, their owner's alone, and not too old. No value is told."""
    from ytarchive.adapters.cookies import examine

    for account in settings.auth:
        path, name = account.cookies_file, f"auth.{account.name}"
        found = examine(path, int(time.time()))
        if found.trouble:
            expected = "cookies of a signed-in browser, for their owner alone"
            yield Check(name, "failed", found.trouble, found.cure, expected)
        else:
            yield Check(name, "ok", f"{path}, {_age(path)}")


def _age(path: Path) -> str:
    days = max(0, int((time.time() - path.stat().st_mtime) // _DAY))
    return f"{count(days, 'day')} old" if days else "from today"


def egresses(settings: Settings, index: Index | None) -> Iterator[Check]:
    """Whether YouTube has shut the door on this address, as the guest or as an account."""
    closed = _closed(settings, index)
    for name, until in closed.items():
        found = f"YouTube throttles this address as {name}: nothing is asked before {when(until, int(time.time()))}"
        cure = "nothing needs to be done; if it recurs, ask less often: limits.videos_per_hour"
        yield Check("egress", "warning", found, cure)
    if not closed:
        yield Check("egress", "ok", "no throttling is known")


def _closed(settings: Settings, index: Index | None) -> dict[str, int]:
    """Until when the breaker of each identity is open, where it is."""
    from ytarchive.core.identity import GUEST

    if index is None:
        return {}
    opens = {name: index.egress(name).open_until for name in (GUEST, *(each.name for each in settings.auth))}
    return {name: until for name, until in opens.items() if until > time.time()}


def video(settings: Settings, index: Index | None, subject: str, rack: Rack) -> Iterator[Check]:
    """One extraction of a video as the guest, and a challenge of the player that YouTube uses now."""
    from ytarchive.adapters.engines import self_test
    from ytarchive.core.engines import BUILT_IN
    from ytarchive.core.identity import GUEST

    if GUEST in _closed(settings, index):
        for name in ("video", "challenge"):
            yield Check(name, "skipped", "YouTube throttles this address: it is not asked now")
        return
    network = network_of(settings)
    engine = rack.in_force()
    with rack.use(engine):
        test = self_test(rack.home(engine), video=subject, network=network)
    steps = {step.name: step for step in test.steps}
    newer = "`ytarchive engine upgrade`" + (
        "" if engine == BUILT_IN else ", or back: `ytarchive engine rollback`"
    )
    for name in ("video", "challenge"):
        step = steps.get(name)
        if step is None:
            wrong = test.failed
            yield Check(
                name, "skipped", f"not asked for, since {wrong.name} failed" if wrong else "not asked for"
            )
        elif step.outcome == "ok":
            yield Check(name, "ok", step.found)
        else:
            cure = newer if name == "challenge" else _cure_of(step.found, newer)
            expected = (
                "an answer" if name == "challenge" else f"what a browser on this network gets of {subject}"
            )
            yield Check(name, step.outcome, step.found, cure, expected)


def _cure_of(found: str, newer: str) -> str:
    """The failure table knows what helps; where it knows nothing better, another engine does."""
    from ytarchive.core.failure_table import policy

    rule = policy(found.partition(":")[0])
    if rule.kind == "engine" or rule.code in ("UNKNOWN", "BROKEN"):
        return newer
    edit = next((cure.edit for cure in rule.cures if cure.edit and cure.edit.startswith("settings")), None)
    return edit or "check the network, network.proxy and network.ca_file, or name another video with --video"
