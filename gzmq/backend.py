"""pyzmq's place for its bindings to libzmq, which gzmq does not have: importing it says so."""

raise ModuleNotFoundError(
    "gzmq has no zmq.backend: there is no libzmq behind it; what a backend exports is in zmq itself",
    name="zmq.backend",
)
