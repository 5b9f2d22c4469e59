"""The engines of one state folder: yt-dlp, each with its exact yt-dlp-ejs, in folders apart from our environment.

    <state>/engines/
      choice.json             which one new workers are started with, what was in force before, and whether it is pinned
      2026.10.26/             yt_dlp, yt_dlp_ejs and what belongs to them; made beside it, fsynced and renamed
        engine.json           written last: versions, time, and what its self-test said
      .making-*, .gone-*      leftovers of something that was interrupted; removed by the next change

Whoever uses a folder holds a shared lock (flock) on it, inherited by the worker: what is in use is not removed.
"""

from ytarchive.adapters.engines.changes import Change, go_back, pin, unpin, upgrade
from ytarchive.adapters.engines.rack import Rack
from ytarchive.adapters.engines.self_test import self_test

__all__ = ["Change", "Rack", "go_back", "pin", "self_test", "unpin", "upgrade"]
