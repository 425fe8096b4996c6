"""The switch as the centre sees it: AMI events become facts, actions become AMI actions."""

from telephony.switch.acting import carry_out
from telephony.switch.reading import changed_phone, read
from telephony.switch.snapshot import phone_is_reachable, take_snapshot

__all__ = ["carry_out", "changed_phone", "phone_is_reachable", "read", "take_snapshot"]
