"""What keeps a large archive fast: how tables are walked, and that nothing is written without need."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from index_scale import measure
from index_values import HD, NOW, SD, keep, list_source, playlist

from ytarchive.adapters.index import Index, library, rows


def pages_written(path: Path) -> int:
    """Pages in the write-ahead log: what the commits since the last checkpoint wrote."""
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size // (4096 + 24) if log.exists() else 0


def test_measurement_fills_and_reads_an_index(tmp_path: Path) -> None:
    measured = measure(600, tmp_path / "index.sqlite")
    assert {"all missing", "nothing to do", "settled", "rows of all"} <= measured.seconds.keys()
    assert measured.index_mib > 0


@pytest.mark.parametrize("scope", ["", rows.OF_VIDEOS])
def test_only_the_wanted_are_walked_and_everything_else_is_looked_up(index_path: Path, scope: str) -> None:
    with Index.open(index_path):
        connection = apsw.Connection(str(index_path), flags=apsw.SQLITE_OPEN_READONLY)
        plan = connection.execute(
            "EXPLAIN QUERY PLAN " + rows.candidates_sql(scope), {"now": NOW, "videos": "[]"}
        ).fetchall()
        connection.close()
    scans = [str(detail) for *_, detail in plan if str(detail).startswith("SCAN")]
    assert scans == (["SCAN w"] if not scope else ["SCAN json_each VIRTUAL TABLE INDEX 1:"])


def test_links_that_are_missing_are_found_without_comparing_claims_with_each_other(index_path: Path) -> None:
    with Index.open(index_path) as index:
        list(index.unlinked({}))
        connection = apsw.Connection(str(index_path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.execute(library.EXPECTED)
        plan = connection.execute("EXPLAIN QUERY PLAN " + library.DIFFERENT).fetchall()
        connection.close()
    assert [str(detail) for *_, detail in plan if str(detail).startswith("SCAN")] == ["SCAN w"]


def test_listing_that_shows_the_same_writes_a_few_pages(index_path: Path) -> None:
    videos = [f"v{number}" for number in range(5000)]
    with Index.open(index_path) as index:
        index.apply_entries([playlist("a")], NOW)
        list_source(index, "PL-a", videos)
    with Index.open(index_path) as index:
        list_source(index, "PL-a", videos, now=NOW + 60)
        assert pages_written(index_path) < 20


def test_changed_wish_writes_a_few_pages(index_path: Path) -> None:
    with Index.open(index_path) as index:
        index.apply_entries([playlist("a", SD)], NOW)
        list_source(index, "PL-a", [f"v{number}" for number in range(5000)])
    with Index.open(index_path) as index:
        index.apply_entries([playlist("a", HD)], NOW)
        assert index.wanted_count() == {"": 5000, "a": 5000}
        assert pages_written(index_path) < 30


def test_commit_of_one_video_writes_a_few_pages(index_path: Path) -> None:
    with Index.open(index_path) as index:
        index.apply_entries([playlist("a", SD)], NOW)
        list_source(index, "PL-a", [f"v{number}" for number in range(5000)])
    with Index.open(index_path) as index:
        keep(index, "v77", SD)
        assert pages_written(index_path) < 20
