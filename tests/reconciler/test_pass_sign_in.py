"""Passes with accounts: what the guest is refused is asked as one, and bad cookies lose nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from reconciler_house import House, MovedClock, opened

from ytarchive.core.identity import GUEST
from ytarchive.core.instant import DAY
from ytarchive.reconciler import reconcile_once, work_plan
from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator

AGE, MEMBERS, PRIVATE = (WELL_KNOWN[name] for name in ("age", "members", "private"))
ORDINARY = WELL_KNOWN["ordinary"]


@pytest.fixture
def signed(make_house: Callable[..., House], tmp_path: Path) -> House:
    """One question at a time, so that what comes after a refusal is certain."""
    file = str(tmp_path / "main.txt")
    return make_house("signed", YTARCHIVE_AUTH__MAIN__COOKIES_FILE=file, YTARCHIVE_LIMITS__EXTRACTIONS="1")


def give(house: House, cookies: str, at: int = 1) -> None:
    """A cookies file as it should be; `at` tells it from the one before, as the kernel's clock may be too coarse."""
    path = house.settings.auth[0].cookies_file
    path.write_text(cookies)
    path.chmod(0o600)
    os.utime(path, (at, at))


def served_as(youtube: Simulator, kind: str) -> int:
    return int(youtube.counters()["requests"].get(kind, 0))


def test_the_guest_comes_first_and_an_account_gets_what_it_is_refused(
    signed: House, youtube: Simulator
) -> None:
    give(signed, youtube.set_account("adult"))
    signed.want([ORDINARY, AGE, MEMBERS], auth="main")

    report = signed.run()

    assert signed.committed() == {ORDINARY, AGE}
    assert [signed.item(video).provenance.identity for video in (ORDINARY, AGE)] == [GUEST, "main"]
    assert sorted(
        (video, code or "-") for video, _, code in signed.listener.ends if video != ORDINARY
    ) == sorted([(AGE, "AGE"), (AGE, "-"), (MEMBERS, "MEMBERS"), (MEMBERS, "MEMBERS")])
    assert (report.accounts, report.failures) == ((), {"MEMBERS": 1})
    with signed.open() as world:
        assert world.egress("main").spent_today == 2
        row = world.index.row(MEMBERS, world.clock.now())
    assert row is not None
    assert (row.asked_by, row.tried) == ("main", ("main",))


def test_one_command_archives_what_waits_for_cookies_once_they_are_there(
    signed: House, youtube: Simulator
) -> None:
    signed.want([AGE, ORDINARY], auth="main")
    file = signed.settings.auth[0].cookies_file
    with signed.open() as world:
        first = reconcile_once(world)

        (account,) = first.accounts
        assert (account.code, account.what) == (
            "COOKIES_BAD",
            f"auth.main.cookies_file: found no file {file}, expected cookies",
        )
        assert (signed.committed(), first.exit_code) == ({ORDINARY}, 3)
        (item,) = work_plan(world).items
        assert (item.video, item.code, item.owed) == (AGE, "COOKIES_BAD", True)
        assert item.actions[0].command == "ytarchive reconcile --once"

        give(signed, youtube.set_account("late"))
        youtube.reset_counters()
        second = reconcile_once(world)

    assert (signed.committed(), second.exit_code) == ({ORDINARY, AGE}, 0)
    assert served_as(youtube, "watch") == 1  # the guest is not asked again


def test_rotated_cookies_are_no_verdict_and_lift_with_the_file(signed: House, youtube: Simulator) -> None:
    give(signed, youtube.set_account("rotating"))
    signed.want([AGE, PRIVATE], auth="main")
    new = youtube.rotate_account("rotating")
    youtube.set_account("rotating", videos=[PRIVATE])

    with signed.open() as world:
        first = reconcile_once(world)

        assert [account.code for account in first.accounts] == ["COOKIES_ROTATED"]
        assert first.failures == {"COOKIES_ROTATED": 2}
        codes = [code for _, _, code in signed.listener.ends]
        assert codes.count("COOKIES_ROTATED") == 1  # the other one waits
        kept = {attempt.code for video in (AGE, PRIVATE) for attempt in world.index.attempts(video)}
        assert kept == {"AGE", "PRIVATE"}
        assert world.index.tombstone(PRIVATE) is None
        assert [(group.code, group.count) for group in work_plan(world).groups] == [("COOKIES_ROTATED", 2)]

        youtube.reset_counters()
        assert reconcile_once(world).failures == {"COOKIES_ROTATED": 2}
        assert served_as(youtube, "watch") == 0  # nobody is asked with cookies that are known to be bad

        give(signed, new, at=2)
        third = reconcile_once(world)
    assert (signed.committed(), third.accounts, third.exit_code) == ({AGE, PRIVATE}, (), 0)


def test_another_account_in_the_same_file_is_asked_what_the_first_one_was_refused(
    signed: House, youtube: Simulator
) -> None:
    give(signed, youtube.set_account("child", adult=False))
    signed.want([AGE], auth="main")
    with signed.open() as world:
        assert reconcile_once(world).failures == {"AGE": 1}
        assert reconcile_once(world).done.failed == 0

        give(signed, youtube.set_account("parent"), at=2)

        assert reconcile_once(world).done.fetched == 1


def test_a_refused_video_is_looked_at_as_the_guest_first_when_its_time_comes(
    signed: House, youtube: Simulator
) -> None:
    give(signed, youtube.set_account("no member"))
    signed.want([MEMBERS], auth="main")
    clock = MovedClock()
    with opened(signed, clock) as world:
        reconcile_once(world)
        clock.ahead = 34 * DAY
        signed.listener.ends.clear()
        youtube.reset_counters()
        reconcile_once(world)
        row = world.index.row(MEMBERS, clock.now())
    assert [code for _, _, code in signed.listener.ends] == ["MEMBERS", "MEMBERS"]
    assert row is not None
    assert row.tried == ("main",)


def test_an_entry_without_an_account_is_never_asked_with_one(signed: House, youtube: Simulator) -> None:
    give(signed, youtube.set_account("unused"))
    signed.manifest(
        f"defaults: {{quality: {{max: 144p}}}}\nvideos:\n  - {{video: {AGE}, name: a}}\n"
        f"  - {{video: {MEMBERS}, name: b, auth: guest}}\n"
    )

    report = signed.run()

    assert report.failures == {"AGE": 1, "MEMBERS": 1}
    with signed.open() as world:
        assert world.egress("main").spent_today == 0
        actions = {item.code: item.actions for item in work_plan(world).items}
    assert actions["AGE"][0].edit == 'settings, [auth.main]: cookies_file = "FILE"'
    assert actions["AGE"][1].edit == f"{signed.folder}/manifests/wanted.yaml:4, entry a: auth: main"
    assert actions["AGE"][1].command == "ytarchive reconcile --once"


def test_a_private_list_is_read_as_the_account_that_its_entry_names(
    signed: House, youtube: Simulator
) -> None:
    give(signed, youtube.set_account("lister", playlists=[PLAYLISTS["private"]]))
    signed.manifest(
        "defaults: {quality: {max: 144p}}\nplaylists:\n"
        f"  - {{playlist: {PLAYLISTS['private']}, auth: main, captions: {{languages: []}}}}\n"
    )

    with signed.open() as world:
        report = reconcile_once(world)

        assert [(source.completeness, source.got) for source in report.sources] == [("complete", 1)]
        assert signed.committed() == {ORDINARY}
        assert signed.item(ORDINARY).provenance.identity == GUEST
        assert [source.completeness for source in reconcile_once(world).sources] == ["unchanged"]

        youtube.rotate_account("lister")
        refused = reconcile_once(world)
        assert [source.code for source in refused.sources] == ["COOKIES_ROTATED"]
        assert [account.code for account in refused.accounts] == ["COOKIES_ROTATED"]
        assert (refused.exit_code, refused.stopped) == (3, None)
        assert world.index.members(PLAYLISTS["private"]) == (ORDINARY,)
