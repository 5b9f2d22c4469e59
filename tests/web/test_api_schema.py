"""Requests that schemathesis makes from the OpenAPI document: no answer is a 500, and every answer is as documented.

By default a few for each route. `YTARCHIVE_REQUESTS=10000` makes so many altogether, most of them malformed.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web_office import Client

REQUESTS = int(os.environ.get("YTARCHIVE_REQUESTS", "0"))
FEW = 3
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


# The office draws its jitter in this very process, which hypothesis takes for a strategy's doing.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_no_request_gives_a_500_and_every_answer_is_as_documented(offline_client: Client) -> None:
    schema = schemathesis.openapi.from_url(f"{offline_client.url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    seen: Counter[int] = Counter()
    for operation in operations:
        for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE):
            try_one(offline_client, operation, mode, len(operations), seen)
    assert len(operations) > 25
    assert not [status for status in seen if status >= 500 and status not in (502, 503)]
    assert seen[422] > seen.total() / 10
    if REQUESTS:
        print(f"{seen.total():,} requests: {dict(sorted(seen.items()))}")
        assert seen.total() >= REQUESTS


def try_one(client: Client, operation: Any, mode: GenerationMode, share: int, seen: Counter[int]) -> None:
    examples = FEW if not REQUESTS else 2 * REQUESTS // share

    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        if case.path.endswith("/events") and isinstance(case.query, dict):
            case.query["seconds"] = "0"  # it would go on for a day
        response = case.call(
            session=client.session, headers={"Authorization": f"Bearer {client.token}"}, timeout=30
        )
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    with suppress(Unsatisfiable):  # nothing can be wrong with a request that has no parameter
        asked()
