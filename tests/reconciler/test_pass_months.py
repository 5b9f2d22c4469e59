"""Months of simulated time through the real pass, index and archive, with workers that exist only in the model."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reconciler_house import QUICK, House

from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.failure_table import policy
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.item import FileRecord, Got, Metadata
from ytarchive.core.job import Engine, Event, Job, Receipt
from ytarchive.core.selection import Format
from ytarchive.reconciler import open_world, reconcile_once

START = 1_795_392_000
HD = Format("134", "video", label=360, codec="h264")
SOUND = Format("251", "audio", audio_codec="opus", language_preference=10)
FAILING = ["TIMEOUT", "PRIVATE", "MEMBERS", "JS_FAIL", "HTTP_5XX", "BOT_CHECK", "POLICY_MISS", "UNKNOWN"]


@dataclass
class Model:
    """A world in which each video fails with its codes in turn and then succeeds, if its codes ever end.

    Every start of a job is kept: (time, video).
    """

    clock: ModelClock
    troubles: dict[str, list[str]]
    started: list[tuple[int, str]] = field(default_factory=list)

    def hire(self, on_event: Callable[[Event], None]) -> ModelExecutor:
        return ModelExecutor(2, model=self.run, clock=self.clock, on_event=on_event)

    def run(self, job: Job) -> ModelRun:
        self.started.append((self.clock.now(), job.subject))
        troubles = self.troubles[job.subject]
        if troubles:
            code = troubles[0] if troubles[-1] == "for ever" else troubles.pop(0)
            failure = verdict(code, Evidence(stage="extract", message=f"the model says {code}"))
            return ModelRun(2.0, Receipt(job=job.id, outcome="failed", failure=failure))
        return ModelRun(5.0, self._done(job))

    def _done(self, job: Job) -> Receipt:
        body = f"media of {job.subject}".encode()
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"{job.subject}.{sha256[:10]}.mkv"
        (Path(job.staging) / "out" / name).write_bytes(body)
        return Receipt(
            job=job.id,
            outcome="done",
            files=(FileRecord(name, len(body), sha256, "video"),),
            offered=(HD, SOUND),
            got=Got(video=HD, sound=SOUND),
            metadata=Metadata(title=f"Video {job.subject}"),
            engine=Engine("model"),
        )


def house_with(folder: Path, videos: list[str], **limits: str) -> House:
    house = House(folder, {**QUICK, **limits})
    house.want(videos, quality="{max: 360p, codecs: [h264]}")
    return house


def video_id(number: int) -> str:
    return f"model{number:06d}"


histories = st.lists(
    st.lists(st.sampled_from(FAILING), max_size=3)
    | st.sampled_from(FAILING).map(lambda code: [code, "for ever"]),
    min_size=1,
    max_size=6,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
@example([["BOT_CHECK", "for ever"], ["TIMEOUT", "TIMEOUT", "TIMEOUT"]])  # by which the address was judged
@example([["BOT_CHECK", "for ever"], ["TIMEOUT", "BOT_CHECK"]])
@example(
    [
        *(["UNKNOWN", "for ever"], [], ["UNKNOWN", "for ever"], ["UNKNOWN", "TIMEOUT", "TIMEOUT"]),
        *(["TIMEOUT", "PRIVATE"], ["TIMEOUT", "for ever"]),
    ]
)  # by which the engine was judged
def test_over_months_nothing_runs_before_its_time_and_all_that_can_be_had_is_had(
    histories: list[list[str]],
) -> None:
    with TemporaryDirectory() as folder:
        clock = ModelClock(START)
        videos = [video_id(number) for number in range(len(histories))]
        model = Model(clock, {video: list(one) for video, one in zip(videos, histories, strict=True)})
        house = house_with(Path(folder), videos)
        due: dict[str, int] = {}
        with open_world(house.settings, clock=clock, hire=model.hire) as world:
            while clock.now() < START + 120 * DAY:
                began = len(model.started)
                report = reconcile_once(world, max_wait_seconds=0)
                assert report.books.wanted == len(videos)
                tried = Counter(video for _, video in model.started[began:])
                assert max(tried.values(), default=0) <= 1
                for at, video in model.started[began:]:
                    assert at >= due.get(video, 0), f"{video} ran before its time"
                due = {
                    video: attempt.next_attempt_at
                    for video in videos
                    for attempt in world.index.attempts(video)
                }
                clock.wait(2 * DAY)
        hopeful = {video for video in videos if model.troubles[video][-1:] != ["for ever"]}
        assert house.committed() == hopeful
        assert (report.exit_code == 0) == (hopeful == set(videos))


def test_the_hourly_limit_holds_and_the_pass_sits_it_out(tmp_path: Path) -> None:
    clock = ModelClock(START)
    videos = [video_id(number) for number in range(400)]
    model = Model(clock, {video: [] for video in videos})
    house = house_with(tmp_path, videos, YTARCHIVE_LIMITS__VIDEOS_PER_HOUR="250")
    with open_world(house.settings, clock=clock, hire=model.hire) as world:
        report = reconcile_once(world)
    assert report.books.have == 400
    for at, _ in model.started:
        within = sum(at <= other < at + HOUR for other, _ in model.started)
        assert within <= 250


def test_a_ban_stops_the_night_after_three_videos_and_the_next_passes_wait(tmp_path: Path) -> None:
    clock = ModelClock(START)
    videos = [video_id(number) for number in range(50)]
    model = Model(clock, {video: ["BOT_CHECK", "for ever"] for video in videos})
    house = house_with(tmp_path, videos)
    for _ in range(3):
        with open_world(house.settings, clock=clock, hire=model.hire) as world:
            report = reconcile_once(world)
        clock.wait(HOUR)
    assert len(model.started) <= 4
    assert report.waiting is not None
    assert "BOT_CHECK" in report.waiting
    model.troubles = {video: [] for video in videos}
    clock.wait(3 * DAY)
    with open_world(house.settings, clock=clock, hire=model.hire) as world:
        assert reconcile_once(world).books.have == 50


def test_two_bad_videos_among_good_ones_leave_the_address_open(tmp_path: Path) -> None:
    clock = ModelClock(START)
    videos = [video_id(number) for number in range(10)]
    troubles: dict[str, Any] = {video: [] for video in videos}
    troubles[videos[3]] = ["BOT_CHECK", "for ever"]
    troubles[videos[4]] = ["BOT_CHECK", "for ever"]
    model = Model(clock, troubles)
    house = house_with(tmp_path, videos)
    with open_world(house.settings, clock=clock, hire=model.hire) as world:
        report = reconcile_once(world)
    assert (report.books.have, report.books.blocked) == (8, 2)
    assert policy("BOT_CHECK").charged_to == "egress"
