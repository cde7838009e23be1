"""What the locusts of these tests do: two kinds of requests, and a word of their own from each worker to the master."""

import zmq.green
from locust import HttpUser, constant, events, runners, task

runners.HEARTBEAT_INTERVAL = 0.2  # seconds; five without one make a worker a missing one


class Visitor(HttpUser):
    """Asks for what is there more often than for what is not."""

    wait_time = constant(0.02)

    @task(3)
    def good(self):
        self.client.get("/good")

    @task
    def bad(self):
        self.client.get("/bad")


@events.init.add_listener
def begin(environment, **_):
    print(type(environment.runner).__name__, "on", zmq.green.__name__, flush=True)
    if isinstance(environment.runner, runners.MasterRunner):
        environment.runner.register_message("greeting", lambda msg, **_: print("heard", msg.data, flush=True))


@events.test_start.add_listener
def greet(environment, **_):
    if isinstance(environment.runner, runners.WorkerRunner):
        environment.runner.send_message("greeting", "hello from a worker")
