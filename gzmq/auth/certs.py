"""CURVE certificates: a pair of files with the keys, as pyzmq and czmq write and read them.

Each is ZPL (4/ZPL): a name per line, those below it indented. ``NAME.key`` has the public key and is for everybody;
``NAME.key_secret`` has both keys, and only its owner can read it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import datetime

from ..keys import curve_keypair

_PUBLIC = """\
#   Generated on {now} by gzmq
#   ZeroMQ CURVE Public Certificate
#   Give it to whoever shall know you, by a way that nobody can tamper with.

"""
_SECRET = """\
#   Generated on {now} by gzmq
#   ZeroMQ CURVE **Secret** Certificate
#   Give it to nobody, and leave its permissions as they are.

"""
_OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR
_EVERYBODY = 0o666  # less the umask


def create_certificates(
    key_dir: str | os.PathLike[str], name: str, metadata: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Make a new pair of keys and write ``NAME.key`` and ``NAME.key_secret`` into a folder; their paths.

    The secret file has permissions 0600, also when it was there before with others. ``metadata`` goes into it.
    Raises OSError, and ZMQError ENOTSUP without PyNaCl. Source: pyzmq's ``zmq.auth.create_certificates``.
    """
    public, secret = (key.decode("ascii") for key in curve_keypair())
    base = os.path.join(key_dir, name)
    public_file, secret_file = f"{base}.key", f"{base}.key_secret"
    _write(public_file, _EVERYBODY, _PUBLIC, {}, {"public-key": public})
    _write(secret_file, _OWNER_ONLY, _SECRET, metadata or {}, {"public-key": public, "secret-key": secret})
    return public_file, secret_file


def _write(path: str, mode: int, banner: str, metadata: Mapping[str, str], keys: Mapping[str, str]) -> None:
    lines = ["metadata", *(f"    {name} = {value}" for name, value in metadata.items())]
    lines += ["curve", *(f'    {name} = "{value}"' for name, value in keys.items())]
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "w", encoding="utf-8") as file:
        if mode == _OWNER_ONLY:
            os.fchmod(file.fileno(), mode)  # before anything of it is there
        file.truncate()
        file.write(banner.format(now=datetime.now()) + "\n".join(lines) + "\n")


def load_certificate(filename: str | os.PathLike[str]) -> tuple[bytes, bytes | None]:
    """(public key, secret key) of a certificate, 40 characters of Z85 each; None for a secret that is not in it.

    Raises OSError for a file that cannot be read, ValueError for one without a public key.
    """
    keys: dict[bytes, bytes] = {}
    with open(filename, "rb") as file:
        for line in file:
            name, separator, value = line.strip().partition(b"=")
            if separator and not name.startswith(b"#"):
                keys.setdefault(name.strip(), value.strip(b" \t'\""))
    public = keys.get(b"public-key")
    if not public:
        raise ValueError(f"there is no public key in {os.fspath(filename)}")
    return public, keys.get(b"secret-key")


def load_certificates(directory: str | os.PathLike[str] = ".") -> dict[bytes, bool]:
    """The public keys of all ``*.key`` files of a folder, as a dict to look them up in.

    Raises OSError for what is no folder, ValueError for a file without a key.
    """
    if not os.path.isdir(directory):
        raise OSError(f"{os.fspath(directory)} is no folder of certificates")
    paths = (entry.path for entry in os.scandir(directory) if entry.name.endswith(".key"))
    return {load_certificate(path)[0]: True for path in paths}


__all__ = ["create_certificates", "load_certificate", "load_certificates"]
