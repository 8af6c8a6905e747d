"""A worker to be killed in the middle of a bulk job."""

import os
import threading

from ordito.app.duties import make_worker
from ordito.platform.database import Database


def main() -> None:
    make_worker(Database(os.environ["ORDITO_TEST_DSN"])).start()
    print("started", flush=True)
    # Whoever started it kills it; if not, it ends by itself.
    threading.Event().wait(120)


if __name__ == "__main__":
    main()
