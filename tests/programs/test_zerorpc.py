"""zerorpc: a server and a client, each on gzmq and on pyzmq."""

import signal

from .conftest import HERE, PYTHON

NAMES = "add break_off count echo fail work"
CLIENT_SAYS = f"""\
add 6
echo True
echo True
echo True
echo True
echo True
error ValueError on purpose
unknown NameError nothing_like_that
names {NAMES}
stream 12497500
slow stream 44850
broken stream ValueError broken off after 3
two streams [(0, 0), (1, 1), (2, 2)]
at once True
longer than heartbeats True
timeout TimeoutExpired
nobody LostRemote
after all that 2
published True
freeze the server
"""


def serve(start, library):
    """A server and its endpoints: of the service, of what is pushed, of what is published."""
    server = start(library, "zerorpc_server.py")
    return server, server.expect(rf"^server on {library} at (.+)$")[1].split()


def test_everything_works_both_ways(start, sides):
    """Calls, errors, streams, concurrency, heartbeats, time-outs, pushing and publishing; a server that stops answering
    and comes back, and a client that dies."""
    server, endpoints = serve(start, sides[0])
    client = start(sides[1], "zerorpc_client.py", *endpoints)
    client.expect("^freeze the server$")
    assert client.output == f"client on {sides[1]}\n{CLIENT_SAYS}"
    server.process.send_signal(signal.SIGSTOP)
    client.expect("^it is frozen, wake it$")
    server.process.send_signal(signal.SIGCONT)
    client.expect("^it is awake$")
    client.expect("^kill me$")
    client.kill()
    server.expect("^lost a client$")


def test_the_command_line(start, sides, tmp_path):
    """`zerorpc --server` serves a class; `zerorpc` lists its methods, calls them, and prints a stream."""
    link = f"ipc://{tmp_path}/service"
    server = start(
        sides[0], PYTHON.with_name("zerorpc"), "--server", "--bind", link, "zerorpc_server.Service", path=[HERE]
    )
    server.expect('^serving "zerorpc_server.Service"$')

    def command(*words):
        said = start(sides[1], "zerorpc_command.py", "--connect", link, *words).ends()
        return said.removeprefix(f'connecting to "{link}"\n').split("\n")[:-1]

    assert [line.split()[0] for line in command()] == ["[Service]", *NAMES.split()]
    assert command("-j", "add", "1", "2.5") == ["3.5"]
    assert command("-j", "count", "3") == ["0", "1", "2"]
    assert command("echo", "words") == ["'words'"]
