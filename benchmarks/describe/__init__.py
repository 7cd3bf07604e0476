"""Benchmarks of what is said of an item."""
