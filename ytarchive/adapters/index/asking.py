"""As whom videos were asked for: accounts, the trouble with their cookies, and what YouTube refused to whom.

All of it may be lost with the index.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from ytarchive.adapters.index.database import Database
from ytarchive.adapters.index.texts import storable
from ytarchive.core.identity import ACCOUNT_DECIDES, GUEST
from ytarchive.core.instant import Instant


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account with the stamp of its cookies file; `code`, `message` and `at` once YouTube refused these cookies."""

    name: str
    stamp: str
    code: str | None = None
    message: str | None = None
    at: Instant | None = None


class Asking:
    """A part of `Index`, which has the rest."""

    _db: Database

    def accounts(self) -> tuple[AccountRecord, ...]:
        rows = self._db.all("SELECT name, stamp, code, message, at FROM accounts ORDER BY name")
        return tuple(AccountRecord(*row) for row in rows)

    def renew_account(self, name: str, stamp: str) -> None:
        """An account has another cookies file than before: its trouble, and what it was refused, are forgotten.

        Whoever only reads leaves that to who writes.
        """
        if self._db.read_only:
            return
        with self._db.transaction():
            self._db.execute("INSERT OR REPLACE INTO accounts (name, stamp) VALUES (?, ?)", (name, stamp))
            self._db.execute(
                """
                UPDATE asked SET tried = (SELECT json_group_array(value) FROM json_each(tried) WHERE value <> :name)
                WHERE EXISTS (SELECT 1 FROM json_each(tried) WHERE value = :name)
                """,
                {"name": name},
            )
            self._db.changed()

    def distrust_account(self, name: str, code: str, message: str, now: int) -> None:
        """YouTube takes an account's cookies no more."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE accounts SET code = ?, message = ?, at = ? WHERE name = ?",
                (code, storable(message), now, name),
            )
            self._db.changed()

    def note_asked(self, video: str, identity: str, code: str) -> None:
        """Who met the last failure of a video's media. What the guest is told anew is told anew to accounts as well."""
        with self._db.transaction():
            if identity == GUEST:
                self._db.execute("DELETE FROM asked WHERE video = ?", (video,))
            else:
                refused = {*self.accounts_tried(video), *((identity,) if code in ACCOUNT_DECIDES else ())}
                self._db.execute(
                    "INSERT OR REPLACE INTO asked VALUES (?, ?, ?)",
                    (video, identity, json.dumps(sorted(refused))),
                )
            self._db.changed()

    def accounts_tried(self, video: str) -> tuple[str, ...]:
        """Accounts to whom YouTube refused a video since it last did so to the guest."""
        found = self._db.value("SELECT tried FROM asked WHERE video = ?", (video,))
        return () if found is None else tuple(json.loads(found))


def note_fetched(db: Database, video: str, identity: str) -> None:
    """Who fetched what is here."""
    if identity == GUEST:
        db.execute("DELETE FROM asked WHERE video = ?", (video,))
    else:
        db.execute("INSERT OR REPLACE INTO asked VALUES (?, ?, '[]')", (video, identity))
