"""The service of one archive: metadata, chains, ONNX session, and the road of one request between them."""
import json
import os

# Before the engine is loaded: some of its builds report their use to their makers unless this is set.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

from eisen_deploy_chain import parse_chain, run_chain  # noqa: E402
from eisen_deploy_eisen import shared_geometry  # noqa: E402
from eisen_deploy_values import Array, BadInput  # noqa: E402
from eisen_deploy_wire import decode_file, decode_row, encode_reply, FILE_TYPES  # noqa: E402

ONNX_DTYPES = {"tensor(float)": "f4", "tensor(double)": "f8", "tensor(float16)": "f2", "tensor(int8)": "i1",
               "tensor(int16)": "i2", "tensor(int32)": "i4", "tensor(int64)": "i8", "tensor(uint8)": "u1",
               "tensor(uint16)": "u2", "tensor(uint32)": "u4", "tensor(uint64)": "u8", "tensor(bool)": "?"}


class Service:
    client_errors = (BadInput,)

    def __init__(self, folder, gpu_id=None):
        self.folder = folder
        self.metadata = self._json("metadata.json", None)
        if not isinstance(self.metadata, dict):
            raise RuntimeError("the archive has no metadata.json")
        self.pre = parse_chain(self._json("pre_process_tform.json", []), "pre_process_tform.json", "pre")
        self.post = parse_chain(self._json("post_process_tform.json", []), "post_process_tform.json", "post")
        self.inputs = self.metadata.get("inputs") or []
        self.outputs = [entry["name"] for entry in self.metadata.get("outputs") or []]
        self.model_inputs = self.metadata.get("model_input_list") or [entry["name"] for entry in self.inputs]
        self.model_outputs = self.metadata.get("model_output_list") or self.outputs
        wanted = ["CPUExecutionProvider"] if gpu_id is None else ["CUDAExecutionProvider", "CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(self._model_path(), providers=wanted)

    def _model_path(self):
        manifest = self._json(os.path.join("MAR-INF", "MANIFEST.json"), {})
        name = manifest.get("model", {}).get("serializedFile") or "model.onnx"
        return os.path.join(self.folder, os.path.basename(name))

    def _json(self, name, default):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            return default
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def answer(self, row, headers):
        """(content type, body) for one row."""
        fields = decode_row(row, headers, self.inputs)
        if fields is None or self._asks_for_metadata(fields):
            return "application/json", json.dumps(self.metadata)
        if self.inputs:
            missing = [entry["name"] for entry in self.inputs if entry["name"] not in fields]
            if missing:
                raise BadInput("the input '%s' is missing; there are %s." % (missing[0], ", ".join(fields)))
            fields = {entry["name"]: fields[entry["name"]] for entry in self.inputs}
        gzipped = any(isinstance(value, bytes) and value[:2] == b"\x1f\x8b" for value in fields.values())
        came_as_json = (headers.get("content-type") or "").lower().startswith("application/json")
        return encode_reply(self.predict(fields), headers.get("accept"), came_as_json, gzipped)

    def _asks_for_metadata(self, fields):
        """A model input is missing and so is a declared input: no prediction is wanted."""
        if self.inputs and all(entry["name"] in fields for entry in self.inputs):
            return False
        return any(name not in fields for name in self.model_inputs)

    def predict(self, fields):
        types = {entry["name"]: entry.get("type") for entry in self.inputs}
        loads = {name for step in self.pre if step.name.startswith("Load") for name in step.params.get("fields", [])}
        for name, value in fields.items():
            if isinstance(value, bytes) and types.get(name) in FILE_TYPES and name not in loads:
                fields[name] = decode_file(value, name)
        fields = run_chain(self.pre, fields)
        made = self.infer(fields)
        made.update(fields)
        done = run_chain(self.post, made)
        if not self.outputs:
            return done
        missing = [name for name in self.outputs if name not in done]
        if missing:
            raise RuntimeError("the post-processing chain did not leave the output '%s'." % missing[0])
        return {name: done[name] for name in self.outputs}

    def infer(self, fields):
        tensors = {name: self._tensor(fields, name) for name in self.model_inputs}
        declared = self.session.get_inputs()
        by_name = all(entry.name in tensors for entry in declared)
        if not by_name and len(declared) != len(tensors):
            raise RuntimeError("the graph takes %s." % ", ".join(entry.name for entry in declared))
        sources = [tensors[entry.name] for entry in declared] if by_name else list(tensors.values())
        feeds = {}
        for entry, source in zip(declared, sources):
            feeds[entry.name] = np.ascontiguousarray(source.array, dtype=ONNX_DTYPES.get(entry.type))
        try:
            results = self.session.run(None, feeds)
        except Exception as error:  # onnxruntime has no class of its own for inputs that do not fit
            raise BadInput("the model refused the input: %s" % str(error).strip().splitlines()[-1])
        placed = [source for source in sources if source.geometry is not None]
        geometry = _shared_grid(placed)
        return {name: Array(result, _inherit(geometry, placed, result)) for name, result in zip(self.model_outputs, results)}

    def _tensor(self, fields, name):
        value = fields.get(name)
        if isinstance(value, (int, float, list, bool)):
            value = Array(np.asarray(value))
        if not isinstance(value, Array):
            raise BadInput("the model input '%s' is no array after pre-processing." % name)
        return value


def _shared_grid(placed):
    """The geometry of all inputs that have one when they lie in one place with the same lengths, else None."""
    if not placed:
        return None
    geometry = shared_geometry([source.geometry for source in placed])
    lengths = {(source.array.ndim,) + tuple(source.array.shape[axis] for axis in source.geometry.axes) for source in placed}
    return geometry if len(lengths) == 1 else None


def _inherit(geometry, placed, result):
    """The input's geometry where the spatial axes of the result are as long."""
    if geometry is None:
        return None
    source = placed[0].array
    if result.ndim <= max(geometry.axes) or any(result.shape[axis] != source.shape[axis] for axis in geometry.axes):
        return None
    return geometry
