"""Libraries that report their use to somebody are told not to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_onnxruntime_keeps_its_use_to_itself(tmp_path: Path) -> None:
    code = (
        "from vitascope.backends.runtimes import _onnx; import onnx, onnxruntime\n"
        "from onnx import TensorProto as T, helper as h\n"
        "x, y = (h.make_tensor_value_info(n, T.FLOAT, [1]) for n in 'xy')\n"
        "graph = h.make_graph([h.make_node('Identity', ['x'], ['y'])], 'g', [x], [y])\n"
        "model = h.make_model(graph, opset_imports=[h.make_opsetid('', 17)], ir_version=9)\n"
        "open('m.onnx', 'wb').write(model.SerializeToString())\n"
        "from pathlib import Path\n"
        "_onnx.onnx_session(Path('m.onnx'), 1)\n"
    )
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    found = os.pathsep.join([str(Path(__file__).parents[2] / "src"), os.environ.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment | {"PYTHONPATH": found})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.onnx"]
