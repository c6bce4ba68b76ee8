"""Random chains of the array transforms of eisen-core over random arrays, some with parameters that make no sense.

    python random_arrays.py FILE SEED COUNT
"""
import contextlib
import io
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "golden" / "transforms"))
from chain_cases import GoldenFile, eisen, record  # noqa: E402

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64", "bool"]


def random_array(random, dtypes=DTYPES):
    dtype = np.dtype(str(random.choice(dtypes)))
    rank = int(random.choice([0, 1, 2, 3, 4, 5], p=[0.02, 0.08, 0.15, 0.45, 0.25, 0.05]))
    shape = tuple(int(n) for n in random.choice([1, 2, 3, 4, 5, 7], rank))
    if random.random() < 0.03 and rank:
        shape = (*shape[:-1], 0)
    if random.random() < 0.08:
        return np.full(shape, random.choice([0, 1, 7]), dtype)
    if dtype.kind == "b":
        return np.asarray(random.random(shape) > 0.5)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        wide = random.random() < 0.3
        low, high = (limits.min, limits.max) if wide else (max(limits.min, -9), min(limits.max, 120))
        out = random.integers(low, high, shape, dtype=dtype, endpoint=True)
        return np.asarray(out, dtype)
    out = np.asarray(random.normal(10, 10 ** random.uniform(-2, 4), shape)).astype(dtype)
    if random.random() < 0.4:
        out = np.asarray(np.round(out))
    if random.random() < 0.2 and out.size:
        for _ in range(int(random.integers(1, 3))):
            out.flat[random.integers(out.size)] = random.choice([np.nan, np.inf, -np.inf, -0.0])
    if random.random() < 0.2:
        out = np.asfortranarray(out)
    return out


def number(random):
    # None so large that numpy 1, and no other numpy, computes in a wider dtype for its sake.
    value = float(random.choice([0, 1, -1, 0.1, 0.5, -2.5, 3, 7, 10, 200, 1e-3, 0.3333333]))
    # As a chain in JSON has them: a whole number is an integer to Python.
    return int(value) if value.is_integer() else value


def random_step(random, fields):
    field = [str(random.choice(fields))]
    pick = lambda *values: values[int(random.integers(len(values)))]
    name = pick("MapValues", "MapValues", "ThresholdValues", "FixedMeanStdNormalization", "CropCenteredSubVolumes", "AddChannelDimension", "RepeatTensor", "LabelMapToOneHot", "RenameFields", "CreateConstantFlags", "StackImagesChannelwise", "FilterFields", "GetShape")
    if name == "MapValues":
        return eisen(name, fields=field, min_value=number(random), max_value=number(random), channelwise=bool(random.random() < 0.4))
    if name == "ThresholdValues":
        return eisen(name, fields=field, threshold=1e9 if random.random() < 0.05 else number(random), direction=pick("greater", "smaller", "greater/equal", "smaller/equal", "larger" if random.random() < 0.2 else "greater"))
    if name == "FixedMeanStdNormalization":
        # No whole numbers: integers less a bare 5 wrap in Python; we read 5.0.
        return eisen(name, fields=field, mean=number(random) + 0.25, std=number(random) if random.random() < 0.1 else abs(number(random)) + 0.125)
    if name == "CropCenteredSubVolumes":
        return eisen(name, fields=field, size=[int(n) for n in random.integers(0 if random.random() < 0.1 else 1, 9, 3)])
    if name == "AddChannelDimension":
        return eisen(name, fields=field)
    if name == "RepeatTensor":
        return eisen(name, fields=field, reps=[int(n) for n in random.integers(0 if random.random() < 0.05 else 1, 3, random.integers(1, 5))])
    if name == "LabelMapToOneHot":
        return eisen(name, fields=field, classes=[number(random) for _ in range(int(random.integers(0 if random.random() < 0.1 else 1, 5)))])
    if name == "RenameFields":
        new = pick(["new"], ["a"], ["b"], ["new", "more"] if random.random() < 0.1 else ["c"])
        return eisen(name, fields=field if random.random() < 0.7 else list(dict.fromkeys(fields))[: len(new)], new_fields=new)
    if name == "CreateConstantFlags":
        values = [pick(1, 2.5, "text", [1, 2], True, None)]
        return eisen(name, fields=["flag"], values=values if random.random() < 0.9 else values * 2)
    if name == "StackImagesChannelwise":
        chosen = [str(random.choice(fields)) for _ in range(int(random.integers(1, 4)))]
        return eisen(name, fields=chosen, dst_field=pick("stack", *fields), create_new_dim=bool(random.random() < 0.5))
    if name == "FilterFields":
        return eisen(name, fields=list(dict.fromkeys(str(random.choice(fields)) for _ in range(2))))
    return {"type": "eisen.transforms.inspect.GetShape", "params": {"fields": field}}


def fields_after(step, fields):
    params = step["params"]
    if step["type"].endswith("RenameFields"):
        return [f for f in fields if f not in params["fields"]] + params["new_fields"]
    if step["type"].endswith("FilterFields"):
        return params["fields"]
    return fields + [params["dst_field"]] if "dst_field" in params else fields


def refuse_texts(case):
    """Texts and lists stacked as images: numpy makes arrays of objects or of characters, which mean nothing."""
    if any(not array["dtype"].startswith(("bool", "int", "uint", "float")) for array in case["arrays"].values()):
        case["arrays"] = {key: array for key, array in case["arrays"].items() if key.startswith("in:")}
        case["raises"] = "an array that holds no numbers"


def make(seed, count):
    golden = GoldenFile()
    random = np.random.default_rng(seed)
    with contextlib.redirect_stdout(io.StringIO()):
        for n in range(count):
            data = {name: random_array(random) for name in ("a", "b")[: int(random.integers(1, 3))]}
            if len(data) == 2 and random.random() < 0.6:
                data["b"] = np.resize(data["b"], data["a"].shape) if data["b"].size else data["b"]
            fields, steps = list(data), []
            for _ in range(int(random.integers(1, 6))):
                steps.append(random_step(random, fields if random.random() > 0.02 else ["missing"]))
                fields = fields_after(steps[-1], fields) or ["a"]
            record(golden, f"arrays {n}", steps, data)
            refuse_texts(golden.cases[-1])
    return golden


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_bytes(make(int(sys.argv[2]), int(sys.argv[3])).encode())
