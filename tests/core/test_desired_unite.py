"""Uniting wishes: neither the order of manifests nor a repeated entry may change what is downloaded."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.desired import (
    Audio,
    CaptionWish,
    Entry,
    LibraryView,
    Quality,
    Target,
    lowered,
    target_digest,
    unite,
)

labels = st.sampled_from([None, 144, 360, 720, 1080, 2160])
qualities = st.builds(
    Quality,
    max=labels,
    min=labels,
    codecs=st.permutations(["av1", "vp9", "h264"]).map(tuple) | st.just(()),
    codecs_only=st.booleans(),
    fps=st.sampled_from([None, 30, 60]),
    hdr=st.sampled_from(["never", "allow", "prefer"]),
    fallback=st.sampled_from([(), ("any",), (720, "any")]),
)
audios = st.builds(
    Audio,
    codec=st.sampled_from([None, "opus", "aac"]),
    languages=st.sampled_from([("original",), ("en",), ("de", "en")]),
)
captions = st.builds(
    CaptionWish,
    language=st.sampled_from(["en", "de", "pt-BR"]),
    automatic=st.sampled_from(["never", "fallback", "also"]),
    formats=st.sampled_from([("vtt",), ("srt", "vtt")]),
    keep_looking_seconds=st.integers(0, 100),
    required=st.booleans(),
)
wishes = st.builds(
    Target,
    video=st.none() | qualities,
    sound=st.none() | audios,
    audio=st.none() | audios,
    container=st.sampled_from(["mkv", "mp4", "webm"]),
    captions=st.lists(captions, max_size=3).map(tuple),
    embed=st.lists(st.sampled_from(["tags", "chapters", "thumbnail"])).map(tuple),
    sidecars=st.lists(st.sampled_from(["info_json", "thumbnail", "description"])).map(tuple),
    live=st.sampled_from(["wait", "record", "skip"]),
    identities=st.lists(st.sampled_from(["main", "other"])).map(tuple),
)


@given(wishes, wishes)
def test_uniting_two_wishes_gives_the_same_in_either_order(left: Target, right: Target) -> None:
    assert unite([left, right]) == unite([right, left])


@given(wishes, wishes, wishes)
def test_uniting_three_wishes_gives_the_same_however_grouped(a: Target, b: Target, c: Target) -> None:
    assert unite([unite([a, b]), c]) == unite([a, unite([b, c])])


@given(wishes)
def test_uniting_a_wish_with_itself_adds_nothing(wish: Target) -> None:
    once = unite([wish])
    assert unite([wish, wish]) == once
    assert unite([once]) == once
    assert target_digest(unite([once, once])) == target_digest(once)


@given(st.lists(wishes, min_size=1, max_size=4))
def test_a_united_target_wants_every_caption_sidecar_and_part_of_each_wish(all_: list[Target]) -> None:
    target = unite(all_)
    for wish in all_:
        assert {c.language for c in wish.captions} <= {c.language for c in target.captions}
        assert set(wish.sidecars) <= set(target.sidecars)
        assert (target.video is not None) >= (wish.video is not None)
        assert (target.audio is not None) >= (wish.audio is not None)


def test_the_higher_quality_wins_and_containers_that_differ_become_mkv() -> None:
    low = Target(video=Quality(max=720), container="mp4")
    high = Target(video=Quality(max=2160), container="webm")
    assert unite([low, high]) == Target(video=Quality(max=2160), container="mkv")


def test_no_limit_is_higher_than_any_limit() -> None:
    assert unite([Target(video=Quality(max=4320)), Target(video=Quality())]).video == Quality()


def test_an_audio_only_wish_leaves_the_container_to_the_video_wish() -> None:
    video = Target(video=Quality(max=720), container="mp4")
    united = unite([Target(audio=Audio()), video])
    assert united.container == "mp4"
    assert united.video == Quality(max=720)
    assert united.audio == Audio()


def test_where_an_entry_stands_in_its_file_does_not_change_its_generation() -> None:
    entry = Entry(name="a", kind="videos", source="videos:a", wish=Target(), library=LibraryView("a"))
    assert replace(entry, file="other.yaml", line=9).generation == entry.generation
    assert replace(entry, priority=1).generation != entry.generation


@given(wishes)
def test_a_lowered_wish_differs_in_what_it_refuses_alone(target: Target) -> None:
    less = lowered(target)

    assert lowered(less) == less
    assert replace(less, video=target.video) == target
    if target.video is not None:
        assert less.video is not None
        assert (less.video.min, less.video.codecs_only, less.video.fallback) == (None, False, ("any",))
        assert (less.video.max, less.video.codecs, less.video.hdr) == (
            target.video.max,
            target.video.codecs,
            target.video.hdr,
        )
