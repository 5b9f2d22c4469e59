"""Libraries of other tools, which are read and never written: their files, their records, and what is in their media.

Nothing here is trusted: no symbolic link is followed, nothing but regular files is opened, and every file that is
parsed has a limit.
"""

from ytarchive.adapters.foreign.inspecting import Inspectors
from ytarchive.adapters.foreign.reading import Unreadable, open_regular, read_capped, read_json
from ytarchive.adapters.foreign.records import NO_RECORDS, Records, may_be_records, read_records
from ytarchive.adapters.foreign.walking import Passed, Seen, Walk, walk

__all__ = [
    "NO_RECORDS",
    "Inspectors",
    "Passed",
    "Records",
    "Seen",
    "Unreadable",
    "Walk",
    "may_be_records",
    "open_regular",
    "read_capped",
    "read_json",
    "read_records",
    "walk",
]
