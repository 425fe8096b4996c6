"""Who may do what: three roles, each a set of people that a route is open to."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What an account is for."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


EVERY_ROLE = frozenset(Role)
AGENTS = frozenset({Role.AGENT})
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""An admin may all that a supervisor may: whoever makes accounts could make themselves one anyway."""
ADMINS = frozenset({Role.ADMIN})
