"""What lies beside the media has a life of its own: it comes later, and nothing of it is lost or fetched in vain."""

from __future__ import annotations

from reconciler_house import House

from ytarchive.reconciler import take_stock, work_plan
from ytarchive.simulator import WELL_KNOWN, Simulator

CAPTIONED = WELL_KNOWN["manual_captions"]
FRENCH = WELL_KNOWN["french_captions"]


def roles(house: House, video: str) -> dict[str, int]:
    """Inodes by role: a file that was left alone keeps its own."""
    item = house.item(video)
    (folder,) = house.root.glob(f"videos/*/{video}")
    return {f"{file.role}:{file.language or ''}": (folder / file.name).stat().st_ino for file in item.files}


def test_a_new_sidecar_and_a_new_language_leave_the_media_alone(house: House, youtube: Simulator) -> None:
    house.want([CAPTIONED], captions="{languages: [en]}")
    house.run()
    before = roles(house, CAPTIONED)
    youtube.reset_counters()
    house.want([CAPTIONED], captions="{languages: [en, de]}", sidecars="[thumbnail, description]")
    report = house.run()
    assert report.exit_code == 0
    after = roles(house, CAPTIONED)
    assert {*after} == {*before, "caption:de", "thumbnail:", "description:"}
    assert {key: after[key] for key in before} == before
    requests = youtube.counters()["requests"]
    assert "media" not in requests
    assert requests["caption"] == 1
    house.run()
    assert house.listener.ends == []


def test_an_update_of_the_media_keeps_captions_that_cannot_be_had_again(
    house: House, youtube: Simulator
) -> None:
    house.want([CAPTIONED], captions="{languages: [en]}")
    house.run()
    before = roles(house, CAPTIONED)
    youtube.add_fault("status", value=429, request="caption")
    house.want([CAPTIONED], quality="{max: 360p, codecs: [h264]}", captions="{languages: [en]}")
    assert house.run().done.updated == 1
    after = roles(house, CAPTIONED)
    assert after["caption:en"] == before["caption:en"]
    assert after["video:"] != before["video:"]
    assert house.item(CAPTIONED).captions_missing == ()


def test_a_caption_of_a_narrower_language_answers_the_wish(house: House) -> None:
    house.want([CAPTIONED], captions="{languages: [pt]}")
    house.run()
    item = house.item(CAPTIONED)
    assert [file.language for file in item.files if file.role == "caption"] == ["pt-BR"]
    assert item.captions_missing == ()


def test_missing_captions_are_no_debt_unless_they_are_required(house: House) -> None:
    house.want([FRENCH], captions="{languages: [de]}")
    assert house.run().exit_code == 0
    house.want([FRENCH], captions="{languages: [de], required: true}")
    report = house.run()
    assert report.exit_code == 3
    assert report.books.deferred == 1
    assert len(house.committed()) == 1
    with house.open() as world:
        world.index.postpone_look(FRENCH, None)
        assert take_stock(world).total.blocked == 1
        assert [item.video for item in work_plan(world).items] == [FRENCH]
    house.want([FRENCH], captions="{languages: [fr], required: true}")
    assert house.run().exit_code == 0


def test_a_required_caption_that_comes_later_ends_the_debt(house: House, youtube: Simulator) -> None:
    fault = youtube.add_fault("status", value=429, request="caption")
    house.want([CAPTIONED], captions="{languages: [en], required: true}")
    assert house.run().exit_code == 3
    youtube.remove_faults(fault)
    with house.open() as world:
        assert world.index.retry_now([CAPTIONED]) == 1
    report = house.run()
    assert (report.exit_code, report.done.captions) == (0, 1)
