"""A real Prometheus, with our rules, reads a real daemon."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from daemons import Daemon, running_daemon

from ytarchive.simulator import WELL_KNOWN
from ytarchive.simulator.process import SimulatorProcess

ALERTS = Path(__file__).parents[2] / "monitoring" / "alerts.yaml"
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed"
)


@pytest.fixture(scope="module")
def measured(youtube: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that has one video of two, and tells metrics on an address of their own as well."""
    folder, own = tmp_path_factory.mktemp("measured"), f"127.0.0.1:{free_port()}"
    with running_daemon(folder, youtube, {"server.metrics_listen": own}) as daemon:
        (folder / "own").write_text(own)
        daemon.want("daemonvid01", WELL_KNOWN["private"])
        done = (b'ytarchive_items{state="whole"} 1.0', b'ytarchive_work_plans_open{reason="PRIVATE"} 1.0')
        daemon.until(lambda: all(line in daemon.get("/metrics").body for line in done))
        yield daemon


def free_port() -> int:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def ask(address: str, path: str) -> bytes:
    connection = HTTPConnection(address, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


@contextmanager
def prometheus(folder: Path, *targets: str) -> Iterator[str]:
    """Its address; it scrapes each second and evaluates our rules."""
    jobs = [{"job_name": "ytarchive", "static_configs": [{"targets": [*targets]}]}]
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s", "scrape_timeout": "1s"},
        "rule_files": [str(ALERTS)],
        "scrape_configs": jobs,
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))  # which is YAML as well
    address = f"127.0.0.1:{free_port()}"
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        yield address
    finally:
        process.terminate()
        process.wait(60)


def values(address: str, query: str) -> dict[str, float]:
    """What a query answers, by instance; nothing while nobody answers."""
    with suppress(OSError, ValueError):
        answer: dict[str, Any] = json.loads(ask(address, f"/api/v1/query?query={quote(query)}"))
        return {one["metric"]["instance"]: float(one["value"][1]) for one in answer["data"]["result"]}
    return {}


@needs_prometheus
def test_prometheus_reads_the_daemon_and_its_address_for_metrics(measured: Daemon, tmp_path: Path) -> None:
    page, own = urlsplit(measured.url).netloc, (measured.folder / "own").read_text()
    with prometheus(tmp_path, page, own) as address:
        assert measured.until(lambda: len(values(address, "up == 1")) == 2)
        for query, expected in {
            'ytarchive_videos{state="have"}': 1,
            'ytarchive_items{state="whole"}': 1,
            'ytarchive_downloads_total{outcome="failed"}': 1,
            'ytarchive_work_plans_open{reason="PRIVATE"}': 1,
            "ytarchive_config_last_reload_successful": 1,
            'ytarchive_entry_ready{entry="wanted"}': 0,
            'ytarchive_slots{state="free"}': 2,
            'count by (instance) (ytarchive_workers{state="idle"} > 0)': 1,
            "ytarchive_schedule_interval_seconds": 6 * 3600,
        }.items():
            both = dict.fromkeys((page, own), float(expected))
            measured.until(lambda query=query, both=both: values(address, query) == both)  # type: ignore[misc]
        measured.manifest("videos: [nonsense\n")
        assert measured.until(lambda: values(address, "ytarchive_config_last_reload_successful == 0"))
        groups = json.loads(ask(address, "/api/v1/rules"))["data"]["groups"]
        rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
        assert {rule["health"] for rule in rules.values()} == {"ok"}
        pending = measured.until(
            lambda: [
                alert
                for group in json.loads(ask(address, "/api/v1/rules"))["data"]["groups"]
                for rule in group["rules"]
                if rule["name"] == "YtarchiveManifestInvalid"
                for alert in rule["alerts"]
            ]
        )
        assert pending[0]["annotations"]["summary"] == "A manifest of ytarchive is invalid"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_has_no_objection_to_what_a_daemon_tells(measured: Daemon) -> None:
    told = measured.get("/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=told, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_the_address_for_metrics_tells_them_and_nothing_else(measured: Daemon) -> None:
    own = (measured.folder / "own").read_text()
    told = ask(own, "/metrics")
    assert b"ytarchive_build_info{" in told
    assert b"process_resident_memory_bytes" in told
    assert b"ytarchive_" not in ask(own, "/api/v1/entries")
