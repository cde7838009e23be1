"""A gzmq socket on a host of its own: ``node.py ROLE ENDPOINT``. It says what happens, one JSON list per line:
["got", number, time] and [event, value, time], by the monotonic clock, which all hosts here share.
"""

import json
import sys
from time import monotonic

import gevent

import gzmq as zmq

#: Milliseconds.
HEARTBEATS = {"heartbeat_ivl": 200, "heartbeat_timeout": 300}


def say(*words):
    print(json.dumps([*words, monotonic()]), flush=True)


def watch(socket):
    """A greenlet: what happens to the connections."""
    for event in socket.events():
        say(event.event.name, int(event.value))


def publish(socket, endpoint):
    """Numbers, without end."""
    socket.bind(endpoint)
    say("ready", 0)
    number = 0
    while True:
        number += 1
        socket.send(b"%d" % number)
        gevent.sleep(0.005)


def subscribe(socket, endpoint):
    """What comes."""
    socket.subscribe(b"")
    socket.connect(endpoint)
    for message in socket:
        say("got", int(message))


def push(socket, endpoint):
    """Three hundred numbers, with ballast."""
    socket.connect(endpoint)
    for number in range(300):
        socket.send_multipart([b"%d" % number, b"x" * 500])


def pull(socket, endpoint):
    """What comes."""
    socket.bind(endpoint)
    say("ready", 0)
    for message in socket:
        say("got", int(message[0]))


def ask(socket, endpoint):
    """A hundred questions, each until it is answered."""
    socket.req_relaxed = socket.req_correlate = True
    socket.connect(endpoint)
    for number in range(100):
        while True:
            socket.send(b"%d" % number)
            if socket.poll(5000):
                break
        say("got", int(socket.recv()))


def answer(socket, endpoint):
    """Whatever is asked."""
    socket.bind(endpoint)
    say("ready", 0)
    for message in socket:
        socket.send(message)


ROLES = {
    "pub": (zmq.PUB, publish), "sub": (zmq.SUB, subscribe), "push": (zmq.PUSH, push), "pull": (zmq.PULL, pull),
    "req": (zmq.REQ, ask), "rep": (zmq.REP, answer),
}  # fmt: skip


def main(role, endpoint):
    kind, play = ROLES[role]
    with zmq.Context() as context, context.socket(kind) as socket:
        if kind not in (zmq.PUSH, zmq.PULL):  # what a connection that is given up held on its way nobody sends again
            for name, value in HEARTBEATS.items():
                setattr(socket, name, value)
        socket.connect_timeout = 500
        gevent.spawn(watch, socket)
        gevent.sleep(0)
        play(socket, endpoint)
        socket.linger = -1


if __name__ == "__main__":
    main(*sys.argv[1:])
