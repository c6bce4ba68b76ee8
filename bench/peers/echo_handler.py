"""The no-op model behind TorchServe: the same msgpack body in, ONNX Runtime, the same msgpack body out."""
import os

import msgpack
import numpy as np
import onnxruntime

session = None


def decode(body):
    field = msgpack.unpackb(body, raw=False)["image"]
    return np.frombuffer(field["data"], dtype=field["type"]).reshape(field["shape"])


def encode(array):
    field = {"__ndarray__": True, "data": array.tobytes(), "shape": list(array.shape), "type": str(array.dtype)}
    return msgpack.packb({"prediction": field}, use_bin_type=True)


def handle(data, context):
    global session
    if session is None:
        folder = context.system_properties.get("model_dir")
        session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"), providers=["CPUExecutionProvider"])
    if data is None:
        return None
    return [encode(session.run(None, {"image": decode(bytes(row["body"]))})[0]) for row in data]
