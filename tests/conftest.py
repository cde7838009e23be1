"""How tests run: on a busy machine, where an example of a property may take its time, and in the background."""

import signal

from hypothesis import HealthCheck, settings

import gzmq

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# A shell has what it runs in the background ignore Ctrl-C, and so would all programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header():
    """Which of the two builds is tested."""
    return f"gzmq: {'compiled' if gzmq.compiled else 'pure'}, {gzmq.__file__}"
