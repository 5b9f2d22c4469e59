"""A writer to be killed: commits batches of items until then, and says so after each.

python index_writer.py INDEX FIRST_BATCH
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from index_values import NOW, SD, failure, keep, lines

from ytarchive.adapters.index import Index
from ytarchive.core.job import Job, ListingSummary

BATCH = 20


def write(index: Index, batch: int) -> None:
    videos = [f"b{batch}-{number}" for number in range(BATCH)]
    with index.transaction():
        index.begin_listing("PL-a", NOW)
        index.add_listed("PL-a", lines(videos), 0)
        index.finish_listing("PL-a", ListingSummary("partial", None, BATCH), NOW, NOW)
        for video in videos:
            keep(index, video, SD)
            index.record_failure(video, "captions:en", failure(), NOW, NOW)
        index.start_job(Job(f"job-{batch}", "fetch", videos[0]), NOW)


if __name__ == "__main__":
    with Index.open(Path(sys.argv[1])) as opened:
        for number in count(int(sys.argv[2])):
            write(opened, number)
            print(number, flush=True)
