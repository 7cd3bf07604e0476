"""Measures of privacy; `python -m benchmarks.privacy` writes report.md."""
