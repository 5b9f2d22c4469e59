"""`MemoryDenyWriteExecute` and our programs: Python, yt-dlp, deno, PyAV and ffmpeg, in a real pass.

systemd denies by a filter what the kernel denies here by PR_SET_MDWE (Linux 6.3): memory that becomes executable after it
was writable. Both are inherited by every child.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ytarchive.simulator import WELL_KNOWN
from ytarchive.simulator.process import SimulatorProcess

UNIT = Path(__file__).parents[2] / "systemd" / "ytarchive.service"
PR_SET_MDWE, PR_GET_MDWE, REFUSE_EXEC_GAIN = 65, 66, 1
DENYING = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({PR_SET_MDWE}, {REFUSE_EXEC_GAIN}, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
MANIFEST = """version: 1
defaults: {{quality: {{max: 144p}}, embed: [tags, chapters, thumbnail], sidecars: [thumbnail, info_json]}}
videos:
  - {video}
"""

pytestmark = pytest.mark.skipif(
    ctypes.CDLL(None).prctl(PR_GET_MDWE, 0, 0, 0, 0) != 0, reason="this kernel cannot deny it (PR_SET_MDWE)"
)


def denied(folder: Path, environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python where no memory may become executable."""
    return subprocess.run(
        [sys.executable, "-c", DENYING, sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def environment() -> dict[str, str]:
    """What the unit adds to it, its paths apart."""
    lines = [line.removeprefix("Environment=") for line in UNIT.read_text().splitlines()]
    (flags,) = [line.partition("=")[2] for line in lines if line.startswith("DENO_V8_FLAGS=")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YTARCHIVE_")}
    return {**kept, "DENO_V8_FLAGS": flags}


def test_what_is_denied_is_denied(tmp_path: Path, environment: dict[str, str]) -> None:
    deno = "import deno, subprocess, sys; sys.exit(subprocess.run([deno.find_deno_bin(), 'eval', '1']).returncode)"
    assert denied(tmp_path, environment, "-c", deno).returncode == 0
    del environment["DENO_V8_FLAGS"]
    assert denied(tmp_path, environment, "-c", deno).returncode != 0


def test_a_pass_and_the_challenge_solver_work(tmp_path: Path, environment: dict[str, str]) -> None:
    solver = denied(tmp_path, environment, "-m", "ytarchive.worker.self_test")
    assert solver.returncode == 0, solver.stdout + solver.stderr
    assert "the solver answers in deno" in solver.stdout
    with SimulatorProcess(catalogue={"defaults": {"best": 144}}) as youtube:
        (tmp_path / "manifests").mkdir()
        (tmp_path / "manifests" / "one.yaml").write_text(MANIFEST.format(video=WELL_KNOWN["ordinary"]))
        (tmp_path / "ytarchive.toml").write_text(
            f'[network]\nproxy = "{youtube.proxy_url}"\nca_file = "{youtube.ca_path}"\n[archive]\nmin_free = 0\n'
        )
        done = denied(tmp_path, environment, "-m", "ytarchive", "reconcile", "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "archive" / "videos").glob("*/*/item.json"))) == 1
