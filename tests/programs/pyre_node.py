"""A node that finds others: ``pyre_node.py NAME PACKAGE [leave]``, with pyre or pyre_gevent. Says what happens.

It shouts to who joins its group, whispers to who shouts, and says goodbye to who leaves. One that is told to leaves
when it has heard a whisper, and stops at the goodbye; another stops when it is alone.
"""

import sys

if "pyre_gevent" in sys.argv:
    from gevent.monkey import patch_all

    patch_all()

import importlib
import uuid

import zmq


def say(*words):
    print(*words, flush=True)


def main(name, package, leave=None):
    node = importlib.import_module(package).Pyre(name)
    node.set_header("speaks", f"as {name}")
    node.join("chat")
    node.start()
    say("node on", zmq.__name__)
    while True:
        what, peer, peer_name, *more = node.recv()
        what, peer = what.decode(), uuid.UUID(bytes=peer)
        if what == "ENTER":
            more = [node.peer_header_value(peer, "speaks").encode(), b"known" if peer in node.peers() else b"unknown"]
        say(what, peer_name.decode(), *(frame.decode() for frame in more))
        if what == "JOIN":
            node.shouts("chat", f"hello from {name}")
        elif what == "SHOUT":
            node.whisper(peer, [b"only for you", name.encode()])
        elif what == "LEAVE":
            node.whispers(peer, "goodbye")
        elif what == "WHISPER" and leave and more != [b"goodbye"]:
            node.leave("chat")
        elif what == "EXIT" or more == [b"goodbye"]:
            break
    node.stop()
    say("end")


if __name__ == "__main__":
    main(*sys.argv[1:])
