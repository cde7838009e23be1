"""Claims of monitoring: what happens to connections can be heard."""

import struct

import gzmq as zmq


def hear(monitor, wanted):
    """Wait for an event: (value, endpoint)."""
    while True:
        head, endpoint = monitor.recv_multipart()
        event, value = struct.unpack("=Hi", head)
        if event == wanted:
            return value, endpoint.decode()


def monitored(make, kind, **options):
    socket = make(kind, **options)
    monitor = socket.get_monitor_socket()
    monitor.rcvtimeo = 5000
    return socket, monitor


def test_a_binder_hears_of_its_peers(make):
    """LISTENING, ACCEPTED, HANDSHAKE_SUCCEEDED, DISCONNECTED, CLOSED; with the endpoint."""
    pull, monitor = monitored(make, zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint.decode()
    assert hear(monitor, zmq.EVENT_LISTENING)[1] == endpoint
    push = make(zmq.PUSH, connect=endpoint)
    for event in (zmq.EVENT_ACCEPTED, zmq.EVENT_HANDSHAKE_SUCCEEDED):
        assert hear(monitor, event)[1] == endpoint
    push.close()
    assert hear(monitor, zmq.EVENT_DISCONNECTED)[1] == endpoint
    pull.unbind(endpoint)
    assert hear(monitor, zmq.EVENT_CLOSED)[1] == endpoint


def test_a_connecter_hears_of_its_attempts(make):
    """CONNECT_RETRIED with the milliseconds until the next, CONNECTED at last."""
    push, monitor = monitored(make, zmq.PUSH, reconnect_ivl=10)
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint.decode()
    pull.close()
    push.connect(endpoint)
    assert 10 <= hear(monitor, zmq.EVENT_CONNECT_RETRIED)[0] <= 15
    make(zmq.PULL, bind=endpoint)
    assert hear(monitor, zmq.EVENT_CONNECTED)[1] == endpoint
    assert hear(monitor, zmq.EVENT_HANDSHAKE_SUCCEEDED)[1] == endpoint


def test_only_what_was_asked_for_is_heard(make):
    """A mask of events."""
    pull = make(zmq.PULL)
    monitor = pull.get_monitor_socket(zmq.EVENT_CLOSED)
    monitor.rcvtimeo = 5000
    pull.bind("tcp://127.0.0.1:*")
    pull.unbind(pull.last_endpoint)
    assert struct.unpack("=Hi", monitor.recv_multipart()[0])[0] == zmq.EVENT_CLOSED


def test_the_end_of_monitoring_is_heard(make):
    """MONITOR_STOPPED is the last event."""
    pull, monitor = monitored(make, zmq.PULL)
    pull.disable_monitor()
    hear(monitor, zmq.EVENT_MONITOR_STOPPED)


def test_a_monitor_at_an_address_of_ones_own(make, inproc):
    """As zmq_socket_monitor has it."""
    pull = make(zmq.PULL)
    pull.monitor(inproc, zmq.EVENT_LISTENING)
    monitor = make(zmq.PAIR, connect=inproc)
    pull.bind("tcp://127.0.0.1:*")
    assert hear(monitor, zmq.EVENT_LISTENING)[1] == pull.last_endpoint.decode()
