"""Claims of gzmq.message."""

import array
import copy
import errno
import gc
import sys
import threading
import weakref
from time import monotonic

import pytest

from gzmq.constants import MessageOption
from gzmq.error import NotDone, ZMQError
from gzmq.message import Frame, Message, MessageTracker


def refuses(code, call, *args):
    with pytest.raises(ZMQError) as caught:
        call(*args)
    return caught.value.errno == code


@pytest.mark.parametrize(
    "data, content",
    [
        (None, b""),
        (b"abc", b"abc"),
        (bytearray(b"abc"), b"abc"),
        (memoryview(b"abc"), b"abc"),
        (memoryview(b"abcd").cast("H"), b"abcd"),
        (array.array("B", b"abc"), b"abc"),
        (Frame(b"abc"), b"abc"),
    ],
)
def test_a_frame_holds_what_a_buffer_held(data, content):
    """In every form there is to read it."""
    frame = Frame(data)
    assert frame.bytes == bytes(frame) == bytes(frame.buffer) == content
    assert len(frame) == len(content)


def test_bytes_are_shared():
    """Neither the frame nor its copies hold a copy of them."""
    data = b"abc" * 1000
    assert copy.copy(Frame(Frame(data))).bytes is data


@pytest.mark.parametrize("data", ["abc", 5, [1]])
def test_what_is_no_buffer(data):
    """TypeError, which names the type."""
    with pytest.raises(TypeError, match=type(data).__name__):
        Frame(data)


def test_a_buffer_with_gaps():
    """BufferError, as pyzmq."""
    with pytest.raises(BufferError):
        Frame(memoryview(b"abcdef")[::2])


@pytest.mark.parametrize("copied", [None, True, False])
def test_a_frame_does_not_follow_its_source(copied):
    """Not even with copy=False."""
    data = bytearray(b"abc")
    frame = Frame(data, copy=copied, copy_threshold=1)
    data[0] = 0
    assert frame == b"abc"


def test_a_frame_cannot_be_written():
    """Its buffer is read-only, its content no attribute to set."""
    frame = Frame(b"abc")
    with pytest.raises(TypeError):
        frame.buffer[0] = 0
    with pytest.raises(AttributeError):
        frame.bytes = b""
    with pytest.raises(AttributeError):
        frame.no_such_attribute = 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="__buffer__ is new in 3.12")
def test_a_frame_is_a_buffer():
    """memoryview() and all who use it."""
    assert memoryview(Frame(b"abc")) == b"abc"
    assert b"".join([b"x", Frame(b"abc")]) == b"xabc"


@pytest.mark.parametrize("other", [Frame(b"abc", more=True), b"abc", bytearray(b"abc"), memoryview(b"abc")])
def test_equal_content_is_equal(other):
    """To frames, bytes and buffers, from both sides."""
    assert Frame(b"abc") == other
    assert other == Frame(b"abc")


@pytest.mark.parametrize("other", [Frame(b"abd"), b"ab", "abc", None, 5])
def test_anything_else_is_not(other):
    """Text neither."""
    assert Frame(b"abc") != other


def test_equal_frames_have_one_hash():
    """That of their bytes."""
    assert {Frame(b"abc"): 1}[b"abc"] == 1


def test_an_empty_frame_is_false():
    """As pyzmq."""
    assert not Frame()
    assert Frame(b"x")


@pytest.mark.parametrize(
    "data, shown", [(b"abc", "b'abc'"), (b"x" * 16, f"{b'x' * 16}"), (b"x" * 2000, "b'xxxxxxxxxxxx'...2000B")]
)
def test_repr_is_short(data, shown):
    """The beginning, and the size in bytes."""
    assert repr(Frame(data)) == str(Frame(data)) == f"<gzmq.Frame({shown})>"


@pytest.mark.parametrize("copier", [copy.copy, Frame.fast_copy])
def test_a_copy_has_everything(copier):
    """And is another frame."""
    frame = Frame(b"abc", track=True, more=True, metadata={"A": "b"})
    copied = copier(frame)
    assert copied is not frame
    assert (copied, copied.more, copied.tracker, copied["A"]) == (frame, True, frame.tracker, "b")


def test_message_is_an_old_name_of_frame():
    """pyzmq keeps it."""
    assert Message is Frame


def test_a_frame_can_be_referred_to_weakly():
    """As pyzmq's."""
    frame = Frame()
    reference = weakref.ref(frame)
    del frame
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("more", [True, False])
def test_more(more):
    """As attribute and as option."""
    frame = Frame(b"", more=more)
    assert frame.more is more
    assert frame.get(MessageOption.MORE) == frame[1] == int(more)


@pytest.mark.parametrize("metadata, fd", [({"__fd": "20"}, 20), ({"A": "b"}, None), (None, None)])
def test_the_descriptor_of_the_source(metadata, fd):
    """EINVAL when it is not known."""
    frame = Frame(b"", metadata=metadata)
    if fd is None:
        assert refuses(errno.EINVAL, frame.get, MessageOption.SRCFD)
    else:
        assert frame.get(MessageOption.SRCFD) == fd


def test_nothing_is_shared():
    """As far as anybody can tell."""
    assert Frame(b"x").get(MessageOption.SHARED) == 0


@pytest.mark.parametrize("name", ["Peer-Address", b"Peer-Address"])
def test_metadata(name):
    """By item and by get, str or bytes."""
    frame = Frame(b"", metadata={"Peer-Address": "127.0.0.1"})
    assert frame[name] == frame.get(name) == "127.0.0.1"


@pytest.mark.parametrize("option", ["X", b"X", b"\xff", "peer-address", "MORE", 0, 4, 99, -1])
@pytest.mark.parametrize("metadata", [None, {"Peer-Address": "127.0.0.1"}])
def test_what_a_frame_does_not_have(option, metadata):
    """EINVAL."""
    assert refuses(errno.EINVAL, Frame(b"", metadata=metadata).get, option)


@pytest.mark.parametrize("option", [None, 1.5, ("A",)])
def test_what_is_no_option(option):
    """TypeError."""
    with pytest.raises(TypeError, match=type(option).__name__):
        Frame().get(option)


@pytest.mark.parametrize("option", [1, 3, 99, "Peer-Address"])
def test_no_option_of_libzmqs_can_be_set(option):
    """EINVAL."""
    assert refuses(errno.EINVAL, Frame().set, option, 1)


@pytest.mark.parametrize("routing_id", [1, 2**31, 2**32 - 1])
def test_a_routing_id_is_a_number(routing_id):
    """Of 32 bits without a sign; it is read in three ways, and copied with the frame."""
    frame = Frame(b"x")
    assert frame.routing_id == 0
    frame.routing_id = routing_id
    assert frame.routing_id == frame["routing_id"] == copy.copy(frame).get("routing_id") == routing_id


@pytest.mark.parametrize(
    "group, text", [("", ""), ("news", "news"), (b"news", "news"), ("é", "é"), ("x" * 255, "x" * 255)]
)
def test_a_group_is_text(group, text):
    """Set as str or bytes, read as str."""
    frame = Frame(b"x")
    assert frame.group == ""
    frame.group = group
    assert frame.group == frame["group"] == copy.copy(frame).get("group")
    assert frame.group == (group.decode() if isinstance(group, bytes) else group)


@pytest.mark.parametrize("group", ["x" * 256, "é" * 128, b"x" * 256, "nul\0", b"\0"])
def test_what_is_no_group(group):
    """48/RADIODISH: at most 255 bytes, none of them 0."""
    assert refuses(errno.EINVAL, Frame().set, "group", group)


@pytest.mark.parametrize(
    "label, value, error",
    [
        ("routing_id", 0, ZMQError),
        ("routing_id", -1, OverflowError),
        ("routing_id", 2**32, OverflowError),
        ("routing_id", "1", TypeError),
        ("routing_id", None, TypeError),
        ("group", 5, TypeError),
        ("group", None, TypeError),
    ],
)
def test_a_label_of_the_wrong_kind(label, value, error):
    """As pyzmq has it; the frame keeps what it had."""
    frame = Frame(b"x")
    with pytest.raises(error):
        frame.set(label, value)
    assert frame.labels is None


def test_a_frame_has_both_labels():
    """They do not disturb each other."""
    frame = Frame(b"x")
    frame.group, frame.routing_id = "news", 7
    assert (frame.group, frame.routing_id) == ("news", 7)


def test_a_group_that_is_no_text():
    """A peer sent it: reading it as text raises, its bytes are in labels."""
    frame = Frame(b"x", labels={"group": b"\xff"})
    with pytest.raises(UnicodeDecodeError):
        frame.get("group")
    assert frame.labels["group"] == b"\xff"


def test_a_tracked_frame_is_done():
    """At once, and for any time-out."""
    tracker = Frame(b"x" * 100_000, track=True, copy=False).tracker
    assert tracker.done
    assert [tracker.wait(), tracker.wait(0), tracker.wait(timeout=5)] == [None] * 3


def test_a_frame_is_not_tracked_unless_asked():
    """And then no tracker can follow it: ValueError."""
    frame = Frame(b"x")
    assert frame.tracker is None
    with pytest.raises(ValueError, match="track=True"):
        MessageTracker(frame)


def test_a_tracker_of_anything_else():
    """TypeError, which names the type."""
    with pytest.raises(TypeError, match="int"):
        MessageTracker(5)


def test_a_tracker_of_nothing_is_done():
    """As pyzmq."""
    assert MessageTracker().done


def test_a_tracker_is_done_when_all_are():
    """Frames, trackers and events."""
    one, other = threading.Event(), threading.Event()
    tracker = MessageTracker(Frame(track=True), MessageTracker(one), other)
    done = [tracker.done]
    for event in (one, other):
        event.set()
        done.append(tracker.done)
    assert done == [False, False, True]


@pytest.mark.parametrize("timeout", [0, 0.02])
def test_waiting_ends_in_time(timeout):
    """NotDone, after all the seconds and not once for each event."""
    tracker = MessageTracker(threading.Event(), threading.Event())
    began = monotonic()
    with pytest.raises(NotDone):
        tracker.wait(timeout)
    assert timeout <= monotonic() - began + 0.001 < timeout + 1


@pytest.mark.parametrize("timeout", [-1, 5])
def test_waiting_ends_when_done(timeout):
    """Set by somebody else."""
    event = threading.Event()
    timer = threading.Timer(0.01, event.set)
    timer.start()
    MessageTracker(event).wait(timeout)
    timer.join()
    assert event.is_set()


def test_what_pyzmq_says_of_frames():
    """Length, content, truth and options of the same data."""
    zmq = pytest.importorskip("zmq")
    for data in (None, b"", b"abc", bytearray(b"x" * 70_000)):
        ours, theirs = Frame(data), zmq.Frame(data)
        assert (len(ours), ours.bytes, bool(ours)) == (len(theirs), theirs.bytes, bool(theirs))
        for option in (1, 2, 3, 4, "X", b"X", None, 1.5):
            assert _answer(ours.get, option) == _answer(theirs.get, option)


def _answer(call, *args):
    try:
        return call(*args)
    except Exception as error:
        return type(error).__name__, getattr(error, "errno", None)
