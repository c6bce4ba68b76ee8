"""Runs the embedded handler's chains on the cases of a folder and compares with what eisen-deploy made of them.

usage: check_chains.py HANDLER_FOLDER CASES_FOLDER      prints one JSON line a case: {"name", "ok", "detail"}
"""
import contextlib
import io
import json
import sys
from pathlib import Path

import msgpack
import numpy as np

sys.path.insert(0, sys.argv[1])
from eisen_deploy_chain import parse_chain, run_chain  # noqa: E402
from eisen_deploy_values import Array, Image  # noqa: E402
from eisen_deploy_wire import _from_msgpack  # noqa: E402


def flatten(fields):
    """Every array, scaling and place of the fields by name."""
    found = {}
    for name, value in fields.items():
        if isinstance(value, Image):
            found[name], found[name + ":scaling"] = value.array, [value.slope, value.intercept]
        elif isinstance(value, Array):
            found[name] = value.array
        else:
            found[name] = value
        geometry = getattr(value, "geometry", None)
        if geometry is not None:
            found[name + ":affine"], found[name + ":axes"] = geometry.affine, list(geometry.axes)
    return found


def compare(got, expected, tolerance):
    if list(got) != list(expected):
        return "fields %s instead of %s" % (list(got), list(expected))
    for name, wanted in expected.items():
        have = got[name]
        if not isinstance(wanted, np.ndarray):
            if json.loads(json.dumps(have)) != wanted:
                return "%s is %r instead of %r" % (name, have, wanted)
            continue
        if have.shape != wanted.shape or have.dtype != wanted.dtype:
            return "%s is %s %s instead of %s %s" % (name, have.dtype, have.shape, wanted.dtype, wanted.shape)
        if np.array_equal(have, wanted, equal_nan=wanted.dtype.kind == "f"):
            continue
        apart = np.abs(have.astype(np.float64) - wanted)
        bound = 1e-9 if name.endswith(":affine") else tolerance * max(1.0, np.abs(wanted).max())
        if not apart.max() <= bound:
            return "%s differs at %d of %d voxels, by up to %g" % (name, np.count_nonzero(apart), apart.size, apart.max())
    return ""


for path in sorted(Path(sys.argv[2]).glob("*.json")):
    case = json.loads(path.read_text())
    fields = _from_msgpack(path.with_suffix(".in").read_bytes())
    expected = {name: value.array if isinstance(value, Array) else value
                for name, value in _from_msgpack(path.with_suffix(".out").read_bytes()).items()}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            got = flatten(run_chain(parse_chain(case["steps"], "case", "pre"), fields))
        detail = compare(got, expected, case["tolerance"])
    except Exception as error:  # a case that fails is a result, not the end of the run
        detail = "%s: %s" % (type(error).__name__, error)
    print(json.dumps({"name": case["name"], "ok": detail == "", "detail": detail}))
