"""Where jobs run.

`submit` never blocks, and queues when no slot is free. A future ends with a `Receipt` whatever becomes of the
worker; it raises `WorkerError` only when no worker can be started at all. Once a future is done its slot is
free again. Events come from other threads. After `close` nothing is left: no process, no thread, no future
that is not done.
"""

from ytarchive.adapters.executor.contract import Executor, OnEvent
from ytarchive.adapters.executor.lane import Limits
from ytarchive.adapters.executor.local import WORKER_COMMAND, LocalExecutor
from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun

__all__ = [
    "WORKER_COMMAND",
    "Executor",
    "Limits",
    "LocalExecutor",
    "ModelClock",
    "ModelExecutor",
    "ModelRun",
    "OnEvent",
]
