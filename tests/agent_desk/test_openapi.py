"""The API's description: valid, complete, and kept to, whatever is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import openapi_spec_validator
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agent_desk.app import operations
from tests.agent_desk.archive import finished_record
from tests.agent_desk.browser import Browser
from tests.agent_desk.house import House

EXAMPLES = 12
LIMIT_S = 5.0
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDS_THE_SESSION = "sign_out"


async def described(house: House) -> Any:
    browser = await house.browser()
    answer = await browser.get("/api/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json


async def test_the_description_is_valid_openapi(house: House) -> None:
    description = await described(house)
    assert description["openapi"].startswith("3.1")
    openapi_spec_validator.validate(description)


async def test_every_operation_is_described_with_who_may_and_how_it_fails(house: House) -> None:
    description = await described(house)
    for operation in operations():
        found = description["paths"][operation.path][operation.method.lower()]
        assert found["summary"].endswith("."), operation.name
        assert bool(found["security"]) == (operation.roles is not None), operation.name
        assert {str(refusal.status) for refusal in operation.refusals} <= set(found["responses"])
    ids = [found["operationId"] for path in description["paths"].values() for found in path.values()]
    assert len(ids) == len(set(ids)) == len(operations())


async def test_live_messages_are_described_too(house: House) -> None:
    schemas = (await described(house))["components"]["schemas"]
    assert schemas["Changes"]["properties"]["type"] == {"enum": ["changes"]}
    assert {"caller_number", "parties", "wrap_up_until"} <= set(schemas["CallView"]["properties"])
    assert "leg" not in schemas["PartyView"]["properties"]


class Fuzzer:
    """Sends what the description allows, and what it does not, as one signed-in person."""

    def __init__(
        self, house: House, browser: Browser, description: Any, real_ids: dict[str, list[str]]
    ) -> None:
        cookie = next(iter(browser.session.cookie_jar)).value
        self._url = house.url
        self._cookies = {"hotline_session": cookie}
        self._headers = {"Origin": house.url, "X-CSRF-Token": browser.csrf_token}
        self._real_ids = real_ids
        self._schema = schemathesis.openapi.from_dict(description)
        self.statuses: dict[str, set[int]] = {}

    def run(self) -> None:
        """Try every operation; raises what schemathesis finds."""
        results: Iterable[Any] = self._schema.get_all_operations()
        with requests.Session() as session:
            for result in results:
                operation = result.ok()
                if operation.definition.raw["operationId"] != ENDS_THE_SESSION:
                    self._try(operation, session)

    def _try(self, operation: Any, session: requests.Session) -> None:
        has_input = operation.path_parameters or operation.query or operation.body
        modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if has_input else [])]
        for mode in modes:
            self._explore(operation.as_strategy(generation_mode=mode), session)()

    def _explore(self, cases: Any, session: requests.Session) -> Callable[[], None]:
        turn = 0

        @given(case=cases)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        def explore(case: Any) -> None:
            nonlocal turn
            turn += 1
            for name, values in self._real_ids.items():
                if turn % 2 and case.path_parameters and name in case.path_parameters:
                    case.path_parameters[name] = values[turn // 2 % len(values)]
            response = case.call(
                base_url=self._url,
                session=session,
                headers=self._headers,
                cookies=self._cookies,
                timeout=LIMIT_S,
                allow_redirects=False,
            )
            name = case.operation.definition.raw["operationId"]
            self.statuses.setdefault(name, set()).add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        return explore


@pytest.mark.timeout(180)
async def test_nothing_that_an_agent_can_send_breaks_the_desk(house: House) -> None:
    description = await described(house)
    browser, _ = await house.ready_agent("lan")
    await finished_record(house, "13911112222")
    call = await house.centre.call_comes_in("13911112222")
    await house.centre.phone_answers()
    fuzzer = Fuzzer(house, browser, description, {"call_id": [call.id], "number": ["13911112222"]})
    await asyncio.to_thread(fuzzer.run)
    assert 200 in fuzzer.statuses["get_form"]
    assert 200 in fuzzer.statuses["save_form"]
    assert 200 in fuzzer.statuses["get_history"]
    assert fuzzer.statuses["list_records"] == {403}


@pytest.mark.timeout(180)
async def test_nothing_that_a_supervisor_can_send_breaks_the_desk(house: House) -> None:
    description = await described(house)
    await house.ready_agent("lan")
    supervisor = await house.supervisor()
    record = await finished_record(house, "13911112222")
    call = await house.centre.call_comes_in("13911112222")
    await house.centre.phone_answers()
    await house.centre.caller_hangs_up(call)
    fuzzer = Fuzzer(
        house,
        supervisor,
        description,
        {"call_id": [record.call_id, call.id], "number": ["13911112222"]},
    )
    await asyncio.to_thread(fuzzer.run)
    assert 200 in fuzzer.statuses["get_record"]
    assert {200, 400} <= fuzzer.statuses["list_records"]
    assert 200 in fuzzer.statuses["get_recording"]
    assert 200 in fuzzer.statuses["resend"]
    assert fuzzer.statuses["be_ready"] == {403}
