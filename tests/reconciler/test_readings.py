"""Worlds that are kept open for readers: never two readers in one, never of another index, never without its archive."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from reconciler_house import QUICK, House

from ytarchive.errors import ArchiveError, YtarchiveError
from ytarchive.reconciler import open_world, rebuild_index
from ytarchive.reconciler.readings import Readings


@pytest.fixture
def quiet(tmp_path: Path) -> House:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("YTARCHIVE_")}
    house = House(tmp_path, {**kept, **QUICK})
    house.want(["aaaaaaaaaaa"])
    with open_world(house.settings):
        pass
    return house


def test_reader_finds_the_world_of_the_one_before_and_what_was_written_since(quiet: House) -> None:
    readings = Readings(quiet.settings)
    with readings.one() as first:
        assert first.index.wanted_count()["wanted"] == 1
    quiet.want(["aaaaaaaaaaa", "bbbbbbbbbbb"])
    with open_world(quiet.settings):
        pass
    with readings.one() as second, readings.one() as beside:
        assert second is first
        assert beside is not first
        assert second.index.wanted_count()["wanted"] == beside.index.wanted_count()["wanted"] == 2
    readings.close()


def test_index_made_anew_is_opened_anew(quiet: House) -> None:
    readings = Readings(quiet.settings)
    with readings.one() as before:
        pass
    rebuild_index(quiet.settings)
    with readings.one() as after:
        assert after is not before
        assert after.index.archive_id == before.archive.id
    readings.close()


def test_archive_that_is_gone_is_told_until_it_is_back(quiet: House) -> None:
    readings = Readings(quiet.settings)
    with readings.one():
        pass
    away = quiet.root.rename(quiet.folder / "away")
    with pytest.raises(YtarchiveError), readings.one():
        pass
    away.rename(quiet.root)
    with readings.one() as world:
        assert world.archive.root == quiet.root
    readings.close()


def test_world_that_failed_a_reader_is_given_to_nobody_else(quiet: House) -> None:
    readings = Readings(quiet.settings)
    with pytest.raises(ArchiveError), readings.one() as failed:
        raise ArchiveError("the disk went away")
    with readings.one() as world:
        assert world is not failed
    readings.close()
