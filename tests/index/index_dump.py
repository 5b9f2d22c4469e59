"""Write `format_1.sql` anew, as long as format 1 is not released:

python tests/index/index_dump.py > tests/index/format_1.sql
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import apsw.shell
from index_values import HD, NOW, SD, failure, keep, list_source, playlist, single

from ytarchive.adapters.index import Index
from ytarchive.core.job import Job
from ytarchive.core.quota import QuotaLimits


def fill(index: Index) -> None:
    index.archive_id = "archive-1"
    index.apply_entries([playlist("a", order="listed"), single("b", "v3")], NOW)
    list_source(index, "PL-a", ["v1", "v2"])
    keep(index, "v1", HD)
    keep(index, "v3", SD)
    index.record_failure("v2", "media", failure("PRIVATE", "permanent"), NOW, NOW + 60)
    index.acknowledge("v2", None, "known", NOW)
    index.record_views([("tv", "Title [v1].mkv", "v1", 1, 2, "")])
    index.start_job(Job("job-1", "fetch", "v1"), NOW)
    index.end_job("job-1", "done", None, None, NOW + 5)
    index.record_egress(replace(index.egress("guest"), rate=12.5))
    with index.quota_ledger(QuotaLimits(10)) as ledger:
        ledger.spend("look", 3, NOW)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        with Index.open(path) as index:
            fill(index)
        connection = apsw.Connection(str(path))
        written = io.StringIO()
        shell: Any = apsw.shell.Shell(stdout=written, db=connection)
        shell.process_command(".dump")
        # Its comments tell of this machine.
        print(
            *(line for line in written.getvalue().splitlines() if line and not line.startswith("--")),
            sep="\n",
        )
        print(f"PRAGMA user_version = {connection.pragma('user_version')};")
        connection.close()
