"""Less than the wish is taken only where YouTube has no more: what was hidden is waited for; a look takes what is nearer."""

from __future__ import annotations

import pytest
from worker_desk import Desk, WorkerProcess, wishing

from ytarchive.core.desired import Quality
from ytarchive.core.item import Got
from ytarchive.core.selection import Format
from ytarchive.simulator import WELL_KNOWN, Simulator

LOW = WELL_KNOWN["low_quality"]  # up to 240p
WISH = wishing(video=Quality(max=1080, codecs=("h264",)))


@pytest.mark.parametrize(("status", "code"), [(429, "HTTP_429"), (403, "BROKEN")])
def test_while_a_client_is_refused_less_than_the_wish_is_not_taken(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, status: int, code: str
) -> None:
    youtube.add_fault("status", value=status, request="player", count=1)

    receipt = worker.run(desk.job(LOW, WISH))

    assert receipt.failure is not None
    assert (receipt.failure.code, receipt.failure.evidence.message) == (
        code,
        "YouTube has more than it showed; offered: 144p, 240p",
    )
    assert "media" not in youtube.counters()["requests"]


def test_after_three_attempts_in_vain_less_is_taken_and_why_is_noted(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=403, request="player", count=1)

    receipt = worker.run(desk.job(LOW, WISH, attempt=4, failed_with="BROKEN"))

    assert receipt.got is not None
    assert receipt.got.video is not None
    assert (receipt.got.video.label, receipt.got.below_wish, receipt.got.because) == (240, True, "BROKEN")


def test_a_refused_client_is_no_matter_where_the_wish_is_answered(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=403, request="player", count=1)

    receipt = worker.run(desk.job(LOW, wishing(video=Quality(max=240, codecs=("h264",)))))

    assert receipt.got is not None
    assert (receipt.got.below_wish, receipt.got.because) == (False, None)


def test_all_there_is_is_taken_at_once(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job(LOW, WISH))

    assert receipt.got is not None
    assert (receipt.got.below_wish, receipt.got.because) == (True, None)


def held(label: int, *, below_wish: bool = True) -> Got:
    return Got(Format(str(label), "video", label=label, codec="h264"), below_wish=below_wish)


def test_a_look_without_news_costs_one_extraction_and_no_media(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.reset_counters()
    job = desk.job(LOW, WISH, got=held(240), have=("thumbnail",))

    receipt = worker.run(job)

    assert (receipt.outcome, receipt.files, receipt.got) == ("done", (), None)
    assert max(each.label or 0 for each in receipt.offered) == 240
    requests = youtube.counters()["requests"]
    assert (requests["watch"], "media" in requests, "thumbnail" in requests) == (1, False, False)


def test_a_look_takes_what_is_nearer_to_the_wish(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job(LOW, WISH, got=held(144)))

    assert receipt.got is not None
    assert receipt.got.video is not None
    assert (receipt.got.video.label, receipt.got.below_wish) == (240, True)
    assert [each.role for each in receipt.files] == ["video"]


def test_a_look_at_a_recording_that_was_cut_takes_it_as_it_is_now(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job(LOW, WISH, got=held(240, below_wish=False), cut=True))

    assert receipt.got is not None


def test_a_look_while_a_client_is_throttled_has_seen_nothing(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=429, request="player", count=1)

    receipt = worker.run(desk.job(LOW, WISH, got=held(240)))

    assert receipt.failure is not None
    assert receipt.failure.code == "HTTP_429"
