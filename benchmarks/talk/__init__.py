"""Benchmarks of conversation and personal content."""
