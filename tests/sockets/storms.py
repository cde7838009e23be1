"""The vocabulary of storms: greenlets killed and timed out again and again, and what is held before and after."""

import gc
import os
import random

import gevent

import gzmq as zmq
from gzmq.home import here

from .claims import until


class Holdings:
    """What the process holds now: greenlets that live, watchers and timers of the loop, descriptors, what lives in the
    thread's home, and who waits on these sockets or watches them.
    """

    def __init__(self, *sockets):
        self.sockets = sockets
        until(lambda: self._at_rest())
        self.before = self.now()

    def _at_rest(self):
        """Nothing is on its way any more: two looks with turns of the loop between them see the same."""
        seen = self.now()
        for _ in range(3):
            gevent.sleep(0.002)
        return seen == self.now()

    def now(self):
        """{what: how much of it there is}."""
        cores = [socket._core for socket in self.sockets]
        return {
            "greenlets": sum(isinstance(thing, gevent.Greenlet) and not thing.dead for thing in gc.get_objects()),
            "watchers": gevent.get_hub().loop.activecnt,
            "descriptors": len(os.listdir("/proc/self/fd")),
            "residents": len(here().residents),
            "waiting": sum(len(core.receivers) + len(core.senders) + len(core.watchers) for core in cores),
        }

    def are_as_before(self):
        """Once all has come to rest."""
        for _ in range(50):
            if self.now() == self.before:
                return True
            gevent.sleep(0.01)
        assert self.now() == self.before  # which shows what is left


def timed_out(job, dice):
    """The job, thrown out by gevent's time-outs of whatever call it is in, and begun again."""

    def again_and_again():
        while True:
            with gevent.Timeout(dice.random() * 0.003, False):
                job()

    return again_and_again


def rage(jobs, kills, dice, wait=False):
    """Run the jobs, each in a greenlet, of which one at random is killed and begun anew, so many times.

    ``wait``: only once it is dead. Some are killed before they have begun.
    """
    running = [gevent.spawn(job) for job in jobs]
    for _ in range(kills):
        at = dice.randrange(len(jobs))
        assert not running[at].ready(), running[at].exception
        running[at].kill(block=wait)
        running[at] = gevent.spawn(jobs[at])
        if dice.random() < 0.2:
            gevent.sleep(dice.choice([0, 0, 0.001]))
    for job in running:
        job.kill(block=False)
    gevent.joinall(running)
    assert all(isinstance(job.value, gevent.GreenletExit) for job in running), [job.exception for job in running]


class Storm:
    """Greenlets that send numbers and receive them. ``send`` takes a number, ``receive`` gives some."""

    def __init__(self, sender, receiver, send, receive, seed, ahead=10**9):
        self.sender, self.receiver = sender, receiver
        self.send_one, self.receive_some = send, receive
        self.dice = random.Random(seed)
        self.sent, self.got = [], []
        self.number = 0
        self.ahead = ahead  # so many may be under way, where it is not the socket that sees to that
        self.poller = zmq.Poller()
        self.poller.register(receiver, zmq.POLLIN)
        self.poller.register(sender, zmq.POLLOUT)

    def send(self):
        while True:
            while len(self.sent) - len(self.got) > self.ahead:
                gevent.sleep(0)
            number, self.number = self.number, self.number + 1
            self.sender.sndtimeo = self.dice.choice([1, 5000])
            try:
                self.send_one(number)
            except zmq.Again:
                continue
            self.sent.append(number)
            if number % 3 == 0:
                self.sender.poll(5, zmq.POLLOUT)

    def receive(self):
        while True:
            if self.dice.random() < 0.3:
                self.poller.poll(2)
            self.receiver.rcvtimeo = self.dice.choice([1, 5000])
            try:
                self.got += self.receive_some()
            except zmq.Again:
                continue

    def look(self):
        while True:
            zmq.select([self.receiver], [self.sender], [], 0.002)
            gevent.sleep(0)

    def rage(self, kills):
        """The storm, and what is still under way at its end."""
        jobs = [self.send, self.send, self.receive, self.receive, self.look]
        jobs += [timed_out(self.receive, self.dice), timed_out(self.send, self.dice)]
        rage(jobs, kills, self.dice)
        self.sender.sndtimeo = self.receiver.rcvtimeo = 5000
        while self.receiver.poll(50):
            self.got += self.receive_some()
        self.sender.wait_writable()
