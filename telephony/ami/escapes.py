"""Values that Asterisk escapes, as they were before."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unescape(value: str) -> str:
    """Undo the C escapes that Asterisk 22 puts into some values, and only into these: CallerIDName,
    ConnectedLineName and ChanVariable wherever a channel is described, and Value in VarSet.

    `O\\'Brien` is the caller O'Brien. Getvar's Value and all other headers must not be unescaped.
    """
    return _ESCAPE.sub(lambda match: _MEANT.get(match[1], match[1]), value)
