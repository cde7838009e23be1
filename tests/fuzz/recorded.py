"""Where recorded handshakes are, and the CURVE keys of them, so that a recorded HELLO still opens.

The keys protect nothing.
"""

from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"
SERVER_SECRET = bytes(range(1, 33))
CLIENT_SECRET = bytes(range(101, 133))
