"""What YouTube has no more: known as it was, believed after looks on different days, and remembered by the archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from reconciler_house import SMALL, House, MovedClock, opened

from ytarchive.core.confirmation import is_final
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import DAY
from ytarchive.core.job import Receipt
from ytarchive.core.plan import decide
from ytarchive.reconciler import details, rebuild_index, reconcile_once, refresh
from ytarchive.reconciler.receiving import learn, record_failure
from ytarchive.simulator import Simulator


def test_a_video_that_is_gone_keeps_what_was_known_and_is_confirmed_a_day_later(
    house: House, youtube: Simulator
) -> None:
    video, clock = "tombstone01", MovedClock()
    youtube.set_video(video, title="What it was called", case="public")
    youtube.set_playlist("PLsimTombstones1", [video])
    house.manifest(f"playlists:\n  - {{playlist: PLsimTombstones1, name: list, quality: {SMALL}}}\n")
    with opened(house, clock) as world:
        refresh(world)
    youtube.set_video(video, case="removed")

    def look() -> tuple[str | None, bool, bool]:
        with opened(house, clock) as world:
            report = reconcile_once(world)
            assert report.exit_code == 3
            stone, record = world.index.tombstone(video), world.index.video(video)
            row = world.index.row(video, clock.now())
        assert record is not None
        assert row is not None
        final = stone is not None and stone.confirmed_at is not None
        assert is_final("REMOVED", row.looks) == final
        assert decide(row, clock.now(), world.index.target).reason == ("gone" if final else "unconfirmed")
        return record.title, stone is not None, stone is not None and stone.confirmed_at is not None

    assert look() == ("What it was called", True, False)
    clock.ahead = 2 * DAY  # due after a day and some jitter
    assert look() == ("What it was called", True, True)
    (line,) = [line for line in journal(house) if '"kind":"tombstone"' in line]
    assert "What it was called" in line
    rebuild_index(house.settings)
    with opened(house, clock) as world:
        stone = world.index.tombstone(video)
        assert stone is not None
        assert stone.confirmed_at is not None
    youtube.set_video(video, case="public")
    clock.ahead = 40 * DAY
    with opened(house, clock) as world:
        assert reconcile_once(world).exit_code == 0
        assert world.index.tombstone(video) is None


@pytest.mark.parametrize(("case", "confirmed"), [("removed", True), ("unavailable", True), ("geo", False)])
def test_what_the_data_api_still_has_is_not_called_gone(
    house: House, youtube: Simulator, tmp_path: Path, case: str, confirmed: bool
) -> None:
    """A player may call a video unavailable that is only blocked here; then the Data API knows it."""
    key_file = tmp_path / "key"
    key_file.write_text("key-of-tombstones")
    youtube.set_api_key("key-of-tombstones")
    house.environment["YTARCHIVE_YOUTUBE__API_KEY_FILE"] = str(key_file)
    clock, video = MovedClock(), f"tombAp{case[:5]:_<5}"
    house.want([video])
    youtube.set_video(video, case=case)
    said = verdict("UNAVAILABLE", Evidence("extract", "This video is not available"))
    with opened(house, clock) as world:
        for _ in range(4):
            began = clock.now()
            learn(world, video, Receipt("job", "failed", said))
            record_failure(world, video, "media", said)
            details.confirm(world, began)
            row, stone = world.index.row(video, clock.now()), world.index.tombstone(video)
            clock.ahead += 32 * DAY
    assert row is not None
    assert is_final("UNAVAILABLE", row.looks) == confirmed
    assert (stone is not None and stone.confirmed_at is not None) == confirmed


def journal(house: House) -> list[str]:
    folder = house.root / ".ytarchive" / "decisions"
    return [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
