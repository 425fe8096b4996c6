"""Guessing made slow: after some failures an account, or an address, has to wait, longer each time.

An attempt counts before the password is looked at, so that attempts side by side gain nothing. An unknown
account is locked like a known one.
"""

from __future__ import annotations

import hashlib
import math
from ipaddress import IPv6Address, ip_address, ip_network

import msgspec
from redis.asyncio import Redis

KEY = "hotline:lockout:"

# keys: lock and count of the account, lock and count of the address; arguments: for each of both the attempts
# allowed, the first wait, the longest wait and the memory in ms, and whether the memory slides.
_ATTEMPT = """
local wait = math.max(redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[3]))
if wait > 0 then return wait end
for which = 0, 1 do
    local lock, count, first = KEYS[2 * which + 1], KEYS[2 * which + 2], 5 * which
    local allowed, shortest = tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2])
    local longest, memory = tonumber(ARGV[first + 3]), tonumber(ARGV[first + 4])
    local made = redis.call('INCR', count)
    if made == 1 or ARGV[first + 5] == '1' then redis.call('PEXPIRE', count, memory) end
    if made >= allowed then
        local length = math.min(shortest * 2 ^ math.min(made - allowed, 30), longest)
        redis.call('SET', lock, '1', 'PX', string.format('%d', length))
    end
end
return 0
"""

_SUCCESS = """
redis.call('DEL', KEYS[1], KEYS[2])
if redis.call('EXISTS', KEYS[4]) == 1 and redis.call('DECR', KEYS[4]) < tonumber(ARGV[1]) then
    redis.call('DEL', KEYS[3])
end
return 0
"""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """When the waiting begins and how it grows; times in seconds.

    Attributes:
        attempts: the failures after which there is a wait.
        first_wait_s: the first wait; each further failure doubles it, up to `longest_wait_s`.
        memory_s: how long failures count.
        slides: whether each failure prolongs the memory of those before it.
    """

    attempts: int
    first_wait_s: float = 30.0
    longest_wait_s: float = 900.0
    memory_s: float
    slides: bool

    def arguments(self) -> tuple[int, ...]:
        """The script's arguments."""
        waits = (self.first_wait_s, self.longest_wait_s, self.memory_s)
        return (self.attempts, *(round(seconds * 1000) for seconds in waits), int(self.slides))


ACCOUNT = Limits(attempts=5, memory_s=24 * 3600, slides=True)
ADDRESS = Limits(attempts=100, memory_s=900, slides=False)
"""Wide, for a whole centre may sit behind one address."""


class Locked(Exception):
    """Too many failures: `seconds` from now there may be another attempt."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"locked for {seconds} s")
        self.seconds = seconds


class Lockout:
    """Counts attempts. Both methods raise redis.RedisError when Redis is away."""

    def __init__(self, redis: Redis, account: Limits = ACCOUNT, address: Limits = ADDRESS) -> None:
        self._attempt = redis.register_script(_ATTEMPT)
        self._success = redis.register_script(_SUCCESS)
        self._account = account
        self._address = address

    async def attempt(self, username: str, address: str) -> None:
        """Count one attempt. Raises Locked, without counting, when there may be none now."""
        arguments = (*self._account.arguments(), *self._address.arguments())
        wait_ms = await self._attempt(keys=_keys(username, address), args=arguments)
        if wait_ms > 0:
            raise Locked(math.ceil(wait_ms / 1000))

    async def succeeded(self, username: str, address: str) -> None:
        """Take the attempt back, and forget the account's failures."""
        await self._success(keys=_keys(username, address), args=(self._address.attempts,))


def _keys(username: str, address: str) -> tuple[str, ...]:
    account = hashlib.sha256(username.casefold().encode()).hexdigest()
    network = _network(address)
    return (
        f"{KEY}account:{account}:lock",
        f"{KEY}account:{account}:count",
        f"{KEY}address:{network}:lock",
        f"{KEY}address:{network}:count",
    )


def _network(address: str) -> str:
    """One subscriber has a whole IPv6 /64 to choose addresses from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)
