"""What the locusts of these tests do: requests of two kinds, and a word of their own from each worker to the master."""

import zmq.green
from locust import HttpUser, constant, events, runners, task
from locust.exception import StopUser


def say(*words):
    print(*words, flush=True)


class Visitor(HttpUser):
    """Asks 20 times for what is there, and after every fourth for what is not."""

    wait_time = constant(0.01)

    def on_start(self):
        self.visits = 0

    @task
    def visit(self):
        self.client.get("/good")
        self.visits += 1
        if self.visits % 4 == 0:
            self.client.get("/bad")
        if self.visits == 20:
            raise StopUser


@events.init.add_listener
def begin(environment, **_):
    master = isinstance(environment.runner, runners.MasterRunner)
    runners.WORKER_REPORT_INTERVAL = 0.3
    # Seconds. A worker that is silent for five of the master's intervals is missing.
    runners.HEARTBEAT_INTERVAL = 0.6 if master else 0.2
    say(type(environment.runner).__name__, "on", zmq.green.__name__)
    if master:
        stats = environment.stats
        environment.runner.register_message("greeting", lambda msg, **_: say("heard", msg.data))
        environment.events.worker_report.add_listener(
            lambda **_: say("figures of", stats.total.num_requests, "requests")
        )


@events.test_start.add_listener
def greet(environment, **_):
    if isinstance(environment.runner, runners.WorkerRunner):
        environment.runner.send_message("greeting", "hello from a worker")
