"""Random NIfTI files, sound and odd, with what nibabel reads from them, or why it does not.

    python random_nifti.py FILE SEED COUNT

writes a golden file (fixtures/golden/imaging/golden_file.py). Oddness is sprinkled, so that most files can be read and
each of the others has few faults.
"""
import gzip
import logging
import os
import pathlib
import sys
import tempfile
import warnings

import nibabel as nib
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "golden" / "imaging"))
from golden_file import GoldenFile  # noqa: E402

CODES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
ODD_CODES = [0, 1, 32, 128, 1536, 1792, 2048, 2304, 3, 255, 999, -1]
ODD_FLOATS = [0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 1e-40, 1e30]


def rotation(random):
    return np.linalg.qr(random.normal(size=(3, 3)))[0]


class Maker:
    def __init__(self, random):
        self.random = random

    def rarely(self, chance=0.04):
        return self.random.random() < chance

    def pick(self, values):
        return values[int(self.random.integers(len(values)))]

    def shape(self):
        rank = int(self.random.choice([1, 2, 3, 4, 5, 6, 7], p=[0.03, 0.12, 0.5, 0.2, 0.09, 0.03, 0.03]))
        return tuple(int(n) for n in self.random.integers(1, 6 if rank > 3 else 9, rank))

    def values(self, code, shape):
        kind = np.dtype(CODES.get(code, "u1"))
        if kind.kind == "f":
            values = self.random.normal(0, 10 ** self.random.uniform(-3, 6), shape).astype(kind)
            if self.rarely(0.2) and values.size:
                values.flat[self.random.integers(values.size)] = self.pick([np.nan, np.inf, -np.inf, -0.0])
            return values
        limits = np.iinfo(kind)
        low, high = (limits.min, limits.max) if self.rarely(0.5) else (max(limits.min, -300), min(limits.max, 300))
        return self.random.integers(low, high, shape, dtype=kind, endpoint=True)

    def forms(self, raw):
        random = self.random
        kind = self.pick(["both", "sform", "qform", "none", "qform", "both"])
        code = lambda: self.pick([-1, 6, 7, 100]) if self.rarely(0.1) else int(random.integers(1, 6))
        sizes = random.choice([0.5, 0.9375, 1.0, 1.3, 2.0, 3.3], 3)
        matrix = self.pick([np.eye(3), np.diag(random.choice([-1.0, 1.0], 3)), np.eye(3)[random.permutation(3)], rotation(random), rotation(random) + random.normal(0, 0.1, (3, 3))]) * sizes
        raw["pixdim"][1:4] = sizes
        raw["pixdim"][0] = self.pick([1, -1])
        if kind in ("both", "sform") or self.rarely():
            origin = random.normal(0, 60, 3)
            for row, name in enumerate(("srow_x", "srow_y", "srow_z")):
                raw[name] = (*matrix[row], origin[row])
        raw["sform_code"] = code() if kind in ("both", "sform") else 0
        if kind in ("both", "qform") or self.rarely():
            q = random.normal(size=4)
            q /= np.linalg.norm(q)
            if self.rarely(0.2):
                q = np.array(self.pick([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0.6, 0.8, 0], [0.5, 0.5, 0.5, 0.5], [0, 0.70710678, 0.70710678, 0], [0, 0.5773503, 0.5773503, 0.5773503]]))
            if self.rarely(0.05):
                q = q * self.pick([1.0000001, 1.001, 2.0, 0.0])
            raw["quatern_b"], raw["quatern_c"], raw["quatern_d"] = q[1:]
            raw["qoffset_x"], raw["qoffset_y"], raw["qoffset_z"] = random.normal(0, 60, 3)
        raw["qform_code"] = code() if kind in ("both", "qform") else 0

    def faults(self, raw):
        random = self.random
        if self.rarely(0.08):
            raw["pixdim"][int(random.integers(8))] = self.pick([*ODD_FLOATS, -2.5, 2.0])
        if self.rarely(0.03):
            raw[self.pick(["quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_z"])] = self.pick(ODD_FLOATS)
        if self.rarely(0.03):
            raw[self.pick(["srow_x", "srow_y", "srow_z"])][int(random.integers(4))] = self.pick(ODD_FLOATS)
        if self.rarely(0.02):
            raw["sizeof_hdr"] = self.pick([0, 349, 348, 540, -1, 1543569408])
        if self.rarely(0.02):
            raw["bitpix"] = self.pick([0, 8, 7, 64, -1])
        if self.rarely(0.02):
            raw["dim"][int(random.integers(8))] = self.pick([0, -1, 1, 8, 300, 32767])
        if self.rarely(0.02):
            raw["dim"][int(raw["dim"][0]) + 1 :] = 0
        if self.rarely(0.3):
            raw["xyzt_units"] = int(random.integers(256))
        if self.rarely(0.1):
            raw["dim_info"], raw["slice_code"] = random.integers(0, 256), random.integers(0, 8)
        if self.rarely(0.1):
            raw["intent_code"] = self.pick([0, 1002, 1007, 2, 9999, -4])
        if self.rarely(0.1):
            raw["cal_max"] = self.pick(ODD_FLOATS)

    def scaling(self, raw):
        slope = self.pick(ODD_FLOATS) if self.rarely(0.25) else self.pick([1, 2, 0.5, 0.1, -1.5, 1 / 3, 0.00024420026])
        inter = self.pick(ODD_FLOATS) if self.rarely(0.15) else self.pick([0, -1024, 3.5, 0.1])
        raw["scl_slope"], raw["scl_inter"] = slope, inter

    def extensions(self, order):
        if self.rarely(0.85):
            return b"\0\0\0\0" if self.rarely(0.95) else self.pick([b"\0\1\0\0", b"\2\0\0\0", b"\1\0\0\0"])
        out = b"\1\0\0\0"
        for _ in range(int(self.random.integers(1, 4))):
            body = self.random.bytes(int(self.random.integers(0, 60)))
            size = -(-(len(body) + 8) // 16) * 16
            if self.rarely():
                size += self.pick([-size, 1, -8, 16, 1 << 20])
            out += np.array([size, self.pick([4, 6, 32, 40])], order + "i4").tobytes() + body.ljust(max(0, min(size, 4096) - 8), b"\0")
        return out

    def file(self):
        """Facts, bytes of the first file, and bytes of the image file of a pair or nothing."""
        random = self.random
        version, order, pair = int(random.integers(1, 3)), self.pick(["<", ">"]), self.rarely(0.25)
        classes = {(1, False): nib.nifti1.Nifti1Header, (2, False): nib.nifti2.Nifti2Header, (1, True): nib.nifti1.Nifti1PairHeader, (2, True): nib.nifti2.Nifti2PairHeader}
        header = classes[version, pair](endianness=order)
        raw = header.structarr
        code = self.pick(ODD_CODES) if self.rarely() else self.pick(list(CODES))
        shape = self.shape()
        raw["dim"] = (len(shape), *shape, *(1,) * (7 - len(shape)))
        raw["datatype"] = code
        raw["bitpix"] = np.dtype(CODES.get(code, "u1")).itemsize * 8
        if code in nib.nifti1.data_type_codes.code and code not in CODES:
            raw["bitpix"] = nib.nifti1.data_type_codes.dtype[code].itemsize * 8
        raw["pixdim"][:] = random.choice([0.5, 1, 2], 8)
        self.forms(raw)
        if self.rarely(0.4):
            self.scaling(raw)
        tail = b"" if pair and self.rarely(0.5) else self.extensions(order)
        size = 348 if version == 1 else 540
        body = self.values(code, shape).astype(np.dtype(CODES.get(code, "u1")).newbyteorder(order)).tobytes("F")
        if code not in CODES:
            body = body * 32
        gap = b"" if self.rarely(0.8) else bytes(int(random.integers(0, 40)) * self.pick([1, 16]))
        offset = len(gap) if pair else size + len(tail) + len(gap)
        raw["vox_offset"] = offset
        if not pair and offset == size + 4 and self.rarely(0.1) or pair and self.rarely(0.05):
            raw["vox_offset"] = 0
        if self.rarely(0.03):
            raw["vox_offset"] = self.pick([0, 1, 16, 347, 348, 351, 352, 353, 540, 543, 544, 368, -16, 10**6] + ([352.5, np.nan, np.inf] if version == 1 else []))
        self.faults(raw)
        if self.rarely(0.03):
            raw["magic"] = self.pick([b"n+1\0", b"ni1\0", b"n+2\0\r\n\x1a\n"[:4], b"n+3\0", b"", b"abcd"])
        if self.rarely(0.03):
            body = body[: int(random.integers(len(body)))]
        elif self.rarely(0.1):
            body += b"\7" * int(random.integers(1, 300))
        head = header.binaryblock + tail
        if self.rarely(0.005):
            head = head[: int(random.integers(size))]
        zip_ = gzip.compress if self.rarely(0.3) else bytes
        name = f"NIfTI-{version} {order} {code} {list(shape)} {'pair' if pair else 'single'}{' gz' if zip_ is gzip.compress else ''}"
        return (name, zip_(head), zip_(gap + body), zip_ is gzip.compress) if pair else (name, zip_(head + gap + body), None, zip_ is gzip.compress)


def mend(first, second, zipped):
    """The file without the two faults that we repair and nibabel does not, so that it says what is in it.

    A wrong sizeof_hdr hides NIfTI-2 from it; a vox_offset of 0 makes it take the header of a single file for voxels.
    """
    bare = bytearray(gzip.decompress(first) if zipped else first)
    version, size = (1, 348) if bare[344:345] == b"n" else (2, 540)
    if len(bare) < size:
        return first
    for order in "<>":
        fields = np.ndarray((), (nib.nifti1 if version == 1 else nib.nifti2).header_dtype.newbyteorder(order), bare)
        if 1 <= fields["dim"][0] <= 7:
            break
    fields["sizeof_hdr"] = size
    if second is None and fields["vox_offset"] == 0 and not bare[size]:
        fields["vox_offset"] = size + 4
    return gzip.compress(bytes(bare)) if zipped else bytes(bare)


def read(first, second, zipped, folder):
    first = mend(first, second, zipped)
    end = ".gz" if zipped else ""
    path = os.path.join(folder, ("v.hdr" if second is not None else "v.nii") + end)
    pathlib.Path(path).write_bytes(first)
    if second is not None:
        pathlib.Path(folder, "v.img" + end).write_bytes(second)
    image = nib.load(path)
    if not isinstance(image, (nib.Nifti1Pair, nib.Nifti2Pair)):
        raise TypeError(f"read as {type(image).__name__}")
    values = np.asanyarray(image.dataobj)
    values = values.astype(values.dtype.newbyteorder("="))
    return {"values": values, "affine": image.affine}, {"zooms": [repr(float(zoom)) for zoom in image.header.get_zooms()]}


def make(seed, count):
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    golden = GoldenFile()
    maker = Maker(np.random.default_rng(seed))
    with tempfile.TemporaryDirectory() as folder:
        for n in range(count):
            name, first, second, zipped = maker.file()
            arrays = {"file": np.frombuffer(first, np.uint8)}
            if second is not None:
                arrays["image"] = np.frombuffer(second, np.uint8)
            try:
                results, facts = read(first, second, zipped, folder)
            except Exception as error:
                golden.add(f"{n} {name}", arrays, raises=f"{type(error).__name__}: {error}"[:200].replace(folder, ""))
                continue
            if results["values"].dtype.kind in "iuf" and results["values"].dtype.itemsize <= 8:
                golden.add(f"{n} {name}", {**arrays, **results}, **facts)
            else:
                golden.add(f"{n} {name}", arrays, raises=f"ours alone: voxels of {results['values'].dtype}")
    return golden


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_bytes(make(int(sys.argv[2]), int(sys.argv[3])).encode())
