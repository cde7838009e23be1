"""Children of multiprocessing, by the method given, that send and end; their parent receives."""

import multiprocessing
import sys

import gzmq


def work(address, number):
    push = gzmq.Context.instance().socket(gzmq.PUSH)
    push.connect(address)
    push.send_string(f"child-{number}")


def main(method):
    pull = gzmq.Context.instance().socket(gzmq.PULL)
    port = pull.bind_to_random_port("tcp://127.0.0.1")
    address = f"tcp://127.0.0.1:{port}"
    processes = multiprocessing.get_context(method)
    children = [processes.Process(target=work, args=(address, number)) for number in range(3)]
    for child in children:
        child.start()
    work_here = gzmq.Context.instance().socket(gzmq.PUSH)
    work_here.connect(address)
    work_here.send(b"parent")
    for _ in range(4):
        print(pull.recv_string(), flush=True)
    for child in children:
        child.join()
        assert child.exitcode == 0


if __name__ == "__main__":
    main(sys.argv[1])
