"""What the processes of `ordito serve` are forked from: the program, read once for all of them."""

import gc

import httptools  # noqa: F401
import uvicorn.lifespan.on
import uvicorn.protocols.http.httptools_impl  # noqa: F401
import uvloop  # noqa: F401
from setproctitle import setproctitle

import ordito.app.process
import ordito.app.program  # noqa: F401

setproctitle("ordito preloaded")

# What is frozen is never looked through, and so never written to: processes share its memory.
gc.collect()
gc.freeze()
