"""Claims of gzmq.message."""

import array
import copy
import ctypes
import errno
import gc
import sys
import threading
import weakref
from time import monotonic

import pytest

from gzmq.constants import MessageOption
from gzmq.error import NotDone, ZMQError
from gzmq.message import COPY_THRESHOLD, Frame, Message, MessageTracker

from .zmtp.marriage import peak


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


@pytest.mark.parametrize(
    "size, arguments, follows",
    [
        (9, {}, False),
        (COPY_THRESHOLD - 1, {}, False),
        (COPY_THRESHOLD, {}, True),
        (COPY_THRESHOLD, {"copy": True}, False),
        (9, {"copy": False}, True),
        (9, {"copy": False, "copy_threshold": 10}, True),
        (9, {"copy_threshold": 10}, False),
        (9, {"copy_threshold": 9}, True),
        (9, {"copy_threshold": 0}, True),
    ],
)
def test_a_frame_follows_its_source_unless_it_copies(size, arguments, follows):
    """And copies as pyzmq does: when told so, or what is small."""
    data = bytearray(size)
    frame = Frame(data, track=True, **arguments)
    data[0] = 1
    assert (frame.buffer[0] == 1) is follows
    assert frame.tracker.done is not follows


def test_a_buffer_in_a_frame_cannot_be_resized():
    """It would be pulled away from under it; pyzmq lets that happen."""
    data = bytearray(COPY_THRESHOLD)
    frame = Frame(data)
    with pytest.raises(BufferError):
        data.append(0)
    del frame
    data.append(0)


def test_a_writable_buffer_is_written_through():
    """The memory is the owner's; bytes that were read before stay."""
    data = bytearray(b"abc")
    frame = Frame(data, copy=False)
    before = frame.bytes
    frame.buffer[0] = ord("x")
    assert (data, before, frame.bytes) == (b"xbc", b"abc", b"abc")


def test_releasing_a_buffer_leaves_the_frame_alone():
    """Each is a view of its own."""
    frame = Frame(bytearray(b"abc"), copy=False)
    with frame.buffer as view:
        assert view == b"abc"
    assert frame.buffer == frame == b"abc"


@pytest.mark.parametrize("keep", [False, True])
def test_what_came_over_a_connection_can_be_written(keep):
    """Where it is, unless somebody has the bytes, which never change."""
    data = bytes(range(200)) * 500  # built at run time: nobody else has it
    frame, kept = Frame.received(data, False, False, {}), data if keep else None
    del data
    size = peak(lambda: frame.buffer.__setitem__(0, 7))
    assert (frame.buffer[0], frame.bytes[:2], kept and kept[:2]) == (7, b"\7\1", b"\0\1" if keep else None)
    assert (size > 100_000) is keep


def test_the_format_is_no_matter():
    """Bytes in the order of the memory, their number as length, and what has no native format or no size, too."""
    numbers = array.array("H", [1, 2, 3])
    frame = Frame(numbers, copy=False)
    assert (len(frame), frame.buffer.format, frame.bytes) == (6, "B", numbers.tobytes())
    assert Frame(ctypes.c_uint32.__ctype_be__(1), copy=False) == b"\0\0\0\1"
    assert Frame(bytearray(), copy=False, track=True).tracker.done


def test_a_frame_of_bytes_cannot_be_written():
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


def test_what_is_shared():
    """The memory of a buffer that was not copied."""
    assert Frame(b"x").get(MessageOption.SHARED) == Frame(bytearray(b"x")).get(MessageOption.SHARED) == 0
    assert Frame(bytearray(b"x"), copy=False).get(MessageOption.SHARED) == 1


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


@pytest.mark.parametrize("data, arguments", [(b"x" * 100_000, {"copy": True}), (bytearray(9), {}), (None, {})])
def test_a_frame_that_copied_is_done(data, arguments):
    """At once, and for any time-out."""
    tracker = Frame(data, track=True, **arguments).tracker
    assert tracker.done
    assert [tracker.wait(), tracker.wait(0), tracker.wait(timeout=5)] == [None] * 3


@pytest.mark.parametrize("data", [bytearray(100_000), b"x" * 100_000, memoryview(bytes(100_000))])
def test_a_frame_that_did_not_is_done_when_it_and_its_copies_are_gone(data):
    """All trackers of them, not before."""
    frame = Frame(data, track=True)
    copied, other = copy.copy(frame), Frame(frame, track=True)
    trackers, done = [frame.tracker, copied.tracker, other.tracker], []
    del frame
    done.append([tracker.done for tracker in trackers])
    del copied
    done.append([tracker.done for tracker in trackers])
    del other
    assert [*done, [tracker.done for tracker in trackers]] == [[False] * 3, [False] * 3, [True] * 3]


def test_a_frame_is_not_tracked_unless_asked():
    """And then no tracker can follow it: ValueError."""
    frame = Frame(b"x")
    assert frame.tracker is None
    with pytest.raises(ValueError, match="track=True"):
        MessageTracker(frame)


def test_what_a_tracker_waits_for():
    """An event, for a buffer that is kept; nothing for what was copied, and for who does not track."""
    data = bytearray(100_000)
    kept, copied, untracked = Frame(data, track=True), Frame(b"x", track=True), Frame(data)
    event = kept.tracker_event
    assert not event.is_set() and copied.tracker_event is untracked.tracker_event is None
    del kept
    assert event.is_set()


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
            if option != MessageOption.SHARED:  # libzmq's says whether a message has been copied
                assert _answer(ours.get, option) == _answer(theirs.get, option)


def _answer(call, *args):
    try:
        return call(*args)
    except Exception as error:
        return type(error).__name__, getattr(error, "errno", None)
