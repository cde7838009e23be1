"""pyzmq's place for ssh tunnels, which gzmq does not make: importing it says so."""

raise ModuleNotFoundError(
    "gzmq has no zmq.ssh: it makes no tunnels; "
    "run `ssh -N -L port:host:port server` beside the program, and connect to that port",
    name="zmq.ssh",
)
