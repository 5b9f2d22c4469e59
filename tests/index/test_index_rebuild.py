"""A new index, fed from the disk and the journal, tells the same as the one that was lost."""

from __future__ import annotations

from pathlib import Path

from index_values import ENGLISH, HD, NOW, SD, failure, item, list_source, playlist, single

from ytarchive.adapters.index import Index
from ytarchive.core.desired import Entry
from ytarchive.core.item import Item

ENTRIES: tuple[Entry, ...] = (playlist("a", ENGLISH), playlist("b", SD, priority=1), single("c", "v1", "v9"))
ITEMS: tuple[Item, ...] = tuple(
    item(f"v{number}", (SD, HD, ENGLISH)[number % 3], captions_missing=("de",)) for number in range(8)
)


def look_at_youtube(index: Index) -> None:
    index.apply_entries(ENTRIES, NOW)
    list_source(index, "PL-a", [f"v{number}" for number in range(12)])
    list_source(index, "PL-b", ["v11", "v3", "v4"])


def scan(index: Index, items: tuple[Item, ...]) -> None:
    with index.transaction():
        for found in items:
            index.record_item(found, dir_mtime_ns=1, late_due_at=NOW + 5)


def replay(index: Index) -> None:
    index.add_request("v20", HD, NOW)
    index.add_request("v1", SD, NOW)
    index.acknowledge("v10", None, "known", NOW)
    index.acknowledge("v11", None, "mistake", NOW)
    index.withdraw("v11")


def test_rebuilt_index_gives_equal_rows_and_books(tmp_path: Path) -> None:
    with Index.open(tmp_path / "lost.sqlite") as lost, Index.open(tmp_path / "new.sqlite") as new:
        replay(lost)
        look_at_youtube(lost)
        for number, made in enumerate(ITEMS):
            if number % 2:
                lost.record_failure(made.id, "media", failure(), NOW, NOW + 60)
            scan(lost, (made,))
        lost.record_item(item("gone"), dir_mtime_ns=1, late_due_at=None)
        lost.forget_item("gone")

        scan(new, ITEMS[::-1])
        replay(new)
        look_at_youtube(new)

        for now in (NOW, NOW + 5):
            assert list(new.candidates(now)) == list(lost.candidates(now))
            assert new.settled(now) == lost.settled(now)
        assert [new.row(made.id, NOW) for made in ITEMS] == [lost.row(made.id, NOW) for made in ITEMS]
        assert new.wanted_count() == lost.wanted_count()
        assert list(new.known_items()) == list(lost.known_items())
        assert new.acknowledgements() == lost.acknowledgements()
        assert [new.video(made.id) for made in ITEMS] == [lost.video(made.id) for made in ITEMS]


def test_nothing_settled_is_work_again_after_a_rebuild(tmp_path: Path) -> None:
    with Index.open(tmp_path / "new.sqlite") as new:
        scan(new, tuple(item(f"v{number}", SD) for number in range(3)))
        new.apply_entries([playlist("b", SD)], NOW)
        list_source(new, "PL-b", ["v0", "v1", "v2"])
        assert list(new.candidates(NOW)) == []
        assert new.settled(NOW) == {"": 3, "b": 3}
