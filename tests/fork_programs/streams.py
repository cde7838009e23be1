"""Forks as often as it is told while streams run between this process, real libzmq and itself; each must stay whole."""

import hashlib
import os
import subprocess
import sys

import gevent
from gevent.os import fork_gevent

import gzmq

ECHO = """
import sys, zmq
context = zmq.Context()
socket = context.socket(zmq.DEALER)
socket.connect(sys.argv[1])
while (message := socket.recv_multipart()) != [b"end"]:
    socket.send_multipart(message)
socket.send(b"end")
socket.close()
context.term()
"""


def talk(socket, here):
    """Send messages of many sizes until told to end, as fast as they come back."""
    number = 0
    while here.going:
        message = [b"%d" % number, os.urandom(1 + number * 7919 % 30000)]
        socket.send_multipart(message)
        here.add(message)
        number += 1
    socket.send(b"end")


def listen(socket, there):
    while (message := socket.recv_multipart()) != [b"end"]:
        there.add(message)


def echo(socket):
    while (message := socket.recv_multipart()) != [b"end"]:
        socket.send_multipart(message)
    socket.send(b"end")


class Stream:
    going = True

    def __init__(self):
        self.count = 0
        self.digest = hashlib.sha256()

    def add(self, message):
        self.count += 1
        for frame in message:
            self.digest.update(frame)


def child():
    """Uses gzmq a little, lets everything go that it can, and ends."""
    with gzmq.Context() as context, context.socket(gzmq.PULL) as pull:
        pull.bind("tcp://127.0.0.1:*")
        gevent.sleep(0.001)


def main(forks):
    context = gzmq.Context()
    context.sndhwm = context.rcvhwm = 20
    streams, jobs = [], []
    for with_libzmq in (True, False):
        dealer = context.socket(gzmq.DEALER)
        dealer.bind("tcp://127.0.0.1:*")
        address = dealer.last_endpoint.decode()
        if with_libzmq:
            subprocess.Popen([sys.executable, "-c", ECHO, address], stdout=subprocess.DEVNULL)
        else:
            other = context.socket(gzmq.DEALER)
            other.connect(address)
            jobs.append(gevent.spawn(echo, other))
        here, there = Stream(), Stream()
        streams.append((here, there))
        jobs += [gevent.spawn(talk, dealer, here), gevent.spawn(listen, dealer, there)]
    gevent.sleep(0.5)
    for number in range(forks):
        pid = (os.fork, fork_gevent)[number % 2]()
        if pid == 0:
            child()
            os._exit(0)
        gevent.sleep(0.001)
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            gevent.sleep(0.0005)
    for here, _ in streams:
        here.going = False
    gevent.joinall(jobs)
    same = all(here.digest.digest() == there.digest.digest() and here.count > forks for here, there in streams)
    print([here.count for here, _ in streams])
    print(f"{forks} forks, the same: {same}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
