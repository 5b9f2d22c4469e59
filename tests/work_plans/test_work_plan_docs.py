"""docs/work-plan.md holds the table of codes as the code has it, and examples that are true."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from ytarchive.core import codec
from ytarchive.core.failure_table import RULES, Exponential, Rule, Steps
from ytarchive.core.instant import DAY, HOUR, MINUTE
from ytarchive.core.work_plan import WorkPlan
from ytarchive.core.work_plan_schema import json_schema

PAGE = (Path(__file__).parents[2] / "docs" / "work-plan.md").read_text(encoding="utf-8")


def test_the_page_lists_every_code_as_the_code_has_it() -> None:
    listed = re.findall(r"^\| `[A-Z0-9_]+` \|.*$", PAGE, re.MULTILINE)
    expected = [_row(rule) for rule in RULES]

    assert listed == expected, "paste this:\n" + "\n".join(expected)


def test_the_example_of_the_page_is_a_work_plan() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example

    data = yaml.safe_load(example[1])
    Draft202012Validator(json_schema()).validate(data)
    plan = codec.adapter(WorkPlan).validate_python(data)

    assert [copy.video for copy in plan.only_copies] == ["jNQXAC9IVRw"]
    assert [item.code for item in plan.items] == ["PRIVATE"]


def _row(rule: Rule) -> str:
    return f"| `{rule.code}` | {rule.kind} | {rule.meaning}{_notes(rule)} | {_again(rule)} |"


def _notes(rule: Rule) -> str:
    notes = (
        "Final once it was seen on " + f"{rule.confirmations} different days." if rule.soft else "",
        "The address is at fault, not the video." if rule.charged_to == "egress" else "",
        "This machine is at fault, not the video." if rule.charged_to == "host" else "",
        "The account is at fault, not the video." if rule.charged_to == "identity" else "",
        "Requests stop when it is seen again and again." if rule.pauses == "outage" else "",
        "All downloads stop." if rule.pauses == "writes" else "",
        "Does not count as missing." if rule.converged else "",
    )
    return "".join(f" {note}" for note in notes if note)


def _again(rule: Rule) -> str:
    match rule.backoff:
        case Exponential(first, cap):
            return f"within {_length(first)}, doubling to {_length(cap)}"
        case Steps((only,)):
            again = f"every {_length(only)}"
        case Steps((*some, last)):
            again = ", ".join(_length(step) for step in some) + f", then every {_length(last)}"
    return f"when it begins, then {again}" if rule.known_time else again


def _length(seconds: int) -> str:
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
