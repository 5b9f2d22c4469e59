"""One real pass before the stand-in for YouTube, as its log and its trace tell of it; no secret is in anything it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from otlp_receiver import receiving

from ytarchive.core.log_record import Filter
from ytarchive.reconciler.logs import open_log
from ytarchive.settings import load
from ytarchive.simulator import WELL_KNOWN
from ytarchive.simulator.process import SimulatorProcess

FINE, GONE = WELL_KNOWN["ordinary"], WELL_KNOWN["private"]
TOKEN, KEY, COOKIE = (
    "c4nary-token-0123456789",
    "AIzaC4naryKeyOfTheDataApi0123456789abcd",
    "c4nary.value-of-a-cookie",
)
OWN = ("token", "key", "cookies.txt")
MANIFEST = f"""\
version: 1
defaults: {{quality: {{max: 144p}}, captions: {{languages: []}}, embed: []}}
videos: [{GONE}]
playlists:
  - {{playlist: PLtheTraceOfAPass, name: One, auth: main}}
"""


def prepare(folder: Path, youtube: SimulatorProcess, endpoint: str) -> None:
    (folder / "manifests").mkdir()
    (folder / "manifests" / "wishes.yaml").write_text(MANIFEST)
    (folder / "state").mkdir()
    (folder / "state" / "token").write_text(TOKEN)
    (folder / "key").write_text(KEY)
    cookie = ".youtube.com\tTRUE\t/\tTRUE\t2100000000\t"
    (folder / "cookies.txt").touch(0o600)
    (folder / "cookies.txt").write_text(
        f"# Netscape HTTP Cookie File\n{cookie}LOGIN_INFO\t{COOKIE}\n{cookie}SAPISID\t{COOKIE}\n"
    )
    (folder / "ytarchive.toml").write_text(
        "[limits]\nvideos_per_hour = 0\npause = 0\n[archive]\nmin_free = 0\n"
        f'[network]\nproxy = "{youtube.proxy_url}"\nca_file = "{youtube.ca_path}"\n'
        '[auth.main]\ncookies_file = "cookies.txt"\n[youtube]\napi_key_file = "key"\n'
        f'[log]\nlevel = "debug"\n[tracing]\nendpoint = "{endpoint}"\n'
    )


def test_a_pass_is_found_in_the_log_and_in_its_trace_and_tells_no_secret(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with SimulatorProcess(catalogue={"defaults": {"best": 360}}) as youtube, receiving() as receiver:
        youtube.set_playlist("PLtheTraceOfAPass", [FINE])
        prepare(tmp_path, youtube, receiver.url)
        done = subprocess.run(
            [sys.executable, "-m", "ytarchive", "reconcile", "--once"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        settings = load(tmp_path / "ytarchive.toml", {}, {}, tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr

    lines = open_log(settings).query(Filter(), limit=5_000, newest_first=False).records
    assert {line.pass_number for line in lines} == {1}
    (listed,) = [line for line in lines if line.component == "list"]
    assert (listed.entry, listed.data["got"]) == ("One", 1)
    ends = {line.video: line for line in lines if "outcome" in line.data}
    assert ends[FINE].data["outcome"] == "fetched"
    assert (ends[GONE].level, ends[GONE].data["code"]) == ("warning", "PRIVATE")
    assert lines[-1].component == "pass"
    said = [line for line in lines if line.component == "yt-dlp" and line.video == FINE]
    assert {(line.job, line.entry) for line in said} == {(ends[FINE].job, "One")}
    assert any("Downloading webpage" in line.text for line in said)

    whole = receiver.one("pass")
    job, other = (
        next(one for one in receiver.named("job") if one.attributes["ytarchive.job"] == ends[video].job)
        for video in (FINE, GONE)
    )
    parts = {one.name: one for one in receiver.spans if one.parent == job.id}
    assert {"extraction", "download", "merge", "verify", "commit"} <= parts.keys()
    assert {one.trace for one in receiver.spans} == {whole.trace}
    assert {line.trace_id for line in (*said, ends[FINE])} == {whole.trace}
    assert (job.parent, job.error, other.error) == (whole.id, None, "PRIVATE")
    assert parts["extraction"].ended_at <= parts["download"].began_at < parts["commit"].began_at
    assert job.began_at <= parts["extraction"].began_at
    assert parts["commit"].ended_at <= job.ended_at <= whole.ended_at
    assert {one.attributes.get("ytarchive.api") for one in receiver.named("api call")} & {"data", "feed"}

    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name not in OWN]
    assert len(written) > 10
    for secret in (TOKEN, KEY, COOKIE):
        assert [path for path in written if secret.encode() in path.read_bytes()] == []
        assert secret not in done.stdout + done.stderr + repr(receiver.spans)
