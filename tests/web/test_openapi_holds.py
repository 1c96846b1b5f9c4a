"""
The server does what its OpenAPI page says, whatever is sent that follows the page or breaks it.

KASAUTI_SCHEMATHESIS sets how many requests each operation gets.
"""

import os
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from tests.web.kite.served import House

from kasauti.web.endpoint import Pace
from kasauti.web.limits import RATES
from kasauti.web.metrics import Metrics
from kasauti.web.native.health import health_of
from kasauti.web.native.openapi import document
from kasauti.web.native.table import table
from kasauti.web.webhooks.door import HookDoor
from kasauti.web.webhooks.endpoints import HookRoutes

EXAMPLES = int(os.environ.get("KASAUTI_SCHEMATHESIS", "2"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: The table as it is served; nothing is asked of these rows but what they say of themselves.
_ROWS = table((*health_of(Metrics()), *HookRoutes(cast("HookDoor", None)).endpoints()))
SCHEMA = schemathesis.openapi.from_dict(document(_ROWS))
OPERATIONS = [each.ok() for each in SCHEMA.get_all_operations() if isinstance(each, Ok)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    patch = pytest.MonkeyPatch()
    for pace in Pace:
        patch.setitem(RATES, pace, (1e9, 10**9))
    desk = House(tmp_path_factory.mktemp("openapi"))
    yield desk
    desk.close()
    patch.undo()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_the_server_does_what_its_page_says(
    house: House, session: requests.Session, operation: Any, mode: GenerationMode
) -> None:
    checks = [*CHECKS, *([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])]

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        headers = {"authorization": f"Bearer {house.key.secret}"}
        base = f"http://127.0.0.1:{house.ports['native']}"
        said = case.call(base_url=base, session=session, headers=headers)
        case.validate_response(said, checks=checks)

    # An operation that takes nothing at all cannot be asked wrongly.
    with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
        asked()
