"""HTTP on STREAM sockets: a server for any browser, and a client for any server, with no ZeroMQ on the other side.

    python http_stream.py server tcp://127.0.0.1:8080
    curl http://127.0.0.1:8080/hello
    python http_stream.py client tcp://127.0.0.1:8080 --path /hello

A STREAM tells of each connection that begins or ends by an empty frame behind its routing id; to send such a message
ends the connection. With `tcp://127.0.0.1:*` the server picks a free port, which it prints. It runs until Ctrl-C, or
for N requests with --count N.
"""

import argparse
import sys
from contextlib import suppress

import gevent

import gzmq as zmq

END = b"\r\n\r\n"
MOST = 1 << 16


def answer(request: bytes) -> bytes:
    """The whole response to the head of a request."""
    words = request.split(b"\r\n", 1)[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        status, text = b"400 Bad Request", b"this is no HTTP"
    elif words[0] != b"GET":
        status, text = b"405 Method Not Allowed", b"only GET, please"
    else:
        status, text = b"200 OK", b"you asked for " + words[1]
    lines = [b"HTTP/1.0 " + status, b"Content-Type: text/plain", b"Content-Length: %d" % (len(text) + 1)]
    return b"\r\n".join(lines) + END + text + b"\n"


def server(options: argparse.Namespace) -> None:
    """Answer each connection's request, and close it."""
    requests: dict[bytes, bytes] = {}  # routing id -> what has come so far
    with zmq.Context() as context, context.socket(zmq.STREAM) as socket:
        socket.bind(options.url)
        print(f"serving at {socket.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        answered = 0
        while answered != options.count:
            routing_id, data = socket.recv_multipart()
            if not data:  # it has begun, or it has ended
                if requests.pop(routing_id, None) is None:
                    requests[routing_id] = b""
            elif routing_id in requests:  # else it was answered, and says more
                request = requests[routing_id] = requests[routing_id] + data
                if END in request or len(request) > MOST:
                    del requests[routing_id]
                    answered += 1
                    print(request.split(b"\r\n", 1)[0].decode(errors="replace")[:80], flush=True)
                    with suppress(zmq.ZMQError):  # EHOSTUNREACH: it has gone meanwhile
                        socket.send_multipart([routing_id, answer(request)])
                        socket.send_multipart([routing_id, b""])


def client(options: argparse.Namespace) -> None:
    """Fetch a page, and print it."""
    with zmq.Context() as context, context.socket(zmq.STREAM) as socket:
        socket.linger, socket.rcvtimeo = 0, round(options.patience * 1000)
        socket.connect(options.url)
        host = options.url.partition("://")[2]
        request = f"GET {options.path} HTTP/1.0\r\nHost: {host}\r\n\r\n"
        socket.send_multipart([socket.routing_id, request.encode()])
        page, ends = b"", 0
        try:
            while ends < 2:  # the beginning, and the end
                data = socket.recv_multipart()[1]
                page += data
                ends += not data
        except zmq.Again:
            sys.exit(f"no answer from {options.url} within {options.patience} s")
        head, _, body = page.partition(END)
        print(head.split(b"\r\n", 1)[0].decode(errors="replace"))
        print(body.decode(errors="replace"), end="")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["server", "client"])
    parser.add_argument("url", help="the server binds it, the client connects to it")
    parser.add_argument("--count", type=int, default=-1, metavar="N", help="server: stop after N requests")
    parser.add_argument("--path", default="/", help="client: what to ask for (/)")
    parser.add_argument("--patience", type=float, default=5, metavar="S", help="client: how long to wait (5)")
    options = parser.parse_args()
    {"server": server, "client": client}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
