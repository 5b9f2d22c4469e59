"""Lists at scale through real parts: few requests, nothing taken away on a bad look, filters without requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reconciler_house import SMALL, House

from ytarchive.core.job import VideoDetails
from ytarchive.core.plan import Books
from ytarchive.core.report import SourceReport
from ytarchive.reconciler import explain, open_reading, plan, refresh, take_stock
from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator, computed_playlist_id

LONG = computed_playlist_id(5000)
CUT = computed_playlist_id(1000)
KEY = "AIza-a-key-of-the-stand-in"


@pytest.fixture
def with_key(make_house: Callable[..., House], youtube: Simulator, tmp_path: Path) -> House:
    """A house with a key of the Data API and all its units."""
    youtube.remove_api_key()
    youtube.set_api_key(KEY)
    (tmp_path / "key").write_text(KEY + "\n")
    return make_house("keyed", YTARCHIVE_YOUTUBE__API_KEY_FILE=str(tmp_path / "key"))


@pytest.fixture(params=["api", "worker"])
def either(request: pytest.FixtureRequest) -> House:
    """With a key, and without one."""
    house: House = request.getfixturevalue("with_key" if request.param == "api" else "house")
    return house


def follow(house: House, playlist: str, **keys: str) -> None:
    more = "".join(f", {key}: {value}" for key, value in keys.items())
    house.manifest(f"playlists:\n  - {{playlist: {playlist}, name: list, quality: {SMALL}{more}}}\n")


def look(house: House, **options: Any) -> tuple[tuple[SourceReport, ...], Books]:
    with house.open() as world:
        reports = refresh(world, **options)
        return reports, take_stock(world).total


def requests(youtube: Simulator) -> int:
    return sum(youtube.counters()["requests"].values())


def test_five_thousand_lines_cost_a_hundred_units(with_key: House, youtube: Simulator) -> None:
    follow(with_key, LONG)
    (report,), books = look(with_key)
    assert (report.completeness, report.got, report.via) == ("complete", 5000, "api")
    assert books.wanted == 5000
    assert requests(youtube) <= 115
    youtube.reset_counters()
    (report,), books = look(with_key)
    assert (report.completeness, books.wanted) == ("unchanged", 5000)
    assert requests(youtube) <= 2


def test_five_thousand_lines_cost_a_page_for_a_hundred_without_a_key(
    house: House, youtube: Simulator
) -> None:
    follow(house, LONG)
    (report,), books = look(house)
    assert (report.completeness, report.got, report.via) == ("complete", 5000, "worker")
    assert requests(youtube) <= 55
    youtube.reset_counters()
    (report,), books = look(house)
    assert (report.completeness, books.wanted) == ("unchanged", 5000)
    assert requests(youtube) <= 2


@pytest.mark.parametrize(
    "fault", [{"kind": "empty_page"}, {"kind": "short_list"}, {"kind": "status", "value": 500}]
)
def test_a_listing_that_was_cut_changes_no_book_but_its_own_record(
    either: House, youtube: Simulator, fault: dict[str, Any]
) -> None:
    follow(either, CUT)
    _, before = look(either)
    keyed = "YTARCHIVE_YOUTUBE__API_KEY_FILE" in either.environment
    for kind, skip in (("data_api", 2), ("browse", 1)):
        youtube.add_fault(request=kind, skip=skip, **fault)
    (report,), books = look(either, whole=True)
    assert report.completeness == "partial"
    assert 0 < report.got < 1000
    assert books == before
    with open_reading(either.settings) as world:
        listing = world.index.listing(CUT)
        assert listing is not None
        assert listing.code is not None
        assert listing.expected == 1000
        assert world.index.held(CUT) == 1000
    assert keyed == (youtube.counters()["requests"].get("data_api", 0) > 0)


def test_a_list_that_loses_half_of_it_at_once_is_not_believed_before_another_day(
    either: House, youtube: Simulator
) -> None:
    videos = [f"shrunk{number:05d}" for number in range(60)]
    youtube.set_playlist("PLsimShrinking01", videos)
    follow(either, "PLsimShrinking01")
    look(either)
    youtube.set_playlist("PLsimShrinking01", videos[:30])
    (report,), books = look(either)
    assert (report.completeness, report.withheld, books.wanted) == ("shrunken", 30, 60)
    youtube.set_playlist("PLsimShrinking01", videos[:55])
    (report,), books = look(either)
    assert (report.completeness, report.removed, books.wanted) == ("complete", 5, 55)


@pytest.mark.parametrize(
    ("playlist", "code"),
    [(PLAYLISTS["private"], "LIST_PRIVATE"), (PLAYLISTS["missing"], "LIST_MISSING")],
)
def test_a_list_that_cannot_be_seen_is_told_with_its_next_look_and_stops_nothing_else(
    either: House, playlist: str, code: str
) -> None:
    either.manifest(
        f"playlists:\n  - {{playlist: {playlist}, name: list}}\n"
        f"  - {{playlist: {computed_playlist_id(3)}, name: other}}\n"
    )
    reports, books = look(either)
    assert {report.entry: report.code for report in reports} == {"list": code, "other": None}
    assert books.wanted == 3
    with open_reading(either.settings) as world:
        listing = world.index.listing(playlist)
        assert listing is not None
        assert listing.next_due_at is not None
        assert listing.next_due_at > world.clock.now()


def test_an_empty_list_is_complete(either: House) -> None:
    follow(either, PLAYLISTS["empty"])
    (report,), books = look(either)
    assert (report.completeness, report.got, books.listed) == ("complete", 0, 0)


@pytest.mark.parametrize("state", ["wrong", "expired", "spent"])
def test_without_a_good_key_or_units_a_worker_reads_the_list(
    with_key: House, youtube: Simulator, state: str
) -> None:
    youtube.remove_api_key()
    if state != "wrong":
        youtube.set_api_key(
            KEY, 0 if state == "spent" else 10_000, state="valid" if state == "spent" else state
        )
    follow(with_key, computed_playlist_id(120))
    (report,), books = look(with_key)
    assert (report.completeness, report.via, books.wanted) == ("complete", "worker", 120)
    assert any("Data API" in note for note in with_key.listener.notes)
    assert KEY not in "".join(with_key.listener.notes)


def test_a_filter_costs_no_request_and_says_what_it_leaves_out(either: House, youtube: Simulator) -> None:
    playlist = computed_playlist_id(200)
    follow(either, playlist)
    _, before = look(either)
    with open_reading(either.settings) as world:
        first = world.index.members(playlist)[0]
        record = world.index.video(first)
        assert record is not None
        title = record.title
    youtube.reset_counters()
    follow(either, playlist, where=f"{{title: {{not: ['{title}']}}}}")
    with either.open() as world:
        ledger, decisions = plan(world)
        ready = sum(1 for decision in decisions if decision.action)
        found = explain(world, first)
    assert requests(youtube) == 0
    assert (ledger.total.listed, ledger.total.excluded, ledger.total.wanted) == (200, 1, 199)
    assert ready == 199
    (standing,) = found.standing
    assert (standing.entry, standing.outcome, standing.rule) == ("list", "excluded", "where.title.not")
    assert before.wanted == 200


def test_what_a_filter_cannot_know_is_asked_of_the_data_api_in_batches(
    with_key: House, youtube: Simulator
) -> None:
    follow(with_key, computed_playlist_id(120), where="{languages: [en]}", keep="{last: 100}")
    _, books = look(with_key)
    assert books.listed == 120
    assert youtube.counters()["requests"]["data_api"] <= 3 + 3


def test_an_undecided_video_is_looked_at_once_and_fetched_only_when_wanted(
    house: House, youtube: Simulator
) -> None:
    videos = [WELL_KNOWN["ordinary"], WELL_KNOWN["leading_dash"], "examined001"]
    youtube.set_video("examined001", duration_seconds=3, published_at="2001-02-03T00:00:00+00:00")
    youtube.set_playlist("PLsimExamined001", videos)
    follow(
        house,
        "PLsimExamined001",
        where="{since: 2001-02-04, languages: [en]}",
        captions="{languages: []}",
        sidecars="[]",
    )
    report = house.run()
    assert report.exit_code == 0
    assert "examined001" not in house.committed()
    assert report.books.listed == 3
    assert report.books.wanted + report.books.excluded == 3
    assert youtube.counters()["requests"]["watch"] <= 3
    youtube.reset_counters()
    assert house.run().books == report.books
    assert youtube.counters()["requests"].get("watch", 0) == 0


def test_the_data_api_does_not_overrule_what_a_page_said(with_key: House, youtube: Simulator) -> None:
    members, premiere = WELL_KNOWN["members"], "premiere001"
    youtube.set_video(premiere, was_live=True)
    youtube.set_playlist("PLsimOverruled001", [members, premiere])
    follow(with_key, "PLsimOverruled001", where="{languages: [en]}")
    with with_key.open() as world:
        told = (
            VideoDetails(members, availability="subscriber_only"),
            VideoDetails(premiere, kind="videos"),
        )
        world.index.record_details(told, world.clock.now(), "listing")
        refresh(world)
        of_members, of_premiere = (world.index.video(video) for video in (members, premiere))
    assert of_members is not None
    assert of_premiere is not None
    assert (of_members.availability, of_premiere.kind) == ("subscriber_only", "videos")
    assert (of_members.details_at is None, of_premiere.details_at is None) == (False, False)
