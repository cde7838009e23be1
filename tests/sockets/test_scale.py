"""Claims of many: a twentieth of what `python -m benchmarks.scale` does, which has the figures."""

import pytest

from benchmarks.scale import PARTS, more_descriptors, play


@pytest.mark.parametrize("part", PARTS)
def test_many(part, context):
    """All of it works, and what is held afterwards is what was held before."""
    more_descriptors()
    reports = []
    play(part, 20, lambda *report: reports.append(report))
    assert reports
    for *_, before, after in reports:
        if before:
            assert after["MB"] < before["MB"] + 5
            assert all(after[what] <= before[what] + 2 for what in ("descriptors", "watchers", "greenlets"))
