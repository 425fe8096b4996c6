"""Who may do what: sets of roles that operations are open to."""

from __future__ import annotations

from records.people import Role

EVERY_ROLE = frozenset(Role)
AGENTS = frozenset({Role.AGENT})
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""An admin may all that a supervisor may: whoever makes accounts could make themselves one anyway."""
ADMINS = frozenset({Role.ADMIN})
