"""pyzmq's place for a ZAP handler on tornado's loop, which gzmq does not have: importing it says so."""

raise ModuleNotFoundError(
    "gzmq has no zmq.auth.ioloop: it lives on gevent's hub; zmq.auth.Authenticator runs in a greenlet there",
    name="zmq.auth.ioloop",
)
