"""Values as JSON, at both ends of the pipe to the peer: short bytes as base64, long ones as their pattern."""

import base64

_PRIME = 251  # a block of this length meets no chunk's border twice in the same place
_SHORT = 1024


def body(size, seed=2):
    """A frame of a size, whose first byte is its seed."""
    block = bytes((seed + index) % 256 for index in range(_PRIME))
    return (block * (size // _PRIME + 1))[:size]


def pack(value):
    """What json takes for bytes, for a list of such, or for what it knows anyhow."""
    if isinstance(value, (list, tuple)):
        return [pack(item) for item in value]
    if not isinstance(value, bytes):
        return value
    if len(value) > _SHORT and value == body(len(value), value[0]):
        return {"size": len(value), "seed": value[0]}
    return {"base64": base64.b64encode(value).decode()}


def unpack(value):
    """The opposite of `pack`."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "size" in value:
        return body(value["size"], value["seed"])
    return base64.b64decode(value["base64"])
