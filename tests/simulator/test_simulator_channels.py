"""Channels as facts: who they are, what they uploaded in which order, and whose a video is."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.simulator import UPLOAD_LISTS, UploadKind, computed_channel_id, computed_handle
from ytarchive.simulator.catalogue import Case, Catalogue, channel_of
from ytarchive.simulator.channels import Channels
from ytarchive.simulator.upload_ids import KINDS, read_upload_id, upload_id
from ytarchive.simulator.uploads import Chained, Spread, Without
from ytarchive.simulator.wellknown import WELL_KNOWN

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEFINED = "UCdefinedByATest00000001"
LENGTHS = st.lists(st.integers(0, 12), min_size=1, max_size=4)


def catalogue_of(channels: Channels) -> Catalogue:
    return Catalogue(facts_of=channels.facts_of)


@given(LENGTHS, st.integers(0, 48))
def test_spread_has_every_element_once_and_can_be_entered_anywhere(lengths, start):
    spread = Spread(lengths)
    whole = list(spread.walk(0, len(spread)))
    assert sorted(whole) == [(which, at) for which, length in enumerate(lengths) for at in range(length)]
    assert [spread.rank(*each) for each in whole] == list(range(len(whole)))
    assert list(spread.walk(min(start, len(whole)), len(whole))) == whole[start:]


@given(st.integers(0, (1 << 38) - 1), st.sampled_from(KINDS), st.integers(0, (1 << 24) - 1))
def test_upload_id_tells_whose_it_is(key, kind, number):
    video_id = upload_id(key, kind, number)
    assert len(video_id) == 11
    assert read_upload_id(video_id) == (key, kind, number)


@given(st.text(max_size=12))
def test_any_text_can_be_read_as_an_upload_id(text):
    found = read_upload_id(text)
    assert found is None or upload_id(*found) == text


@given(
    st.lists(st.integers(0, 30), max_size=10), st.integers(0, 20), st.integers(-3, 35), st.integers(-3, 35)
)
def test_lists_made_of_lists_are_cut_as_lists_are(gone, border, start, stop):
    whole = [str(number) for number in range(31)]
    kept = [each for place, each in enumerate(whole) if place not in gone]
    for found, expected in (
        (Without(whole, gone), kept),
        (Chained(whole[:border], whole[border:]), whole),
    ):
        assert list(found) == expected
        assert found[start:stop] == expected[start:stop]
        assert found[::-1] == expected[::-1]
        assert found[-1] == expected[-1]


def test_computed_channel_has_what_its_id_tells():
    channels = Channels()
    channel_id = computed_channel_id(
        videos=40, shorts=7, live=3, members=2, playlists=4, releases=1, seed="one"
    )
    assert len(channel_id) == 24
    assert computed_handle(channel_id) == "@n.v40.s7.l3.m2.p4.r1.one"
    profile = channels.by_id(channel_id)
    assert profile == channels.by_handle("@N.V40.S7.L3.M2.P4.R1.ONE")
    assert profile == channels.by_custom("n.v40.s7.l3.m2.p4.r1.one") == channels.by_user(profile.user)
    assert {kind.value: len(channels.uploads(channel_id, (kind,))) for kind in KINDS} == {
        "videos": 40,
        "shorts": 7,
        "live": 3,
        "members": 2,
    }
    assert (len(profile.playlists), len(profile.releases)) == (4, 1)
    assert channels.by_id(computed_channel_id(videos=40, seed="two")) != profile


def test_numbers_beyond_the_width_of_an_id_are_refused():
    with pytest.raises(ValueError, match="expected 0 to 1295"):
        computed_channel_id(members=1296)
    with pytest.raises(ValueError, match="seed"):
        computed_channel_id(seed="Ab")


@pytest.mark.parametrize(
    "name", ["@nobody", "@simulated-50", "@n.aaa.bbb", "@n.m99999.aaa", "@", "", "@n.v.aaa"]
)
def test_handle_of_nobody_leads_nowhere(name):
    channels = Channels()
    assert channels.by_handle(name) is None


def test_upload_lists_agree_and_are_newest_first():
    channels = Channels()
    catalogue = catalogue_of(channels)
    channel_id = computed_channel_id(videos=97, shorts=31, live=13, members=5)
    lists = {name: list(channels.uploads(channel_id, kinds)) for name, kinds in UPLOAD_LISTS.items()}
    assert {name: len(ids) for name, ids in lists.items()} == {
        "UU": 146,
        "UULF": 102,
        "UUSH": 31,
        "UULV": 13,
        "UUMO": 5,
    }
    assert sorted(lists["UULF"] + lists["UUSH"] + lists["UULV"]) == sorted(lists["UU"])
    for ids in lists.values():
        dates = [catalogue.video(each).published_at for each in ids]
        assert all(newer > older for newer, older in pairwise(dates))
        assert [each for each in lists["UU"] if each in ids] == ids


def test_video_of_a_channel_tells_its_channel_and_kind():
    channels = Channels()
    catalogue = catalogue_of(channels)
    channel_id = computed_channel_id(videos=3, shorts=3, live=3, members=3)
    first = {kind: catalogue.video(channels.uploads(channel_id, (kind,))[0]) for kind in KINDS}
    assert {video.channel.id for video in first.values()} == {channel_id}
    assert [first[kind].short for kind in KINDS] == [False, True, False, False]
    assert [first[kind].was_live for kind in KINDS] == [False, False, True, False]
    assert [first[kind].case for kind in KINDS] == [Case.PUBLIC] * 3 + [Case.MEMBERS]


def test_fifty_channels_have_the_videos_that_say_so():
    channels, plain = Channels(), Catalogue()
    for number in range(0, 50, 7):
        profile = channels.by_handle(f"@simulated-{number:02d}")
        assert profile.channel == channel_of(number)
        found = channels.uploads(profile.id)
        assert len(found) > 10
        videos = [plain.video(each) for each in found]
        assert {video.channel for video in videos} == {profile.channel}
        dates = [video.published_at for video in videos]
        assert dates == sorted(dates, reverse=True)
    shorts = [
        each for number in range(50) for each in channels.uploads(channel_of(number).id, (UploadKind.SHORTS,))
    ]
    assert shorts == [WELL_KNOWN["short"]]


def test_channel_of_a_hundred_thousand_is_computed_as_it_is_read():
    channels = Channels()
    channel_id = computed_channel_id(videos=100_000, shorts=20_000)
    found = channels.uploads(channel_id)
    assert len(found) == 120_000
    assert found[119_999] == channels.uploads(channel_id, (UploadKind.VIDEOS,))[-1]
    page = found[60_000:60_100]
    assert [found[60_000 + at] for at in range(100)] == page
    assert len(set(page)) == 100


def test_made_private_leaves_every_list_of_uploads():
    channels = Channels()
    catalogue = catalogue_of(channels)
    channel_id = computed_channel_id(videos=10, shorts=5)
    gone = channels.uploads(channel_id)[3]
    catalogue.change(gone, case="private")
    for kinds in UPLOAD_LISTS.values():
        before, after = channels.uploads(channel_id, kinds), channels.uploads(channel_id, kinds, catalogue)
        assert list(after) == [each for each in before if each != gone]


def test_defined_channel_has_its_videos_in_the_order_given():
    channels = Channels()
    catalogue = catalogue_of(channels)
    facts = {"handle": "defined", "title": "Defined", "custom": "Custom", "user": "someone"}
    channels.define(DEFINED, NOW, **facts, videos=["video_aaaaa", "video_bbbbb"], shorts=["short_aaaaa"])
    profile = channels.by_handle("@Defined")
    assert profile == channels.by_custom("custom") == channels.by_user("someone") == channels.by_id(DEFINED)
    assert list(channels.uploads(DEFINED, (UploadKind.VIDEOS,))) == ["video_aaaaa", "video_bbbbb"]
    video, short = catalogue.video("video_aaaaa"), catalogue.video("short_aaaaa")
    assert (video.channel.name, video.channel.handle, video.short, short.short) == (
        "Defined",
        "@defined",
        False,
        True,
    )
    dates = {each: catalogue.video(each).published_at for each in ("video_aaaaa", "video_bbbbb")}
    channels.define(DEFINED, NOW, videos=["video_ccccc", "video_aaaaa", "video_bbbbb"])
    assert list(channels.uploads(DEFINED)) == ["video_ccccc", "video_aaaaa", "video_bbbbb"]
    assert dates == {each: catalogue.video(each).published_at for each in dates}
    assert catalogue.video("video_ccccc").published_at == NOW


@pytest.mark.parametrize(
    "facts",
    [{"color": "red"}, {"state": "asleep"}, {"videos": 3, "shorts": ["short_aaaaa"]}, {"id": DEFINED}],
)
def test_definition_that_makes_no_sense_is_refused(facts):
    channels = Channels()
    with pytest.raises((ValueError, TypeError)):
        channels.define(DEFINED, NOW, **facts)
    assert channels.by_id(DEFINED) is None


def test_definition_of_an_id_that_is_none_is_refused():
    with pytest.raises(ValueError, match="UC and 22 characters"):
        Channels().define("PLnotAChannel", NOW, title="?")


def test_handle_moves_away_and_to_another_channel():
    channels = Channels()
    catalogue = catalogue_of(channels)
    channel_id = computed_channel_id(videos=2, seed="mov")
    old = computed_handle(channel_id)
    video = channels.uploads(channel_id)[0]
    channels.define(channel_id, NOW, handle="@moved-away")
    assert channels.by_handle(old) is None
    assert channels.by_handle("@moved-away").id == channel_id
    assert catalogue.video(video).channel.handle == "@moved-away"
    channels.define(DEFINED, NOW, handle=old)
    assert channels.by_handle(old).id == DEFINED


def test_renamed_channel_of_ordinary_videos_is_renamed_on_them():
    channels = Channels()
    catalogue = catalogue_of(channels)
    before = catalogue.video("ordinary_01")
    channels.define(before.channel.id, NOW, title="Renamed")
    assert catalogue.video("ordinary_01").channel.name == "Renamed"


def test_new_uploads_come_first_and_old_ones_keep_their_dates():
    channels = Channels()
    catalogue = catalogue_of(channels)
    channel_id = computed_channel_id(videos=5, shorts=5, seed="grw")
    before = {each: catalogue.video(each).published_at for each in channels.uploads(channel_id)}
    new = channels.upload(channel_id, NOW, UploadKind.SHORTS, [None, "givenShort1"])
    assert list(channels.uploads(channel_id)) == [*reversed(new), *before]
    assert channels.uploads(channel_id, (UploadKind.VIDEOS,))[0] in before
    assert [catalogue.video(each).short for each in new] == [True, True]
    assert catalogue.video("givenShort1").published_at == NOW
    assert before == {each: catalogue.video(each).published_at for each in before}


def test_removed_uploads_are_gone_until_they_are_published_again():
    channels = Channels()
    channel_id = computed_channel_id(videos=6, seed="rem")
    before = list(channels.uploads(channel_id))
    channels.remove(channel_id, [before[1], before[4]])
    assert list(channels.uploads(channel_id)) == [before[0], before[2], before[3], before[5]]
    channels.upload(channel_id, NOW, UploadKind.VIDEOS, [before[4]])
    assert list(channels.uploads(channel_id)) == [before[4], before[0], before[2], before[3], before[5]]


def test_terminated_channel_has_no_uploads_and_takes_its_videos_along():
    channels = Channels()
    catalogue = catalogue_of(channels)
    channel_id = computed_channel_id(videos=2, seed="end")
    video = channels.uploads(channel_id)[0]
    channels.define(channel_id, NOW, state="terminated")
    assert list(channels.uploads(channel_id)) == []
    assert catalogue.video(video).case is Case.TERMINATED
    channels.define(channel_id, NOW, state="missing")
    assert channels.by_id(channel_id) is None
    with pytest.raises(ValueError, match="there is no channel"):
        channels.upload("UCnobodyWasEverHere00001", NOW, UploadKind.VIDEOS, [None])
