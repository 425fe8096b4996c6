"""The built front end, as browsers fetch it."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.agent_desk.house import House, open_house
from tests.redis_server import RedisServer

PAGE = "<!doctype html><title>热线</title>" + "<p>text</p>" * 200
SCRIPT = "console.log('hotline');" * 100


@pytest.fixture
async def built(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[House]:
    """A desk with a front end, and beside it a file that is nobody's business."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text(PAGE, encoding="utf-8")
    (dist / "assets" / "index-1a2b3c.js").write_text(SCRIPT)
    (dist / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("secret")
    async with open_house(tmp_path, redis_server, dist) as house:
        yield house


async def test_the_application_answers_at_every_address_of_its_own(built: House) -> None:
    browser = await built.browser()
    for path in ("/", "/index.html", "/desk", "/supervisor/records"):
        answer = await browser.get(path)
        assert (answer.status, answer.body.decode()) == (200, PAGE)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"


async def test_files_named_by_their_content_are_kept_for_ever_and_others_asked_for_again(
    built: House,
) -> None:
    browser = await built.browser()
    script = await browser.get("/assets/index-1a2b3c.js")
    assert script.body.decode() == SCRIPT
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in script.headers["Cache-Control"]
    again = await browser.ask("GET", "/", headers={"If-None-Match": (await browser.get("/")).headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


async def test_long_files_travel_packed_to_who_can_unpack_them(built: House) -> None:
    browser = await built.browser()
    async with browser.session.get(
        built.url + "/", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    ) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        packed = await response.read()
    assert gzip.decompress(packed).decode() == PAGE
    plain = await browser.ask("GET", "/", headers={"Accept-Encoding": "identity"})
    assert plain.body.decode() == PAGE


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd", "/.env"]
)
async def test_nothing_outside_the_front_end_can_be_fetched(built: House, path: str) -> None:
    browser = await built.browser()
    async with browser.session.get(f"{built.url}{path}") as response:
        body = await response.read()
    assert b"secret" not in body
    assert b"root:" not in body


async def test_an_unknown_api_address_is_not_the_application(built: House) -> None:
    browser = await built.browser()
    unknown = await browser.get("/api/no-such-thing")
    assert (unknown.status, unknown.error) == (404, "not-found")
    missing = await browser.get("/assets/gone-4d5e6f.js")
    assert (missing.status, missing.error) == (404, "not-found")
    wrong = await browser.ask("PATCH", "/api/session")
    assert (wrong.status, wrong.error, wrong.headers["Allow"]) == (405, "bad-method", "DELETE,GET,POST")


async def test_a_desk_without_a_front_end_says_how_to_build_it(house: House) -> None:
    browser = await house.browser()
    answer = await browser.get("/")
    assert (answer.status, answer.error) == (503, "not-built")
    assert "./hotline setup" in answer.json["message"]["en"]
