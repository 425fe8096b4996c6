"""The configuration of a hotline: three TOML files, read strictly into frozen structs.

``load(folder)`` returns a ``Config``, or raises a ``ConfigError`` that names file, key and reason of every
fault.
"""

from __future__ import annotations

from telephony.config.categories import Category, Subcategory
from telephony.config.errors import ConfigError
from telephony.config.hotline import (
    Agents,
    CaseStore,
    Database,
    Desk,
    Hotline,
    PauseReason,
    Recordings,
    Redis,
    Seats,
    Sip,
    Trunk,
)
from telephony.config.hours import OpeningHours
from telephony.config.kinds import Label
from telephony.config.loading import Config, load
from telephony.config.queues import AcdSettings, Language, Line, Needs, Overflow, Queue, Skill

__all__ = [
    "AcdSettings",
    "Agents",
    "CaseStore",
    "Category",
    "Config",
    "ConfigError",
    "Database",
    "Desk",
    "Hotline",
    "Label",
    "Language",
    "Line",
    "Needs",
    "OpeningHours",
    "Overflow",
    "PauseReason",
    "Queue",
    "Recordings",
    "Redis",
    "Seats",
    "Sip",
    "Skill",
    "Subcategory",
    "Trunk",
    "load",
]
