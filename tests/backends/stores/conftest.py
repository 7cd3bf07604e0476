"""The same libraries as the contract suites use."""

from tests.contracts.conftest import library, stores

__all__ = ["library", "stores"]
