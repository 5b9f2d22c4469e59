"""The log on disk: JSON lines in `<state>/logs/`, for several processes that write and read at once.

    store = LogStore(settings.state.path / "logs")
    store.append(Record(time.time(), "info", "pass", "pass 12 begins", pass_number=12))
    page = store.query(Filter(level="warning", video="dQw4w9WgXcQ"), limit=50)
    for record in store.follow(Filter(), after=page.end, idle=wait): ...

A file is named after its first day and a number. It is full by its size, or when another day (UTC) begins, and the
oldest go when all of them together are too large, or when nothing was written to one for as long as lines are kept.
Every line is one write at the end of the file, which no other writer can divide; a line that a crash or a full disk
cut is skipped by whoever reads. Nothing is synced to disk: the log is no promise, as the journal is.
"""

from ytarchive.adapters.log_store.files import Keep
from ytarchive.adapters.log_store.store import LogStore, Page

__all__ = ["Keep", "LogStore", "Page"]
