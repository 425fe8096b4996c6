"""Which command needs which steps."""

from __future__ import annotations

from cli.setup.python import PythonPackages
from cli.setup.step import Step

RUN: tuple[Step, ...] = (PythonPackages("base"),)
"""What a centre in operation needs: `up`, `doctor`, `users`, the roles."""

DEMO: tuple[Step, ...] = (*RUN,)
"""That, and simulated callers."""

TEST: tuple[Step, ...] = (PythonPackages("dev"), *RUN)
"""Everything: tests and benches drive real callers, a real browser and a real PostgreSQL."""
