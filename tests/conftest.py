"""Properties are about what happens, not about how fast: a busy machine may take its time over an example."""

from hypothesis import HealthCheck, settings

import gzmq

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_report_header():
    """Which of the two builds is tested."""
    return f"gzmq: {'compiled' if gzmq.compiled else 'pure'}, {gzmq.__file__}"
