"""`reconcile --once --metrics-file`: what a timer leaves for the node exporter."""

from __future__ import annotations

from cli_project import Project
from prometheus_client.parser import text_string_to_metric_families

from ytarchive.simulator import WELL_KNOWN

SMALL = "defaults: {quality: {max: 144p}, captions: {languages: []}, embed: []}\n"


def told(project: Project) -> dict[str, float]:
    text = (project.folder / "ytarchive.prom").read_text()
    return {
        " ".join([sample.name.removeprefix("ytarchive_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_each_run_leaves_its_metrics_also_one_that_fails(online: Project) -> None:
    online.wish(f"version: 1\n{SMALL}videos:\n  - {WELL_KNOWN['ordinary']}\n  - {WELL_KNOWN['private']}\n")
    first = online.run("reconcile", "--once", "--metrics-file", "ytarchive.prom")
    assert first.returncode == 3, first.stderr
    done = told(online)
    assert (done["videos have"], done["videos blocked"] + done["videos deferred"]) == (1, 1)
    assert (done["items whole"], done["work_plans_open PRIVATE"]) == (1, 1)
    assert (done["downloads_total fetched"], done["downloads_total failed"]) == (1, 1)
    assert done["reconcile_total all owed"] == 1
    assert done["download_bytes_total"] > 10_000
    assert done["upstream_requests_total player 200"] >= 2
    assert (
        sum(count for name, count in done.items() if name.startswith("upstream_requests_total media 20")) >= 1
    )
    assert done["archive_free_bytes"] > 0
    assert done["entry_ready wishes"] == 0

    (online.folder / "archive").rename(online.folder / "elsewhere")  # not mounted
    (online.folder / "archive").mkdir()
    second = online.run("reconcile", "--once", "--metrics-file", "ytarchive.prom")
    assert second.returncode == 1, second.stderr
    after = told(online)
    assert (after["reconcile_total all owed"], after["reconcile_total all stopped"]) == (1, 1)
    for kept in ("videos have", "items whole", "work_plans_open PRIVATE", "downloads_total fetched"):
        assert after[kept] == done[kept]
    assert after["last_success_timestamp_seconds all"] == done["last_success_timestamp_seconds all"]


def test_a_metrics_file_that_cannot_be_written_fails_the_run_with_a_cure(online: Project) -> None:
    done = online.run("reconcile", "--once", "--metrics-file", "nowhere/ytarchive.prom")
    assert done.returncode == 1
    assert "the metrics cannot be written to nowhere/ytarchive.prom: No such file or directory" in done.stderr
    assert "--metrics-file" in done.stderr
