"""What was found settled is remembered only as long as it holds."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from index_values import HD, NOW, SD, ids, keep, list_source, playlist

from ytarchive.adapters.index import Index, rows
from ytarchive.core.desired import Entry
from ytarchive.core.filters import Where
from ytarchive.core.plan import LeftOut

VIDEOS = [f"v{number}" for number in range(6)]
ENTRIES: tuple[Entry, ...] = (
    playlist("a", order="listed"),
    playlist("b", source="PL-a", where=Where(match=("v1",))),
)


@pytest.fixture
def planned(index: Index) -> Index:
    """Four of six videos are settled, and a plan was made of that."""
    index.apply_entries(ENTRIES, NOW)
    list_source(index, "PL-a", VIDEOS)
    for video in VIDEOS[:3]:
        keep(index, video)
    keep(index, "v3", late_due_at=NOW + 100)
    plan(index)
    return index


def plan(index: Index, now: int = NOW) -> tuple[dict[str, int], list[str]]:
    settled = index.settled(now)
    return settled, ids(index.candidates(now))


def test_second_plan_is_the_first(planned: Index) -> None:
    revision = planned.revision()
    assert plan(planned) == plan(planned) == ({"": 4, "a": 4, "b": 1}, ["v4", "v5"])
    assert planned.wanted_count() == {"": 6, "a": 6, "b": 1}
    assert planned.left_out() == {"": LeftOut(), "a": LeftOut(), "b": LeftOut(5, 0)}
    assert planned.revision() == revision


def test_second_plan_walks_only_what_is_not_settled(planned: Index, index_path: Path) -> None:
    connection = apsw.Connection(str(index_path), flags=apsw.SQLITE_OPEN_READONLY)
    sql = "EXPLAIN QUERY PLAN " + rows.candidates_sql(rows.OF_STOCK)
    details = [str(detail) for *_, detail in connection.execute(sql, {"now": NOW})]
    remembered = connection.execute("SELECT video FROM stock_videos ORDER BY video").fetchall()
    connection.close()
    assert [detail for detail in details if detail.startswith("SCAN")] == []
    assert remembered == [("v4",), ("v5",)]
    assert plan(planned)[1] == ["v4", "v5"]


def test_change_is_seen_at_once(planned: Index) -> None:
    keep(planned, "v4")
    assert ids(planned.candidates(NOW)) == ["v5"]
    assert plan(planned) == ({"": 5, "a": 5, "b": 1}, ["v5"])
    planned.mark_damaged("v0", "cut short")
    assert ids(planned.candidates(NOW)) == ["v0", "v5"]
    list_source(planned, "PL-a", [*VIDEOS, "v6"])
    assert planned.wanted_count()[""] == 7


def test_change_that_is_not_committed_is_seen_and_undone(planned: Index) -> None:
    def half_way() -> None:
        with planned.transaction():
            planned.forget_item("v0")
            assert plan(planned) == ({"": 3, "a": 3, "b": 1}, ["v0", "v4", "v5"])
            planned.forget_item("v1")
            assert plan(planned) == ({"": 2, "a": 2, "b": 0}, ["v0", "v1", "v4", "v5"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_way()
    assert plan(planned) == ({"": 4, "a": 4, "b": 1}, ["v4", "v5"])


def test_what_comes_due_is_no_longer_settled(planned: Index) -> None:
    assert plan(planned, NOW + 99)[1] == ["v4", "v5"]
    assert plan(planned, NOW + 100) == ({"": 3, "a": 3, "b": 1}, ["v3", "v4", "v5"])
    assert plan(planned, NOW) == ({"": 4, "a": 4, "b": 1}, ["v4", "v5"])  # the clock went back


def test_scopes_are_the_same_with_and_without_it(planned: Index) -> None:
    planned.add_request("v5", SD, NOW)
    before = (ids(planned.candidates(NOW, entry="b")), ids(planned.candidates(NOW, videos=["v0", "v5"])))
    plan(planned)
    assert (
        ids(planned.candidates(NOW, entry="b")),
        ids(planned.candidates(NOW, videos=["v0", "v5"])),
    ) == before
    assert before == ([], ["v5"])


def test_too_many_unsettled_videos_are_found_again(planned: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ytarchive.adapters.index.stock.KEPT_IDS", 1)
    keep(planned, "v0", HD)
    assert plan(planned) == plan(planned) == ({"": 4, "a": 4, "b": 1}, ["v4", "v5"])


def test_reader_uses_what_was_remembered_and_remembers_nothing(planned: Index, index_path: Path) -> None:
    with Index.open(index_path, read_only=True) as reader:
        assert plan(reader) == ({"": 4, "a": 4, "b": 1}, ["v4", "v5"])
        keep(planned, "v4")
        assert plan(reader) == ({"": 5, "a": 5, "b": 1}, ["v5"])
        assert reader.left_out()["b"] == LeftOut(5, 0)
