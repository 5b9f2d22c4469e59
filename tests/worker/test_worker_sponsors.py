"""What SponsorBlock marks becomes chapters, what it is told to remove is cut out, and no video fails for it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest
from worker_desk import Desk, WorkerProcess, wishing

from ytarchive.core.chapters import Chapter
from ytarchive.core.desired import Audio, CaptionWish, Target, target_digest
from ytarchive.core.item import Item, Provenance
from ytarchive.core.job import Job, Receipt
from ytarchive.core.sponsor import Segment
from ytarchive.simulator import Simulator
from ytarchive.worker.attempt import Attempt
from ytarchive.worker.remaking import at_key_frames, remake
from ytarchive.worker.verify import NotWhole, chapters_in, look_into

VIDEO = "sim_Sponsor"
OUTRO = {"segment": [8.0, 12.0], "category": "outro", "videoDuration": 12}
SPONSOR = {"segment": [2.0, 5.0], "category": "sponsor", "videoDuration": 12}
MARKING = wishing(embed=("chapters",), marks=("sponsor", "outro"))
ATTACHED = av.stream.Disposition.attached_pic
CUTTING = wishing(embed=("chapters", "tags"), marks=("sponsor",), cuts=("outro",))


@pytest.fixture(autouse=True)
def _video(youtube: Simulator) -> None:
    description = "0:00 Beginning\n0:04 Middle\n0:08 End\n"
    youtube.set_video(VIDEO, duration_seconds=12, description=description, captions=[])
    youtube.set_segments(VIDEO, SPONSOR, OUTRO)


def titles(path: Path) -> list[tuple[float, float, str]]:
    """Chapters; the end of a file is some packets after the length that was told."""
    return [(each.start_seconds, round(each.end_seconds, 1), each.title) for each in chapters_in(path)]


def item_of(receipt: Receipt, target: Target) -> Item:
    assert receipt.got is not None
    assert receipt.metadata is not None
    return Item(
        id=VIDEO,
        shard="_",
        wanted_by=(),
        wanted=target,
        target=target_digest(target),
        offered=(),
        got=receipt.got,
        files=receipt.files,
        metadata=receipt.metadata,
        provenance=Provenance("1", None, None, 1, "g"),
        chapters=receipt.chapters,
        sponsors=receipt.sponsors,
    )


def later(desk: Desk, first: Job, receipt: Receipt, target: Target, before: Target) -> Job:
    """A job that asks again about what `first` left, as if it were committed."""
    folder = Path(first.staging).parent / f"item-{first.id}"
    (Path(first.staging) / "out").rename(folder)
    return desk.job(VIDEO, target, kind="mark", item=item_of(receipt, before), folder=str(folder))


def without_outro(worker: WorkerProcess, desk: Desk, youtube: Simulator) -> Job:
    """The look at a video that was fetched with both marks, of which SponsorBlock has one no more."""
    job = desk.job(VIDEO, MARKING)
    first = worker.run(job)
    youtube.set_segments(VIDEO, SPONSOR)
    return later(desk, job, first, MARKING, MARKING)


def test_a_video_is_fetched_with_marks_among_its_chapters(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(VIDEO, MARKING)
    receipt = worker.run(job)
    assert receipt.outcome == "done", receipt.failure
    (path,) = desk.out(job, receipt, "video")
    assert titles(path) == [
        (0, 2, "Beginning"),
        (2, 5, "[SponsorBlock]: Sponsor"),
        (5, 8, "Middle"),
        (8, 12, "[SponsorBlock]: Endcards/Credits"),
    ]
    assert receipt.sponsors is not None
    assert [each.part for each in receipt.sponsors.marks] == ["sponsor", "outro"]
    assert receipt.sponsors.marks[0] == Segment(2, 5, "sponsor")
    assert [(each.part, each.outcome) for each in receipt.parts] == [("sponsorblock", "got")]
    assert youtube.counters()["requests"]["sponsorblock"] == 1
    (asked,) = [each for each in youtube.log() if each.kind == "sponsorblock"]
    assert VIDEO not in asked.path  # it is told a part of a hash alone


def test_what_is_to_be_removed_is_cut_out_of_picture_sound_and_captions(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_video(VIDEO, captions=[{"language": "en", "name": "English"}])
    job = desk.job(VIDEO, wishing(embed=("chapters", "tags"), cuts=("outro",), captions=(CaptionWish("en"),)))
    receipt = worker.run(job)
    assert receipt.outcome == "done", receipt.failure
    (path,) = desk.out(job, receipt, "video")
    assert titles(path) == [(0, 4, "Beginning"), (4, 8, "Middle")]
    found = look_into(path)
    assert all(7.5 <= end <= 8.3 for end in found.ends.values()), found.ends
    assert receipt.got is not None
    assert receipt.got.duration_seconds == pytest.approx(8, abs=0.3)
    with av.open(path) as container:
        assert container.metadata["title"] == f"Simulated video {VIDEO}"
    assert receipt.sponsors is not None
    assert receipt.sponsors.lasts_seconds == pytest.approx(12, abs=0.2)
    assert receipt.sponsors.spans == ((8, pytest.approx(12, abs=0.2)),)
    (caption,) = desk.out(job, receipt, "caption")
    assert "-->" in caption.read_text()


def test_an_unreachable_sponsorblock_costs_a_video_nothing(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    for fault in ({"kind": "status", "value": 503}, {"kind": "malformed"}, {"kind": "reset"}):
        youtube.remove_faults()
        youtube.add_fault(request="sponsorblock", **fault)  # type: ignore[arg-type]
        job = desk.job(VIDEO, CUTTING)
        receipt = worker.run(job)
        assert receipt.outcome == "done", receipt.failure
        (path,) = desk.out(job, receipt, "video")
        assert titles(path) == [(0, 4, "Beginning"), (4, 8, "Middle"), (8, 12, "End")]
        assert receipt.sponsors is None
        (part,) = receipt.parts
        assert part.failure is not None
        assert (part.part, part.outcome, part.failure.code) == ("sponsorblock", "failed", "SPONSORBLOCK")


def test_marks_that_changed_are_put_into_the_file_on_disk_without_a_request_to_youtube(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    again = without_outro(worker, desk, youtube)
    before = {path.name: path.read_bytes() for path in Path(again.folder).iterdir()}
    youtube.reset_counters()

    receipt = worker.run(again)

    assert receipt.outcome == "done", receipt.failure
    assert {**youtube.counters()["requests"]} == {"sponsorblock": 1}
    (path,) = desk.out(again, receipt, "video")
    assert titles(path)[-1] == (8, 12, "End")
    assert receipt.sponsors is not None
    assert receipt.sponsors.marks == (Segment(2, 5, "sponsor"),)
    assert {path.name: path.read_bytes() for path in Path(again.folder).iterdir()} == before


def test_a_file_that_rotted_is_not_made_anew_under_a_new_checksum(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    again = without_outro(worker, desk, youtube)
    (path,) = (path for path in Path(again.folder).iterdir() if path.suffix == ".mkv")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    receipt = worker.run(again)
    assert receipt.outcome == "failed"
    assert receipt.failure is not None
    assert "is damaged on disk" in receipt.failure.evidence.message
    assert list((Path(again.staging) / "out").iterdir()) == []


def test_marks_that_are_the_same_change_no_file(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(VIDEO, MARKING)
    first = worker.run(job)
    youtube.set_segments(VIDEO, {**SPONSOR, "segment": [2.4, 5.1]}, OUTRO)
    receipt = worker.run(later(desk, job, first, MARKING, MARKING))
    assert (receipt.outcome, receipt.files) == ("done", ())
    assert receipt.sponsors is not None
    assert first.sponsors is not None
    assert receipt.sponsors.marks == first.sponsors.marks


def test_a_whole_file_is_cut_later_and_its_captions_with_it(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    youtube.set_video(VIDEO, captions=[{"language": "en", "name": "English"}])
    plain = wishing(embed=("chapters", "tags"), captions=(CaptionWish("en"),))
    job = desk.job(VIDEO, plain)
    first = worker.run(job)
    assert first.sponsors is None
    youtube.set_segments(VIDEO, {**OUTRO, "segment": [4, 12]})
    cutting = wishing(embed=("chapters", "tags"), captions=(CaptionWish("en"),), cuts=("outro",))
    again = later(desk, job, first, cutting, plain)
    receipt = worker.run(again)
    assert receipt.outcome == "done", receipt.failure
    (path,) = desk.out(again, receipt, "video")
    assert titles(path) == [(0, 4, "Beginning")]
    (old,) = (name for name in first.files if name.role == "caption")
    (new,) = (name for name in receipt.files if name.role == "caption")
    assert (new.language, new.automatic) == (old.language, old.automatic)
    assert new.bytes <= old.bytes


def test_a_look_downloads_again_what_was_cut_out_and_should_not_have_been(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(VIDEO, CUTTING)
    first = worker.run(job)
    look = later(desk, job, first, CUTTING, CUTTING)
    same = Job(**{**_fields(look), "kind": "fetch", "got": first.got})
    youtube.reset_counters()
    receipt = worker.run(same)
    assert receipt.outcome == "done", receipt.failure
    assert (receipt.got, receipt.files) == (None, ())
    assert "media" not in youtube.counters()["requests"]

    youtube.set_segments(VIDEO, SPONSOR)
    receipt = worker.run(same)
    assert receipt.outcome == "done", receipt.failure
    assert receipt.got is not None
    assert receipt.got.duration_seconds == pytest.approx(12, abs=0.3)
    assert receipt.sponsors is not None
    assert (receipt.sponsors.cuts, receipt.sponsors.spans) == ((), ())


def test_a_look_that_finds_no_better_media_still_marks_what_is_there(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(VIDEO, MARKING)
    first = worker.run(job)
    youtube.set_segments(VIDEO, OUTRO)
    look = later(desk, job, first, MARKING, MARKING)
    youtube.reset_counters()
    receipt = worker.run(Job(**{**_fields(look), "kind": "fetch", "got": first.got}))
    assert receipt.outcome == "done", receipt.failure
    assert "media" not in youtube.counters()["requests"]
    assert receipt.got is None
    (path,) = desk.out(look, receipt, "video")
    assert [title for _, _, title in titles(path)] == [
        "Beginning",
        "Middle",
        "[SponsorBlock]: Endcards/Credits",
    ]


def test_what_lies_beside_and_marks_come_with_one_question_each(
    worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    job = desk.job(VIDEO, wishing(embed=("chapters",)))
    first = worker.run(job)
    wish = wishing(embed=("chapters",), marks=("outro",), sidecars=("info_json",))
    beside = later(desk, job, first, wish, wishing(embed=("chapters",)))
    youtube.reset_counters()
    receipt = worker.run(Job(**{**_fields(beside), "kind": "beside"}))
    assert receipt.outcome == "done", receipt.failure
    asked = youtube.counters()["requests"]
    assert (asked["watch"], asked["sponsorblock"], asked.get("media")) == (1, 1, None)
    assert sorted(each.role for each in receipt.files) == ["info_json", "video"]


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"container": "mkv"}, ["video", "audio"]),
        ({"container": "mp4"}, ["video", "audio"]),
        ({"video": None, "sound": None, "audio": Audio(codec="aac")}, ["audio"]),
    ],
)
def test_a_file_that_is_made_anew_keeps_its_cover_a_cover(
    worker: WorkerProcess, desk: Desk, youtube: Simulator, changes: dict[str, Any], kinds: list[str]
) -> None:
    wish = wishing(embed=("chapters", "thumbnail", "tags"), cuts=("outro",), marks=("sponsor",), **changes)
    job = desk.job(VIDEO, wish)
    first = worker.run(job)
    youtube.set_segments(VIDEO, OUTRO)
    again = later(desk, job, first, wish, wish)
    receipt = worker.run(again)
    for folder, done in ((Path(again.folder), first), (Path(again.staging) / "out", receipt)):
        assert done.outcome == "done", done.failure
        (file,) = [each.name for each in done.files if each.role in ("video", "audio")]
        with av.open(folder / file) as container:
            shown = [each.type for each in container.streams if each.disposition & ATTACHED]
            played = [
                each.type
                for each in container.streams
                if each.type in ("video", "audio") and not each.disposition & ATTACHED
            ]
            assert (shown, played) == (["video"], kinds)
            assert container.metadata["title"] == f"Simulated video {VIDEO}"
        ends = look_into(folder / file).ends
        assert all(7.5 <= end <= 8.6 for end in ends.values()), ends


def _fields(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in Job.__dataclass_fields__}


# Pieces of a file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 s, a key frame each 2 s."""
    path = tmp_path_factory.mktemp("made") / "it's 20 s.mkv"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "color=s=64x36:r=5:d=20"]
    command += ["-f", "lavfi", "-i", "sine=d=20", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10"]
    command += ["-c:a", "aac", "-metadata:s:a:0", "language=eng", "-metadata", "title=kept", str(path)]
    subprocess.run(command, check=True)
    return path


def attempt() -> Attempt:
    return Attempt(Job("j", "mark", VIDEO), lambda event: None)


def test_a_cut_ends_at_the_key_frame_before_its_end(made: Path) -> None:
    found = at_key_frames(made, ((3.3, 7.1), (12.5, 13.5), (18.0, 20.0)), 20.0)
    assert found == ((3.3, 6.0), (18.0, 20.0))


def test_pieces_of_a_file_are_joined_with_what_belongs_to_it(made: Path, tmp_path: Path) -> None:
    spans = ((0.0, 2.0), (5.0, 8.0), (18.0, 20.0))
    chapter = Chapter(0, 13, "All; of = it")
    result = remake(made, tmp_path / "cut.mkv", [chapter], spans, 20.0, attempt())
    assert result.lasts_seconds == pytest.approx(13, abs=0.5)
    assert chapters_in(result.path) == (chapter,)
    with av.open(result.path) as container:
        assert container.metadata["title"] == "kept"
        assert container.streams.audio[0].metadata["language"] == "eng"


def test_a_file_that_is_none_is_not_cut(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mkv"
    bad.write_bytes(b"none")
    for look in (
        lambda: at_key_frames(bad, ((1.0, 2.0),), 20.0),
        lambda: chapters_in(bad),
        lambda: look_into(bad),
    ):
        with pytest.raises(NotWhole):
            look()
