"""Why a public name of pyzmq is not in gzmq: name -> one sentence, for a module, a class, or one name of either."""

_ASYNCIO = "gzmq lives on gevent's hub; asyncio and tornado have loops of their own, and pyzmq serves them."
_C = "There is no C library behind gzmq."

REASONS = {
    "zmq._future": _ASYNCIO,
    "zmq.asyncio": _ASYNCIO,
    "zmq.auth.asyncio": _ASYNCIO,
    "zmq.auth.ioloop": _ASYNCIO,
    "zmq.eventloop": _ASYNCIO,
    "zmq.green.eventloop": _ASYNCIO,
    "zmq.backend": _C + " What a backend exports is in gzmq itself.",
    "zmq.get_includes": _C + " Nothing can be compiled against it.",
    "zmq.get_library_dirs": _C + " Nothing can be linked with it.",
    "zmq.green.core.TIMEOS": "Nothing has to be left out: RCVTIMEO and SNDTIMEO hold.",
    "zmq.ssh": "ssh makes tunnels by itself: run `ssh -N -L port:host:port server`, and connect to that port.",
    "zmq.sugar.attrsettr": "The options are properties of Socket and Context.",
    "zmq.utils.garbage": "No thread is needed to say when a buffer may change: the hub does, which sends it.",
}
