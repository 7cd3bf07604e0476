"""The worker process: reads one JSON request a line on stdin, answers one JSON line on the real stdout.

Takes requests {"op", "path", "limits", ...}; gives {"ok": ...} or {"error": {"thing", "remedy"}}. Everything that
touches hostile bytes happens here, under an address-space bound; the parent keeps the clock and kills.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from vitascope.base.errors import VitascopeError
from vitascope.base.ports.media import Limits


def _bound_memory(limits: Limits) -> None:
    """Bound the address space to what the process has now plus what a file may take, and each file written."""
    try:
        import resource
    except ImportError:  # no such bounds on this system: the parent's clock is what is left
        return
    with open("/proc/self/statm") if os.path.exists("/proc/self/statm") else open(os.devnull) as statm:
        pages = statm.read().split()
    if pages:
        now = int(pages[0]) * resource.getpagesize()
        base = _BASE.setdefault("bytes", now)
        resource.setrlimit(resource.RLIMIT_AS, (base + limits.memory, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output, resource.RLIM_INFINITY))


_BASE: dict[str, int] = {}


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    limits = Limits.model_validate(request["limits"])
    path = Path(os.fsdecode(bytes.fromhex(request["path"])))
    _bound_memory(limits)
    match request["op"]:
        case "probe":
            from vitascope.backends.media._container import probe

            return {"ok": probe(path, limits).model_dump(mode="json")}
        case "decode":
            from vitascope.backends.media._decode import decode

            folder = Path(os.fsdecode(bytes.fromhex(request["folder"])))
            return {"ok": decode(path, request["sha256"], folder, limits).model_dump(mode="json")}
        case "play":
            from vitascope.backends.media._play import make_playable

            target = Path(os.fsdecode(bytes.fromhex(request["folder"])))
            return {"ok": make_playable(path, target, request["recipe"], limits)}
        case "picture":
            from vitascope.backends.media._play import telling_picture

            target = Path(os.fsdecode(bytes.fromhex(request["folder"])))
            return {"ok": telling_picture(path, target, int(request["width"]), limits)}
        case "cut":
            from vitascope.backends.media._cut import cut

            return {"ok": cut(Path(os.fsdecode(bytes.fromhex(request["target"]))), request["recipe"], limits)}
        case other:
            raise ValueError(f"unknown request {other!r}")


def _serve(requests: queue.SimpleQueue[str], out: int) -> None:
    from av.error import FFmpegError

    while True:
        line = requests.get()
        try:
            reply = _answer(json.loads(line))
        except VitascopeError as error:
            reason = getattr(error, "reason", "")
            reply = {"error": {"thing": error.thing, "remedy": error.remedy or "", "reason": reason}}
        except MemoryError:
            reply = {
                "error": {
                    "thing": "it takes more memory than a file may take",
                    "remedy": "raise the memory bound in the settings",
                    "reason": "too-large",
                }
            }
        except FFmpegError as error:
            reply = {
                "error": {
                    "thing": f"decoding failed ({error.strerror or error})",
                    "remedy": "get an undamaged copy",
                    "reason": "corrupt-header",
                }
            }
        except OSError as error:
            reply = {
                "error": {
                    "thing": f"reading or writing failed ({error.strerror or error})",
                    "remedy": "check the disk and try again",
                }
            }
        except Exception as error:  # whatever a file does to a library, the caller gets an answer
            reply = {
                "error": {
                    "thing": f"decoding failed ({type(error).__name__}: {str(error)[:200]})",
                    "remedy": "get an undamaged copy",
                }
            }
        data = (json.dumps(reply) + "\n").encode()
        while data:
            data = data[os.write(out, data) :]


def main() -> None:
    """Serve until stdin closes: then the parent is gone or done, and so is this process."""
    out = os.dup(1)
    os.dup2(2, 1)  # nothing that a library prints may reach the answers
    try:
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file over its bound is an error, not a death
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    except (ImportError, AttributeError):
        pass
    import av
    import cv2

    av.logging.set_level(None)
    cv2.setNumThreads(1)
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_serve, args=(requests, out), daemon=True).start()
    os.write(out, b'{"ready": true}\n')
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
