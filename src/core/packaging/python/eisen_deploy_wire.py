"""Request bodies to fields, and fields to reply bodies: msgpack (Eisen's wire form), JSON, NIfTI. Never pickle."""
import base64
import json

import numpy as np

from eisen_deploy_nifti import is_nifti, read_nifti
from eisen_deploy_nifti_writer import write_nifti
from eisen_deploy_values import Array, BadInput, Image

FILE_TYPES = ("nifti", "dicom", "image")
ARRAY_TYPES = ("ndarray", "np.ndarray", "nd.array")
NIFTI_TYPES = ("application/x-nifti", "application/x-nifti+gzip", "application/gzip", "application/x-gzip")
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
    if content_type in NIFTI_TYPES or (content_type != "application/json" and is_nifti(data)):
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
    if isinstance(document, list) and len(inputs) == 1:
        document = {inputs[0]["name"]: document}
    if not isinstance(document, dict):
        raise BadInput("the body is a %s; expected an object of fields." % type(document).__name__)
    types = {entry["name"]: entry.get("type") for entry in inputs}
    return {name: _from_json_value(value, types.get(name), name) for name, value in document.items()}


def _from_json_value(value, declared, name="part"):
    if isinstance(value, dict) and isinstance(value.get("b64"), str):
        return _base64(value["b64"], name)
    if isinstance(value, dict) and "__ndarray__" in value:
        data = value.get("data")
        if isinstance(data, str):
            return Array(_ndarray(name, value, _base64(data, name)))
        return _numbers_of(data, name)
    if declared in ARRAY_TYPES and isinstance(value, (list, int, float)):
        return _numbers_of(value, name)
    return value


def _base64(text, name):
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BadInput("field '%s' is not valid base64." % name)


def _numbers_of(value, name):
    """bool, int64 or float64, as numpy reads nested lists."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "bif":
        raise BadInput("field '%s' is no list of numbers of one shape." % name)
    return Array(array)


def decode_file(data, name):
    """The image of a file's bytes. Only NIfTI is read here."""
    if not is_nifti(data):
        raise BadInput("field '%s' is no NIfTI file; other formats need eisen-deploy's own server." % name)
    return read_nifti(data)


def encode_reply(fields, accept, came_as_json=False, gzipped=False):
    """(content type, body) in the form asked for; else msgpack, or JSON for a request in JSON.

    A volume is gzipped where the request's volume was, or where a gzip type is asked for.
    """
    for mime in [_mime(part) for part in (accept or "").split(",")]:
        if mime == "application/json":
            return mime, _json_text(fields, gzipped)
        if mime in NIFTI_TYPES:
            return mime, _only_volume(fields, gzipped or "gzip" in mime)
        if mime in ("application/msgpack", "application/x-msgpack", "application/octet-stream"):
            return "application/msgpack", _to_msgpack(fields, gzipped)
    if came_as_json:
        return "application/json", _json_text(fields, gzipped)
    return "application/msgpack", _to_msgpack(fields, gzipped)


def _only_volume(fields, gzipped):
    volumes = [value for value in fields.values() if isinstance(value, Image) or getattr(value, "geometry", None)]
    if len(volumes) != 1:
        raise BadInput("a NIfTI reply needs one output that is a volume; this model gives %d." % len(volumes))
    return _nifti_of(volumes[0], gzipped)


def _nifti_of(value, gzipped):
    if isinstance(value, Image):
        return write_nifti(value.scaled(), value.geometry, gzipped, value.labels)
    return write_nifti(value.array, value.geometry, gzipped)


def _to_msgpack(fields, gzipped):
    import msgpack

    return msgpack.packb({name: _to_wire(value, gzipped) for name, value in fields.items()}, use_bin_type=True)


def _to_wire(value, gzipped):
    if isinstance(value, Image):
        return _nifti_of(value, gzipped)
    if not isinstance(value, Array):
        return value
    array = value.array.astype(value.array.dtype.newbyteorder("="), copy=False)
    return {"__ndarray__": True, "data": array.tobytes("C"), "shape": list(array.shape), "type": array.dtype.name}


def _json_text(fields, gzipped):
    return json.dumps({name: _to_json(value, gzipped) for name, value in fields.items()})


def _to_json(value, gzipped):
    if isinstance(value, Image):
        value = _nifti_of(value, gzipped)
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode("ascii")}
    return _plain_list(value.array) if isinstance(value, Array) else value


def _plain_list(array):
    """Nested lists; numbers that JSON does not know become null, integers past 2^53 decimal text."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return np.where(np.isfinite(array), array.astype(object), None).tolist()
    if array.dtype.itemsize == 8 and array.dtype.kind in "iu" and array.size and int(np.abs(array).max()) > 2**53 - 1:
        return np.vectorize(lambda item: int(item) if abs(int(item)) < 2**53 else str(item), otypes=[object])(array).tolist()
    return array.tolist()
