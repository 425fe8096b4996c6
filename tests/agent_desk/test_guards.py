"""Who may ask the desk for what, and from where."""

from __future__ import annotations

import pytest

from agent_desk.app import operations
from agent_desk.http.operation import Operation
from records.people import Role
from tests.agent_desk.browser import Browser
from tests.agent_desk.house import PASSWORD, House

CALL = "0d5b2f3e-6d7c-4a52-9a55-1f6d2f3f7a10"
FORM = {"form": {}, "version": 0}
BODIES: dict[str, object] = {
    "sign_in": {"username": "x", "password": "y"},
    "be_not_ready": {"reason": "meal"},
}
BODIES |= {"save_form": FORM, "confirm_form": FORM}
WITH_SESSION = [operation for operation in operations() if operation.roles is not None]
CHANGING = [operation for operation in operations() if operation.changes_state]


async def ask(browser: Browser, operation: Operation, **headers: str) -> tuple[int, str]:
    """Return the status and the word of the refusal, or the empty word."""
    path = operation.path.format(call_id=CALL, number="13800138000")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await browser.ask(operation.method, path, BODIES.get(operation.name), headers=names)
    return answer.status, answer.error if answer.status >= 400 else ""


async def test_nobody_gets_in_without_a_session(house: House) -> None:
    browser = await house.browser()
    answers = {operation.name: await ask(browser, operation) for operation in WITH_SESSION}
    assert answers == dict.fromkeys(answers, (401, "no-session"))
    assert len(answers) == len(WITH_SESSION) > 20


@pytest.mark.parametrize("role", Role)
async def test_only_the_roles_of_an_operation_get_through(house: House, role: Role) -> None:
    await house.hire("somebody", role)
    browser = await house.browser()
    assert (await browser.sign_in("somebody", PASSWORD)).status == 200
    # Signing out comes last, for nothing works after it.
    for operation in sorted(WITH_SESSION, key=lambda operation: operation.method == "DELETE"):
        assert operation.roles is not None
        status, error = await ask(browser, operation)
        refused = (status, error) == (403, "wrong-role")
        assert refused == (role not in operation.roles), (operation.name, status, error)
        assert status < 500


@pytest.mark.parametrize("origin", ["", "https://evil.example", "http://127.0.0.1", "null", "http://[::"])
async def test_another_sites_page_changes_nothing(house: House, origin: str) -> None:
    browser, person = await house.agent("lan")
    answers = {operation.name: await ask(browser, operation, Origin=origin) for operation in CHANGING}
    assert answers == dict.fromkeys(answers, (403, "bad-origin"))
    assert person.id in house.centre.centre.agents


@pytest.mark.parametrize("token", ["", "guess", "ü"])
async def test_nothing_changes_without_the_sessions_own_token(house: House, token: str) -> None:
    browser, _ = await house.agent("lan")
    guarded = [operation for operation in CHANGING if operation.roles is not None]
    answers = {operation.name: await ask(browser, operation, X_CSRF_Token=token) for operation in guarded}
    assert answers == dict.fromkeys(answers, (403, "bad-csrf-token"))


async def test_the_token_of_one_session_is_no_good_in_another(house: House) -> None:
    first, _ = await house.agent("lan")
    second, _ = await house.agent("wei")
    second.csrf_token = first.csrf_token
    assert (await second.post("/api/agent/ready")).error == "bad-csrf-token"


async def test_a_page_behind_a_proxy_that_adds_tls_is_still_the_desks_own(house: House) -> None:
    browser, _ = await house.agent("lan")
    answer = await browser.ask(
        "POST", "/api/agent/ready", headers={"Origin": house.url.replace("http://", "https://")}
    )
    assert answer.status == 204


async def test_every_answer_forbids_what_the_desk_never_does(house: House) -> None:
    browser = await house.browser()
    for path in ("/api/settings", "/api/session", "/api/no-such-thing", "/no-such-file.js"):
        headers = (await browser.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "connect-src 'self' ws://127.0.0.1:8088" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Server"] == "hotline"
        assert headers.get("Cache-Control") == "no-store" or not path.startswith("/api/")


async def test_a_strange_host_header_is_no_fault(house: House) -> None:
    browser = await house.browser()
    for host in ("[::", "a b", "evil.example", "x" * 300, "127.0.0.1:99999999"):
        assert (await browser.ask("GET", "/api/settings", headers={"Host": host})).status < 500
