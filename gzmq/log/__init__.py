"""Logging by PUB sockets: what publishes is in `handlers`, and ``python -m gzmq.log`` shows it."""
