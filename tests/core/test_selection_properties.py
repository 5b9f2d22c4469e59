"""What holds of every choice, whatever is offered and wished."""

from __future__ import annotations

import dataclasses
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.codec import adapter, decode, encode
from ytarchive.core.desired import Audio, CaptionWish, Quality, Target, lowered
from ytarchive.core.item import Got
from ytarchive.core.plan import ItemFacts
from ytarchive.core.selection import (
    STANDARD_LABELS,
    CaptionTrack,
    Choice,
    Format,
    choose,
    choose_captions,
    label_of,
    satisfied,
)

LABELS = st.sampled_from(STANDARD_LABELS)
LANGUAGES = st.sampled_from(["en", "en-GB", "en-orig", "EN-us", "de", "fr", "zh-Hans"])
FLAG = st.sampled_from([False, False, False, True])  # seldom, so that something stays usable

FORMATS = st.builds(
    Format,
    itag=st.sampled_from(["18", "137", "248", "399", "140", "251"]),
    kind=st.sampled_from(["video", "video", "audio", "audio", "muxed"]),
    label=st.none() | LABELS,
    fps=st.none() | st.sampled_from([24.0, 30.0, 60.0]),
    codec=st.sampled_from(["av1", "vp9", "h264", "mp4v", None]),
    audio_codec=st.sampled_from(["opus", "aac", "ac-3", None]),
    hdr=FLAG,
    bitrate_kbps=st.none() | st.floats(1, 100_000),
    language=st.none() | LANGUAGES,
    language_preference=st.sampled_from([10, 5, -1, -10]),
    protocol=st.sampled_from(["https", "https", "m3u8_native", "mhtml"]),
    drm=FLAG,
    damaged=FLAG,
    upscaled=FLAG,
    has_url=FLAG.map(lambda flag: not flag),
    drc=FLAG,
)
QUALITIES = st.builds(
    Quality,
    max=st.none() | LABELS,
    min=st.none() | LABELS,
    codecs=st.lists(st.sampled_from(["av1", "vp9", "h264"]), unique=True).map(tuple),
    codecs_only=st.booleans(),
    fps=st.none() | st.sampled_from([30, 60]),
    hdr=st.sampled_from(["never", "allow", "prefer"]),
    fallback=st.lists(LABELS | st.just("any"), max_size=3).map(tuple),
)
SOUNDS = st.builds(
    Audio,
    codec=st.sampled_from([None, "opus", "aac"]),
    languages=st.lists(LANGUAGES | st.just("original"), max_size=3).map(tuple),
)
TARGETS = st.builds(
    Target,
    video=st.none() | QUALITIES,
    sound=st.none() | SOUNDS,
    audio=st.none() | SOUNDS,
    container=st.sampled_from(["mkv", "mp4", "webm"]),
)
OFFERS = st.lists(FORMATS, max_size=8)


@given(OFFERS, TARGETS, st.randoms(use_true_random=False))
def test_the_order_of_what_is_offered_does_not_matter(
    offered: list[Format], target: Target, random: Random
) -> None:
    shuffled = offered[:]
    random.shuffle(shuffled)
    assert choose(shuffled, target) == choose(offered, target)


@given(OFFERS, TARGETS)
def test_a_choice_is_made_of_usable_formats_that_were_offered(offered: list[Format], target: Target) -> None:
    choice = choose(offered, target)
    if choice is None:
        return
    assert (choice.video is None) == (target.video is None)
    assert (choice.audio is None) == (target.audio is None)
    if choice.video:
        assert choice.video.kind in ("video", "muxed")
        assert choice.sound is None or choice.video.kind == "video"
        silent = all(each.kind == "video" for each in offered)
        assert choice.sound is not None or choice.video.kind == "muxed" or silent
    for media in parts(choice):
        assert media in offered
        assert media.has_url
        assert not any((media.drm, media.upscaled))
        assert media.kind == "video" or media.language_preference > -10


@given(OFFERS, TARGETS)
def test_a_lowered_wish_is_answered_by_whatever_answers_the_wish_and_by_more(
    offered: list[Format], target: Target
) -> None:
    less = choose(offered, lowered(target))
    if choose(offered, target) is not None:
        assert less is not None
    if less is None and target.video is not None and target.video.hdr != "never":
        highest = target.video.max or 10_000
        assert not [
            each
            for each in offered
            if each.kind == "muxed"
            and each.label
            and each.label <= highest
            and usable(each)
            and target.audio is None
        ]


def usable(each: Format) -> bool:
    return (
        each.has_url
        and each.protocol != "mhtml"
        and not (each.drm or each.upscaled)
        and each.language_preference > -10
    )


@given(OFFERS, TARGETS)
def test_a_damaged_format_is_taken_only_where_the_others_give_no_answer(
    offered: list[Format], target: Target
) -> None:
    choice = choose(offered, target)
    if choice is None or not any(media.damaged for media in parts(choice)):
        return
    # Without its address a damaged format cannot be had, and still tells that the video is not silent.
    whole = [dataclasses.replace(each, has_url=each.has_url and not each.damaged) for each in offered]
    assert choose(whole, target) is None


@given(OFFERS, TARGETS)
def test_what_answers_when_it_is_whole_answers_when_it_is_damaged(
    offered: list[Format], target: Target
) -> None:
    whole = [dataclasses.replace(each, damaged=False) for each in offered]
    damaged = [dataclasses.replace(each, damaged=True) for each in offered]
    chosen, taken = choose(whole, target), choose(damaged, target)
    assert (chosen is None) == (taken is None)
    if chosen and taken:
        assert [each.itag for each in parts(taken)] == [each.itag for each in parts(chosen)]


def parts(choice: Choice) -> list[Format]:
    return [media for media in (choice.video, choice.sound, choice.audio) if media]


@given(OFFERS, TARGETS)
def test_a_choice_stays_within_the_limits(offered: list[Format], target: Target) -> None:
    choice = choose(offered, target)
    if choice is None or choice.video is None or target.video is None:
        return
    quality, video = target.video, choice.video
    if quality.min:
        assert video.label is not None
        assert video.label >= quality.min
    if quality.max:
        assert video.label is not None
        assert video.label <= quality.max
        assert choice.below_wish or video.label == quality.max
    assert not (video.hdr and quality.hdr == "never")
    assert not quality.codecs_only or video.codec in quality.codecs
    assert choice.container in (target.container, "mkv")
    assert choice.below_wish or choice.container == target.container


@given(OFFERS, TARGETS)
def test_the_container_holds_what_goes_into_it(offered: list[Format], target: Target) -> None:
    choice = choose(offered, target)
    if choice is None or choice.video is None or choice.container == "mkv":
        return
    sound = choice.video if choice.video.kind == "muxed" else choice.sound
    if choice.container == "mp4":
        assert choice.video.codec in ("h264", "av1")
        assert sound is None or sound.audio_codec in ("aac", "opus")
    else:
        assert choice.video.codec in ("vp9", "av1")
        assert sound is None or sound.audio_codec == "opus"


@given(OFFERS, TARGETS)
def test_a_frame_rate_above_the_limit_has_no_rival_below_it(offered: list[Format], target: Target) -> None:
    choice = choose(offered, dataclasses.replace(target, container="mkv"))
    if choice is None or choice.video is None or target.video is None or target.video.fps is None:
        return
    limit = target.video.fps
    if (choice.video.fps or 0) > limit:
        rivals = [
            each for each in offered if each.kind == choice.video.kind and each.label == choice.video.label
        ]
        for rival in rivals:
            alone = choose(
                [rival, *(each for each in offered if each.kind == "audio")],
                dataclasses.replace(target, container="mkv"),
            )
            assert alone is None or alone.video is None or (rival.fps or 0) > limit


@given(OFFERS, TARGETS, FORMATS)
def test_more_offered_never_makes_an_answer_impossible(
    offered: list[Format], target: Target, another: Format
) -> None:
    # A video that has no sound at all is taken silent; sound that appears and cannot be had forbids that.
    if choose(offered, target) is not None and any(each.kind != "video" for each in offered):
        assert choose([*offered, another], target) is not None


@given(OFFERS, TARGETS)
def test_what_was_made_of_a_choice_answers_the_same_target(offered: list[Format], target: Target) -> None:
    choice = choose(offered, target)
    if choice is None:
        assert not satisfied(ItemFacts(tuple(offered), Got()), target)
        return
    got = Got(choice.video, choice.sound, choice.audio, choice.container, choice.below_wish)
    assert satisfied(ItemFacts(tuple(offered), got), target)


@given(FORMATS)
def test_a_format_survives_the_border(media: Format) -> None:
    assert decode(Format, encode(media)) == media
    assert adapter(Format).validate_python(dataclasses.asdict(media)) == media


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_picture_that_is_turned_keeps_its_label(width: int, height: int) -> None:
    label = label_of(None, width, height)
    assert label in STANDARD_LABELS
    assert label_of(None, height, width) == label


TRACKS = st.lists(
    st.builds(
        CaptionTrack,
        language=LANGUAGES | st.just("live_chat"),
        automatic=st.booleans(),
        formats=st.just(("vtt",)),
        translated=FLAG,
    ),
    max_size=8,
)
WISHES = st.lists(
    st.builds(CaptionWish, language=LANGUAGES, automatic=st.sampled_from(["never", "fallback", "also"])),
    max_size=3,
    unique_by=lambda wish: wish.language,
).map(tuple)


@given(TRACKS, WISHES, st.randoms(use_true_random=False))
def test_the_order_of_caption_tracks_does_not_matter(
    tracks: list[CaptionTrack],
    wishes: tuple[CaptionWish, ...],
    random: Random,
) -> None:
    shuffled = tracks[:]
    random.shuffle(shuffled)
    assert choose_captions(shuffled, wishes) == choose_captions(tracks, wishes)


@given(TRACKS, WISHES)
def test_every_caption_wish_is_answered_by_what_it_allows(
    tracks: list[CaptionTrack], wishes: tuple[CaptionWish, ...]
) -> None:
    found = choose_captions(tracks, wishes)
    assert list(dict.fromkeys(wish for wish, _ in found)) == list(wishes)
    for wish, track in found:
        if track is None:
            continue
        assert track in tracks
        assert not track.translated
        assert track.language.lower() == wish.language.lower() or track.language.lower().startswith(
            wish.language.lower() + "-"
        )
        assert not (track.automatic and wish.automatic == "never")
