"""Asterisk as a part of this project: where it is installed, what it is told, how it is started."""

from telephony.asterisk.installation import AsteriskNotFound, Installation, find_installation
from telephony.asterisk.process import Asterisk, AsteriskFailed
from telephony.asterisk.site import Seat, Site, Trunk, render

__all__ = [
    "Asterisk",
    "AsteriskFailed",
    "AsteriskNotFound",
    "Installation",
    "Seat",
    "Site",
    "Trunk",
    "find_installation",
    "render",
]
