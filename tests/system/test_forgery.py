"""Nobody outside can speak in Asterisk's name: what a SIP message says never becomes an AMI event of its own."""

from __future__ import annotations

import pytest

from telephony.call import CallState
from tests.system.hotline import Hotline

pytestmark = pytest.mark.system


async def test_a_caller_cannot_forge_the_end_of_anothers_call(hotline: Hotline) -> None:
    victim = await hotline.callers.call("12345", from_number="13800138000")
    await victim.answered()
    (call,) = (await hotline.until(lambda live: bool(live.calls))).calls.values()
    forged = f"%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aUniqueid%3a%20{call.caller.leg}%0d%0aCause%3a%2016%0d%0a%0d%0a"
    attacker = await hotline.callers.call("12345", from_number="1", raw_from=f"<sip:1{forged}@127.0.0.2>")
    assert (await attacker.ended()).code == 404
    # An honest call comes after the forged events would have: the victim's call has outlived them.
    honest = await hotline.callers.call("12345", from_number="13900139000")
    await honest.answered()
    live = await hotline.until(lambda live: len(live.calls) == 2)
    assert live.calls[call.id].state is CallState.WAITING
