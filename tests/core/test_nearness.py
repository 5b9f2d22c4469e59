"""What is nearer to a wish, and when less than the wish is no reason to settle."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.desired import Audio, Quality, Target
from ytarchive.core.evidence import Evidence, HttpExchange
from ytarchive.core.item import Got
from ytarchive.core.nearness import is_nearer, why_less
from ytarchive.core.selection import Choice, Format, choose

SOUND = Format("140", "audio", audio_codec="aac", language_preference=10)
LABELS = (144, 240, 360, 480, 720, 1080, 2160)


def picture(label: int, **more: object) -> Format:
    values: dict[str, object] = {"itag": str(label), "kind": "video", "label": label, "codec": "h264"}
    return Format(**{**values, **more})  # type: ignore[arg-type]


def wishing(highest: int | None = 1080, **more: object) -> Target:
    return Target(video=Quality(max=highest, **more), sound=Audio())  # type: ignore[arg-type]


def chosen(*labels: int, target: Target) -> Choice:
    choice = choose((*map(picture, labels), SOUND), target)
    assert choice is not None
    return choice


def got_of(choice: Choice) -> Got:
    return Got(choice.video, choice.sound, choice.audio, choice.container, choice.below_wish)


@pytest.mark.parametrize(
    ("held", "offered", "quality", "nearer"),
    [
        (360, 1080, {}, True),
        (360, 720, {}, True),
        (720, 360, {}, False),
        (720, 720, {}, False),
        (1080, 1080, {}, False),
        # The fallback names 720p first: a label above it is farther from the wish, one below as well.
        (720, 480, {"fallback": (720, "any")}, False),
        (480, 720, {"fallback": (720, "any")}, True),
        (480, 360, {"fallback": (360, "any")}, True),
    ],
)
def test_of_two_fallbacks_the_one_that_the_wish_names_first_is_nearer(
    held: int, offered: int, quality: dict[str, object], nearer: bool
) -> None:
    target = wishing(1080, **quality)
    got = got_of(chosen(held, target=target))
    assert is_nearer(chosen(offered, target=target), got, target) is nearer


def test_any_other_picture_is_nearer_than_a_damaged_one() -> None:
    target = wishing(1080)
    got = Got(picture(1080, damaged=True), SOUND, below_wish=True)
    assert is_nearer(chosen(720, target=target), got, target)
    assert not is_nearer(Choice(picture(1080, damaged=True), SOUND, below_wish=True), got, target)


def test_sound_alone_is_never_upgraded() -> None:
    assert not is_nearer(Choice(audio=SOUND), Got(audio=SOUND, below_wish=True), Target(audio=Audio()))
    assert is_nearer(Choice(picture(144), below_wish=True), Got(audio=SOUND, below_wish=True), wishing(1080))


def test_without_a_limit_only_a_higher_label_is_nearer() -> None:
    target = wishing(None)
    got = Got(picture(360), SOUND, below_wish=True)
    assert is_nearer(chosen(720, target=target), got, target)
    assert not is_nearer(chosen(360, target=target), got, target)


def test_below_every_step_there_is_only_the_label() -> None:
    """A wish that got stricter: what is on disk is on no step of it."""
    target = wishing(1080, min=480)
    got = Got(picture(360), SOUND, below_wish=True)
    assert is_nearer(Choice(picture(480), SOUND, below_wish=True), got, target)


@given(st.lists(st.sampled_from(LABELS), min_size=1), st.lists(st.sampled_from(LABELS), min_size=1))
def test_upgrades_come_to_an_end(before: list[int], after: list[int]) -> None:
    """What is nearer than something is never farther than the same thing."""
    target = wishing(2160, fallback=(480, 720, "any"))
    first, second = chosen(*before, target=target), chosen(*after, target=target)
    assert not (is_nearer(second, got_of(first), target) and is_nearer(first, got_of(second), target))


# Why less


FORBIDDEN = HttpExchange("player", "www.youtube.com", 403)
CALM = Evidence("select", real_formats=3, offered=3, playability=(("android_vr", "OK", ""),))
UNSOLVED = "[youtube] x: n challenge solving failed: Some formats may be missing."
NO_RUNTIME = "[youtube] No supported JavaScript runtime could be found."
NO_ADDRESS = "[youtube] x: Some web client https formats have been skipped as they are missing a URL."
NO_TOKEN = "[youtube] x: ios client https formats require a GVS PO Token which was not provided."


def asked(status: int) -> Evidence:
    return replace(CALM, http=(HttpExchange("player", "www.youtube.com", status),))


def warned(*texts: str) -> Evidence:
    return replace(CALM, warnings=texts)


def hidden(*labels: int, **more: object) -> tuple[Format, ...]:
    return tuple(picture(label, itag=f"9{label}", has_url=False, **more) for label in labels)


@pytest.mark.parametrize(
    ("offered", "named", "target", "evidence", "code"),
    [
        # All there is: a client that gives no addresses names what another one gives.
        ([240], [picture(240, has_url=False)], wishing(), warned(NO_ADDRESS), None),
        ([240], [], wishing(), CALM, None),
        ([1080], hidden(2160), wishing(), warned(NO_ADDRESS), None),
        ([1080], [], wishing(), asked(429), None),
        ([1080], [], wishing(), warned(UNSOLVED), None),
        # More was named than was given.
        ([240], hidden(1080), wishing(), warned(NO_ADDRESS), "SABR_ONLY"),
        ([240], hidden(720), wishing(), CALM, "SABR_ONLY"),
        ([240], hidden(1080), wishing(), warned(NO_ADDRESS, NO_TOKEN), "POT_SKIPPED"),
        ([240], hidden(1080), wishing(None), CALM, "SABR_ONLY"),
        ([], hidden(1080), wishing(min=720), CALM, "SABR_ONLY"),
        # What nobody may have, or wants, is not hidden.
        ([240], hidden(1080, drm=True), wishing(), CALM, None),
        ([240], hidden(1080, upscaled=True), wishing(), CALM, None),
        ([240], hidden(1080, hdr=True), wishing(), CALM, None),
        ([240], hidden(144), wishing(), CALM, None),
        # A client was throttled, or not asked for want of a runtime: what it would have told is not known.
        ([240], [], wishing(), asked(429), "HTTP_429"),
        ([240], [], wishing(), asked(503), "HTTP_5XX"),
        ([240], [], wishing(), asked(403), "BROKEN"),
        ([240], [], wishing(), warned(NO_RUNTIME), "NO_RUNTIME"),
        # A challenge that was not solved hides what was named, and nothing else.
        ([240], [], wishing(), warned(UNSOLVED), None),
        ([240], hidden(1080), wishing(), warned(UNSOLVED), "JS_FAIL"),
        ([], hidden(1080), wishing(min=720), warned(UNSOLVED), "JS_FAIL"),
        ([], [], wishing(min=720), CALM, None),
        ([1080], hidden(2160), wishing(None), warned(UNSOLVED), "JS_FAIL"),
    ],
)  # fmt: skip
def test_less_than_the_wish_is_all_there_is_only_where_nothing_was_hidden(
    offered: list[int], named: list[Format], target: Target, evidence: Evidence, code: str | None
) -> None:
    formats = (*map(picture, offered), SOUND)
    choice = choose(formats, target)
    assert why_less(choice, formats, named, target, evidence) == code


def test_sound_alone_is_hidden_only_where_none_is_offered() -> None:
    target = Target(audio=Audio())
    choice = choose((SOUND,), target)
    assert why_less(choice, (SOUND,), hidden(1080), target, CALM) is None
    assert why_less(None, (), (replace(SOUND, has_url=False),), target, CALM) == "SABR_ONLY"


def test_a_muxed_file_hides_no_picture_without_sound() -> None:
    """Pictures that were named without any sound to them answer nothing."""
    target = wishing(1080, min=720)
    assert why_less(None, (), hidden(1080), replace(target, audio=Audio()), CALM) is None


def test_a_wished_container_that_was_hidden_is_waited_for() -> None:
    target = replace(wishing(1080), container="mp4")
    webm = picture(1080, codec="vp9", itag="248")
    choice = choose((webm, SOUND), target)
    assert choice is not None
    assert choice.below_wish
    assert why_less(choice, (webm, SOUND), hidden(1080), target, CALM) == "SABR_ONLY"
