"""TorchServe handler of an eisen-deploy archive: the ONNX model of the archive between its two JSON transform chains.

TorchServe imports this file and calls `handle(data, context)`. It needs numpy and onnxruntime, and msgpack for msgpack
bodies. Python 3.8 or newer. eisen-deploy's own server never runs this file: it has the same rules built in.
"""
import json

_service = None

ADVICE = (
    "this archive runs on numpy and onnxruntime (and msgpack for msgpack bodies): "
    "pip install numpy onnxruntime msgpack, or set install_py_dep_per_model=true. Missing: "
)


def _load(context):
    # TorchServe hides an ImportError behind one of its own; a RuntimeError reaches its log as it is.
    try:
        from eisen_deploy_model import Service
    except ImportError as error:
        raise RuntimeError(ADVICE + str(error)) from error
    properties = context.system_properties
    return Service(properties["model_dir"], properties.get("gpu_id"))


def handle(data, context):
    """One answer for each row of `data`; a row that fails answers for itself and hurts no other."""
    global _service
    if _service is None:
        _service = _load(context)
    if data is None:  # TorchServe's call at load, before there is a request
        return []
    rows = data or [{}]
    return [_answer(row, index, context) for index, row in enumerate(rows)]


def _answer(row, index, context):
    headers = _headers(context, index)
    if headers.get("describe") == "True":
        return _reply(context, index, "application/json", json.dumps(_service.metadata))
    try:
        content_type, body = _service.answer(row, headers)
    except _service.client_errors as error:
        return _fail(context, index, 400, "Bad Request", error)
    except Exception as error:  # the row's own fault must not become its neighbours'
        return _fail(context, index, 500, "Internal Server Error", error)
    return _reply(context, index, content_type, body)


def _headers(context, index):
    found = context.get_all_request_header(index) or {}
    return {str(key).lower(): value for key, value in found.items()}


def _reply(context, index, content_type, body):
    context.set_response_content_type(index, content_type)
    return body


def _fail(context, index, code, phrase, error):
    context.set_response_status(code, phrase, index)
    message = str(error) or type(error).__name__
    return _reply(context, index, "application/json", json.dumps({"code": code, "type": phrase, "message": message}))
