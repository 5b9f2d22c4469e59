"""The log as a running daemon tells it: the same lines as its files hold, where those cannot be read as well."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from ytarchive.adapters.log_store import LogStore, Page
from ytarchive.cli.daemon_client import Daemon, DaemonGone
from ytarchive.core.log_record import Filter, Record, iso, record_of
from ytarchive.web.values import LogPage

MOST_AT_ONCE = 5000
LOOK_SECONDS = 0.5
_NAMES = {"components": "component", "pass_number": "pass"}


class DaemonLog:
    """Asks the daemon; `files` is what is followed once it ends: a place in the one is a place in the other."""

    def __init__(self, daemon: Daemon, files: LogStore) -> None:
        self._daemon, self._files = daemon, files

    def query(
        self, wanted: Filter, *, after: str | None = None, limit: int = 200, newest_first: bool = True
    ) -> Page:
        """As `LogStore.query`; it takes as many answers as it needs. Raise `YtarchiveError`."""
        records: list[Record] = []
        place, end = after, None
        while True:
            some = max(1, min(limit - len(records), MOST_AT_ONCE))
            page = self._page(wanted, place, some, newest_first=newest_first)
            records += (record for one in page.records if (record := record_of(json.dumps(one).encode())))
            end = end or page.end
            place = page.next
            if place is None or len(records) >= limit:
                return Page(tuple(records[:limit]), place, end)

    def follow(self, wanted: Filter, *, after: str) -> Iterator[Record]:
        """Lines as they are written, from a `Page.end` on."""
        place = after
        try:
            while True:
                page = self.query(wanted, after=place, limit=MOST_AT_ONCE, newest_first=False)
                yield from page.records
                place = page.next or page.end
                if page.next is None:
                    time.sleep(LOOK_SECONDS)
        except DaemonGone:
            yield from self._files.follow(wanted, after=place)

    def _page(self, wanted: Filter, after: str | None, limit: int, *, newest_first: bool) -> LogPage:
        given: dict[str, Any] = {"limit": limit, "oldest_first": str(not newest_first).lower()}
        if after is not None:
            given["after"] = after
        for name in Filter.__slots__:
            value = getattr(wanted, name)
            if value not in (None, ()):
                given[_NAMES.get(name, name)] = iso(value) if name in ("since", "until") else value
        return self._daemon.get(f"/api/v1/logs?{urlencode(given, doseq=True)}", LogPage)
