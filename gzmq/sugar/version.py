"""pyzmq's place for the versions; the parts are of the pyzmq whose names and arguments these are."""

from ..version import __revision__, __version__, pyzmq_version, pyzmq_version_info, zmq_version, zmq_version_info

version_info = VERSION_MAJOR, VERSION_MINOR, VERSION_PATCH = pyzmq_version_info()
#: What a pyzmq that is no release says behind the number.
VERSION_EXTRA = ""

__all__ = ["__revision__", "__version__", "pyzmq_version", "pyzmq_version_info", "zmq_version", "zmq_version_info"]
