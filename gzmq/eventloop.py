"""pyzmq's place for sockets on tornado's loop, which gzmq does not have: importing it says so."""

raise ModuleNotFoundError(
    "gzmq has no zmq.eventloop: it lives on gevent's hub, and there is no tornado loop; "
    "use a greenlet that receives in place of a ZMQStream",
    name="zmq.eventloop",
)
