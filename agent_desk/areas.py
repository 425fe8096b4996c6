"""The city's districts with their streets and townships, as the request form offers them: `areas.json`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from telephony.config import ConfigError


class Street(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A street office or township; `code` has nine digits."""

    code: str
    name: str


class District(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A district; `code` has six digits."""

    code: str
    name: str
    streets: list[Street]


class Areas(msgspec.Struct, frozen=True):
    """All districts, and the codes of the streets of each."""

    districts: list[District]
    streets: Mapping[str, frozenset[str]]


def load_areas(folder: Path) -> Areas:
    """Return what `areas.json` in the configuration's folder holds. Raises ConfigError."""
    file = folder / "areas.json"
    try:
        districts = msgspec.json.decode(file.read_bytes(), type=list[District])
    except OSError as error:
        raise ConfigError(str(file), "", f"cannot be read: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), "", str(error)) from None
    codes = {district.code: frozenset(street.code for street in district.streets) for district in districts}
    return Areas(districts, codes)
