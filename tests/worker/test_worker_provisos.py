"""What an extraction tells, and jobs that go on only when a filter wants the video."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from worker_desk import SMALL, Desk, WorkerProcess, captions, wishing

from ytarchive.core.codec import digest
from ytarchive.core.desired import Audio, Target, unite
from ytarchive.core.failure import Evidence, classify
from ytarchive.core.filters import Where
from ytarchive.core.instant import DAY
from ytarchive.core.job import Proviso, VideoDetails
from ytarchive.core.selection import Format
from ytarchive.simulator import WELL_KNOWN, Simulator
from ytarchive.worker.details import details_of, facts_of, still_true

NORMAL = WELL_KNOWN["ordinary"]
NEVER = Where(since=date(2200, 1, 1))
SOUND = Target(audio=Audio())


def test_a_video_that_no_filter_wants_is_not_downloaded(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    other = Where(match=("no such words",))
    job = desk.job(NORMAL, provisos=(Proviso(NEVER, SMALL), Proviso(other, wishing(sidecars=("info_json",)))))

    receipt = worker.run(job)

    assert (receipt.outcome, receipt.failure, receipt.target) == ("done", None, None)
    assert (receipt.files, receipt.parts, receipt.got) == ((), (), None)
    assert receipt.details is not None
    assert (receipt.details.video, receipt.details.title) == (NORMAL, f"Simulated video {NORMAL}")
    requests = youtube.counters()["requests"]
    assert requests["watch"] == 1
    assert not {"media", "caption", "thumbnail"} & set(requests)
    assert sorted(each.name for each in Path(job.staging).iterdir()) == ["lease.json", "out"]
    assert list((Path(job.staging) / "out").iterdir()) == []


def test_the_targets_of_the_filters_that_want_it_are_fetched_as_one(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    wanted = (SMALL, wishing(captions=captions("en")))
    job = desk.job(
        NORMAL,
        Target(),
        provisos=(
            Proviso(Where(), wanted[0]),
            Proviso(NEVER, SOUND),
            Proviso(Where(match=("simulated",)), wanted[1]),
        ),
    )

    receipt = worker.run(job)

    assert receipt.outcome == "done", receipt.failure
    assert receipt.target is not None
    assert digest(receipt.target) == digest(unite(wanted))
    assert [each.role for each in receipt.files] == ["video", "caption"]
    assert [each.part for each in receipt.parts] == ["captions:en"]
    assert youtube.counters()["requests"]["watch"] == 1


def test_a_job_without_provisos_names_no_target(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job(NORMAL))

    assert receipt.target is None
    assert receipt.files


def test_what_stands_in_the_way_is_told_before_filters_are_asked(worker: WorkerProcess, desk: Desk) -> None:
    receipt = worker.run(desk.job(WELL_KNOWN["members"], provisos=(Proviso(NEVER, SMALL),)))

    assert receipt.failure is not None
    assert (receipt.outcome, receipt.failure.code) == ("failed", "MEMBERS")
    assert receipt.details is not None
    assert receipt.details.availability == "subscriber_only"


def test_a_refused_address_is_asked_for_again_without_asking_the_filters_again(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.add_fault("status", value=403, request="media", count=1)

    receipt = worker.run(desk.job(NORMAL, Target(), provisos=(Proviso(Where(), SMALL),)))

    assert receipt.outcome == "done", receipt.failure
    assert receipt.target is not None
    assert [each.role for each in receipt.files] == ["video"]


@pytest.mark.parametrize("kind", ["fetch", "beside", "probe"])
def test_every_extraction_tells_what_it_saw(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, kind: Any
) -> None:
    receipt = worker.run(desk.job(WELL_KNOWN["manual_captions"], kind=kind))

    details = receipt.details
    assert details is not None
    assert details.description
    assert details.published_at is not None
    assert details.published_at % DAY > 0
    assert (details.kind, details.live_status) == ("videos", "not_live")
    assert details.duration_seconds
    assert details.channel_id is not None
    assert details.channel_id.startswith("UC")


@pytest.mark.parametrize(
    ("name", "kind", "live_status"), [("live_now", "live", "is_live"), ("upcoming", "live", "is_upcoming")]
)
def test_details_come_also_with_a_failure(
    worker: WorkerProcess, desk: Desk, name: str, kind: str, live_status: str
) -> None:
    receipt = worker.run(desk.job(WELL_KNOWN[name]))

    assert receipt.outcome == "failed"
    assert receipt.details is not None
    assert (receipt.details.kind, receipt.details.live_status) == (kind, live_status)


@pytest.mark.parametrize("name", ["private", "bot_check", "removed"])
def test_a_page_that_tells_nothing_is_no_answer_about_the_video(
    worker: WorkerProcess, desk: Desk, name: str
) -> None:
    receipt = worker.run(desk.job(WELL_KNOWN[name]))

    assert receipt.outcome == "failed"
    assert receipt.details is None


def test_details_of_a_distrusted_address_are_not_believed() -> None:
    details = VideoDetails(NORMAL, "Something")
    refused = classify(Evidence("extract", "Sign in to confirm you're not a bot"))
    unlucky = classify(Evidence("download", "Connection reset", cause="ConnectionResetError"))

    assert still_true(details, refused) is None
    assert still_true(details, unlucky) == details
    assert still_true(details, None) == details


def spoken(language: str | None, preference: int = -1) -> Format:
    return Format("251", "audio", language=language, language_preference=preference)


@pytest.mark.parametrize(
    ("offered", "language"),
    [
        ([], None),
        ([spoken(None)], None),
        ([spoken("fr"), spoken("fr")], "fr"),
        ([spoken("en", 5), spoken("fr", 10), spoken("de")], "fr"),
        ([spoken("en"), spoken("fr")], None),
    ],
)
def test_the_language_is_that_of_the_original_track(offered: list[Format], language: str | None) -> None:
    details = details_of({"id": NORMAL, "title": "x"}, offered)

    assert details is not None
    assert details.language == language


@pytest.mark.parametrize(
    ("told", "published", "lasts"),
    [
        ({"timestamp": 1_700_000_000, "upload_date": "20231114"}, 1_700_000_000, 0),
        ({"upload_date": "20231114"}, 1_699_920_000, DAY - 1),
        ({"upload_date": "2023"}, None, None),
        ({}, None, None),
    ],
)
def test_a_date_without_a_time_is_the_whole_day(
    told: dict[str, Any], published: int | None, lasts: int | None
) -> None:
    info = {"id": NORMAL, "title": "x"} | told
    details = details_of(info, ())

    assert details is not None
    facts = facts_of(details, info)
    assert facts.examined
    assert details.published_at == facts.published_from == published
    assert facts.published_to == (None if published is None or lasts is None else published + lasts)


def test_a_kind_that_no_page_told_is_unknown() -> None:
    info = {"id": NORMAL, "title": "x", "media_type": "video"}

    kinds = [
        details_of(info | more, ())
        for more in ({}, {"timestamp": 1}, {"media_type": "short"}, {"media_type": "livestream"})
    ]

    assert [each and each.kind for each in kinds] == [None, "videos", "shorts", "live"]


def test_a_title_of_another_kind_is_none() -> None:
    assert details_of({"id": NORMAL, "title": ["x"]}, ()) is None
    assert details_of({"id": NORMAL}, ()) is None
