"""The kinds of value that the configuration files share: labels, names, seconds, ports."""

from __future__ import annotations

from typing import Annotated

import msgspec

Text = Annotated[
    str,
    msgspec.Meta(
        max_length=200,
        pattern=r"\A[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*\Z",
        extra={"expected": "a text of 1 to 200 characters on one line"},
    ),
]
"""Something a person reads, or the place of something; never blank, never with a control character."""

Name = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A[a-z][a-z0-9_]{0,31}\Z",
        extra={"expected": "a name of up to 32 small letters, digits and _ that begins with a letter"},
    ),
]
"""An identifier. It reaches Asterisk's dialplan and file names, hence so narrow."""

Number = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A[0-9]{3,15}\Z", extra={"expected": "a dialled number of 3 to 15 digits, in quotes"}
    ),
]
"""A dialled number (DID), exact digits as the trunk delivers them (ITU-T E.164 allows 15)."""

NumberRange = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A[0-9]{2,8}-[0-9]{2,8}\Z", extra={"expected": 'a range of seat numbers such as "1001-1050"'}
    ),
]
"""Seats by their numbers, first and last."""

LanguageCode = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A[a-z]{2,3}\Z", extra={"expected": 'an ISO 639 language code such as "zh" or "en"'}
    ),
]
"""ISO 639-1, or 639-3 where there is no two-letter code."""

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
"""A UDP or TCP port."""


Url = Annotated[
    str,
    msgspec.Meta(
        max_length=500, pattern=r"\A[!-~]+\Z", extra={"expected": "an address without spaces", "secret": True}
    ),
]
"""An address of a server. It may hold a password, so no message repeats it."""


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person sees, in the two languages of the desk."""

    zh: Text
    en: Text


def numbers_of(text: str) -> list[str]:
    """Return the numbers of a NumberRange, ascending, all as long as its first."""
    first, _, last = text.partition("-")
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]
