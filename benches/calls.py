"""How many calls the whole hotline holds on this machine, and how many it sets up a second, until something fails.

A room is a SIP caller with 20 ms A-law both ways, recorded, and an agent at a SIP phone whom the controller had
rung. Everything of the centre runs: Asterisk, controller, Redis, desk, records, case store. Agents sign in with the
commands that the desk would send for them; no browser is open.

Rooms are added step by step, and held. A step fails with the first caller who is not brought together with an
agent, loses a packet, does not hear the agent or is not heard, or has a gap over 60 ms between two packets, by the
kernel's times of their arrival. Then, with no rooms standing, short calls come at an even pace, faster at each
step. A step fails as above, or with the first call that takes more than a second from dialling until caller and
agent are together. `largest_gap_ms` is that of the last step of rooms that was passed.

The load generator runs on the same cores. What it takes, and what everything else takes, is in the conditions. A
step that fails while programs that are no part of this take over a quarter of a core is tried again, at most twice.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benches._call_steps import CALL_S, HOLD_S, LARGEST_GAP_MS, ROOMS_A_STEP, Climb, Step
from benches._centre import running_centre
from benches._cpu import GENERATOR, IDLE, OTHERS, in_words
from benches._kept_records import Kept, kept_records
from benches._room_media import AGENT_HZ, CALLER_HZ
from benches._rooms import Rooms
from benches.report import Report, Value, at_least, at_most
from cli.callers.audio import tone, write_wav
from cli.callers.media import Media
from cli.callers.seat_phone import Answers

MOST_ROOMS = 225
"""The temporary centre's ports for media are enough for so many, with four a room."""
SEATS = [str(number) for number in range(2001, 2001 + MOST_ROOMS)]
CHANGES = {"seats.phone": f'["{SEATS[0]}-{SEATS[-1]}"]', "agents.default_wrap_up_s": "0"}
RECORDS_LIMIT_S = 60.0
SHOWN = ("asterisk", "controller", "records", GENERATOR, OTHERS, IDLE)
GOAL_ROOMS, GOAL_RATE = 100, 10


async def run() -> Report:
    """Fill a centre with rooms, empty it, then let short calls come."""
    with tempfile.TemporaryDirectory(prefix="hotline-calls-") as folder, Media() as media:
        callers_voice, agents_voice = Path(folder) / "caller.wav", Path(folder) / "agent.wav"
        write_wav(callers_voice, tone(CALLER_HZ, 2.0))
        write_wav(agents_voice, tone(AGENT_HZ, 2.0))
        async with running_centre(media, changes=CHANGES, lines=MOST_ROOMS + ROOMS_A_STEP) as centre:
            phones = await centre.staff(SEATS, Answers(), agents_voice)
            for seat in SEATS:
                await centre.ready(seat)
            rooms = Rooms(centre, phones, callers_voice)
            try:
                climb = Climb(centre, rooms, media, MOST_ROOMS)
                held, paced = await climb.fill(), await climb.pace()
                began = time.monotonic()
                kept = await kept_records(centre, RECORDS_LIMIT_S)
                behind_s = time.monotonic() - began
            finally:
                await rooms.close()
    return _report(held, paced, rooms.calls, kept, behind_s)


def _report(held: list[Step], paced: list[Step], calls: int, kept: Kept, behind_s: float) -> Report:
    best_held, best_paced = _last_passed(held), _last_passed(paced)
    rooms = best_held.size if best_held else 0
    calls_per_s = best_paced.size if best_paced else 0
    gap_ms = (best_held or held[0]).largest_gap_ms
    return Report(
        bench="calls",
        figures={
            "rooms": rooms,
            "calls_per_s": calls_per_s,
            "largest_gap_ms": round(gap_ms, 1),
            "joined_median_ms": round(statistics.median(best_paced.joined_s) * 1000, 1)
            if best_paced
            else 0.0,
            "joined_slowest_ms": round(max(best_paced.joined_s) * 1000, 1) if best_paced else 0.0,
            "calls": calls,
            "records": kept.records,
            "unrecorded_s": round(kept.unrecorded_s, 2),
            "records_behind_s": round(behind_s, 2),
        },
        goals={
            "rooms": at_least(GOAL_ROOMS, rooms),
            "calls_per_s": at_least(GOAL_RATE, calls_per_s),
            "largest_gap_ms": at_most(LARGEST_GAP_MS, round(gap_ms, 1)),
            "a record for each call": at_least(calls, kept.records),
        },
        conditions={
            "hold_s": HOLD_S,
            "short_call_s": CALL_S,
            "agents": len(SEATS),
            "rooms_limited_by": _limit(held),
            "calls_per_s_limited_by": _limit(paced),
            "cores_at_rooms": in_words(best_held.cores) if best_held else "",
            "cores_at_calls_per_s": in_words(best_paced.cores) if best_paced else "",
            "generator_late_ms": round(best_held.late_ms, 1) if best_held else 0.0,
        },
        table=_table(held, paced),
    )


def _setup(step: Step) -> dict[str, Value]:
    """From dialling: until the answer, and until the agent is in the room too."""
    return {
        "answered_median_ms": round(statistics.median(step.answered_s) * 1000, 1),
        "answered_slowest_ms": round(max(step.answered_s) * 1000, 1),
        "joined_median_ms": round(statistics.median(step.joined_s) * 1000, 1),
        "joined_slowest_ms": round(max(step.joined_s) * 1000, 1),
    }


def _last_passed(steps: list[Step]) -> Step | None:
    return next((step for step in reversed(steps) if not step.failure), None)


def _limit(steps: list[Step]) -> str:
    """Say what ended the climb, and what the processors did then."""
    last = steps[-1]
    if not last.failure:
        return f"nothing up to {last.size}, where the bench ends"
    return f"at {last.size}: {last.failure}; cores: {in_words(last.cores)}"


def _table(held: list[Step], paced: list[Step]) -> list[list[Value]]:
    table: list[list[Value]] = [["step", "joined ms", "slowest ms", "gap ms", *SHOWN, "failure"]]
    for unit, steps in (("rooms", held), ("calls/s", paced)):
        for step in steps:
            joined = [round(seconds * 1000, 1) for seconds in step.joined_s] or [0.0]
            cores = [round(step.cores[name], 2) for name in SHOWN]
            gap = round(step.largest_gap_ms, 1)
            row: list[Value] = [f"{step.size} {unit}", statistics.median(joined), max(joined), gap]
            table.append([*row, *cores, step.failure or "none"])
    return table
