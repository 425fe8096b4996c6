"""What callers send to do harm is shown as text, recorded as it came, or refused; the hotline goes on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Page, Request, expect

from cli.callers import CALLERS_HOST, Callers, Media, tone, write_wav
from cli.paths import find_paths
from records.people import Role
from tests.system.agent_browser import PATIENCE_MS, DeskPage, chromium
from tests.system.hotline import PASSWORD, Hotline
from tests.system.voices import hears_music

ROOT = find_paths().root
STRANGER = "127.0.0.9"
UP_LIMIT_S = 60.0
ASTERISK_NAME_BYTES = 79

SCRIPTS = (
    "<script>window.ran = 1</script>",
    "<img src=/stolen onerror=window.ran=1>",
    '"><svg/onload="window.ran=1">',
    "{{constructor.constructor('window.ran=1')()}}",
    "javascript:window.ran=1",
)
NAMES = {
    **{script: script for script in SCRIPTS},
    "'; DROP TABLE records; --": "'; DROP TABLE records; --",
    "${SHELL(id)}${HANGUPCAUSE}$[1/0]": "${SHELL(id)}${HANGUPCAUSE}$[1/0]",
    "|/bin/sh|@{ami_secret},x;y\\r\\nAction: Hangup": "|/bin/sh|@{ami_secret},x;y\\r\\nAction: Hangup",
    'Bob "the \\ Builder"': 'Bob "the \\ Builder"',
    "\u202eabc\u2028😀\x07": "\u202eabc\u2028😀\x07",
    "\udcff\udcfe\udcc3 Latin": "\ufffd\ufffd\ufffd Latin",
    "A" * 4096: "A" * ASTERISK_NAME_BYTES,
    "长" * 1365: "长" * (ASTERISK_NAME_BYTES // 3),
}
"""Names as callers give them, and as Asterisk hands them on: in UTF-8, 79 bytes at most."""

NO_FROM_HEADERS = (
    '"A\r\n\r\nINVITE sip:12345@127.0.0.1 SIP/2.0" <sip:13800138000@127.0.0.2>',
    '"A\r\nX-Evil: 1" <sip:13800138000@127.0.0.2>',
    '"A" <sip:1%0d%0aEvent%3a%20Hangup@127.0.0.2>',
    '"A" <sip:1%00@127.0.0.2>',
    '"unclosed <sip:1@127.0.0.2>',
    "<sip:${SHELL(id)}@127.0.0.2>",
    "<sip:<script>@127.0.0.2>",
    "<sip:1@127.0.0.2",
    "",
)
"""What is no From header (RFC 3261, 20.20), or would break out of one."""

NUMBERS = {
    "13800138000": "13800138000",
    "+8613800138000": "+8613800138000",
    "'%20OR%201=1--": "11",
    "%3Cscript%3E1": "1",
    "9" * 4096: "9" * 32,
    "zhang.san": "",
}
"""A caller's number as it is sent, and what is kept of it."""

DIALLED = {
    "1234501": ("1234501", "enterprise"),
    "%31%32345": ("12345", "citizen"),
    "12345'--": ("12345", "citizen"),
    "12345;phone-context=x": ("12345", "citizen"),
    "1-2-3-4-5": ("12345", "citizen"),
    "+8612345": ("+8612345", "citizen"),
    "9" * 200: ("9" * 32, "citizen"),
}
"""Dialled numbers as a trunk may send them, what is kept of each, and whose line it is."""

RING_20_S = ("citizen", "elderly", "urban", "consumer", "general")
NO_NUMBERS = ("h", "s", "abc", "12345%0d%0aX", "12345%00")

pytestmark = pytest.mark.system


async def test_hostile_names_are_shown_as_text_in_a_real_browser_and_recorded_as_they_came(
    hotline: Hotline, tmp_path: Path
) -> None:
    microphone = tmp_path / "microphone.wav"
    write_wav(microphone, tone(1000.0, 1.0))
    await hotline.add_person("wang", name="王芳")
    await hotline.add_person("chen", role=Role.SUPERVISOR)
    harm: list[str] = []
    async with chromium(microphone) as browser:
        desk = await DeskPage.open(browser, hotline.url)
        watch_for_harm(desk.page, harm)
        await desk.sign_in("wang", PASSWORD)
        await desk.become_ready()
        expected = {}
        for place, (sent, delivered) in enumerate(NAMES.items()):
            number = f"138000000{place:02}"
            caller = await hotline.callers.call("12345", from_number=number, name=sent)
            await desk.shows("caller-number", number)
            await desk.shows("caller-name", delivered)
            assert await desk.page.get_by_test_id("caller-name").text_content() == delivered
            call = await hotline.knows(number)
            assert call.caller_name == delivered
            expected[call.id] = delivered
            await caller.hang_up()
            await desk.sees_no("refuse")
        cases = await hotline.until_cases(len(NAMES))
        assert {case["call_id"]: case["caller"]["name"] for case in cases} == expected

        supervisor = await DeskPage.open(browser, hotline.url)
        watch_for_harm(supervisor.page, harm)
        await supervisor.sign_in("chen", PASSWORD)
        await supervisor.click("tab-records")
        for call_id, name in expected.items():
            row = supervisor.page.locator(f'[data-call="{call_id}"]')
            await row.get_by_test_id("record-open").click()
            detail = supervisor.page.get_by_test_id("record-detail")
            await expect(detail).to_contain_text(call_id, timeout=PATIENCE_MS)
            assert name in (await detail.text_content() or "")
            await supervisor.page.keyboard.press("Escape")
            await supervisor.sees_no("record-detail")
        store = await open_case_store(browser, hotline)
        watch_for_harm(store, harm)
        await store.reload()
        for page in (desk.page, supervisor.page, store):
            assert await page.evaluate("window.ran") is None
        listed = await store.locator("body").text_content() or ""
        assert all(script in listed for script in SCRIPTS)
        assert harm == []


def watch_for_harm(page: Page, harm: list[str]) -> None:
    """Note every dialog, script error and request to an attacker's address from now on."""

    async def note_dialog(dialog: Dialog) -> None:
        harm.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def note_theft(request: Request) -> None:
        if "stolen" in request.url:
            harm.append(request.url)

    page.on("dialog", note_dialog)
    page.on("pageerror", lambda error: harm.append(f"error: {error}"))
    page.on("request", note_theft)


async def open_case_store(browser: Browser, hotline: Hotline) -> Page:
    token = hotline.deployment.case_store_token
    context = await browser.new_context(http_credentials={"username": "hotline", "password": token})
    page = await context.new_page()
    await page.goto(hotline.deployment.case_store_url)
    return page


async def test_of_numbers_the_digits_are_kept_whatever_else_they_hold(hotline: Hotline) -> None:
    sent = [("12345", number) for number in NUMBERS] + [(number, "13900139000") for number in DIALLED]
    callers = [await hotline.callers.call(dialled, from_number=number) for dialled, number in sent]
    await asyncio.gather(*(hears_music(caller) for caller in callers))
    await asyncio.gather(*(caller.hang_up() for caller in callers))
    cases = await hotline.until_cases(len(sent))
    assert sorted((case["caller"]["number"], case["dialled"], case["line"]) for case in cases) == sorted(
        [(kept, "12345", "citizen") for kept in NUMBERS.values()]
        + [("13900139000", kept, line) for kept, line in DIALLED.values()]
    )


async def test_what_is_no_sip_reaches_nobody_and_honest_callers_are_served(hotline: Hotline) -> None:
    sip = hotline.deployment.config.hotline.sip
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
        attacker.bind((CALLERS_HOST, 0))
        attacker.setblocking(False)
        for place, header in enumerate(NO_FROM_HEADERS):
            attacker.sendto(invite("12345", header, place, attacker.getsockname()), (sip.host, sip.port))
        for number in NO_NUMBERS:
            refused = await hotline.callers.call(number, from_number="13800138000")
            assert (await refused.ended()).code == 404
        honest = await hotline.callers.call("12345", from_number="13900139000", name="张三")
        await hears_music(honest)
        answers = received(attacker)
    assert {answer.split()[1] for answer in answers} <= {b"400", b"404"}
    live = await hotline.live()
    assert [call.caller_name for call in live.calls.values()] == ["张三"]


def invite(number: str, from_header: str, place: int, here: tuple[str, int]) -> bytes:
    """An INVITE that is as it should be but for its From header."""
    host, port = here
    lines = (
        f"INVITE sip:{number}@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-{place};rport",
        f"From: {from_header};tag={place}",
        f"To: <sip:{number}@127.0.0.1>",
        f"Call-ID: {place}@{host}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:{host}:{port}>",
        "Max-Forwards: 70",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()


def received(attacker: socket.socket) -> list[bytes]:
    """Return every answer that has come."""
    answers = []
    with contextlib.suppress(BlockingIOError):
        while True:
            answers.append(attacker.recv(65_536))
    return answers


async def test_nobody_gets_in_from_an_address_that_is_no_trunk(hotline: Hotline, media: Media) -> None:
    sip = hotline.deployment.config.hotline.sip
    async with Callers((sip.host, sip.port), media, host=STRANGER) as strangers:
        caller = await strangers.call("12345", from_number="13800138000")
        assert (await caller.ended()).code == 401
    assert (await hotline.live()).calls == {}


@pytest.mark.parametrize(
    ("file", "right", "wrong", "faults"),
    [
        (
            "queues.toml",
            "ring_s = 20",
            "ring_s = 90",
            [f"queues.{queue}.ring_s: expected" for queue in RING_20_S],
        ),
        ("queues.toml", 'skill = "citizen"', 'skill = "town"', ["queues.citizen.needs.skill: no such skill"]),
        ("hotline.toml", "ami_port = 5038", 'ami_port = "x"', ["sip.ami_port: expected a whole number"]),
        ("hotline.toml", '"127.0.0.2"', '"127.0.0.300"', ["trunks.local.addresses"]),
        ("categories.toml", "[[categories]]", "[[categories", ["line "]),
    ],
    ids=["too-large", "unknown-skill", "no-number", "no-address", "no-toml"],
)
@pytest.mark.parametrize("command", ["up", "run controller"])
def test_a_broken_configuration_is_refused_at_start_with_file_key_and_reason(
    tmp_path: Path, command: str, file: str, right: str, wrong: str, faults: list[str]
) -> None:
    configs = tmp_path / "configs"
    shutil.copytree(ROOT / "configs", configs)
    text = (configs / file).read_text(encoding="utf-8")
    assert right in text
    (configs / file).write_text(text.replace(right, wrong), encoding="utf-8")
    said = subprocess.run(
        [ROOT / "hotline", *command.split(), "--configs", str(configs), "--var", str(tmp_path / "var")],
        capture_output=True,
        text=True,
        timeout=UP_LIMIT_S,
        check=False,
    )
    assert said.returncode == 1
    told = f"hotline {command}: "
    lines = [line for line in said.stderr.splitlines() if line.startswith(told)]
    assert [
        line.startswith(f"{told}{configs / file}: {fault}")
        for line, fault in itertools.zip_longest(lines, faults, fillvalue="")
    ] == [True] * len(faults), said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "var").exists()
