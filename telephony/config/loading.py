"""Loads the configuration folder as a whole and checks what its files say of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from telephony.config.categories import CategoriesFile, Category
from telephony.config.checks import Fault, check_categories, check_hotline, check_queues
from telephony.config.errors import ConfigError
from telephony.config.hotline import HotlineFile
from telephony.config.queues import QueuesFile
from telephony.config.reading import read_file

T = TypeVar("T")


class Config(msgspec.Struct, frozen=True):
    """Everything that an operator has configured, checked.

    Attributes:
        folder: where the files were read; relative paths in them start here.
        hotline: ``hotline.toml``.
        queues: ``queues.toml``.
        categories: ``categories.toml``, most frequent first.
    """

    folder: Path
    hotline: HotlineFile
    queues: QueuesFile
    categories: tuple[Category, ...]

    def path(self, text: str) -> Path:
        """Return the path that a setting names; a relative one starts at the configuration folder."""
        return self.folder / text

    def line_of(self, number: str) -> str | None:
        """Return the line that the dialled ``number`` belongs to, or None where no line has it."""
        return next((name for name, line in self.queues.lines.items() if number in line.numbers), None)

    def wrap_up_s(self, queue: str) -> int:
        """Return the wrap-up time of ``queue`` in seconds: its own, else the default of all agents."""
        own = self.queues.queues[queue].wrap_up_s
        return self.hotline.agents.default_wrap_up_s if own is None else own


def load(folder: Path) -> Config:
    """Return the configuration in ``folder``: ``hotline.toml``, ``queues.toml`` and ``categories.toml``.

    Raises:
        ConfigError: something is wrong; it holds every fault found, in the order of the files.
    """
    found: list[ConfigError] = []
    hotline = _read(folder / "hotline.toml", HotlineFile, lambda file: check_hotline(file, folder), found)
    queues = _read(folder / "queues.toml", QueuesFile, check_queues, found)
    categories = _read(folder / "categories.toml", CategoriesFile, check_categories, found)
    if found or hotline is None or queues is None or categories is None:
        first = found[0]
        raise ConfigError(first.file, first.key, first.reason, others=found[1:])
    return Config(folder, hotline, queues, categories.categories)


def _read(
    path: Path, kind: type[T], check: Callable[[T], Iterable[Fault]], found: list[ConfigError]
) -> T | None:
    try:
        file = read_file(path, kind)
    except ConfigError as error:
        found += [ConfigError(error.file, error.key, error.reason), *error.others]
        return None
    found += [ConfigError(str(path), key, reason) for key, reason in check(file)]
    return file
