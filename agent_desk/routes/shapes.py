"""Values that several operations take: ids, numbers, moments."""

from __future__ import annotations

from typing import Annotated

import msgspec

# In Python a bare $ also matches before a last line feed; this end of text means the same in every dialect.
END = r"(?![\s\S])"

CallId = Annotated[str, msgspec.Meta(pattern=rf"^[0-9A-Za-z][0-9A-Za-z_-]{{0,63}}{END}")]
"""As the switch gives it; it names the call's recording too, hence so narrow."""

PhoneNumber = Annotated[str, msgspec.Meta(pattern=rf"^[0-9+*#]{{1,32}}{END}")]
"""A caller's number as the trunk gave it."""

Moment = Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800)]
"""Epoch seconds."""

PageSize = Annotated[int, msgspec.Meta(ge=1, le=200)]


class CallPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names a call."""

    call_id: CallId
