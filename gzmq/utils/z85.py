"""Z85 (32/Z85): bytes as text of 85 printable characters, five for every four bytes."""

from __future__ import annotations

from typing import Final

Z85CHARS: Final = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
Z85MAP: Final[dict[int, int]] = {character: digit for digit, character in enumerate(Z85CHARS)}

_POWERS = tuple(85**power for power in (4, 3, 2, 1, 0))


def encode(rawbytes: bytes | bytearray | memoryview) -> bytes:
    """Bytes as Z85. Raises ValueError when their number is no multiple of 4."""
    data = bytes(rawbytes)
    if len(data) % 4:
        raise ValueError(f"Z85 is made of a multiple of 4 bytes, not of {len(data)}")
    numbers = (int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4))
    return bytes(Z85CHARS[number // power % 85] for number in numbers for power in _POWERS)


def decode(z85bytes: str | bytes | bytearray | memoryview) -> bytes:
    """The bytes that Z85 stands for. Raises ValueError for what is no Z85: a wrong length, character or number."""
    text = z85bytes.encode("ascii") if isinstance(z85bytes, str) else bytes(z85bytes)
    if len(text) % 5:
        raise ValueError(f"Z85 has a multiple of 5 characters, not {len(text)}")
    data = bytearray()
    for at in range(0, len(text), 5):
        digits = text[at : at + 5]
        try:
            number = sum(Z85MAP[character] * power for character, power in zip(digits, _POWERS))
            data += number.to_bytes(4, "big")
        except (KeyError, OverflowError):
            raise ValueError(f"{digits!r} is no Z85") from None
    return bytes(data)
