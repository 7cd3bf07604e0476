"""The child that serves a GGUF model: `python -m vitascope.backends.runtimes._llama_child`.

Reads one JSON line on stdin (model, key, threads, context), answers one JSON line (the address), and lives until stdin
closes: when the parent dies, however it dies, the pipe closes and so does the server. The key comes through the pipe, so
that no process list shows it.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    import xllamacpp

    told = json.loads(sys.stdin.readline())
    params = xllamacpp.CommonParams()
    params.model.path = told["model"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # the system picks a free one
    params.api_keys = [told["key"]]
    params.cors_origins = "http://127.0.0.1"  # the default allows every web page to ask
    params.ui = False
    params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    params.n_ctx = told["context"]
    params.n_parallel = 1
    params.cache_ram_mib = 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = told["threads"]
    params.n_threads_http = 4
    params.verbosity = -1
    if told.get("embedding"):
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(params)
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.read()
    os._exit(0)  # nothing is left to save; the native threads need no farewell


if __name__ == "__main__":
    main()
