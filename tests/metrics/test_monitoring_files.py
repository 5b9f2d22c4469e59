"""Alert rules, dashboard and guide are held against the metrics that the code registers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from measuring import MONITORING, ROOT, needs_promtool, promtool

from ytarchive.metrics import METERS, Meter

GUIDE = (ROOT / "docs" / "monitoring.md").read_text()
ALERTS = MONITORING / "alerts.yaml"
RULES = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
CASES = yaml.safe_load((MONITORING / "alerts.test.yaml").read_text())["tests"]
DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text())
NOT_OURS = {
    "up",
    "ALERTS",
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
}
OF_TARGETS = {"job", "instance", "le", "alertname", "alertstate"}
SELECTOR = re.compile(r"\b((?:ytarchive|process)_\w+|up|ALERTS)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")


def meter_of(name: str) -> Meter:
    """The meter behind a series; a `KeyError` for one that nobody registers."""
    for meter in METERS:
        endings = ("_bucket", "_sum", "_count") if meter.kind == "histogram" else ("",)
        if name in {meter.full_name + ending for ending in endings}:
            return meter
    raise KeyError(name)


def misuses(expression: str) -> Iterator[str]:
    """What an expression asks that no metric of ours answers."""
    labels = set(OF_TARGETS)
    for name, selector in SELECTOR.findall(expression):
        if name in NOT_OURS:
            continue
        try:
            meter = meter_of(name)
        except KeyError:
            yield f"no metric is called {name}"
            continue
        labels |= {*meter.labels}
        for label, operator, value in MATCHER.findall(selector):
            if label in OF_TARGETS:
                continue
            if label not in meter.labels:
                yield f"{name} has no label {label}"
            elif meter.known and operator in ("=", "=~"):
                values = {one[meter.labels.index(label)] for one in meter.known}
                if unknown := {*value.split("|")} - values:
                    yield f"{label} of {name} is never {unknown}"
    for group in GROUPING.findall(expression):
        if unknown := {one.strip() for one in group.split(",")} - labels:
            yield f"nothing is labelled {unknown}: {expression}"


def expressions() -> list[str]:
    """Every expression of the dashboard."""
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    return [*panels, *(one["expr"] for one in DASHBOARD["annotations"]["list"])]


@pytest.mark.parametrize(
    ("expression", "misuse"),
    [
        ("ytarchive_no_such_thing", "no metric is called ytarchive_no_such_thing"),
        ('ytarchive_videos{sate="have"}', "ytarchive_videos has no label sate"),
        ('ytarchive_videos{state=~"have|lost"}', "state of ytarchive_videos is never {'lost'}"),
        ("ytarchive_download_duration_seconds", "no metric is called ytarchive_download_duration_seconds"),
        (
            "sum by (code) (ytarchive_videos)",
            "nothing is labelled {'code'}: sum by (code) (ytarchive_videos)",
        ),
    ],
)
def test_a_wrong_expression_is_noticed(expression: str, misuse: str) -> None:
    assert list(misuses(expression)) == [misuse]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_asks_for_metrics_that_there_are_and_is_explained(rule: dict[str, Any]) -> None:
    assert list(misuses(rule["expr"])) == []
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert {*rule["annotations"]} == {"summary", "description"}
    assert f"`{rule['alert']}`" in GUIDE


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_of_the_dashboard_asks_for_metrics_that_there_are(expression: str) -> None:
    assert list(misuses(expression)) == []


def test_every_alert_fires_in_a_case_and_every_case_is_about_series_that_there_are() -> None:
    fired = set[str]()
    for case in CASES:
        for series in case["input_series"]:
            assert list(misuses(series["series"])) == []
        for test in case["promql_expr_test"]:
            fired |= {re.findall('alertname="(.+?)"', one["labels"])[0] for one in test["exp_samples"]}
    assert fired == {rule["alert"] for rule in RULES}


def test_every_metric_can_be_seen_on_the_dashboard_and_is_explained_in_the_guide() -> None:
    seen = {
        meter_of(name) for text in expressions() for name, _ in SELECTOR.findall(text) if name not in NOT_OURS
    }
    assert {meter.name for meter in METERS} - {meter.name for meter in seen} == set()
    for meter in METERS:
        labels = ", ".join(f"`{label}`" for label in meter.labels)
        assert f"| `{meter.full_name}` | {meter.kind} | {labels} | {meter.meaning} |\n" in GUIDE


def test_the_guide_names_no_metric_and_no_alert_that_there_is_not() -> None:
    assert {*re.findall(r"`(ytarchive_\w+)", GUIDE)} == {meter.full_name for meter in METERS}
    assert {*re.findall(r"`(Ytarchive\w+)`", GUIDE)} == {rule["alert"] for rule in RULES}


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set[tuple[int, int]]()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


@needs_promtool
def test_promtool_has_no_objection_to_the_rules() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", str(ALERTS))


@needs_promtool
def test_alerts_fire_when_they_should_and_only_then() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(MONITORING / "alerts.test.yaml"))


@needs_promtool
def test_promtool_reads_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    read = [text.replace("$__rate_interval", "5m").replace("$instance", ".*") for text in expressions()]
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(read)]
    path = tmp_path / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", "--lint=all", "--lint-fatal", str(path))
