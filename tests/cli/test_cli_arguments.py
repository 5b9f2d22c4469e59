"""Ids that look like options are ids; options that look like ids are options."""

from __future__ import annotations

import click
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ytarchive.cli.deciding import ignore
from ytarchive.cli.explain import explain

OPTIONS = {name for option in (*ignore.params, *explain.params) for name in option.opts}
ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
dashed_ids = st.text(ID_CHARACTERS, min_size=10, max_size=10).map("-".__add__)


def parsed(command: click.Command, *arguments: str) -> dict[str, object]:
    return command.make_context("it", list(arguments)).params


@given(dashed_ids)
def test_every_id_with_one_dash_is_a_video(video: str) -> None:
    assume(not video.startswith("--"))
    assert parsed(explain, video)["video"] == video


@given(dashed_ids)
def test_every_id_is_a_video_after_two_dashes(video: str) -> None:
    assert parsed(ignore, "--until", "1d", "--", video, "dQw4w9WgXcQ")["subjects"] == (video, "dQw4w9WgXcQ")


def test_ids_with_two_dashes_are_videos_unless_they_are_nearly_an_option() -> None:
    assert parsed(explain, "--twoDash01")["video"] == "--twoDash01"
    assert parsed(ignore, "-v--verbose", "--all")["subjects"] == ("-v--verbose",)
    with pytest.raises(click.NoSuchOption):
        parsed(explain, "--manifest_")


def test_an_option_of_eleven_characters_stays_an_option(tmp_path: object) -> None:
    assert len("--manifests") == 11
    assert parsed(explain, "--manifests", str(tmp_path), "-abc123DEF4")["video"] == "-abc123DEF4"


def test_the_value_of_an_option_is_left_alone() -> None:
    assert parsed(ignore, "--why", "-abc123DEF4", "dQw4w9WgXcQ")["why"] == "-abc123DEF4"
    assert parsed(ignore, "--all", "--why", "x")["everything"] is True


def test_an_option_at_the_end_still_lacks_its_value() -> None:
    with pytest.raises(click.BadOptionUsage):
        parsed(ignore, "dQw4w9WgXcQ", "--why")


def test_an_id_that_is_too_long_is_told_its_length() -> None:
    with pytest.raises(click.BadParameter, match="12 characters of 11"):
        parsed(explain, "-abc123DEF45")
    with pytest.raises(click.NoSuchOption):
        parsed(explain, "-vx12345")
