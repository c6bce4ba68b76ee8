"""A small NIfTI reader on numpy: single files, NIfTI-1 and -2, both byte orders, gzip."""
import gzip
import io
import struct
import zlib

import numpy as np

from eisen_deploy_values import BadInput, Geometry, Image, Original

DTYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
MAX_BYTES = 4 << 30
GZIP = b"\x1f\x8b"
START_BYTES = 1024
SLACK_BYTES = 64 << 10
# Deflate cannot shrink more than this.
MOST_DEFLATE_RATIO = 1032


class Layout:
    """Where the fields of a header lie, and their struct codes. `numbers`: what a byte order swaps (offset, size, count)."""

    def __init__(self, size, magic, numbers, **places):
        self.size, self.magic, self.numbers = size, magic, numbers
        self.dim, self.datatype, self.pixdim, self.offset = (places[n] for n in ("dim", "datatype", "pixdim", "offset"))
        self.scaling, self.calibration, self.codes = (places[n] for n in ("scaling", "calibration", "codes"))
        self.quaternion, self.rows, self.units = (places[n] for n in ("quaternion", "rows", "units"))
        self.intent, self.parameters, self.intent_name = (places[n] for n in ("intent", "parameters", "intent_name"))


V1 = Layout(
    348, (344, b"n+1\0"),
    ((0, 4, 1), (32, 4, 1), (36, 2, 1), (40, 2, 8), (56, 4, 3), (68, 2, 4), (76, 4, 11), (120, 2, 1), (124, 4, 6),
     (252, 2, 2), (256, 4, 18)),
    dim=(40, "8h"), datatype=(70, "2h"), pixdim=(76, "8f"), offset=(108, "f"), scaling=(112, "2f"),
    calibration=(124, "2f"), codes=(252, "2h"), quaternion=(256, "6f"), rows=(280, "12f"), units=(123, "b"),
    intent=(68, "h"), parameters=(56, "3f"), intent_name=328)
V2 = Layout(
    540, (4, b"n+2\0\r\n\x1a\n"),
    ((0, 4, 1), (12, 2, 2), (16, 8, 8), (80, 8, 20), (344, 4, 2), (352, 8, 18), (496, 4, 3)),
    dim=(16, "8q"), datatype=(12, "2h"), pixdim=(104, "8d"), offset=(168, "q"), scaling=(176, "2d"),
    calibration=(192, "2d"), codes=(344, "2i"), quaternion=(352, "6d"), rows=(400, "12d"), units=(500, "i"),
    intent=(504, "i"), parameters=(80, "3d"), intent_name=508)


def _layout_of(data):
    """The layout that the magic names, that of a .hdr and .img pair included; None for other bytes."""
    if bytes(data[344:348]) in (b"n+1\0", b"ni1\0"):
        return V1
    if bytes(data[4:8]) in (b"n+2\0", b"ni2\0") and bytes(data[8:12]) in (b"\r\n\x1a\n", bytes(4)):
        return V2
    return None


def is_nifti(data):
    return bytes(data[:2]) == GZIP or _layout_of(data) is not None


def read_nifti(data):
    """Decodes one file's bytes to an Image; raises BadInput with the reason."""
    data = bytes(data)
    packed = data[:2] == GZIP
    head = _inflate(data, START_BYTES) if packed else data
    order, layout = _detect(head)

    def field(place):
        offset, code = place
        return struct.unpack_from(order + code, head, offset)

    dim = field(layout.dim)
    if any(length < 1 or length > 2**31 - 1 for length in dim[1 : dim[0] + 1]):
        raise BadInput("the NIfTI header has the dimensions %s." % (list(dim),))
    shape = dim[1 : dim[0] + 1]
    datatype, bits = field(layout.datatype)
    if datatype not in DTYPES:
        raise BadInput("the NIfTI datatype %d is not supported." % datatype)
    dtype = np.dtype(order + DTYPES[datatype])
    if bits != dtype.itemsize * 8:
        raise BadInput("the NIfTI header says %d bits for datatype %d." % (bits, datatype))
    count = 1
    for length in shape:
        count *= length
    if count * dtype.itemsize > MAX_BYTES:
        raise BadInput("the NIfTI header says %d bytes of voxels; at most %d are read." % (count * dtype.itemsize, MAX_BYTES))
    start = _start(head, layout, field(layout.offset)[0])
    end = start + count * dtype.itemsize
    data = _inflate_exactly(data, end) if packed else data
    if end > len(data):
        raise BadInput("the NIfTI file needs %d bytes; it has %d." % (end, len(data)))
    _check_extensions(data, order, layout, start)
    voxels = np.frombuffer(data, dtype, count, start).reshape(shape, order="F")
    voxels = voxels.astype(dtype.newbyteorder("="), copy=False)
    affine = _affine(field, layout, shape)
    axes = (0, 1, 2) if len(shape) >= 3 else None
    zooms = [*_sizes(field, layout), *field(layout.pixdim)[4:]][: len(shape)]
    geometry = None if axes is None else Geometry(affine, axes, Original(shape, affine, head[: layout.size], zooms))
    return Image(voxels, *_scaling(field(layout.scaling)), geometry)


def _inflate(data, most):
    """What the gzip members hold one after the other, `most` bytes of it at most."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(most)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput("the gzip stream is damaged: %s" % error)


def _inflate_exactly(data, length):
    """A stream that holds `length` bytes and little more. A size that so short a file cannot hold asks for no memory."""
    if length > len(data) * MOST_DEFLATE_RATIO + START_BYTES:
        raise BadInput("the NIfTI file needs %d bytes; %d bytes of gzip cannot hold them." % (length, len(data)))
    out = _inflate(data, length + SLACK_BYTES + 1)
    if len(out) > length + SLACK_BYTES:
        raise BadInput("the gzip stream is longer than the NIfTI header says.")
    return out


def _start(head, layout, offset):
    """Where the voxels begin in a single file, which may have the magic of a pair."""
    end = layout.size + 4
    least = 0 if head[layout.magic[0] + 1 : layout.magic[0] + 2] == b"i" else end
    if offset == 0:
        # Extensions of unknown length would lie before the voxels.
        refused = head[layout.size : layout.size + 1].strip(b"\0")
    else:
        refused = not (offset >= least and offset % 1 == 0)
    if refused:
        raise BadInput("the NIfTI header puts the voxels at byte %s." % offset)
    return max(int(offset), end)


def _check_extensions(data, order, layout, start):
    """Each begins with its size and ends before the voxels; fewer than 16 bytes are padding."""
    at = layout.size + 4
    while data[layout.size] and at + 16 <= start:
        size = struct.unpack_from(order + "i", data, at)[0]
        if size < 8 or at + size > start:
            raise BadInput("the NIfTI file has an extension of %d bytes." % size)
        at += size


def _detect(data):
    """Byte order and layout: the order in which dim[0] is a rank."""
    layout = _layout_of(data)
    if layout is None or len(data) < layout.size:
        raise BadInput("the bytes are no NIfTI file.")
    for order in "<>":
        if 1 <= struct.unpack_from(order + layout.dim[1], data, layout.dim[0])[0] <= 7:
            return order, layout
    raise BadInput("the NIfTI header has no dimensions from 1 to 7.")


def _scaling(pair):
    slope, intercept = (float(value) for value in pair)
    if slope == 0 or not np.isfinite(slope):
        return 1.0, 0.0
    if not np.isfinite(intercept):
        raise BadInput("the NIfTI header has the intercept %s." % intercept)
    return slope, intercept


def _sizes(field, layout):
    """Voxel sizes as nibabel repairs them: the absolute value, 1 for 0."""
    sizes = [abs(size) or 1.0 for size in field(layout.pixdim)[1:4]]
    if not np.isfinite(sizes).all():
        raise BadInput("the NIfTI header has the voxel sizes %s." % (sizes,))
    return sizes


def _affine(field, layout, shape):
    """nibabel's precedence: sform, qform, or the centre of the volume with x flipped. Codes 1 to 5 name a space."""
    qform, sform = field(layout.codes)
    sizes = np.array(_sizes(field, layout), dtype=np.float64)
    affine = np.eye(4)
    if 1 <= sform <= 5:
        affine[:3] = np.array(field(layout.rows), dtype=np.float64).reshape(3, 4)
    elif 1 <= qform <= 5:
        # As nibabel, in the widest floats there are.
        b, c, d = (np.longdouble(value) for value in field(layout.quaternion)[:3])
        slack = 3 * np.finfo(np.float32 if layout is V1 else np.float64).eps
        squared = 1 - (b * b + c * c + d * d)
        if not squared > -slack:
            raise BadInput("the NIfTI quaternion is longer than 1.")
        a = np.longdouble(0) if abs(squared) < slack else np.sqrt(squared)
        handed = -1.0 if field(layout.pixdim)[0] == -1 else 1.0
        affine[:3, :3] = _rotation(a, b, c, d) * (sizes * [1, 1, handed])
        affine[:3, 3] = field(layout.quaternion)[3:]
    else:
        lengths = np.array((tuple(shape) + (1, 1, 1))[:3], dtype=np.float64)
        sizes[len(shape) :] = 1
        affine[:3, :3] = np.diag(sizes * [-1, 1, 1])
        affine[:3, 3] = -affine[:3, :3].diagonal() * (lengths - 1) / 2
    if not np.isfinite(affine).all():
        raise BadInput("the NIfTI affine is not finite.")
    return affine


def _rotation(w, x, y, z):
    s = 2 / (w * w + x * x + y * y + z * z)
    X, Y, Z = x * s, y * s, z * s
    return np.array([
        [1 - (y * Y + z * Z), x * Y - w * Z, x * Z + w * Y],
        [x * Y + w * Z, 1 - (x * X + z * Z), y * Z - w * X],
        [x * Z - w * Y, y * Z + w * X, 1 - (x * X + y * Y)],
    ])
