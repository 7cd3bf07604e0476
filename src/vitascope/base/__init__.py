"""Records, ports, privacy policy and errors: the floor every room stands on.

Takes nothing from the outside (no I/O, no clock, no environment) and knows no room. It is no door on purpose: import
the module you mean (`vitascope.base.items`), so that rooms which must never see a person do not see one by accident.
"""
