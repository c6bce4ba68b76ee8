"""Request bodies to fields, and fields to reply bodies: msgpack (Eisen's wire form), JSON, NIfTI. Never pickle."""
import base64
import json

import numpy as np

from eisen_deploy_nifti import is_nifti, read_nifti, write_nifti
from eisen_deploy_values import Array, BadInput, Image

FILE_TYPES = ("nifti", "dicom", "image", "file")
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool")


def decode_row(row, headers, inputs):
    """The fields of one row, or None where the row asks for the metadata: no body at all."""
    body = row.get("body", row.get("data"))
    if body is not None:
        content_type = _mime(headers.get("content-type"))
        return decode_body(body, content_type, inputs) if len(body) > 0 else None
    parts = {name: value for name, value in row.items() if name not in ("body", "data")}
    if not parts:
        return None
    types = {entry["name"]: entry.get("type") for entry in inputs}
    return {name: _decode_part(value, types.get(name)) for name, value in parts.items()}


def decode_body(body, content_type, inputs):
    if isinstance(body, (dict, list)):
        return _from_json(body, inputs)
    data = body.encode("utf-8") if isinstance(body, str) else bytes(body)
    if content_type in ("application/x-nifti", "application/nifti") or (content_type != "application/json" and is_nifti(data)):
        if len(inputs) != 1:
            raise BadInput("a bare file needs a model of one input; this one has %d." % len(inputs))
        return {inputs[0]["name"]: data}
    if data[:1] == b"\x80" and len(data) > 2 and data[1] in (2, 3, 4, 5):
        raise BadInput("the body is a pickle; it is not read here. Send msgpack or JSON.")
    if content_type == "application/json" or data[:1] in (b"{", b"["):
        try:
            document = json.loads(data)
        except ValueError as error:
            raise BadInput("the body is not valid JSON: %s." % error)
        return _from_json(document, inputs)
    return _from_msgpack(data)


def _decode_part(value, declared):
    if isinstance(value, str):
        value = value.encode("utf-8") if declared in FILE_TYPES else value
    if not isinstance(value, (bytes, bytearray)):
        return _from_json_value(value, declared)
    data = bytes(value)
    if declared in ("str", "list", "json") and declared is not None:
        text = data.decode("utf-8", "strict")
        return text if declared == "str" else json.loads(text)
    if declared in FILE_TYPES or is_nifti(data):
        return data
    return _from_json_value(json.loads(data), declared)


def _mime(value):
    return (value or "").split(";")[0].strip().lower()


def _from_msgpack(data):
    import msgpack

    try:
        document = msgpack.unpackb(data, raw=False, strict_map_key=True)
    except Exception as error:  # msgpack raises a dozen kinds for damaged bytes
        raise BadInput("the body is not valid msgpack: %s." % (str(error) or type(error).__name__))
    if not isinstance(document, dict):
        raise BadInput("the body is a %s; expected a map of fields." % type(document).__name__)
    return {name: _from_wire(name, value) for name, value in document.items()}


def _from_wire(name, value):
    if isinstance(value, dict) and "__ndarray__" in value:
        return Array(_ndarray(name, value, value.get("data")))
    return value


def _ndarray(name, entry, data):
    try:
        dtype = np.dtype(entry.get("type", entry.get("dtype")))
    except TypeError:
        dtype = np.dtype("O")
    if dtype.newbyteorder("=").name not in DTYPES:
        raise BadInput("field '%s' has the dtype %r." % (name, entry.get("type")))
    shape = entry.get("shape")
    if not isinstance(shape, (list, tuple)) or any(not isinstance(axis, int) or axis < 0 for axis in shape):
        raise BadInput("field '%s' has the shape %r." % (name, shape))
    count = 1
    for axis in shape:
        count *= axis
    if not isinstance(data, (bytes, bytearray)) or len(data) != count * dtype.itemsize:
        raise BadInput("field '%s': shape %s of %s needs %d bytes." % (name, list(shape), dtype.name, count * dtype.itemsize))
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _from_json(document, inputs):
    if not isinstance(document, dict):
        raise BadInput("the body is a %s; expected an object of fields." % type(document).__name__)
    types = {entry["name"]: entry.get("type") for entry in inputs}
    return {name: _from_json_value(value, types.get(name), name) for name, value in document.items()}


def _from_json_value(value, declared, name="part"):
    if isinstance(value, dict) and "__ndarray__" in value:
        data = value.get("data")
        if isinstance(data, str):
            return Array(_ndarray(name, value, base64.b64decode(data, validate=True)))
        return Array(np.asarray(data, np.dtype(value.get("type", "float32"))).reshape(value.get("shape", -1)))
    if declared in FILE_TYPES and isinstance(value, dict) and isinstance(value.get("base64"), str):
        return base64.b64decode(value["base64"], validate=True)
    if declared in FILE_TYPES and isinstance(value, str):
        return base64.b64decode(value, validate=True)
    if declared in ("ndarray", "np.ndarray", "nd.array") and isinstance(value, (list, int, float)):
        try:
            return Array(np.asarray(value, np.float32))
        except (TypeError, ValueError):
            raise BadInput("field '%s' is no list of numbers of one shape." % name)
    return value


def decode_file(data, name):
    """The image of a file's bytes. Only NIfTI is read here."""
    if not is_nifti(data):
        raise BadInput("field '%s' is no NIfTI file; other formats need eisen-deploy's own server." % name)
    return read_nifti(data)


def encode_reply(fields, accept):
    """(content type, body) in the form asked for; msgpack unless JSON or NIfTI is named."""
    wanted = [_mime(part) for part in (accept or "").split(",")]
    for mime in wanted:
        if mime == "application/json":
            return mime, json.dumps({name: _to_json(value) for name, value in fields.items()})
        if mime in ("application/x-nifti", "application/nifti"):
            return "application/x-nifti", _only_volume(fields)
        if mime in ("application/msgpack", "application/x-msgpack", "application/octet-stream"):
            return mime, _to_msgpack(fields)
    return "application/msgpack", _to_msgpack(fields)


def _only_volume(fields):
    volumes = [value for value in fields.values() if isinstance(value, (Array, Image, bytes))]
    if len(volumes) != 1:
        raise BadInput("a NIfTI reply needs one output that is a volume; this model gives %d." % len(volumes))
    value = volumes[0]
    if isinstance(value, bytes):
        return value
    return write_nifti(value.array if isinstance(value, Array) else value.scaled(), value.geometry)


def _to_msgpack(fields):
    import msgpack

    return msgpack.packb({name: _to_wire(value) for name, value in fields.items()}, use_bin_type=True)


def _numbers(value):
    return value.array if isinstance(value, Array) else value.scaled()


def _to_wire(value):
    if not isinstance(value, (Array, Image)):
        return value
    array = _numbers(value)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    return {"__ndarray__": True, "data": array.tobytes("C"), "shape": list(array.shape), "type": array.dtype.name}


def _to_json(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if not isinstance(value, (Array, Image)):
        return value
    array = _numbers(value)
    return {"__ndarray__": True, "data": array.ravel("C").tolist(), "shape": list(array.shape), "type": array.dtype.name}
