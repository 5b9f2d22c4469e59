"""Evidence to code, as data: one scenario per row of the table, per text and per trap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ytarchive.core import codec
from ytarchive.core.failure import Evidence, Failure, classify
from ytarchive.core.failure_table import CODES, policy
from ytarchive.core.failure_texts import ROWS, plain_words
from ytarchive.core.instant import to_iso

FOLDER = Path(__file__).parent / "failures"
SCENARIOS: list[tuple[str, dict[str, Any]]] = [
    (f"{path.stem}: {scenario['name']}", scenario)
    for path in sorted(FOLDER.glob("*.yaml"))
    for scenario in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
]


def evidence_of(scenario: dict[str, Any]) -> Evidence:
    return codec.adapter(Evidence).validate_python(scenario["evidence"])


@pytest.mark.parametrize(("name", "scenario"), SCENARIOS, ids=[name for name, _ in SCENARIOS])
def test_what_was_seen_gets_its_code(name: str, scenario: dict[str, Any]) -> None:
    failure = classify(evidence_of(scenario))

    assert failure.code == scenario["code"]
    assert failure.kind == scenario.get("kind", policy(failure.code).kind)
    assert failure.until == (None if "until" not in scenario else failure.until)
    if "until" in scenario:
        assert to_iso(failure.until or 0) == scenario["until"]
    if "message" in scenario:
        assert failure.evidence.message == scenario["message"]
    if "status" in scenario:
        assert failure.evidence.status == int(scenario["status"])


@pytest.mark.parametrize(("name", "scenario"), SCENARIOS, ids=[name for name, _ in SCENARIOS])
def test_what_was_kept_gets_the_same_code_again(name: str, scenario: dict[str, Any]) -> None:
    failure = classify(evidence_of(scenario))
    kept = codec.decode(Failure, codec.encode(failure))

    assert kept == failure
    assert classify(kept.evidence).code == failure.code


def test_every_code_has_a_scenario() -> None:
    assert {scenario["code"] for _, scenario in SCENARIOS} == CODES


def test_every_text_is_in_a_scenario() -> None:
    texts = [plain_words(text) for _, scenario in SCENARIOS for text in _texts(evidence_of(scenario))]

    unheard = [
        (code, pattern.pattern) for code, pattern in ROWS if not any(pattern.search(text) for text in texts)
    ]
    assert unheard == []


def _texts(evidence: Evidence) -> list[str]:
    reasons = [reason for _, _, reason in evidence.playability]
    return [evidence.message, *evidence.warnings, *reasons, *(x.error or "" for x in evidence.http)]
