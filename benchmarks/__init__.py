"""One script a question; each writes its report into benchmarks/reports/ with the command, the date and the figures."""
