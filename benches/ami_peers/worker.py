"""A process with one AMI client in it, so that clients neither share a heap nor spoil each other.

    python -m benches.ami_peers.worker measure CLIENT PORT CONTROL COUNT [NAME ...]
    python -m benches.ami_peers.worker converse CLIENT PORT [stays]

`measure` signals the start, takes COUNT events (only those of NAME, if given) and prints what it took as
JSON. `converse` prints each event as a JSON line and sends the actions that it reads as JSON lines from its
standard input.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
import time

from benches.ami_peers.clients import CLIENTS, HOST, Pairs

LIMIT_S = 30.0


class Tally:
    """What was taken: how many events, the length of all that was read of them, and when the last came."""

    def __init__(self, expected: int) -> None:
        self.count = 0
        self.length = 0
        self.ended = 0.0
        self.done = threading.Event()
        self._expected = expected

    def take(self, name: str, unique: str, state: str) -> None:
        self.count += 1
        self.length += len(name) + len(unique) + len(state)
        if self.count == self._expected:
            self.ended = time.perf_counter()
            self.done.set()


async def measure(name: str, port: int, control: int, expected: int, names: list[str]) -> None:
    tally = Tally(expected)
    client = CLIENTS[name](port, take=tally.take, names=names)
    await client.start()
    began, cpu = time.perf_counter(), time.process_time()
    socket.create_connection((HOST, control), LIMIT_S).close()
    finished = await asyncio.to_thread(tally.done.wait, LIMIT_S)
    spent = time.process_time() - cpu
    await client.stop()
    seconds = tally.ended - began if finished else None
    print(json.dumps({"seconds": seconds, "cpu_s": spent, "count": tally.count, "length": tally.length}))


async def converse(name: str, port: int, stays: bool) -> None:
    def say(line: dict[str, object]) -> None:
        print(json.dumps(line), flush=True)

    def tell(pairs: Pairs) -> None:
        say({"event": pairs})

    sending: list[asyncio.Task[None]] = []
    client = CLIENTS[name](port, tell=tell, stays=stays)
    await client.start()
    say({"ready": True})
    while line := await asyncio.to_thread(sys.stdin.readline):
        action, headers = json.loads(line)
        sending.append(asyncio.create_task(client.send(action, [(key, value) for key, value in headers])))
        # Its first step hands the action over; the answer may never come.
        await asyncio.sleep(0)
        say({"asked": True})
    await client.stop()
    await asyncio.gather(*sending)


def main() -> None:
    match sys.argv[1:]:
        case ["measure", client, port, control, count, *names]:
            asyncio.run(measure(client, int(port), int(control), int(count), names))
        case ["converse", client, port, *options]:
            asyncio.run(converse(client, int(port), "stays" in options))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
