"""How many files this process and the parts that it starts may have open."""

from __future__ import annotations

import resource

WANTED = 65_536
"""Asterisk has 17 open a call, the desk one a browser. A login shell gives 1,024: that is 59 calls."""


def allow_open_files() -> None:
    """Raise this process's limit, which its children inherit, as far as the machine allows and WANTED asks for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
