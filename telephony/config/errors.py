"""What is wrong with a configuration, said so that an operator can mend it."""

from __future__ import annotations

from collections.abc import Iterable


class ConfigError(Exception):
    """One fault in a configuration file, and with it every other fault found in the same reading.

    Attributes:
        file: the file as the operator reaches it, e.g. ``configs/queues.toml``.
        key: the dotted key, e.g. ``queues.citizen.ring_s``; ``line 3, column 7`` where the file is not TOML.
        reason: what was expected and what was there instead.
        others: further faults found in the same reading, each a ``ConfigError`` of its own.
    """

    def __init__(self, file: str, key: str, reason: str, *, others: Iterable[ConfigError] = ()) -> None:
        super().__init__(file, key, reason)
        self.file = file
        self.key = key
        self.reason = reason
        self.others = tuple(others)

    def __str__(self) -> str:
        """Return one line a fault: ``file: key: reason``."""
        own = ": ".join(part for part in (self.file, self.key, self.reason) if part)
        return "\n".join([own, *(str(other) for other in self.others)])
