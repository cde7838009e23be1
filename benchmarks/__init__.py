"""Throughput and round-trip figures of gzmq beside pyzmq, zmq.green and pyomq: `python -m benchmarks`."""
