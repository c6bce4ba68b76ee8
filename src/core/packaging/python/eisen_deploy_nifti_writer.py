"""Writes NIfTI files on numpy: the header of the volume a value came from, NIfTI-1 or -2, with what changed."""
import gzip
import struct

import numpy as np

from eisen_deploy_nifti import DTYPES, V1, V2
from eisen_deploy_values import BadInput

CODES = {np.dtype(name): code for code, name in DTYPES.items()}
INTENT_LABEL = 1002
UNITS_MM = 2
FORM_ALIGNED = 2
LONGEST_V1 = 32767


def write_nifti(array, geometry, compress=True, labels=False):
    """The bytes of a single file of the source's version, NIfTI-1 without one: its header with the new dimensions, dtype and intent."""
    array = np.asarray(array)
    if geometry is not None:
        array = np.moveaxis(array, geometry.axes, (0, 1, 2))
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    if array.dtype.newbyteorder("=") not in CODES:
        raise BadInput("dtype %s has no NIfTI form." % array.dtype)
    lengths = list(array.shape) or [1]
    source = None if geometry is None else geometry.original.header
    layout = V2 if max(lengths) > LONGEST_V1 or (source is not None and len(source) == V2.size) else V1
    reused = source is not None and len(source) == layout.size
    header = _little_endian(source, layout) if reused else bytearray(layout.size)

    def put(place, *values):
        struct.pack_into("<" + place[1], header, place[0], *values)

    put((0, "i"), layout.size)
    header[layout.magic[0] : layout.magic[0] + len(layout.magic[1])] = layout.magic[1]
    put(layout.dim, len(lengths), *(lengths + [1] * (7 - len(lengths))))
    put(layout.datatype, CODES[array.dtype.newbyteorder("=")], array.dtype.itemsize * 8)
    start = -(-(layout.size + 4) // 16) * 16
    put(layout.offset, start)
    put(layout.scaling, 1, 0)
    put(layout.calibration, 0, 0)
    put(layout.intent, INTENT_LABEL if labels else 0)
    put(layout.parameters, 0, 0, 0)
    header[layout.intent_name : layout.intent_name + 16] = bytes(16)
    handed, *sizes = struct.unpack_from("<" + layout.pixdim[1], header, layout.pixdim[0])
    sizes = [1 if n > max(len(lengths), 3) else size or 1 for n, size in enumerate(sizes, 1)]
    put(layout.pixdim, handed if reused else 1, *sizes)
    if not reused:
        put(layout.units, 0 if geometry is None else UNITS_MM)
    if geometry is not None and not (reused and _is_original_grid(geometry, lengths)):
        _put_affine(put, layout, geometry.affine, sizes[3:])
    body = bytes(header).ljust(start, b"\0") + array.astype(array.dtype.newbyteorder("<")).tobytes(order="F")
    return gzip.compress(body, 1, mtime=0) if compress else body


def _is_original_grid(geometry, lengths):
    """True where the forms of the source's header still hold."""
    first = (tuple(geometry.original.shape) + (1, 1, 1))[:3]
    return (tuple(lengths) + (1, 1, 1))[:3] == first and np.array_equal(geometry.affine, geometry.original.affine)


def _little_endian(source, layout):
    header = bytearray(source)
    if 1 <= struct.unpack_from("<" + layout.dim[1], header, layout.dim[0])[0] <= 7:
        return header
    for offset, size, count in layout.numbers:
        for start in range(offset, offset + size * count, size):
            header[start : start + size] = header[start : start + size][::-1]
    return header


def _put_affine(put, layout, affine, other_sizes):
    sizes = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    rotation = affine[:3, :3] / np.where(sizes == 0, 1, sizes)
    left, _, right = np.linalg.svd(rotation)
    rotation = left @ right
    handed = 1.0
    if np.linalg.det(rotation) < 0:
        handed = -1.0
        rotation = rotation * [1, 1, -1]
    b, c, d = _quaternion(rotation)
    put(layout.codes, FORM_ALIGNED, FORM_ALIGNED)
    put(layout.pixdim, handed, *sizes, *other_sizes)
    put(layout.quaternion, b, c, d, *affine[:3, 3])
    put(layout.rows, *affine[:3].ravel())


def _quaternion(rotation):
    """b, c, d of the unit quaternion with a >= 0: the eigenvector of the largest eigenvalue (Bar-Itzhack)."""
    xx, yx, zx, xy, yy, zy, xz, yz, zz = rotation.ravel(order="C")[[0, 1, 2, 3, 4, 5, 6, 7, 8]]
    matrix = np.array([
        [xx - yy - zz, 0, 0, 0],
        [yx + xy, yy - xx - zz, 0, 0],
        [zx + xz, zy + yz, zz - xx - yy, 0],
        [zy - yz, xz - zx, yx - xy, xx + yy + zz],
    ]) / 3.0
    values, vectors = np.linalg.eigh(matrix)
    x, y, z, w = vectors[:, np.argmax(values)]
    # The matrix above is written for the transpose: its imaginary part has the other sign.
    return tuple(-value if w >= 0 else value for value in (x, y, z))
