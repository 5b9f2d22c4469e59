"""Where jobs run.

`submit` never blocks, and queues when no slot is free. A future ends with a `Receipt` whatever becomes of the
worker; it raises `WorkerError` only when no worker can be started at all. Once a future is done its slot is
free again. Events come from other threads. After `close` nothing is left: no process, no future that is not done,
and no thread but one that does not listen, which keeps no process alive.
"""

from ytarchive.adapters.executor.contract import Executor, OnEvent, WorkerState
from ytarchive.adapters.executor.lane import Limits
from ytarchive.adapters.executor.local import WORKER_COMMAND, LocalExecutor
from ytarchive.adapters.executor.model import ModelClock, ModelExecutor, ModelRun
from ytarchive.adapters.executor.outfit import Engines, OnlyBuiltIn, Outfit
from ytarchive.adapters.executor.threads import Abandoned, Run, ThreadExecutor

__all__ = [
    "WORKER_COMMAND",
    "Abandoned",
    "Engines",
    "Executor",
    "Limits",
    "LocalExecutor",
    "ModelClock",
    "ModelExecutor",
    "ModelRun",
    "OnEvent",
    "OnlyBuiltIn",
    "Outfit",
    "Run",
    "ThreadExecutor",
    "WorkerState",
]
