"""Bytes of anybody's choice into everything that reads bytes: ``python -m tests.fuzz``. See docs/fuzzing.md."""
