"""pyzmq's place for a ZAP handler on asyncio's loop, which gzmq does not have: importing it says so."""

raise ModuleNotFoundError(
    "gzmq has no zmq.auth.asyncio: it lives on gevent's hub; zmq.auth.Authenticator runs in a greenlet there",
    name="zmq.auth.asyncio",
)
