"""Everything at once for a long time: `python -m tests.soak --minutes 10`."""
