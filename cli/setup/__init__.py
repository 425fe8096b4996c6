"""Set-up of this machine, in steps that are each done once and checked cheaply ever after.

Standard library only: the first step is what installs everything else.
"""
