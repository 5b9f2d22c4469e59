"""A worker that signs in: what cookies open, how it is known that they are taken no more, and that nobody learns them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from worker_desk import Desk, WorkerProcess

from ytarchive.core.job import Job, Network, Receipt
from ytarchive.simulator import PLAYLISTS, WELL_KNOWN, Simulator

AGE, MEMBERS = WELL_KNOWN["age"], WELL_KNOWN["members"]


class Signed:
    """A worker whose words on standard error are kept, and a cookies file."""

    def __init__(self, worker: WorkerProcess, desk: Desk, youtube: Simulator, folder: Path) -> None:
        self.worker, self.desk, self.youtube, self.folder = worker, desk, youtube, folder
        self.file = folder / "cookies.txt"

    def job(self, video: str, **more: object) -> Job:
        network = Network(
            proxy=self.youtube.proxy_url, ca_file=str(self.youtube.ca_path), cookies_file=str(self.file)
        )
        return self.desk.job(video, network=network, **more)

    def probe(self, video: str) -> Receipt:
        return self.worker.run(self.job(video, kind="probe"))


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("said") / "stderr"


@pytest.fixture(scope="module")
def talking_worker(said: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    temporary = tmp_path_factory.mktemp("temporary")
    with said.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "ytarchive.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "TMPDIR": str(temporary)},
            start_new_session=True,
        )
        worker = WorkerProcess(process)
        yield worker
        worker.close()


@pytest.fixture
def signed(talking_worker: WorkerProcess, desk: Desk, youtube: Simulator, tmp_path: Path) -> Signed:
    return Signed(talking_worker, desk, youtube, tmp_path)


def code(receipt: Receipt) -> str | None:
    return receipt.failure.code if receipt.failure else None


def values(cookies: str) -> list[str]:
    return [line.split("\t")[6] for line in cookies.splitlines() if line.count("\t") == 6]


def test_cookies_open_a_video_and_are_told_to_nobody(signed: Signed, said: Path) -> None:
    cookies = signed.youtube.set_account("opens")
    signed.file.write_text(f"{cookies}.youtube.com\tbroken line with\t{values(cookies)[0]}\n")
    signed.file.chmod(0o400)
    before = signed.file.read_bytes()
    job = signed.job(AGE)

    receipt = signed.worker.run(job)

    assert (code(receipt), len(receipt.files)) == (None, 1)
    assert signed.file.read_bytes() == before
    told = [repr(receipt), repr(signed.worker.events), said.read_text()]
    process = Path(f"/proc/{signed.worker.process.pid}")
    told += [(process / name).read_bytes().decode("latin-1") for name in ("cmdline", "environ")]
    written = [path for path in signed.desk.root.rglob("*") if path.is_file() and path != signed.file]
    told += [path.read_bytes().decode("latin-1") for path in written]
    assert len(written) > 1
    for value in values(cookies):
        assert not any(value in text for text in told)


def test_an_account_that_may_not_see_a_video_gets_a_verdict(signed: Signed) -> None:
    signed.file.write_text(signed.youtube.set_account("no member"))
    assert code(signed.probe(MEMBERS)) == "MEMBERS"


def test_rotated_cookies_are_no_verdict_also_in_the_jobs_after_the_first(signed: Signed) -> None:
    signed.file.write_text(signed.youtube.set_account("rotates"))
    assert code(signed.probe(AGE)) is None
    new = signed.youtube.rotate_account("rotates")

    assert [code(signed.probe(video)) for video in (AGE, MEMBERS, AGE)] == ["COOKIES_ROTATED"] * 3

    signed.youtube.set_account("rotates", rotations=0)
    assert code(signed.probe(AGE)) is None  # what was taken away is sent again, from the file
    signed.youtube.set_account("rotates", rotations=1)

    signed.file.write_text(new)
    os.utime(signed.file, (1, 1))  # as the kernel's clock may be too coarse to tell
    assert code(signed.probe(AGE)) is None


def test_a_session_that_was_ended_is_seen_by_the_page(signed: Signed) -> None:
    signed.file.write_text(signed.youtube.set_account("ended", dismissed=True))
    assert code(signed.probe(AGE)) == "COOKIES_ROTATED"


def test_a_private_list_is_read_with_the_cookies_and_rotated_ones_do_not_make_it_missing(
    signed: Signed,
) -> None:
    signed.youtube.set_playlist("PLsimSecretList02", [WELL_KNOWN["ordinary"]], private=True, secret=True)
    lists = [PLAYLISTS["private"], "PLsimSecretList02"]
    signed.file.write_text(signed.youtube.set_account("lister", playlists=lists))
    jobs = [signed.job(name, kind="list") for name in lists]

    read = [signed.worker.run(job).listing for job in jobs]
    signed.youtube.rotate_account("lister")
    refused = [code(signed.worker.run(job)) for job in jobs]

    assert [listing.got for listing in read if listing] == [1, 1]
    assert refused == ["COOKIES_ROTATED"] * 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        ("not a cookie file at all\n", "found no cookies of youtube.com"),
        (".youtube.com\tTRUE\t/\tTRUE\t0\tPREF\tcanary\n", "found cookies without a sign-in"),
    ],
)
def test_cookies_that_cannot_be_used_say_why(signed: Signed, content: str | None, why: str) -> None:
    if content is not None:
        signed.file.write_text(content)

    receipt = signed.probe(AGE)

    assert receipt.failure is not None
    assert receipt.failure.code == "COOKIES_BAD"
    assert why in receipt.failure.evidence.message
    assert "canary" not in repr(receipt)
