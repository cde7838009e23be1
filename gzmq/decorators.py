"""Decorators that give a function a context or a socket for the time of each call, and close it then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar, cast

from .context import Context

__all__ = ["context", "socket"]

F = TypeVar("F", bound=Callable[..., Any])


def context(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """``@context()``: a new Context as the last positional argument; ``@context("name")`` or ``name="name"``: by name.

    What else there is goes to `Context`. When the call ends the context is destroyed. The decorated function raises
    TypeError when it is called with an argument of that name. Source: pyzmq's ``zmq.decorators``.
    """
    name, args = _take_name(args, kwargs)
    return _giving(name, lambda *_, **__: Context(*args, **kwargs))


def socket(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """``@socket(gzmq.PUSH)``: a new socket, given as `context` gives a context; what else there is makes the socket.

    Its context is the argument that is called ``context_name`` (by default "context"), or the first positional one that
    is a Context, as `context` above gives it, or ``Context.instance()``. When the call ends the socket is closed.
    """
    name, args = _take_name(args, kwargs)
    context_name = kwargs.pop("context_name", "context")

    def make(*given: Any, **named: Any) -> AbstractContextManager[Any]:
        found = [value for value in (named.get(context_name), *given) if isinstance(value, Context)]
        return (found[0] if found else Context.instance()).socket(*args, **kwargs)

    return _giving(name, make)


def _take_name(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str | None, tuple[Any, ...]]:
    """The name of the argument to give, if there is one, and the other positional arguments."""
    if isinstance(kwargs.get("name"), str):
        return kwargs.pop("name"), args
    if args and isinstance(args[0], str):
        return args[0], args[1:]
    return None, args


def _giving(name: str | None, make: Callable[..., AbstractContextManager[Any]]) -> Callable[[F], F]:
    """A decorator that calls its function within what ``make`` makes of the call's arguments, and gives it that."""

    def decorate(function: F) -> F:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if name in kwargs:
                raise TypeError(f"{function.__name__}() is given {name!r} by its decorator, and by its caller too")
            with make(*args, **kwargs) as made:
                if name is None:
                    return function(*args, made, **kwargs)
                return function(*args, **{**kwargs, name: made})

        return cast(F, call)

    return decorate
