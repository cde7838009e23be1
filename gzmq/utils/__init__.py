"""pyzmq's small helpers, each in a module of its own."""

from ..onuse import names_on_use

# With pyzmq these two are there without being imported.
__getattr__ = names_on_use(__name__, {"interop": ".interop", "jsonapi": ".jsonapi"})
