"""RTP for many simulated parties from one thread: 20 ms A-law packets on an absolute clock, keys, and arrival times."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.callers.audio import PACKET, write_wav
from cli.callers.hearing import HEADER, KEYS, PCMA, Hearing

TICK_NS = 5_000_000
TICKS_A_PACKET = 4
"""Parties send at four different moments of each 20 ms, so that the switch does not get them all at once."""
CATCH_UP_NS = 200_000_000
TELEPHONE_EVENT = 101
KEY_PACKETS = 5
KEY_END_PACKETS = 3
PAUSE_AFTER_KEY_PACKETS = 4
KEY_VOLUME = 10
# Linux, asm-generic/socket.h: the socket module does not name them.
SO_TIMESTAMPNS = 35
SO_RXQ_OVFL = 40
TIMESPEC = struct.Struct("@qq")
ANCILLARY_SPACE = socket.CMSG_SPACE(TIMESPEC.size) + socket.CMSG_SPACE(4)
LARGEST_PACKET = 2_048
STOP_LIMIT_S = 5.0
PRIORITY = -10


class RtpPort:
    """One party's end of the audio: a UDP port that says a recording over and over, and hears.

    Made by `Media.open`.
    """

    def __init__(self, media: Media, host: str, remember_s: float) -> None:
        self.heard = Hearing(remember_s)
        self.sent = 0
        self.dropped_here = 0
        """Packets that this machine's socket buffer had no room for: the measuring's fault, not the switch's."""
        self._media = media
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
        self._socket.bind((host, 0))
        self.number: int = self._socket.getsockname()[1]
        self._says: Sequence[bytes] = ()
        self._at = 0
        self._keys: deque[tuple[int, asyncio.Future[None] | None]] = deque()
        self._outgoing = self._packets()

    def fileno(self) -> int:
        return self._socket.fileno()

    def start(self, remote: tuple[str, int], says: Sequence[bytes]) -> None:
        """Exchange audio with `remote` alone from now on. `says` as for `say`."""
        self.say(says)
        self._socket.connect(remote)
        self._media.start_sending(self)

    def say(self, says: Sequence[bytes]) -> None:
        """Say A-law packets of 20 ms over and over from the first one on; nothing at all is sent for ()."""
        self._at = 0
        self._says = says

    async def press(self, keys: str, within_s: float = 10.0) -> None:
        """Press telephone keys (RFC 4733): 100 ms each. Returns when the last one is through.

        Raises ValueError for what is no key, TimeoutError when the call does not send.
        """
        unknown = set(keys.upper()) - set(KEYS)
        if unknown:
            raise ValueError(f"no such key: {''.join(sorted(unknown))}; keys are {KEYS}")
        done = asyncio.get_running_loop().create_future()
        codes = [KEYS.index(key) for key in keys.upper()]
        self._keys.extend((code, None) for code in codes[:-1])
        self._keys.extend((code, done) for code in codes[-1:])
        if codes:
            await asyncio.wait_for(done, within_s)

    async def more(self, packets: int, within_s: float) -> None:
        """Wait until that many further packets were heard. Raises TimeoutError."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self.heard.notify(self.heard.packets + packets, lambda: _resolve(loop, done))
        await asyncio.wait_for(done, within_s)

    def save(self, path: Path) -> None:
        """Write what was heard, as far as it is remembered, as a wav file."""
        write_wav(path, self.heard.pcm())

    def close(self) -> None:
        """Send and hear nothing more; what was measured stays."""
        self._media.forget(self)
        self.heard.end()
        self._socket.close()

    def send_next(self) -> None:
        """Send what is due in this 20 ms. Runs in the media thread."""
        packet = next(self._outgoing)
        if packet:
            try:
                self._socket.send(packet)
            except OSError:
                # The other side has closed its port: its BYE is under way.
                return
            self.sent += 1

    def receive(self, clock_offset_ns: int) -> None:
        """Take one packet that has arrived. Runs in the media thread."""
        try:
            packet, ancillary, _, _ = self._socket.recvmsg(LARGEST_PACKET, ANCILLARY_SPACE)
        except OSError:
            return
        arrived_ns = 0
        for _, kind, data in ancillary:
            if kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = TIMESPEC.unpack(data)
                arrived_ns = seconds * 1_000_000_000 + nanoseconds - clock_offset_ns
            elif kind == SO_RXQ_OVFL:
                self.dropped_here = int.from_bytes(data, "little")
        self.heard.take(packet, arrived_ns)

    def _packets(self) -> Iterator[bytes]:
        """What to send in each 20 ms: one RTP packet, or nothing."""
        source, sequence, at = (random.getrandbits(bits) for bits in (32, 16, 32))
        marker = 0x80
        while True:
            if self._keys:
                code, done = self._keys.popleft()
                for step in range(KEY_PACKETS + KEY_END_PACKETS):
                    sequence = (sequence + 1) & 0xFFFF
                    head = HEADER.pack(0x80, TELEPHONE_EVENT | (0 if step else 0x80), sequence, at, source)
                    yield head + _key_event(code, step)
                at = (at + (KEY_PACKETS + KEY_END_PACKETS) * PACKET) & 0xFFFFFFFF
                for _ in range(PAUSE_AFTER_KEY_PACKETS):
                    at = (at + PACKET) & 0xFFFFFFFF
                    yield b""
                if done is not None:
                    _resolve(done.get_loop(), done)
                marker = 0x80
                continue
            at = (at + PACKET) & 0xFFFFFFFF
            says = self._says
            if not says:
                marker = 0x80
                yield b""
                continue
            sequence = (sequence + 1) & 0xFFFF
            payload = says[self._at % len(says)]
            self._at += 1
            yield HEADER.pack(0x80, PCMA | marker, sequence, at, source) + payload
            marker = 0


class Media:
    """The thread that sends and receives for every port. Use as a context manager."""

    def __init__(self) -> None:
        self.largest_lateness_ms = 0.0
        """How late the thread ever was with sending: above some 10 ms, this machine is too busy to measure by."""
        self._turns: list[list[RtpPort]] = [[] for _ in range(TICKS_A_PACKET)]
        self._ports: dict[int, RtpPort] = {}
        self._lock = threading.Lock()
        self._poll = select.epoll()
        self._work = threading.Event()
        self._stopping = False
        self._failure: BaseException | None = None
        self._clock_offset_ns = time.time_ns() - time.monotonic_ns()
        self._thread = threading.Thread(target=self._run, name="callers-media", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, host: str, remember_s: float) -> RtpPort:
        """Return a new port on `host`. `remember_s`: how much of what it hears is kept.

        Raises RuntimeError when the thread has died.
        """
        if self._failure is not None:
            raise RuntimeError("the media thread has died") from self._failure
        port = RtpPort(self, host, remember_s)
        with self._lock:
            self._ports[port.fileno()] = port
            self._poll.register(port.fileno(), select.EPOLLIN)
            self._work.set()
        return port

    def start_sending(self, port: RtpPort) -> None:
        """Give a port its moment in each 20 ms: the one that fewest others have."""
        with self._lock:
            min(self._turns, key=len).append(port)

    def forget(self, port: RtpPort) -> None:
        """Leave a port alone, before its socket is closed."""
        with self._lock:
            if self._ports.pop(port.fileno(), None) is None:
                return
            self._poll.unregister(port.fileno())
            for turn in self._turns:
                if port in turn:
                    turn.remove(port)
            if not self._ports:
                self._work.clear()

    def close(self) -> None:
        """End the thread and close every port."""
        for port in list(self._ports.values()):
            port.close()
        self._stopping = True
        self._work.set()
        self._thread.join(STOP_LIMIT_S)
        self._poll.close()
        if self._failure is not None:
            raise RuntimeError("the media thread died") from self._failure

    def _run(self) -> None:
        with contextlib.suppress(PermissionError):
            # The callers stand for telephones elsewhere: a busy switch must not make them stutter.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), PRIORITY)
        try:
            while not self._stopping:
                self._work.wait()
                self._serve()
        except BaseException as error:
            self._failure = error

    def _serve(self) -> None:
        """Send and receive tick by tick for as long as there are ports."""
        tick = 0
        begun = time.monotonic_ns()
        while self._work.is_set() and not self._stopping:
            due = begun + tick * TICK_NS
            early = due - time.monotonic_ns()
            if early > 0:
                time.sleep(early / 1e9)
            late = time.monotonic_ns() - due
            self.largest_lateness_ms = max(self.largest_lateness_ms, late / 1e6)
            if late > CATCH_UP_NS:
                # A flood of late packets would help nobody: go on from here, as a telephone that was cut off.
                begun += late
            with self._lock:
                for port in self._turns[tick % TICKS_A_PACKET]:
                    port.send_next()
                for descriptor, _ in self._poll.poll(0):
                    self._ports[descriptor].receive(self._clock_offset_ns)
            tick += 1


def _key_event(code: int, step: int) -> bytes:
    """One packet of a pressed key (RFC 4733, 2.3): the event, its volume, its length so far; the end three times."""
    length = min(step + 1, KEY_PACKETS) * PACKET
    end = 0x80 if step >= KEY_PACKETS else 0
    return struct.pack("!BBH", code, end | KEY_VOLUME, length)


def _resolve(loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]) -> None:
    """Finish a wait from the media thread; a loop that has closed waits for nothing."""

    def resolve() -> None:
        if not done.done():
            done.set_result(None)

    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(resolve)
