"""A zerorpc server with something of everything: ``zerorpc_server.py``. Prints its endpoints, then what happens."""

import logging

import gevent
import zerorpc
import zmq


class Service:
    """What the client calls."""

    def __init__(self):
        self.at_work = self.most_at_work = 0

    def add(self, *numbers):
        return sum(numbers)

    def echo(self, thing):
        return thing

    def fail(self, reason):
        raise ValueError(reason)

    @zerorpc.stream
    def count(self, end):
        yield from range(end)

    @zerorpc.stream
    def break_off(self, after):
        yield from range(after)
        raise ValueError(f"broken off after {after}")

    def work(self, seconds):
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            gevent.sleep(seconds)
        except zerorpc.LostRemote:
            print("lost a client", flush=True)
            raise
        finally:
            self.at_work -= 1
        return self.most_at_work


class Relay(zerorpc.Puller):
    """Publishes what is pushed to it."""

    def __init__(self, publisher):
        super().__init__()
        self.publisher = publisher

    def say(self, number):
        self.publisher.hear(number)


if __name__ == "__main__":
    logging.disable()  # of tracebacks of errors that are meant
    server, publisher = zerorpc.Server(Service(), heartbeat=0.4), zerorpc.Publisher()
    relay = Relay(publisher)
    for thing in (server, publisher, relay):
        thing.bind("tcp://127.0.0.1:*")
    endpoints = [thing._events._socket.getsockopt(zmq.LAST_ENDPOINT).decode() for thing in (server, relay, publisher)]
    print("server on", zmq.__name__, "at", *endpoints, flush=True)
    gevent.joinall([gevent.spawn(server.run), gevent.spawn(relay.run)], raise_error=True)
