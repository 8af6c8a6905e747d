"""A worker to be killed: one follower that writes down what it sees."""

import os
import threading

from ordito.platform.database import Database
from ordito.platform.followers import Follower
from ordito.platform.worker import Worker
from tests.platform.test_worker import note


def main() -> None:
    worker = Worker(
        Database(os.environ["ORDITO_TEST_DSN"]), [Follower(name="stock", handle=note, batch=20)]
    )
    worker.start()
    print("started", flush=True)
    # Whoever started it kills it; if not, it ends by itself.
    threading.Event().wait(120)


if __name__ == "__main__":
    main()
