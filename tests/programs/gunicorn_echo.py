"""Sends back what comes to it: ``gunicorn_echo.py``. Prints its endpoint."""

import zmq

socket = zmq.Context.instance().socket(zmq.ROUTER)
socket.bind("tcp://127.0.0.1:*")
print(zmq.__name__, "at", socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
while True:
    socket.send_multipart(socket.recv_multipart())
