"""The centre: the pure machine that decides what happens to calls and agents."""

from telephony.centre.centre import Centre
from telephony.centre.policy import Policy, policy_of

__all__ = ["Centre", "Policy", "policy_of"]
