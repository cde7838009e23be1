"""The examples, each role in a process of its own, as a reader would run them."""

import http.client
import os
import queue
import random
import re
import socket

import pytest

from .scripts import PATIENCE, ROOT, scripts

ANY_PORT = "tcp://127.0.0.1:*"


@pytest.fixture
def start():
    """Starts examples by name and arguments, or "-m" and a module, and leaves none behind."""
    with scripts() as start_script:

        def start(name, *arguments, **kwargs):
            return start_script(name if name == "-m" else ROOT / "examples" / name, *arguments, **kwargs)

        yield start


# -- echo -------------------------------------------------------------------------------------------------------------


def test_echo_client_gets_its_words_back(start):
    """The server binds a port of the kernel's choice and prints it."""
    server = start("echo.py", "server", ANY_PORT, "--count", 3)
    url = server.expect(r"serving at (tcp://\S+)")[1]
    client = start("echo.py", "client", url, "--count", 3, "--interval", 0)
    assert re.findall(r"hello \d", client.ends()) == ["hello 1", "hello 2", "hello 3"]
    assert server.ends().count("echo hello") == 3


def test_echo_ends_at_ctrl_c(start, tmp_path):
    """Both roles, the client first: it starts before the server and is interrupted after it."""
    url = f"ipc://{tmp_path}/echo"
    client = start("echo.py", "client", url, "--interval", 0.01)
    server = start("echo.py", "server", url)
    client.expect("hello 5 came back")
    server.interrupt()
    client.interrupt()


# -- pubsub -----------------------------------------------------------------------------------------------------------


def test_subscriber_hears_the_topics_it_asked_for_from_two_publishers(start):
    """One subscription by a publisher's name, one to a single quantity."""
    publishers = [start("pubsub.py", "publisher", ANY_PORT, "--name", name, "--interval", 0.01) for name in "ab"]
    urls = [publisher.expect(r"publishes at (\S+)")[1] for publisher in publishers]
    subscriber = start("pubsub.py", "subscriber", *urls, "--topic", "a", "--topic", "b.humidity")
    for line in (r"^a\.temperature \d+: ", r"^a\.humidity ", r"^b\.humidity ", r"^b\.humidity "):
        subscriber.expect(line)
    for script in (subscriber, *publishers):
        script.interrupt()
    assert "b.temperature" not in subscriber.output


def test_subscriber_stops_after_count_messages(start):
    """And so does the publisher, after as many rounds of two."""
    publisher = start("pubsub.py", "publisher", ANY_PORT, "--count", 100, "--interval", 0.01)
    url = publisher.expect(r"publishes at (\S+)")[1]
    subscriber = start("pubsub.py", "subscriber", url, "--count", 4)
    assert subscriber.ends().count("kitchen.") == 4
    publisher.ends()


# -- pushpull ---------------------------------------------------------------------------------------------------------


def test_two_pushers_and_two_pullers_share_all_messages(start, tmp_path):
    """Pullers start first; nothing is lost, nothing comes twice, and everybody has a part in it."""
    names = ("red", "blue")
    urls = [f"ipc://{tmp_path}/{name}" for name in names]
    lines = queue.SimpleQueue()  # of both pullers
    pullers = [start("pushpull.py", "puller", *urls, lines=lines) for _ in range(2)]
    for puller in pullers:
        puller.expect("pulling from")
    pushers = [
        start("pushpull.py", "pusher", url, "--name", name, "--count", 60, "--interval", 0.01)
        for url, name in zip(urls, names, strict=True)
    ]
    received = [pullers[0].expect(r"^(red|blue) \d+$")[0] for _ in range(120)]
    assert sorted(received) == sorted(f"{name} {number}" for name in names for number in range(1, 61))
    for pusher in pushers:
        assert "is done" in pusher.ends()
    for puller in pullers:
        assert re.search(r"^received \d+ from (red|blue), \d+ from (red|blue)$", puller.interrupt(), re.MULTILINE)


# -- radio ------------------------------------------------------------------------------------------------------------


def test_listener_asks_the_station_and_hears_one_group(start, tmp_path):
    """The listener is first: the station sends to where it listens, over udp."""
    desk = f"ipc://{tmp_path}/desk"
    listener = start("radio.py", "listener", desk, "udp://127.0.0.1:*", "--group", "weather", "--count", 3)
    udp = listener.expect(r"listening at (udp://127\.0\.0\.1:\d+)")[1]
    station = start("radio.py", "station", desk, udp, "--interval", 0.01)
    listener.expect("the station has news, weather, music")
    assert re.findall(r"^(\w+): it is raining", listener.ends(), re.MULTILINE) == ["weather"] * 3
    assert "news:" not in listener.output
    station.expect(r"client \d+ asks")
    station.interrupt()


def test_station_ends_after_count_rounds(start):
    """Whether anybody listens or not."""
    station = start("radio.py", "station", ANY_PORT, "udp://127.0.0.1:9", "--count", 3, "--interval", 0)
    assert "questions at tcp://" in station.ends()


# -- lazy_pirate ------------------------------------------------------------------------------------------------------


def test_lazy_pirate_takes_no_late_answer_for_a_new_one(start):
    """Every second answer comes too late for its try; the client asks again and gets every square right."""
    server = start("lazy_pirate.py", "server", ANY_PORT, "--late-every", 2, "--timeout", 150)
    url = server.expect(r"serving at (\S+)")[1]
    client = start("lazy_pirate.py", "client", url, "--count", 4, "--timeout", 150, "--interval", 0, "--tries", 10)
    output = client.ends()
    assert re.findall(r"^(\d+) squared is (\d+)$", output, re.MULTILINE) == [(str(n), str(n * n)) for n in range(1, 5)]
    assert "no answer to 2 at try 1 of 10" in output
    server.interrupt()


def test_lazy_pirate_outlives_its_server(start, tmp_path):
    """The server is killed, and another one takes its address; the client goes on with the same socket."""
    url = f"ipc://{tmp_path}/pirate"
    client = start("lazy_pirate.py", "client", url, "--timeout", 100, "--tries", 100, "--interval", 0.01)
    client.expect("no answer to 1 at try 1")
    server = start("lazy_pirate.py", "server", url)
    client.expect("^3 squared is 9$")
    server.kill()
    client.expect("no answer")
    start("lazy_pirate.py", "server", url)
    client.expect("squared is")
    client.interrupt()


def test_lazy_pirate_gives_up_at_last(start, tmp_path):
    """Nobody is there: a sentence and status 1."""
    client = start("lazy_pirate.py", "client", f"ipc://{tmp_path}/nobody", "--timeout", 50, "--tries", 2)
    assert "gave up: no answer to 1 in 2 tries of 50 ms" in client.ends(status=1)


# -- logs -------------------------------------------------------------------------------------------------------------


def test_logs_are_shown_by_the_viewer(start):
    """Those of the topic asked for, as they come."""
    program = start("logs.py", ANY_PORT, "--name", "bistro", "--interval", 0.01)
    url = program.expect(r"logging at (\S+)")[1]
    viewer = start("-m", "gzmq.log", url, "--topic", "bistro.INFO")
    viewer.expect(r"^bistro\.INFO\.(soup|salad|curry|cake) \| order \d+ begun$")
    assert "WARNING" not in viewer.interrupt()
    program.interrupt()


# -- queue_device -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["greenlet", "thread", "process"])
def test_queue_device_joins_clients_and_workers(start, tmp_path, where):
    """And says what passes."""
    urls = f"ipc://{tmp_path}/front", f"ipc://{tmp_path}/back"
    queue = start("queue_device.py", "queue", *urls, "--in", where)
    queue.expect(f"in a {where}$")
    worker = start("queue_device.py", "worker", urls[1])
    client = start("queue_device.py", "client", urls[0], "--interval", 0.01)
    client.expect("^3 squared is 9$")
    queue.expect(r"^request \d+$")  # who listens to a publisher hears it once he is connected, maybe not from the first
    queue.expect(r"^reply \d+$")
    for script in (client, worker, queue):
        script.interrupt()


# -- ironhouse --------------------------------------------------------------------------------------------------------


def test_ironhouse_lets_in_whose_certificate_is_there(start, tmp_path):
    """Nobody at first; Anna once her public certificate is in the folder, and Eve still not."""
    pytest.importorskip("nacl")
    start("ironhouse.py", "keys", tmp_path, "server", "anna", "eve").ends()
    known = tmp_path / "known"
    known.mkdir()
    server = start("ironhouse.py", "server", tmp_path, ANY_PORT, "--allow", known, "--count", 1)
    url = server.expect(r"serving at (\S+)")[1]
    early = start("ironhouse.py", "client", tmp_path, url, "--name", "anna", "--timeout", 300)
    assert "no answer within 300 ms" in early.ends(status=1)
    (tmp_path / "anna.key").rename(known / "anna.key")
    eve = start("ironhouse.py", "client", tmp_path, url, "--name", "eve", "--timeout", 1500)
    anna = start("ironhouse.py", "client", tmp_path, url, "--name", "anna", "--timeout", 20_000)
    assert anna.ends() == "hello anna\n"
    assert "no answer" in eve.ends(status=1)
    assert "anna says 'good morning'" in server.ends()


# -- bad_network ------------------------------------------------------------------------------------------------------


def test_bad_network_answers_every_question(start):
    """Whatever happens to the connections, and says what did."""
    output = start("bad_network.py", "--count", 50).ends()
    assert re.search(r"^50 questions answered in \d+ tries\n\d+ connections: ", output)


# -- webserver --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers_at", ["inproc://work", ANY_PORT])
def test_webserver_answers(start, workers_at):
    """Right answers, and errors with their status, on one connection."""
    server = start("webserver.py", "--port", 0, "--workers-at", workers_at, "--wait", 0)
    port = int(server.expect(r"listening on http://127.0.0.1:(\d+)")[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    asked = {}
    for path in ("/factors/5040", "/factors/999999937", "/factors/zero", "/factors/1", "/"):
        connection.request("GET", path)
        response = connection.getresponse()
        asked[path] = response.status, response.read().decode().strip()
    connection.close()
    server.interrupt()
    assert asked["/factors/5040"] == (200, "2 x 2 x 2 x 2 x 3 x 3 x 5 x 7")
    assert asked["/factors/999999937"] == (200, "999999937")
    assert [asked[path][0] for path in ("/factors/zero", "/factors/1", "/")] == [400, 400, 404]


def test_webserver_says_when_no_worker_answers(start):
    """Status 504, and the server goes on."""
    server = start("webserver.py", "--port", 0, "--workers", 0, "--patience", 0.1)
    port = int(server.expect(r"listening on http://127.0.0.1:(\d+)")[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for _ in range(2):
        connection.request("GET", "/factors/12")
        response = connection.getresponse()
        assert (response.status, response.read()) == (504, b"no worker answered\n")
    connection.close()
    server.interrupt()


# -- http_stream ------------------------------------------------------------------------------------------------------


def test_http_stream_serves_anybody(start):
    """An ordinary HTTP client, and one that does not speak it; a connection that only looks costs nothing."""
    server = start("http_stream.py", "server", ANY_PORT, "--count", 3)
    port = int(server.expect(r"serving at tcp://127.0.0.1:(\d+)")[1])
    socket.create_connection(("127.0.0.1", port)).close()
    asked = {}
    for method, path in (("GET", "/hello"), ("POST", "/")):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request(method, path)
        response = connection.getresponse()
        asked[method] = response.status, response.read()
        connection.close()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        sock.sendall(b"EHLO\r\n\r\n")
        assert sock.makefile("rb").read().startswith(b"HTTP/1.0 400 ")
    assert asked == {"GET": (200, b"you asked for /hello\n"), "POST": (405, b"only GET, please\n")}
    assert "GET /hello HTTP/1.1" in server.ends()


def test_http_stream_client_fetches_a_page(start):
    """From the server of the same example, and from an ordinary one."""
    server = start("http_stream.py", "server", ANY_PORT, "--count", 1)
    url = server.expect(r"serving at (\S+)")[1]
    page = start("http_stream.py", "client", url, "--path", "/page").ends()
    assert "HTTP/1.0 200 OK" in page and "you asked for /page" in page
    server.ends()
    other = start("webserver.py", "--port", 0)
    port = other.expect(r"listening on http://127.0.0.1:(\d+)")[1]
    assert "2 x 2 x 3" in start("http_stream.py", "client", f"tcp://127.0.0.1:{port}", "--path", "/factors/12").ends()


def test_http_stream_client_gives_up(start):
    """Nobody is there: a sentence and status 1."""
    client = start("http_stream.py", "client", "tcp://127.0.0.1:9", "--patience", 0.1)
    assert "no answer from tcp://127.0.0.1:9 within 0.1 s" in client.ends(status=1)


# -- worker_pool ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["gzmq", "zmq"])
def test_worker_pool_does_every_task_though_a_worker_is_killed(start, library):
    """What the killed worker held is sent again; the survivor runs on either library."""
    if library == "zmq":
        pytest.importorskip("zmq.green")
    count = ("--count", 100)
    ventilator = start("worker_pool.py", "ventilator", ANY_PORT, ANY_PORT, *count, "--ms", 10, "--patience", 0.5)
    tasks = ventilator.expect(r"^tasks at (\S+)")[1]
    acks = ventilator.expect(r"^acknowledgements at (\S+)")[1]
    sink = start("worker_pool.py", "sink", ANY_PORT, acks, *count)
    results = sink.expect(r"^results at (\S+)")[1]
    victim = start("worker_pool.py", "worker", tasks, results, "--name", "victim")
    sink.expect("^10/100$")
    victim.kill()
    worker = start("worker_pool.py", "worker", tasks, results, "--name", "survivor", "--lib", library)
    assert re.search(r"^100 tasks done, [1-9]\d* sent again$", ventilator.ends(), re.MULTILINE)
    output = sink.ends()
    assert re.search(r"^100 results, \d+ came twice$", output, re.MULTILINE)
    assert re.search(r"^by worker: survivor \d+, victim \d+$", output, re.MULTILINE)
    worker.interrupt()


# -- pipeline ---------------------------------------------------------------------------------------------------------


def test_pipeline_adds_up(start):
    """What comes out is what went in, by owner."""
    output = start("pipeline.py", "--count", 2001).ends()
    total = int(re.search(r"^(\d+) bytes in 2001 lines", output, re.MULTILINE)[1])
    owners = dict(re.findall(r"(ada|grace|mary) (\d+)", output))
    assert "2001/2001" in output
    assert len(owners) == 3 and sum(map(int, owners.values())) == total


def test_pipeline_ends_at_ctrl_c(start):
    """In the middle of its work."""
    script = start("pipeline.py", "--count", 1_000_000)
    script.expect("^20000/")
    script.interrupt()


# -- demo -------------------------------------------------------------------------------------------------------------


def test_demo_shows_every_use(start):
    """Web server, worker pool with one worker killed, pipeline, and the pool with libzmq's workers."""
    pytest.importorskip("zmq.green")
    output = start("demo.py", "--quick", "--limit", PATIENCE).ends()
    for row in ("web server +100 requests", "worker pool +100 tasks .* 1 killed", "pipeline +2500 lines",
                "libzmq workers +100 tasks .* 0 killed"):  # fmt: skip
        assert re.search(f"^{row}", output, re.MULTILINE), output
    assert "was killed" in output


def test_demo_does_without_pyzmq(start, tmp_path):
    """One line says so."""
    (tmp_path / "zmq.py").write_text("raise ImportError('as if it were not installed')\n")
    output = start("demo.py", "--quick", "--limit", PATIENCE, path=[tmp_path]).ends()
    assert "pyzmq is not installed" in output
    assert re.search("^pipeline ", output, re.MULTILINE)
    assert "libzmq workers" not in output


def test_demo_gives_up_in_time(start):
    """Status 1, a sentence, and no process is left to hold its output open."""
    assert "it took longer than 0.1 s" in start("demo.py", "--limit", 0.1).ends(status=1)


def test_demo_fails_with_a_sentence(start, tmp_path):
    """Here gzmq cannot be imported."""
    (tmp_path / "gzmq.py").write_text("raise ImportError('broken on purpose')\n")
    assert re.search(r"The demo failed after .* s: broken on purpose", start("demo.py", path=[tmp_path]).ends(status=1))


# -- multicast --------------------------------------------------------------------------------------------------------


def test_subscribers_of_a_group_hear_its_prices(start):
    """Two of them, one packet each; only the stocks asked for."""
    url = f"epgm://lo;239.255.{os.getpid() % 250}.250:{random.randrange(20000, 30000)}"
    subscribers = [start("multicast.py", "subscriber", url, "--stock", stock, "--count", 3) for stock in ("ACME", "B")]
    for subscriber in subscribers:
        subscriber.expect("listening to epgm://")
    publisher = start("multicast.py", "publisher", url, "--interval", 0.01)
    for subscriber, stock in zip(subscribers, ("ACME", "BOLT")):
        assert len(re.findall(rf"^{stock} \d+: [\d.]+$", subscriber.ends(), re.MULTILINE)) == 3
    publisher.interrupt()
