"""`ytarchive reconcile` in this folder that is impatient: workers are taken for hung after seconds of silence, not after a
minute (they say that they live every five, `ytarchive.worker.service`), and where PASS_SECONDS is set, a pass tells what
it did after so long, not after an hour."""

import os
from pathlib import Path

from ytarchive import settings
from ytarchive.adapters.executor import Limits, LocalExecutor
from ytarchive.daemon import loop
from ytarchive.daemon.station import run

SILENCE_SECONDS = 8

if __name__ == "__main__":
    loop.PASS_SECONDS = int(os.environ.get("PASS_SECONDS", loop.PASS_SECONDS))
    run(
        lambda: settings.load(None, os.environ, {}, Path.cwd()),
        hire=lambda tell: LocalExecutor(2, on_event=tell, limits=Limits(silence_seconds=SILENCE_SECONDS)),
    )
