"""Calls all that zerorpc_server.py has: ``zerorpc_client.py SERVER RELAY PUBLISHER``. One line of output a result."""

import logging
import sys

import gevent
import zerorpc
import zmq

NOBODY = "tcp://127.0.0.1:9"


def say(*words):
    print(*words, flush=True)


def outcome(call, *args, **kwargs):
    """What a call gave, or how it failed."""
    try:
        return call(*args, **kwargs)
    except zerorpc.RemoteError as error:
        return error.name, error.msg
    except (zerorpc.TimeoutExpired, zerorpc.LostRemote) as error:
        return type(error).__name__


def calls(client):
    say("add", client.add(1, 2, 3))
    for thing in ("grüezi", b"\x00\xff", None, [1, {"two": 2.5}], "x" * 1_000_000):
        say("echo", client.echo(thing) == thing)
    say("error", *outcome(client.fail, "on purpose"))
    say("unknown", *outcome(client.nothing_like_that))
    say("names", *sorted(client._zerorpc_list()))


def streams(client):
    say("stream", sum(client.count(5000)))
    say("slow stream", sum(gevent.sleep(0) or number for number in client.count(300, slots=4)))
    say("broken stream", *outcome(list, client.break_off(3)))
    say("two streams", list(zip(client.count(3), client.count(3), strict=True)))


def times(client):
    answers = [client("work", 0.5, **{"async": True}) for _ in range(20)]
    say("at once", max(answer.get() for answer in answers) > 1)
    say("longer than heartbeats", client.work(1.5) >= 1)
    say("timeout", outcome(client.work, 5, timeout=0.2))
    say("nobody", outcome(zerorpc.Client(NOBODY, heartbeat=0.3).add, 1))
    say("after all that", client.add(1, 1))


class Hearer(zerorpc.Subscriber):
    """Collects what is published."""

    def __init__(self):
        super().__init__()
        self.heard = []
        self.any, self.all = gevent.event.Event(), gevent.event.Event()

    def hear(self, number):
        self.any.set()
        if number:
            self.heard.append(number)
        if number == 100:
            self.all.set()


def one_way(relay, publisher):
    pusher, hearer = zerorpc.Pusher(), Hearer()
    pusher.connect(relay)
    hearer.connect(publisher)
    gevent.spawn(hearer.run)
    while not hearer.any.wait(0.05):  # until its subscription has arrived
        pusher.say(0)
    for number in range(1, 101):
        pusher.say(number)
    hearer.all.wait(10)
    say("published", hearer.heard == list(range(1, 101)))


def freeze(client):
    say("freeze the server")
    while outcome(client.add, 1) != "LostRemote":
        gevent.sleep(0.1)
    say("it is frozen, wake it")
    while outcome(client.add, 2, 2) != 4:
        gevent.sleep(0.1)
    say("it is awake")


def main(server, relay, publisher):
    logging.disable()  # of late answers, for those who look
    client = zerorpc.Client(server, heartbeat=0.4, timeout=20)
    say("client on", zmq.__name__)
    calls(client)
    streams(client)
    times(client)
    one_way(relay, publisher)
    freeze(client)
    say("kill me")
    client.work(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
