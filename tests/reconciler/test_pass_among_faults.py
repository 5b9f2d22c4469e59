"""With the default retries, nearly everything is archived in one pass while YouTube is unwell, and all of it in the next.

`YTARCHIVE_TEST_CATALOGUE=500` makes it the size at which it is promised; `python -m benchmarks faults` prints it.
"""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.faults import WANTED_SHARE, fetch_among_faults

VIDEOS = int(os.environ.get("YTARCHIVE_TEST_CATALOGUE", "24"))


def test_nearly_all_is_archived_at_once_and_the_rest_in_the_next_passes(tmp_path: Path) -> None:
    found = fetch_among_faults(tmp_path, VIDEOS, at_once=6)

    # Of a few videos one may miss the pass by bad luck: which requests are hit depends on their order.
    assert found.had[0] >= min(WANTED_SHARE * VIDEOS, VIDEOS - 2), found
    assert found.had[-1] == VIDEOS, found
    assert found.broken == []
    assert sum(found.faults.values()) > VIDEOS * 0.4, found.faults
