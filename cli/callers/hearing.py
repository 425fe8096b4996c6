"""What arrives at one RTP port: how much, how evenly, and what it sounds like."""

from __future__ import annotations

import struct
import time
from array import array
from collections import deque
from collections.abc import Callable

import numpy as np

from cli.callers.audio import PACKET, RATE, Pcm, decode_alaw

HEADER = struct.Struct("!BBHII")
PCMA, KEY = 8, 101
KEYS = "0123456789*#ABCD"
KEY_ENDS = 0x80
PACKET_S = PACKET / RATE


class Hearing:
    """Counts and keeps the A-law packets of one call (RFC 3550), in the order of their arrival.

    `take` runs in the media thread; everything else may be read from any thread at any time. Moments are those of
    `time.monotonic`, in seconds, taken from the kernel's own time of arrival.
    """

    def __init__(self, remember_s: float) -> None:
        self.packets = 0
        self.bytes = 0
        self.keys = ""
        self._last_key: int | None = None
        self._lost_before = 0
        self._source: int | None = None
        self._first = self._highest = self._in_stream = 0
        self._arrivals = array("q")
        self._remembered: deque[bytes] = deque(maxlen=max(1, round(remember_s / PACKET_S)))
        self._ended_ns: int | None = None
        self._watchers: list[tuple[int, Callable[[], None]]] = []

    @property
    def lost(self) -> int:
        """Packets that the sender numbered and that never came."""
        return self._lost_before + self._missing()

    def take(self, packet: bytes, arrived_ns: int) -> None:
        """Count one packet that arrived at a monotonic moment; what is neither A-law nor a key is passed over."""
        kind = packet[1] & 0x7F if len(packet) > HEADER.size and packet[0] >> 6 == 2 else None
        if kind not in (PCMA, KEY):
            return
        _, _, sequence, timestamp, source = HEADER.unpack_from(packet)
        if source != self._source:
            self._lost_before += self._missing()
            self._source, self._first, self._highest, self._in_stream = source, sequence, sequence, 0
        ahead = (sequence - self._highest) & 0xFFFF
        if ahead < 0x8000:
            self._highest += ahead
        self._in_stream += 1
        if kind == KEY:
            self._take_key(packet[HEADER.size :], timestamp)
            return
        self.packets += 1
        self.bytes += len(packet)
        self._arrivals.append(arrived_ns)
        self._remembered.append(packet[HEADER.size :])
        if self._watchers:
            self._tell_watchers()

    def _take_key(self, event: bytes, timestamp: int) -> None:
        """One packet of a pressed key (RFC 4733, 2.3): all packets of one press have its timestamp."""
        if len(event) >= 2 and event[1] & KEY_ENDS and timestamp != self._last_key and event[0] < len(KEYS):
            self._last_key = timestamp
            self.keys += KEYS[event[0]]

    def end(self) -> None:
        """Nothing more is expected, from the first time on that this is said: a pause then is none."""
        if self._ended_ns is None:
            self._ended_ns = time.monotonic_ns()

    def notify(self, packets: int, callback: Callable[[], None]) -> None:
        """Call back, in the media thread, once `packets` have come in all."""
        self._watchers.append((packets, callback))
        if self.packets >= packets:
            self._tell_watchers()

    def largest_gap_ms(self, since: float = 0.0) -> float:
        """Return the longest time without a packet, in ms, from the first packet after `since` until now or the end.

        Infinite when nothing came at all.
        """
        arrivals = np.frombuffer(self._arrivals.tobytes(), np.int64)
        arrivals = arrivals[np.searchsorted(arrivals, int(since * 1e9)) :]
        if not arrivals.size:
            return float("inf")
        until = self._ended_ns or time.monotonic_ns()
        return float(np.max(np.diff(arrivals, append=max(until, arrivals[-1])))) / 1e6

    def gaps_ms(self, since: float = 0.0) -> list[float]:
        """Return the times between packets, in ms, in their order."""
        arrivals = np.frombuffer(self._arrivals.tobytes(), np.int64)
        return [float(gap) / 1e6 for gap in np.diff(arrivals[np.searchsorted(arrivals, int(since * 1e9)) :])]

    def first_at(self) -> float | None:
        """Return the moment of the first packet."""
        return self._arrivals[0] / 1e9 if self._arrivals else None

    def pcm(self, last_s: float | None = None) -> Pcm:
        """Return what was heard last, at 8 kHz, as far as it is remembered."""
        remembered = list(self._remembered)
        if last_s is not None:
            remembered = remembered[-max(1, round(last_s / PACKET_S)) :]
        return decode_alaw(b"".join(remembered))

    def _missing(self) -> int:
        if self._source is None:
            return 0
        return max(0, self._highest - self._first + 1 - self._in_stream)

    def _tell_watchers(self) -> None:
        due = [watcher for watcher in self._watchers if self.packets >= watcher[0]]
        for watcher in due:
            self._watchers.remove(watcher)
            watcher[1]()
