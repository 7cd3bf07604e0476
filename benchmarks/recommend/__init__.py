"""Benchmarks of ranking on public behaviour, through the product's commands."""
