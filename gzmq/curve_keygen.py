"""Prints a new pair of CURVE keys, or the public one of a secret: ``python -m gzmq.curve_keygen``."""

from __future__ import annotations

import argparse
import json
import sys

from .error import ZMQError
from .keys import curve_keypair, curve_public


def main() -> None:
    """Make the keys, as Z85, and print them."""
    parser = argparse.ArgumentParser("python -m gzmq.curve_keygen", description="Make a pair of CURVE keys, as Z85.")
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.add_argument("--secret", help="print the public key of this secret one, instead of a new pair")
    words = sys.argv[1:]
    if "--secret" in words[:-1]:  # a key may begin with what else begins an option
        at = words.index("--secret")
        words[at : at + 2] = [f"--secret={words[at + 1]}"]
    arguments = parser.parse_args(words)
    try:
        if arguments.secret is None:
            public, secret = (key.decode() for key in curve_keypair())
        else:
            public, secret = curve_public(arguments.secret).decode(), arguments.secret
    except (ZMQError, ValueError) as error:
        parser.error(str(error))
    if arguments.json:
        print(json.dumps({"public": public, "secret": secret}, indent=1))
    else:
        print(f"== CURVE PUBLIC KEY ==\n{public}\n\n== CURVE SECRET KEY ==\n{secret}")


if __name__ == "__main__":
    main()
