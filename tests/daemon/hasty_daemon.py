"""`ytarchive reconcile` in this folder, whose workers are taken for hung after seconds of silence, not after a minute.

They say that they live every five seconds (`ytarchive.worker.service`).
"""

import os
from pathlib import Path

from ytarchive import settings
from ytarchive.adapters.executor import Limits, LocalExecutor
from ytarchive.daemon.station import run

SILENCE_SECONDS = 8

if __name__ == "__main__":
    run(
        lambda: settings.load(None, os.environ, {}, Path.cwd()),
        hire=lambda tell: LocalExecutor(2, on_event=tell, limits=Limits(silence_seconds=SILENCE_SECONDS)),
    )
