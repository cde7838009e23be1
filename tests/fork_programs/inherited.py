"""Has messages that linger for ever and devices that are waited for; a child falls off its end at once."""

import os
import sys

import gevent

import gzmq
from gzmq.auth.thread import ThreadAuthenticator
from gzmq.devices import ProcessDevice, ThreadDevice


def main():
    context = gzmq.Context.instance()
    push = context.socket(gzmq.PUSH)
    push.connect("tcp://127.0.0.1:1")
    push.send(b"never")
    push.close()
    for kind in (ThreadDevice, ProcessDevice):
        device = kind(gzmq.QUEUE, gzmq.PULL, gzmq.PUSH)
        device.daemon = False
        device.start()
    auth = ThreadAuthenticator()
    auth.start()
    gevent.sleep(0.1)
    pid = os.fork()
    if pid == 0:
        auth.stop()
        own = gzmq.Context.instance().socket(gzmq.PULL)
        own.bind("tcp://127.0.0.1:*")
        sys.exit()
    status = gevent.get_hub().threadpool.apply(os.waitpid, (pid, 0))[1]
    print(f"the child has ended with {os.waitstatus_to_exitcode(status)}", flush=True)
    gevent.sleep(60)


if __name__ == "__main__":
    main()
