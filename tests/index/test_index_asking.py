"""Who asked for a video, and accounts whose cookies are bad."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from index_values import NOW, SD, failure, item, single

from ytarchive.adapters.index import AccountRecord, Index
from ytarchive.core.identity import GUEST
from ytarchive.core.plan import Row


@pytest.fixture
def wanted(index: Index) -> Index:
    index.apply_entries([single("a", "v1", wish=SD), single("b", "v2", wish=SD)], NOW)
    return index


def refuse(index: Index, identity: str, code: str = "AGE", video: str = "v1") -> None:
    index.record_failure(video, "media", failure(code, "user"), NOW, NOW + 9)
    index.note_asked(video, identity, code)


def asked(index: Index, video: str = "v1") -> tuple[str, tuple[str, ...]]:
    row = index.row(video, NOW)
    assert isinstance(row, Row)
    return row.asked_by, row.tried


def test_accounts_that_were_refused_are_remembered_until_the_guest_is_refused_again(wanted: Index) -> None:
    refuse(wanted, GUEST)
    assert asked(wanted) == (GUEST, ())
    refuse(wanted, "main")
    refuse(wanted, "other", "TIMEOUT")
    assert asked(wanted) == ("other", ("main",))
    refuse(wanted, "other")
    assert asked(wanted) == ("other", ("main", "other"))
    assert [row.tried for row in wanted.candidates(NOW)] == [("main", "other"), ()]
    refuse(wanted, GUEST)
    assert asked(wanted) == (GUEST, ())


@pytest.mark.parametrize("who", [GUEST, "main"])
def test_who_fetched_an_item_is_told_by_the_item(wanted: Index, who: str) -> None:
    refuse(wanted, "main")
    got = item("v1", SD)
    provenance = dataclasses.replace(got.provenance, identity=who)
    wanted.record_item(dataclasses.replace(got, provenance=provenance), dir_mtime_ns=1, late_due_at=None)
    assert asked(wanted) == (who, ())


def test_another_cookies_file_is_a_fresh_start_for_its_account_alone(wanted: Index) -> None:
    wanted.renew_account("main", "1")
    wanted.renew_account("other", "1")
    for who in ("main", "other"):
        refuse(wanted, who)
    wanted.distrust_account("main", "COOKIES_ROTATED", "signed out", NOW)
    assert wanted.accounts() == (
        AccountRecord("main", "1", "COOKIES_ROTATED", "signed out", NOW),
        AccountRecord("other", "1"),
    )
    revision = wanted.revision()

    wanted.renew_account("main", "2")

    assert wanted.accounts() == (AccountRecord("main", "2"), AccountRecord("other", "1"))
    assert asked(wanted) == ("other", ("other",))
    assert wanted.revision() != revision


def test_who_only_reads_renews_nothing(index: Index, tmp_path: Path) -> None:
    index.renew_account("main", "1")
    with Index.open(index._db.path, read_only=True) as reading:
        reading.renew_account("main", "2")
        assert reading.accounts() == (AccountRecord("main", "1"),)
