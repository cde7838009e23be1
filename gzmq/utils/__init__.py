"""pyzmq's small helpers, each in a module of its own."""
