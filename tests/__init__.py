"""The tests, in folders that mirror the rooms; `tests/contracts` holds one suite a port."""
