"""Why a database is not used at all."""

from __future__ import annotations


class WrongDatabase(Exception):
    """The database cannot be used as it is; the text says what to do."""
