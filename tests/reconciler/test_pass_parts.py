"""What lies beside the media: each part has attempts and a next time of its own, over months, and costs no media."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reconciler_house import QUICK, House

from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.core.failure import Evidence, verdict
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.item import FileRecord, Got, Metadata
from ytarchive.core.job import Engine, Event, Job, PartOutcome, Receipt
from ytarchive.core.selection import Format
from ytarchive.reconciler import open_world, reconcile_once
from ytarchive.reconciler.people import retry

START = 1_795_392_000
VIDEO = "modelParts1"
HD = Format("134", "video", label=360, codec="h264")
SOUND = Format("251", "audio", audio_codec="opus", language_preference=10)
PARTS = ("captions:en", "captions:de", "thumbnail")
FOR_EVER = "for ever"


@dataclass
class Parts:
    """One video, of which each part fails with its codes in turn ("-": the job itself does), then is there."""

    folder: Path
    troubles: dict[str, list[str]]
    jobs: list[str] = field(default_factory=list)
    tried: list[tuple[int, str]] = field(default_factory=list)
    downloads: int = 0
    clock: ModelClock = field(default_factory=lambda: ModelClock(START))

    def __post_init__(self) -> None:
        self.house = House(self.folder, {**QUICK})
        self.want()

    def want(self, captions: str = "[en, de]") -> None:
        self.house.want(
            [VIDEO],
            quality="{max: 360p, codecs: [h264]}",
            captions=f"{{languages: {captions}, formats: [vtt]}}",
            sidecars="[thumbnail]",
        )

    def hire(self, on_event: Callable[[Event], None]) -> ModelExecutor:
        return ModelExecutor(1, model=self.run, clock=self.clock, on_event=on_event)

    def run(self, job: Job) -> ModelRun:
        self.jobs.append(job.kind)
        if code := self._next("job"):
            return ModelRun(2.0, Receipt(job.id, "failed", verdict(code, Evidence("extract", "so it is"))))
        out = Path(job.staging) / "out"
        out.mkdir(exist_ok=True)
        files: list[FileRecord] = []
        is_media = job.kind == "fetch" and job.got is None
        if is_media:
            self.downloads += 1
            files.append(self._file(out, ".mkv", "video"))
        wanted = [f"captions:{wish.language}" for wish in job.target.captions]
        outcomes = tuple(
            self._fetch(out, part, files) for part in (*wanted, "thumbnail") if part not in job.have
        )
        got = Got(HD, SOUND) if is_media else None
        told = Metadata(title="A video")
        return ModelRun(
            5.0,
            Receipt(
                job.id, "done", None, tuple(files), (HD, SOUND), got, told, outcomes, engine=Engine("model")
            ),
        )

    def _next(self, part: str) -> str | None:
        troubles = self.troubles.get(part) or []
        if not troubles:
            return None
        return troubles[0] if troubles[-1] == FOR_EVER else troubles.pop(0)

    def _fetch(self, out: Path, part: str, files: list[FileRecord]) -> PartOutcome:
        self.tried.append((self.clock.now(), part))
        code = self._next(part)
        if code == "absent":
            return PartOutcome(part, "absent")
        if code:
            return PartOutcome(part, "failed", verdict(code, Evidence("captions", "so it is")))
        language = part.partition(":")[2]
        files.append(
            self._file(out, f".{language}.vtt", "caption", language)
            if language
            else self._file(out, ".jpg", "thumbnail")
        )
        return PartOutcome(part, "got")

    def _file(self, out: Path, suffix: str, role: str, language: str | None = None) -> FileRecord:
        body = f"{role} {language} of {VIDEO}".encode()
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"{VIDEO}.{sha256[:10]}{suffix}"
        (out / name).write_bytes(body)
        return FileRecord(name, len(body), sha256, role, language)  # type: ignore[arg-type]

    def roles(self) -> list[str]:
        files = self.house.item(VIDEO).files
        return sorted(f"captions:{file.language}" if file.language else file.role for file in files)


scripts = st.lists(st.sampled_from(["SUBS_429", "SUBS_FAIL", "SUBS_POT", "TIMEOUT"]), max_size=4)
troubles = st.fixed_dictionaries(
    {part: scripts | scripts.map(lambda codes: [*codes, "SUBS_FAIL", FOR_EVER]) for part in PARTS}
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(troubles)
def test_over_months_each_part_is_tried_when_it_is_due_and_never_before(
    troubles: dict[str, list[str]],
) -> None:
    hopeful = {part for part, codes in troubles.items() if codes[-1:] != [FOR_EVER]}
    with TemporaryDirectory() as folder:
        model = Parts(Path(folder), {part: [*codes] for part, codes in troubles.items()})
        with open_world(model.house.settings, clock=model.clock, hire=model.hire) as world:
            due: dict[str, int] = {}
            while model.clock.now() < START + 20 * DAY:
                began, now = len(model.tried), model.clock.now()
                report = reconcile_once(world, max_wait_seconds=0)
                assert (report.exit_code, report.books.have) == (0, 1)
                tried = [part for _, part in model.tried[began:]]
                assert len(tried) == len(set(tried))
                for at, part in model.tried[began:]:
                    assert at >= due.get(part, 0), f"{part} ran before its time"
                # Whatever another part does, none waits longer than its own time.
                assert not {part for part, at in due.items() if at <= now} - {*tried}
                due = {one.part: one.next_attempt_at for one in world.index.attempts(VIDEO)}
                model.clock.wait(13 * HOUR)
        assert model.downloads == 1
        assert {*model.roles()} == {"video", *hopeful}


def test_a_thumbnail_that_fails_for_ever_delays_no_caption(tmp_path: Path) -> None:
    model = Parts(tmp_path, {"thumbnail": ["SUBS_FAIL", FOR_EVER], "captions:de": ["SUBS_429", "SUBS_429"]})
    with open_world(model.house.settings, clock=model.clock, hire=model.hire) as world:
        reconcile_once(world, max_wait_seconds=0)
        assert {one.part: one.code for one in world.index.attempts(VIDEO)} == {
            "captions:de": "SUBS_429",
            "thumbnail": "SUBS_FAIL",
        }
        for _ in range(40):
            model.clock.wait(HOUR)
            reconcile_once(world, max_wait_seconds=0)
        captions = [at - START for at, part in model.tried if part == "captions:de"]
        # One hour, then six, each with a tenth of jitter and an hour's steps between the passes.
        first, second, third = captions
        assert HOUR <= second - first <= 2.2 * HOUR
        assert 6 * HOUR <= third - second <= 7.7 * HOUR
        assert [one.part for one in world.index.attempts(VIDEO)] == ["thumbnail"]
        assert model.downloads == 1
        # A person may ask for it at once, and only for that.
        before = len(model.tried)
        retry(world, [VIDEO])
        reconcile_once(world, max_wait_seconds=0)
        assert [part for _, part in model.tried[before:]] == ["thumbnail"]


def test_a_part_that_rests_is_not_tried_for_another_wish_either(tmp_path: Path) -> None:
    model = Parts(tmp_path, {"captions:en": ["SUBS_POT", FOR_EVER]})
    model.want("[en]")
    with open_world(model.house.settings, clock=model.clock, hire=model.hire) as world:
        reconcile_once(world, max_wait_seconds=0)
    model.want()
    with open_world(model.house.settings, clock=model.clock, hire=model.hire) as world:
        assert reconcile_once(world, max_wait_seconds=0).books.have == 1
        assert [one.part for one in world.index.attempts(VIDEO)] == ["captions:en"]
    assert [part for _, part in model.tried] == ["captions:en", "thumbnail", "captions:de"]
    assert (model.jobs, model.downloads) == (["fetch", "beside"], 1)
    assert model.roles() == ["captions:de", "thumbnail", "video"]
