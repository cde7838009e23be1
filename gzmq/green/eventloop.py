"""pyzmq's place for tornado's loop on gevent, which gzmq does not have: importing it says so."""

from .. import eventloop as eventloop
