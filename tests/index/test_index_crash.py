"""Killed in the middle of batches, read while it is written: whole batches or nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

from index_values import NOW, playlist
from index_writer import BATCH, write

from ytarchive.adapters.index import Index

HERE = Path(__file__).parent


def test_killed_writer_leaves_whole_batches(index_path: Path) -> None:
    with Index.open(index_path) as index:
        index.apply_entries([playlist("a")], NOW)
    chance = random.Random(3)
    committed = -1
    for _ in range(4):
        committed = _write_and_kill(index_path, committed + 1, chance.randrange(1, 12))
        with Index.open(index_path) as index:  # after an unclean end: with a check
            items = [video for video, _, _ in index.known_items()]
            batches = {int(video[1:].partition("-")[0]) for video in items}
            assert batches >= set(range(committed + 1))
            assert len(items) == len(batches) * BATCH
            assert index.wanted_count() == {"": len(items), "a": len(items)}
            assert {job.outcome for job in index.jobs(1000)} == {"lost"}
            committed = max(batches)


def _write_and_kill(path: Path, first: int, lines: int) -> int:
    """Kill the writer somewhere in the batch that follows `lines` batches; the last one that it reported."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)])}
    command = [sys.executable, str(HERE / "index_writer.py"), str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(lines)]
        process.kill()
    return told[-1]


def test_two_readers_beside_the_writer_see_whole_batches(index_path: Path) -> None:
    written = threading.Event()
    seen: list[list[int]] = [[], []]

    def read(counts: list[int]) -> None:
        with Index.open(index_path, read_only=True) as reader:
            while True:
                last_round = written.is_set()
                counts.append(sum(1 for _ in reader.known_items()))
                counts.append(reader.wanted_count()[""])
                if last_round:
                    return

    with Index.open(index_path) as writer:
        writer.apply_entries([playlist("a")], NOW)
        readers = [threading.Thread(target=read, args=(counts,)) for counts in seen]
        for reader in readers:
            reader.start()
        for batch in range(30):
            write(writer, batch)
        written.set()
        for reader in readers:
            reader.join()
    for counts in seen:
        assert counts[-1] == counts[-2] == 30 * BATCH
        assert not [count for count in counts if count % BATCH]
        assert counts[::2] == sorted(counts[::2])


def test_reader_is_open_while_another_writes_a_long_transaction(index_path: Path) -> None:
    with Index.open(index_path) as writer:
        write(writer, 0)
        with writer.transaction():
            write(writer, 1)
            with Index.open(index_path, read_only=True) as reader:
                assert sum(1 for _ in reader.known_items()) == BATCH
        with Index.open(index_path, read_only=True) as reader:
            assert sum(1 for _ in reader.known_items()) == 2 * BATCH
