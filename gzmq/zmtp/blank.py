"""Bytes to be overwritten. Python makes them zeros first, which takes half as long as to read them; compiled not.

Rules: whoever makes some shows none of them to anybody before all are overwritten.
"""

from __future__ import annotations


def blank(size: int) -> bytes:
    """So many bytes, whatever they are."""
    return bytes(size)
