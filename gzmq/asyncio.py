"""pyzmq's place for sockets on asyncio's loop, which gzmq does not have: importing it says so."""

raise ModuleNotFoundError(
    "gzmq has no zmq.asyncio: it lives on gevent's hub, where a wait blocks its greenlet alone; "
    "use zmq.Context in greenlets",
    name="zmq.asyncio",
)
