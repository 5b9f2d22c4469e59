"""How a worker reaches the world: a job's own network settings, without any variable of the environment."""

from __future__ import annotations

import os
import select
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from worker_desk import Desk, WorkerProcess

from ytarchive.core.job import Network
from ytarchive.simulator import WELL_KNOWN, Simulator

NORMAL = WELL_KNOWN["ordinary"]


@pytest.fixture(scope="module")
def bare_worker() -> Iterator[WorkerProcess]:
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.lower().endswith("_proxy") and key not in ("SSL_CERT_FILE", "SSL_CERT_DIR")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "ytarchive.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    worker = WorkerProcess(process)
    yield worker
    worker.close()


def test_proxy_and_authority_come_with_the_job(
    bare_worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    network = Network(proxy=youtube.proxy_url, ca_file=str(youtube.ca_path))

    receipt = bare_worker.run(desk.job(NORMAL, kind="probe", network=network))

    assert receipt.outcome == "done", receipt.failure
    assert youtube.counters()["requests"]["watch"] == 1


def test_an_unknown_authority_is_a_matter_of_certificates(
    bare_worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    receipt = bare_worker.run(desk.job(NORMAL, kind="probe", network=Network(proxy=youtube.proxy_url)))

    assert receipt.failure is not None
    assert receipt.failure.code == "TLS"


def test_a_proxy_that_is_not_there_is_named(bare_worker: WorkerProcess, desk: Desk) -> None:
    network = Network(proxy="http://user:canary-in-a-proxy@127.0.0.1:9")

    receipt = bare_worker.run(desk.job(NORMAL, kind="probe", network=network))

    assert receipt.failure is not None
    assert receipt.failure.code == "PROXY"
    assert "canary" not in repr(receipt)


def test_a_bandwidth_limit_is_kept(worker: WorkerProcess, desk: Desk) -> None:
    job = desk.job(WELL_KNOWN["large"], network=Network(bytes_per_second=4_000_000))

    receipt = worker.run(job)

    assert receipt.outcome == "done"
    # 8 MB, of which yt-dlp counts what comes after the first block: 2 s. Without a limit it takes a twentieth of that.
    assert sum(each.seconds for each in receipt.http if each.purpose == "media") > 1.0


class _ConnectOnly(socketserver.ThreadingTCPServer):
    """A proxy that tunnels and refuses everything else, as many do."""

    daemon_threads = True

    def __init__(self, behind: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.behind = behind


class _Tunnel(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _ConnectOnly)
        head = self.request.recv(65536)
        if not head.startswith(b"CONNECT "):
            self.request.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(self.server.behind) as far:
            far.sendall(head)
            ends = {self.request: far, far: self.request}
            while readable := select.select([*ends], [], [], 30)[0]:
                for end in readable:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)


def test_a_proxy_of_the_settings_leaves_this_machine_out(
    bare_worker: WorkerProcess, desk: Desk, youtube: Simulator
) -> None:
    behind = urlsplit(youtube.proxy_url)
    assert behind.hostname
    assert behind.port
    with _ConnectOnly((behind.hostname, behind.port)) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        network = Network(proxy=f"http://127.0.0.1:{proxy.server_address[1]}", ca_file=str(youtube.ca_path))
        receipt = bare_worker.run(desk.job(NORMAL, network=network))
        proxy.shutdown()

    assert receipt.outcome == "done", receipt.failure
