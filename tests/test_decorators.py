"""Claims of the decorators; pyzmq's hold them too."""

import importlib

import gevent
import pytest


@pytest.fixture(params=["gzmq", "zmq"])
def lib(request):
    """Either library, with its decorators."""
    pytest.importorskip("zmq")
    importlib.import_module(f"{request.param}.decorators")
    with gevent.Timeout(20):
        yield importlib.import_module(request.param)


def test_a_context_is_given_last_and_destroyed_after(lib):
    """By position, after the caller's own arguments."""

    @lib.decorators.context()
    def work(first, context, named=None):
        assert isinstance(context, lib.Context) and not context.closed
        return first, context, named

    first, context, named = work(1, named=2)
    assert (first, named, context.closed) == (1, 2, True)


@pytest.mark.parametrize("args, kwargs", [(["ctx"], {}), ([], {"name": "ctx"})])
def test_a_context_is_given_by_name(lib, args, kwargs):
    """Told as the first argument, or by keyword; the rest makes the context."""

    @lib.decorators.context(*args, io_threads=3, **kwargs)
    def work(*, ctx):
        return ctx.get(lib.IO_THREADS)

    assert work() == 3


def test_a_name_that_the_caller_uses_too_is_refused(lib):
    """TypeError."""

    @lib.decorators.context("ctx")
    def work(ctx):
        raise AssertionError("it was called")

    with pytest.raises(TypeError, match="work.*ctx"):
        work(ctx=1)


def test_a_socket_is_of_the_context_above(lib):
    """Stacked; the socket is closed after, and before its context."""

    @lib.decorators.context()
    @lib.decorators.socket(lib.PUSH)
    @lib.decorators.socket("pull", lib.PULL)
    def work(context, push, pull):
        assert push.context is pull.context is context
        assert (push.socket_type, pull.socket_type) == (lib.PUSH, lib.PULL)
        return push, pull

    assert [socket.closed for socket in work()] == [True, True]


def test_a_socket_is_of_the_context_that_is_named_so(lib):
    """An argument of the function, by default "context"."""

    @lib.decorators.socket(lib.PUSH)
    def by_default(push, context):
        return push.context

    @lib.decorators.socket(lib.PUSH, context_name="ctx")
    def by_name(push, ctx):
        return push.context

    with lib.Context() as context:
        assert by_default(context=context) is by_name(ctx=context) is context


def test_a_socket_is_of_the_shared_context_otherwise(lib):
    """Context.instance()."""

    @lib.decorators.socket(lib.PUSH)
    def work(push):
        return push.context

    assert work() is lib.Context.instance()


def test_an_error_closes_and_goes_on(lib):
    """The socket is closed all the same."""
    seen = []

    @lib.decorators.socket(lib.PUSH)
    def work(push):
        seen.append(push)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert seen[0].closed


def test_each_call_has_a_socket_of_its_own(lib):
    """And the function keeps its name and docstring."""

    @lib.decorators.socket(lib.PUSH)
    def work(push):
        """Works."""
        return push

    assert work() is not work()
    assert (work.__name__, work.__doc__) == ("work", "Works.")
