"""What all tests share: how hypothesis looks for examples, how many run at once, and where bytecode is kept.

By default every run tries the same examples, so that a failure belongs to the change that is tested, not to the day.
To look for new ones: `HYPOTHESIS_PROFILE=explore uv run pytest tests/index -n auto`; what it finds becomes a case.
"""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "explore", derandomize=False, deadline=None, max_examples=1000, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# Hundreds of tests start programs of their own. Compiled once, they start in a third of the time, also where the
# environment says that no bytecode is written: none is, beside the sources.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parent.parent / ".cache" / "bytecode")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait, for processes, for a network, for a moment to pass."""
    return (os.cpu_count() or 1) + 1
