"""The proxy, its counters, its control URL, and the simulator as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from ytarchive.simulator import WELL_KNOWN, Case, Catalogue, Fault, FaultKind, Simulator
from ytarchive.simulator.process import SimulatorProcess

VIDEO = WELL_KNOWN["ordinary"]


def test_watch_page_has_the_weight_of_a_real_one(client, youtube):
    reply = client.get(f"https://www.youtube.com/watch?v={VIDEO}", Accept_Encoding="gzip, br")
    assert 900_000 < len(reply.body) < 1_300_000
    assert 100_000 < youtube.counters()["bytes"]["watch"] < 400_000
    assert client.get(f"https://www.youtube.com/watch?v={VIDEO}").body == reply.body
    assert len(json.dumps(client.player(VIDEO))) > 60_000


def test_connections_are_kept_alive_and_handshakes_counted(client, youtube):
    for _ in range(3):
        client.get(f"https://www.youtube.com/watch?v={VIDEO}")
        client.get(f"https://i.ytimg.com/vi/{VIDEO}/default.jpg")
    counters = youtube.counters()
    assert (counters["connections"], counters["tls_handshakes"]) == (2, 2)
    assert counters["requests"] == {"watch": 3, "thumbnail": 3}
    assert [entry.kind for entry in youtube.log()] == ["watch", "thumbnail"] * 3
    assert youtube.log()[0].video == VIDEO


def test_foreign_hosts_are_refused_and_counted(client, youtube):
    with pytest.raises(OSError, match="502"):
        client.get("https://example.com/")
    assert client.get("http://example.org/index.html").status == 502
    assert youtube.counters()["foreign"] == {"example.com": 1, "example.org": 1}
    assert youtube.counters()["total_requests"] == 0


def test_other_hosts_and_paths(client):
    for url, status in (
        (f"https://youtu.be/{VIDEO}", 303),
        (f"https://www.youtube.com/shorts/{WELL_KNOWN['short']}", 200),
        (f"https://m.youtube.com/watch?v={VIDEO}", 200),
        (f"https://www.youtube.com/embed/{VIDEO}?html5=1", 200),
        ("https://www.youtube.com/iframe_api", 200),
        ("https://www.youtube.com/s/player/51a1ed01/player_ias.vflset/en_US/base.js", 200),
        ("https://www.youtube.com/@simulated-07", 200),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UC1", 404),
        ("https://www.googleapis.com/youtube/v3/videos?id=x", 403),
        ("https://www.youtube.com/nothing/here", 404),
        ("https://www.youtube.com/watch?v=not-an-id", 404),
        (f"https://rr1---sn-abc.googlevideo.com/videoplayback?id=o-{VIDEO}&itag=251", 200),
        (f"http://www.youtube.com/watch?v={VIDEO}", 200),
        ("https://yt3.ggpht.com/avatar=s0", 200),
    ):
        assert client.get(url).status == status, url


def test_innertube_refuses_what_it_cannot_understand(client):
    base = "https://www.youtube.com/youtubei/v1"
    assert client.request("POST", f"{base}/player", body={"videoId": "short"}).status == 400
    assert client.request("POST", f"{base}/browse", body={"continuation": "forged"}).status == 400
    assert client.request("POST", f"{base}/browse", body={}).status == 400
    assert client.request("POST", f"{base}/browse", body=[]).status == 404
    assert client.request("POST", f"{base}/navigation/resolve_url", body={"url": "https://x"}).status == 404
    assert client.request("POST", f"{base}/next", body={"videoId": VIDEO}).json["contents"]


def test_garbage_on_the_port_does_no_harm(youtube, client):
    host, port = youtube.proxy_url.removeprefix("http://").split(":")
    for garbage in (
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"",
    ):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(100) == b""
    assert client.get(f"https://www.youtube.com/watch?v={VIDEO}").status == 200


def test_control_url_sees_and_changes_everything(client, youtube):
    base = youtube.control_url
    number = client.request(
        "POST", f"{base}/__faults", body={"kind": "status", "value": 500, "count": 1}
    ).json["number"]
    assert client.get(f"{base}/__faults").json["faults"][0]["kind"] == "status"
    assert client.request("DELETE", f"{base}/__faults?number={number}").json == {}
    client.request(
        "POST", f"{base}/__playlists", body={"id": "PLcontrol-test1", "entries": [VIDEO], "title": "Mine"}
    )
    client.request("POST", f"{base}/__videos", body={"id": "sim_Contro1", "case": "members"})
    assert youtube.video("sim_Contro1").case is Case.MEMBERS
    client.request("POST", f"{base}/__reencode", body={"id": "sim_Contro1"})
    assert youtube.video("sim_Contro1").revision == 1
    assert "Mine" in client.get("https://www.youtube.com/playlist?list=PLcontrol-test1").text
    assert client.get(f"{base}/__counters").json["requests"] == {"playlist": 1}
    assert client.get(f"{base}/__log").json["log"][0]["kind"] == "playlist"
    client.request("DELETE", f"{base}/__counters")
    assert client.get(f"{base}/__counters").json["total_requests"] == 0
    assert client.request("POST", f"{base}/__faults", body={"kind": "nonsense"}).status == 400
    assert client.get(f"{base}/__nothing").status == 404


def test_closing_ends_a_stalled_connection():
    with Simulator() as youtube:
        youtube.add_fault("stall", request="other")
        host, port = youtube.proxy_url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=10)
        connection.sendall(b"GET /anything HTTP/1.1\r\n\r\n")
        assert connection.recv(10)
    with connection:
        while connection.recv(4096):
            pass


def test_catalogue_defaults_hold_for_every_ordinary_video():
    catalogue = Catalogue(
        defaults={"media_bytes": 5_000_000, "captions": [{"language": "en", "name": "English"}]}
    )
    assert catalogue.video("whatever_id").media_bytes == 5_000_000
    assert catalogue.video("whatever_id").captions[0].language == "en"
    assert catalogue.video("too short") is None
    with pytest.raises(TypeError):
        catalogue.change("whatever_id", no_such_field=1)


def test_well_known_ids_are_valid_and_distinct():
    catalogue = Catalogue()
    assert len(set(WELL_KNOWN.values())) == len(WELL_KNOWN)
    assert all(catalogue.video(video_id) for video_id in WELL_KNOWN.values())


def test_process_is_controlled_from_outside():
    content = {
        "defaults": {"best": 360},
        "videos": {"sim_FromFil": {"title": "From a file"}},
        "playlists": {"PLfrom-a-file01": [VIDEO]},
        "faults": [{"kind": "status", "value": 503, "request": "thumbnail"}],
    }
    with SimulatorProcess(catalogue=content) as youtube:
        youtube.set_playlist("PLprocess-test1", [VIDEO])
        youtube.set_video("sim_Another", title="Changed")
        youtube.reencode("sim_Another")
        number = youtube.add_fault(Fault(FaultKind.STATUS, value=503, request="watch"))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": youtube.proxy_url}))
        with pytest.raises(urllib.error.HTTPError, match="503") as caught:
            opener.open("http://www.youtube.com/watch?v=sim_Another")
        caught.value.close()
        youtube.remove_faults(number)
        with opener.open("http://www.youtube.com/watch?v=sim_Another") as response:
            assert b"Changed" in response.read()
        with opener.open("http://www.youtube.com/playlist?list=PLfrom-a-file01") as response:
            assert VIDEO.encode() in response.read()
        assert youtube.counters()["requests"] == {"watch": 2, "playlist": 1}
        assert len(youtube.log()) == 3
        youtube.remove_faults()
        youtube.reset_counters()
        assert youtube.environment()["SSL_CERT_FILE"] == str(youtube.ca_path)
        assert youtube.pid > 0


@pytest.mark.parametrize("end", ["sigterm", "stdin"])
def test_process_announces_itself_and_ends(tmp_path, end):
    exports = tmp_path / "env.sh"
    command = [sys.executable, "-m", "ytarchive.simulator", "--write-env", str(exports)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        place = json.loads(process.stdout.readline())
        assert set(place) == {"proxy", "ca", "control"}
        assert f"export https_proxy={place['proxy']}" in exports.read_text()
        if end == "sigterm":
            os.kill(process.pid, signal.SIGTERM)
        else:
            process.stdin.close()
        assert process.wait(15) == 0


def test_process_that_cannot_start_says_so():
    with pytest.raises(RuntimeError, match="did not start"):
        SimulatorProcess(layout="no such layout")
