"""Everything that touches the outside: media decoders, model runtimes, stores, the home folder."""

import os

# onnxruntime reports its use to its makers unless told not to, before it is imported by anybody (1.32: a store in the user's
# cache folder and an address looked up). Nothing of a library may leave the machine unasked. Child processes inherit it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
