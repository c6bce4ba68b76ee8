"""Lets the embedded handler read NIfTI files and write label maps for them, and compares with what eisen-deploy made.

usage: check_nifti.py HANDLER_FOLDER CASES_FOLDER      prints one JSON line a case: {"name", "detail"}

N.in is the file. N.out is what eisen-deploy read, as msgpack, and is missing where it refused; N.labels is its label map.
"""
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, sys.argv[1])
from eisen_deploy_nifti import is_nifti, read_nifti  # noqa: E402
from eisen_deploy_nifti_writer import write_nifti  # noqa: E402
from eisen_deploy_values import BadInput  # noqa: E402
from eisen_deploy_wire import _from_msgpack  # noqa: E402


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def compare(path):
    wanted = path.with_suffix(".out")
    data = path.read_bytes()
    try:
        if not is_nifti(data):
            raise BadInput("no NIfTI file")
        image = read_nifti(data)
    except BadInput as error:
        return "refused: %s" % error if wanted.exists() else ""
    if not wanted.exists():
        return "not refused"
    wanted = _from_msgpack(wanted.read_bytes())
    if not same(image.array, wanted["stored"].array):
        return "stored values of %s %s differ" % (image.array.dtype, image.array.shape)
    if [image.slope, image.intercept] != wanted["scaling"]:
        return "scaling %s, wanted %s" % ([image.slope, image.intercept], wanted["scaling"])
    if image.geometry is None:
        return "" if image.array.ndim < 3 else "no geometry"
    if not np.array_equal(image.geometry.affine, wanted["affine"].array):
        return "affine %s, wanted %s" % (image.geometry.affine.ravel(), wanted["affine"].array.ravel())
    if not np.array_equal(image.geometry.original.zooms, wanted["zooms"].array, equal_nan=True):
        return "zooms %s, wanted %s" % (image.geometry.original.zooms, wanted["zooms"].array)
    labels = np.zeros(image.array.shape[:3], np.uint8, order="F")
    written, file = write_nifti(labels, image.geometry, False, True), path.with_suffix(".labels").read_bytes()
    apart = [n for n in range(len(file)) if written[n : n + 1] != file[n : n + 1]]
    return "" if written == file else "label map: %d and %d bytes, bytes %s differ" % (len(written), len(file), apart[:8])


for path in sorted(Path(sys.argv[2]).glob("*.in")):
    try:
        detail = compare(path)
    except Exception as error:  # a case that fails is a result, not the end of the run
        detail = "%s: %s" % (type(error).__name__, error)
    print(json.dumps({"name": path.stem, "detail": detail}))
