"""A small NIfTI reader and writer on numpy: single files, NIfTI-1 and -2, both byte orders, gzip."""
import gzip
import struct
import zlib

import numpy as np

from eisen_deploy_values import BadInput, Geometry, Image, Original

DTYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
CODES = {np.dtype(name): code for code, name in DTYPES.items()}
MAX_BYTES = 4 << 30
INTENT_LABEL = 1002
UNITS_MM = 2


class Layout:
    """Where the fields of a header lie, and their struct codes."""

    def __init__(self, size, dim, datatype, pixdim, offset, scaling, calibration, codes, quaternion, rows, intent):
        self.size, self.dim, self.datatype, self.pixdim, self.offset = size, dim, datatype, pixdim, offset
        self.scaling, self.calibration, self.codes = scaling, calibration, codes
        self.quaternion, self.rows, self.intent = quaternion, rows, intent


V1 = Layout(348, (40, "8h"), (70, "2h"), (76, "8f"), (108, "f"), (112, "2f"), (124, "2f"), (252, "2h"), (256, "6f"),
            (280, "12f"), (68, "h"))
V2 = Layout(540, (16, "8q"), (12, "2h"), (104, "8d"), (168, "q"), (176, "2d"), (192, "2d"), (344, "2i"), (352, "6d"),
            (400, "12d"), (504, "i"))


def is_nifti(data):
    head = bytes(data[:4])
    if head[:2] == b"\x1f\x8b":
        return True
    return len(data) >= 348 and any(struct.unpack(order + "i", head)[0] in (348, 540) for order in "<>")


def gunzip(data):
    """Inflates every gzip member, at most MAX_BYTES in all."""
    out, rest, total = [], bytes(data), 0
    while rest[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(31)
        try:
            piece = member.decompress(rest, MAX_BYTES - total + 1)
        except zlib.error as error:
            raise BadInput("the gzip stream is damaged: %s." % error)
        total += len(piece)
        if total > MAX_BYTES:
            raise BadInput("the volume inflates to more than %d bytes." % MAX_BYTES)
        if not member.eof:
            raise BadInput("the gzip stream is cut short.")
        out.append(piece)
        rest = member.unused_data
    return b"".join(out)


def read_nifti(data):
    """Decodes one file's bytes to an Image; raises BadInput with the reason."""
    data = gunzip(data) if bytes(data[:2]) == b"\x1f\x8b" else bytes(data)
    order, layout = _detect(data)

    def field(place):
        offset, code = place
        return struct.unpack_from(order + code, data, offset)

    dim = field(layout.dim)
    if not 1 <= dim[0] <= 7 or any(length < 1 or length > 2**31 for length in dim[1 : dim[0] + 1]):
        raise BadInput("the NIfTI header has the dimensions %s." % (list(dim),))
    shape = dim[1 : dim[0] + 1]
    datatype = field(layout.datatype)[0]
    if datatype not in DTYPES:
        raise BadInput("the NIfTI datatype %d is not supported." % datatype)
    dtype = np.dtype(order + DTYPES[datatype])
    count = 1
    for length in shape:
        count *= length
    start = int(field(layout.offset)[0]) or layout.size + 4
    if start < layout.size or count * dtype.itemsize > len(data) - start:
        raise BadInput("the NIfTI file needs %d bytes of voxels; it has %d." % (count * dtype.itemsize, len(data) - start))
    voxels = np.frombuffer(data, dtype, count, start).reshape(shape, order="F")
    voxels = voxels.astype(dtype.newbyteorder("="), copy=False)
    affine = _affine(field, layout, shape)
    axes = (0, 1, 2) if len(shape) >= 3 else None
    zooms = [np.float32(abs(size)) for size in field(layout.pixdim)[1 : len(shape) + 1]]
    geometry = None if axes is None else Geometry(affine, axes, Original(shape, affine, data[: layout.size], zooms))
    return Image(voxels, *_scaling(field(layout.scaling)), geometry)


def _detect(data):
    for order in "<>":
        for layout in (V1, V2):
            if len(data) >= layout.size and struct.unpack_from(order + "i", data)[0] == layout.size:
                return order, layout
    raise BadInput("the bytes are no NIfTI file.")


def _scaling(pair):
    slope, intercept = (float(value) for value in pair)
    if slope == 0 or not np.isfinite(slope):
        return 1.0, 0.0
    if not np.isfinite(intercept):
        raise BadInput("the NIfTI header has the intercept %s." % intercept)
    return slope, intercept


def _affine(field, layout, shape):
    """nibabel's precedence: sform, qform, or the centre of the volume with x flipped."""
    qform, sform = field(layout.codes)
    pixdim = field(layout.pixdim)
    sizes = np.abs(np.array(pixdim[1:4], dtype=np.float64))
    affine = np.eye(4)
    if sform != 0:
        affine[:3] = np.array(field(layout.rows), dtype=np.float64).reshape(3, 4)
    elif qform != 0:
        b, c, d, *offset = (float(value) for value in field(layout.quaternion))
        squared = 1.0 - (b * b + c * c + d * d)
        if squared < -3 * np.finfo(np.float32).eps:
            raise BadInput("the NIfTI quaternion is longer than 1.")
        a = 0.0 if abs(squared) < 3 * np.finfo(np.float32).eps else np.sqrt(squared)
        handed = -1.0 if pixdim[0] < 0 else 1.0
        affine[:3, :3] = _rotation(a, b, c, d) * (sizes * [1, 1, handed])
        affine[:3, 3] = offset
    else:
        lengths = np.array((tuple(shape) + (1, 1, 1))[:3], dtype=np.float64)
        affine[:3, :3] = np.diag(sizes * [-1, 1, 1])
        affine[:3, 3] = -affine[:3, :3].diagonal() * (lengths - 1) / 2
    if not np.isfinite(affine).all():
        raise BadInput("the NIfTI affine is not finite.")
    return affine


def _rotation(w, x, y, z):
    norm = w * w + x * x + y * y + z * z
    s = 2.0 / norm
    return np.array([
        [1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y)],
        [s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x)],
        [s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y)],
    ])


def write_nifti(array, geometry, compress=True, labels=False):
    """The bytes of a NIfTI-1 file: the source's header where it was NIfTI-1, with the new dimensions, dtype and intent."""
    array = np.asarray(array)
    if geometry is not None:
        array = np.moveaxis(array, geometry.axes, (0, 1, 2))
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    if array.dtype.newbyteorder("=") not in CODES:
        raise BadInput("dtype %s has no NIfTI form." % array.dtype)
    affine = np.eye(4) if geometry is None else geometry.affine
    original = None if geometry is None else geometry.original
    reused = original is not None and original.header is not None and len(original.header) == 348
    header = _header_of(original) if reused else bytearray(348)
    lengths = list(array.shape) or [1]
    code = CODES[array.dtype.newbyteorder("=")]

    def put(place, *values):
        struct.pack_into("<" + place[1], header, place[0], *values)

    put(V1.dim, len(lengths), *(lengths + [1] * (7 - len(lengths))))
    put(V1.datatype, code, array.dtype.itemsize * 8)
    put(V1.offset, 352.0)
    put(V1.scaling, 1.0, 0.0)
    put(V1.calibration, 0.0, 0.0)
    put(V1.intent, INTENT_LABEL if labels else 0)
    # The parameters and the name of the source's intent.
    header[56:68], header[328:344] = bytes(12), bytes(16)
    sizes = list(struct.unpack_from("<8f", header, V1.pixdim[0]))
    sizes[1:] = [1 if n > max(len(lengths), 3) else size or 1 for n, size in enumerate(sizes)][1:]
    if not reused:
        sizes[0], header[123] = 1, 0 if geometry is None else UNITS_MM
    put(V1.pixdim, *sizes)
    struct.pack_into("<i", header, 0, 348)
    header[344:348] = b"n+1\0"
    if geometry is not None and not (reused and _is_original_grid(geometry, lengths)):
        _put_affine(put, header, affine)
    body = bytes(header) + b"\0\0\0\0" + array.astype(array.dtype.newbyteorder("<")).tobytes(order="F")
    return gzip.compress(body, 1, mtime=0) if compress else body


def _is_original_grid(geometry, lengths):
    """True where the forms of the source's header still hold."""
    first = (tuple(geometry.original.shape) + (1, 1, 1))[:3]
    return (tuple(lengths) + (1, 1, 1))[:3] == first and np.array_equal(geometry.affine, geometry.original.affine)


def _header_of(original):
    """The source's own header in little-endian."""
    header = bytearray(original.header)
    if struct.unpack_from("<i", header)[0] == 348:
        return header
    for offset, size, count in ((0, 4, 1), (32, 4, 1), (36, 2, 1), (40, 2, 8), (56, 4, 3), (68, 2, 4), (76, 4, 11),
                                (120, 2, 1), (124, 4, 6), (252, 2, 2), (256, 4, 18)):
        for start in range(offset, offset + size * count, size):
            header[start : start + size] = header[start : start + size][::-1]
    return header


def _put_affine(put, header, affine):
    sizes = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    rotation = affine[:3, :3] / np.where(sizes == 0, 1, sizes)
    left, _, right = np.linalg.svd(rotation)
    rotation = left @ right
    handed = 1.0
    if np.linalg.det(rotation) < 0:
        handed = -1.0
        rotation = rotation * [1, 1, -1]
    b, c, d = _quaternion(rotation)
    put(V1.codes, 2, 2)
    rest = struct.unpack_from("<4f", header, V1.pixdim[0] + 16)
    put(V1.pixdim, handed, *sizes, *rest)
    put(V1.quaternion, b, c, d, *affine[:3, 3])
    put(V1.rows, *affine[:3].ravel())


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
