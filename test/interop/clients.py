"""The two original Python clients of Eisen, asked through a real server; prints one JSON line a check.

usage: clients.py pickle|msgpack URL_OF_THE_MODEL
`pickle` is the client of eisen-deploy 0.0.2 as pip installs it. `msgpack` is its later generation, written here again
from its wire form: a POST without a content type, the reply read as msgpack whatever its status.
"""
import json
import sys

import msgpack
import numpy as np
import requests

URL = sys.argv[2]


class MsgpackClient:
    def __init__(self, url, validate_inputs=False):
        self.url, self.validate_inputs = url, validate_inputs
        self.metadata = self.get_metadata()

    def get_metadata(self):
        return requests.post(url=self.url, timeout=60).json()

    def predict(self, batch):
        packed = msgpack.packb(batch, default=self._pack, use_bin_type=True)
        reply = requests.post(url=self.url, data=packed, timeout=60)
        return msgpack.unpackb(reply.content, object_hook=self._unpack, raw=False)

    @staticmethod
    def _pack(value):
        if isinstance(value, np.ndarray):
            return {"__ndarray__": True, "data": value.tobytes(), "shape": value.shape, "type": str(value.dtype)}
        raise TypeError(type(value))

    @staticmethod
    def _unpack(value):
        if "__ndarray__" in value:
            return np.frombuffer(value["data"], np.dtype(value["type"])).reshape(value["shape"])
        return value


def make_client(**options):
    if sys.argv[1] == "msgpack":
        return MsgpackClient(URL, **options)
    from eisen_deploy.client import EisenServingClient

    return EisenServingClient(URL, **options)


def check(name, work):
    try:
        detail = work()
    except Exception as error:
        detail = "%s: %s" % (type(error).__name__, error)
    print(json.dumps({"name": name, "ok": detail == "", "detail": str(detail)}))


def same(got, wanted, where):
    if not isinstance(got, np.ndarray):
        return "%s came back as %r" % (where, got)
    if got.dtype != wanted.dtype or got.shape != wanted.shape:
        return "%s came back as %s %s instead of %s %s" % (where, got.dtype, got.shape, wanted.dtype, wanted.shape)
    return "" if np.array_equal(got, wanted, equal_nan=wanted.dtype.kind == "f") else "%s has other values" % where


client = make_client()
BASE = {"image": np.arange(24, dtype="f4").reshape(2, 3, 4), "scale": np.array(2, "f4"), "note": "n", "tags": ["a", "b"]}


def predict(**changes):
    return client.predict({**BASE, **changes})


def get_metadata():
    names = [entry["name"] for entry in client.get_metadata()["inputs"]]
    return "" if names == list(BASE) and client.metadata == client.get_metadata() else "inputs are %s" % names


def whole():
    out = predict()
    if list(out) != ["prediction", "image", "note", "tags"]:
        return "outputs are %s" % list(out)
    if out["note"] != "n" or list(out["tags"]) != ["a", "b"]:
        return "note and tags came back as %r %r" % (out["note"], out["tags"])
    return same(out["prediction"], BASE["image"] * np.float32(2), "prediction") or same(out["image"], BASE["image"], "image")


check("get_metadata", get_metadata)
check("predict gives the declared outputs in their order", whole)
for dtype in ("f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
    image = np.arange(24).astype(dtype).reshape(2, 3, 4)
    check("an image of %s keeps dtype and shape, the model computes in float32" % dtype,
          lambda: same(predict(image=image)["image"], image, "image")
          or same(predict(image=image)["prediction"], image.astype("f4") * 2, "prediction"))
for dtype in (">f4", ">i2", ">f8"):
    image = np.arange(24).astype(dtype).reshape(2, 3, 4)
    check("a big-endian image of %s has the same values" % dtype,
          lambda: same(predict(image=image)["image"], image.astype(image.dtype.newbyteorder("=")), "image"))
fortran = np.asfortranarray(BASE["image"])
check("an image in Fortran order", lambda: same(predict(image=fortran)["prediction"], BASE["image"] * 2, "prediction"))
turned = BASE["image"].transpose(0, 2, 1)[:, ::-1]
check("an image that is a view", lambda: same(predict(image=turned)["prediction"], np.ascontiguousarray(turned) * 2, "prediction"))
special = np.array([[[np.nan, np.inf, -np.inf, -0.0]]], "f4")
check("NaN and infinities", lambda: same(predict(image=special)["prediction"], special * 2, "prediction"))
check("an axis of length 0", lambda: same(predict(image=np.zeros((1, 0, 4), "f4"))["image"], np.zeros((1, 0, 4), "f4"), "image"))
check("a number in place of an array of rank 0", lambda: same(predict(scale=3.0)["prediction"], BASE["image"] * 3, "prediction"))
check("text with letters of every kind", lambda: "" if predict(note="Gehirn \u2713 \U0001f9e0")["note"] == "Gehirn \u2713 \U0001f9e0" else "other text")
check("a list of numbers", lambda: "" if list(predict(tags=[1, 2.5, -3, True, None])["tags"]) == [1, 2.5, -3, True, None] else "other list")
check("a field that the client adds is dropped", lambda: "" if "extra" not in predict(extra=1) else "it came back")


def missing():
    reply = client.predict({"image": BASE["image"]})
    return "" if reply == client.metadata else "instead of the metadata came %r" % (reply,)


if sys.argv[1] == "pickle":
    check("a missing input is answered with the metadata", missing)
    check("a numpy scalar", lambda: same(predict(scale=np.float32(2))["prediction"], BASE["image"] * 2, "prediction"))
    validating = make_client(validate_inputs=True)
    # Its check of str and list compares a number with a list and always fails: only the arrays are left to it.
    validating.metadata = {"inputs": [entry for entry in validating.metadata["inputs"] if entry["type"] == "ndarray"]}

    def validated():
        out = validating.predict({"image": BASE["image"], "scale": BASE["scale"]})
        return "" if out.get("code") == 400 and "note" in out["message"] else "the server said %r" % (out,)

    def refused():
        try:
            validating.predict({"image": np.zeros((2, 2), "f4"), "scale": BASE["scale"]})
        except (AssertionError, IndexError):
            return ""
        return "an image of rank 2 passed"

    check("validate_inputs lets fitting arrays through, and the server names the inputs that are missing", validated)
    check("validate_inputs refuses an image of another rank", refused)
