"""The demo's town: citizens who call now and then, and colleagues who answer beside the person at the desk."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path

import msgspec

from cli.callers.audio import recorded_speech
from cli.callers.caller import Caller, Callers
from cli.callers.desk_client import DeskClient, DeskRefused
from cli.callers.media import Media
from cli.callers.seat_phone import Answers, SeatPhones
from cli.callers.sipp import SippFailed
from telephony.asterisk import find_installation
from telephony.deployment import Deployment

CALLERS_HOST, PHONES_HOST = "127.0.0.2", "127.0.0.3"
BETWEEN_CALLS_S = 14.0
MOST_CALLS = 12
PATIENCE_S = 90.0
TALK_S = (20.0, 60.0)
WRAP_UP_S = (3.0, 10.0)
RING_S = 2.0
NUMBERS = (("12345", 70), ("1234501", 10), ("1234502", 8), ("12319", 8), ("12315", 4))
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
GIVEN = ("伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛")


class Request(msgspec.Struct, frozen=True):
    """What a colleague writes down."""

    request_type: str
    category: str
    subcategory: str
    title: str
    content: str
    district: str


REQUESTS = (
    Request(
        "help",
        "construction",
        "construction_lighting",
        "路灯不亮",
        "小区东门外三盏路灯不亮,夜间行走不便。",
        "110106",
    ),
    Request("complaint", "order", "order_noise", "夜间施工噪声", "工地凌晨一点仍在施工,影响休息。", "110105"),
    Request(
        "help",
        "public_service",
        "public_service_heating",
        "家中暖气不热",
        "室温约十五度,邻居家正常。",
        "110108",
    ),
    Request(
        "consult", "labour", "labour_insurance", "咨询社保转移", "咨询外地社保转入本市的手续。", "110102"
    ),
    Request(
        "suggestion",
        "traffic",
        "traffic_signals",
        "建议延长绿灯时间",
        "路口行人绿灯时间太短,老人过不去。",
        "110101",
    ),
)


class Town:
    """Lives until cancelled. `colleagues` are usernames with passwords, one for each of the first phone seats."""

    def __init__(
        self, deployment: Deployment, private_asterisk: Path, colleagues: list[tuple[str, str]]
    ) -> None:
        self._deployment = deployment
        sounds = find_installation(private_asterisk).data / "sounds"
        self._speech = recorded_speech(sounds)
        self._colleagues = colleagues
        self._random = random.Random()  # noqa: S311 - who calls when is no secret

    async def live(self) -> None:
        """Let everybody do what they do. Raises SippFailed, DeskRefused."""
        sip = self._deployment.config.hotline.sip
        switch = (sip.host, sip.port)
        with Media() as media:
            async with (
                Callers(switch, media, host=CALLERS_HOST) as callers,
                SeatPhones(switch, media, host=PHONES_HOST) as phones,
                asyncio.TaskGroup() as tasks,
            ):
                seats = self._deployment.config.hotline.seats.phone_numbers
                for seat, (username, password) in zip(seats, self._colleagues, strict=False):
                    secret = self._deployment.seat_password(seat)
                    await phones.register(seat, secret, Answers(after_s=RING_S), self._voice())
                    tasks.create_task(
                        self._work(DeskClient(self._deployment.desk_url, username, password, seat))
                    )
                await self._call(callers, tasks)

    async def _call(self, callers: Callers, tasks: asyncio.TaskGroup) -> None:
        """Citizens call at random moments, as independent people do."""
        room = asyncio.Semaphore(MOST_CALLS)
        while True:
            await asyncio.sleep(self._random.expovariate(1 / BETWEEN_CALLS_S))
            await room.acquire()
            task = tasks.create_task(self._citizen(callers))
            task.add_done_callback(lambda _: room.release())

    async def _citizen(self, callers: Callers) -> None:
        number = "13" + "".join(self._random.choices("0123456789", k=9))
        name = self._random.choice(SURNAMES) + self._random.choice(GIVEN)
        (dialled,) = self._random.choices([n for n, _ in NUMBERS], [weight for _, weight in NUMBERS])
        with contextlib.suppress(SippFailed, TimeoutError):
            caller = await callers.call(dialled, from_number=number, name=name, says=self._voice())
            await caller.answered()
            await self._stay(caller)

    async def _stay(self, caller: Caller) -> None:
        """Stay for as long as a call takes, or as patience lasts; who is hung up on leaves."""
        stay_s = PATIENCE_S if self._random.random() < 0.2 else self._random.uniform(*TALK_S) + 10.0
        with contextlib.suppress(TimeoutError):
            await caller.ended(within_s=stay_s)
            return
        await caller.hang_up()

    async def _work(self, desk: DeskClient) -> None:
        """Be ready, and after each call write down what it was about."""
        async with desk:
            while True:
                await desk.until(
                    lambda desk: desk.me.get("state") in ("not-ready", "wrap-up"), within_s=86_400.0
                )
                with contextlib.suppress(DeskRefused, TimeoutError):
                    if desk.me["state"] == "wrap-up":
                        await self._write_down(desk)
                    else:
                        await desk.until(lambda desk: bool(desk.me.get("phone_reachable")))
                        await desk.ask("POST", "/api/agent/ready")
                        await desk.until(lambda desk: desk.me.get("state") != "not-ready")

    async def _write_down(self, desk: DeskClient) -> None:
        call_id = desk.call["id"]
        draft = await desk.ask("GET", f"/api/calls/{call_id}/form")
        await asyncio.sleep(self._random.uniform(*WRAP_UP_S))
        form = draft["form"] | msgspec.structs.asdict(self._random.choice(REQUESTS)) | {"urgency": "normal"}
        body = {"form": form, "version": draft["version"]}
        await desk.ask("POST", f"/api/calls/{call_id}/confirm", body)
        await desk.until(lambda desk: desk.me.get("call_id") != call_id)

    def _voice(self) -> Path:
        return self._random.choice(self._speech)
