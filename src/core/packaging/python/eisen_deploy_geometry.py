"""eisen-deploy's own transforms that know where voxels lie: loading, orientation, spacing, restoring, writing."""
import io

import numpy as np

from eisen_deploy_nifti import is_nifti, read_nifti
from eisen_deploy_numbers import cast_fitting, per_axis, spatial_axes, take_region, without_axes
from eisen_deploy_sample import BORDER, sample_grid
from eisen_deploy_values import Array, BadInput, Geometry, Image, need_geometry, take, take_array, take_numbers

LETTERS = (("L", "R"), ("P", "A"), ("I", "S"))


def load_image(fields, names):
    for name in names:
        value = take(fields, name)
        if isinstance(value, (bytes, bytearray)) and value[:6] == b"\x93NUMPY":
            value = Array(np.load(io.BytesIO(value), allow_pickle=False))
        if isinstance(value, (bytes, bytearray)):
            if not is_nifti(value):
                raise BadInput("field '%s' is no NIfTI file; other formats need eisen-deploy's own server." % name)
            value = read_nifti(value)
        if not isinstance(value, (Image, Array)):
            raise BadInput("field '%s' holds no image file." % name)
        fields[name] = value
    return fields


def axis_orientations(affine):
    """(world axis, sign) of each voxel axis; the strongest chooses first, each world axis is given once."""
    columns = affine[:3, :3]
    sizes = np.sqrt((columns**2).sum(axis=0))
    left, _, right = np.linalg.svd(columns / np.where(sizes == 0, 1, sizes))
    rotation = left @ right
    found, taken = [None] * 3, set()
    for axis in sorted(range(3), key=lambda column: -np.max(rotation[:, column] ** 2)):
        world = max((row for row in range(3) if row not in taken), key=lambda row: abs(rotation[row, axis]))
        taken.add(world)
        found[axis] = (world, -1 if rotation[world, axis] < 0 else 1)
    return found


def parse_axis_codes(codes):
    axes = [(world, pair.index(letter) * 2 - 1) for letter in codes.upper()
            for world, pair in enumerate(LETTERS) if letter in pair]
    if len(codes) != 3 or len({world for world, _ in axes}) != 3:
        raise BadInput("'%s' is no orientation; expected three letters such as RAS." % codes)
    return axes


def reorient(array, geometry, target):
    """Flips and permutes the spatial axes so that they run as `target` says; every voxel keeps its place."""
    current = axis_orientations(geometry.affine)
    sources = [next(axis for axis, (world, _) in enumerate(current) if world == wanted) for wanted, _ in target]
    order, old_of_new = list(range(array.ndim)), np.zeros((4, 4))
    old_of_new[3, 3] = 1
    for new, source in enumerate(sources):
        axis = geometry.axes[source]
        order[geometry.axes[new]] = axis
        flip = current[source][1] != target[new][1]
        if flip:
            array = np.flip(array, axis)
        old_of_new[source, new] = -1 if flip else 1
        old_of_new[source, 3] = array.shape[axis] - 1 if flip else 0
    return np.transpose(array, order), geometry.with_affine(geometry.affine @ old_of_new)


def orientation(fields, names, axcodes="RAS"):
    for name in names:
        value = take_placed(fields, name)
        array, geometry = reorient(value.array, need_geometry(value, name), parse_axis_codes(axcodes))
        fields[name] = with_array(value, array, geometry)
    return fields


def take_placed(fields, name):
    """An image as it is (stored values), or an array."""
    value = take(fields, name)
    return value if isinstance(value, Image) else take_array(fields, name)


def with_array(value, array, geometry):
    if isinstance(value, Image):
        return Image(array, value.slope, value.intercept, geometry)
    return Array(array, geometry)


def map_volumes(array, axes, work):
    """Does `work` on every volume of three axes in the order i, j, k; the results stand where the sources stood."""
    if len(axes) < 3:
        added = list(range(array.ndim, array.ndim + 3 - len(axes)))
        wide = array.reshape(array.shape + (1,) * len(added))
        return np.squeeze(map_volumes(wide, list(axes) + added, work), tuple(added))
    others = [axis for axis in range(array.ndim) if axis not in axes]
    order = others + list(axes)
    front = np.transpose(array, order)
    leading = front.shape[: len(others)]
    results = [work(front[index]) for index in np.ndindex(*leading)]
    stacked = np.stack(results).reshape(leading + results[0].shape) if len(results) != 1 else (
        results[0][(None,) * len(others)])
    return np.transpose(stacked, np.argsort(order))


def resample_value(value, geometry, affine, shape, mode, matrix, fill=None):
    """Stored values of an image are sampled first and scaled then."""
    array = map_volumes(value.array, geometry.axes, lambda volume: sample_grid(volume, matrix, shape, mode, fill))
    placed = with_array(value, array, geometry.with_affine(affine))
    return Array(placed.scaled().astype(np.float32), placed.geometry) if isinstance(placed, Image) else placed


def spacing(fields, names, pixdim, mode="linear"):
    for name in names:
        value = take_placed(fields, name)
        geometry = need_geometry(value, name)
        wanted = per_axis(pixdim, (0, 1, 2), "pixdim")
        sizes = np.sqrt((geometry.affine[:3, :3] ** 2).sum(axis=0))
        ratios = [1.0 if mm == 0 or abs(mm / size - 1) < 1e-6 else mm / size for mm, size in zip(wanted, sizes)]
        lengths = [value.array.shape[axis] for axis in geometry.axes]
        shape = tuple(int(round((length - 1) / ratio + 1)) for length, ratio in zip(lengths, ratios))
        affine = geometry.affine.copy()
        affine[:3, :3] = affine[:3, :3] * ratios
        fields[name] = resample_value(value, geometry, affine, shape, mode, np.diag(ratios + [1.0]))
    return fields


def resample_to_reference(fields, names, reference, mode="linear", fill=0, require_overlap=True):
    target = take_placed(fields, reference)
    grid = need_geometry(target, reference)
    shape = tuple(target.array.shape[axis] for axis in grid.axes)
    for name in names:
        value = take_placed(fields, name)
        geometry = need_geometry(value, name)
        if grids_coincide(geometry, tuple(value.array.shape[axis] for axis in geometry.axes), grid, shape):
            fields[name] = copy_onto(value, geometry.with_affine(grid.affine), mode)
            continue
        matrix = np.linalg.inv(geometry.affine) @ grid.affine
        if require_overlap and not has_voxel_inside(matrix, shape, [value.array.shape[axis] for axis in geometry.axes]):
            raise BadInput("field '%s' and '%s' do not overlap." % (name, reference))
        fields[name] = resample_value(value, geometry, grid.affine, shape, mode, matrix, fill)
    return fields


def has_voxel_inside(matrix, shape, lengths):
    """Whether a voxel of the grid lies inside of the volume, half a voxel around its outer centres included."""
    i, j = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    first, last = np.zeros(i.shape), np.full(i.shape, shape[2] - 1.0)
    for (a, b, step, origin), length in zip(matrix[:3], lengths):
        start = a * i + b * j + origin
        ends = [-BORDER - start, length - 1 + BORDER - start]
        if step == 0:
            last[(ends[0] > 0) | (ends[1] < 0)] = -np.inf
            continue
        first = np.maximum(first, ends[0 if step > 0 else 1] / step)
        last = np.minimum(last, ends[1 if step > 0 else 0] / step)
    return bool((np.ceil(first) <= np.floor(last)).any())


def grids_coincide(one, lengths, other, shape):
    """As many voxels, and no corner further than 0.001 mm apart."""
    if lengths != shape:
        return False
    ends = np.array(np.meshgrid(*[(0, length - 1) for length in shape], (1,))).reshape(4, -1)
    return np.sqrt((((one.affine - other.affine) @ ends)[:3] ** 2).sum(axis=0)).max() <= 1e-3


def copy_onto(value, geometry, mode):
    """The voxels as they are, in the dtype that sampling them would give."""
    if isinstance(value, Image):
        return Array(value.scaled().astype(np.float32), geometry)
    array = value.array
    return Array(array if mode == "nearest" or array.dtype == np.float64 else array.astype(np.float32), geometry)


def inherit_geometry(shape, array, geometry):
    """An output whose last three axes are as long as the input's spatial ones lies where the input lies."""
    lead = len(shape) - 3
    if lead < 0:
        return None
    rising = sorted(geometry.axes)
    axes = [lead + rising.index(axis) for axis in geometry.axes]
    if any(array.shape[axis] != shape[place] for axis, place in zip(geometry.axes, axes)):
        return None
    return Geometry(geometry.affine, axes, geometry.original)


def find_lattice(matrix):
    """(source axis, sign, shift) of each result axis where voxels fall on voxels, else None."""
    found = []
    for column in range(3):
        rows = [row for row in range(3) if abs(matrix[row, column]) > 1e-6]
        if len(rows) != 1 or any(rows[0] == source for source, _, _ in found):
            return None
        turn, shift = matrix[rows[0], column], matrix[rows[0], 3]
        if abs(abs(turn) - 1) > 1e-6 or abs(shift - round(shift)) > 1e-3:
            return None
        found.append((rows[0], -1 if turn < 0 else 1, int(round(shift))))
    return found


def take_lattice(volume, lattice, shape, fill):
    turned = volume
    for source, sign, _ in lattice:
        turned = np.flip(turned, source) if sign < 0 else turned
    turned = np.transpose(turned, [source for source, _, _ in lattice])
    start = [turned.shape[axis] - 1 - shift if sign < 0 else shift for axis, (_, sign, shift) in enumerate(lattice)]
    return take_region(Array(turned), start, shape, fill).array


def restore_geometry(fields, names, reference=None, interpolation="auto", background=None):
    source = None if reference is None else take_placed(fields, reference)
    for name in names:
        value = take_numbers(fields, name)
        geometry = value.geometry
        if geometry is None and source is not None:
            geometry = inherit_geometry(value.array.shape, source.array, need_geometry(source, reference))
        geometry = geometry or need_geometry(value, name)
        original = (source.geometry if source is not None else geometry).original
        mode = interpolation if interpolation != "auto" else ("linear" if value.array.dtype.kind == "f" else "nearest")
        fields[name] = Array(_restored(value.array, geometry, original, mode, background, name),
                             geometry.with_affine(original.affine))
    return fields


def _restored(array, geometry, original, mode, background, name):
    shape = (tuple(original.shape) + (1, 1, 1))[:3]
    matrix = np.linalg.inv(geometry.affine) @ original.affine
    lattice = find_lattice(matrix)

    def work(fill):
        if lattice is not None:
            return lambda volume: take_lattice(volume, lattice, shape, fill)
        return lambda volume: sample_grid(volume, matrix, shape, mode, fill)

    out = map_volumes(array, geometry.axes, work(0))
    if background is None:
        return out
    others = [axis for axis in range(array.ndim) if axis not in geometry.axes]
    axis = next((other for other in others if array.shape[other] > 1), others[-1] if others else None)
    if axis is None or background >= array.shape[axis]:
        raise BadInput("field '%s': there is no channel %d to fill the outside with." % (name, background))
    channel = np.take(array, [background], axis)
    index = [slice(None)] * array.ndim
    index[axis] = slice(background, background + 1)
    out[tuple(index)] = map_volumes(channel, geometry.axes, work(1))
    return out


def write_nifti_image(fields, names, reference=None, dtype=None):
    original = None if reference is None else need_geometry(take_placed(fields, reference), reference).original
    for name in names:
        value = take_numbers(fields, name)
        geometry = need_geometry(value, name)
        stored = np.dtype(dtype) if dtype else {"bool": np.dtype("u1"), "float16": np.dtype("f4")}.get(
            value.array.dtype.name, value.array.dtype)
        gone = [axis for axis, length in enumerate(value.array.shape) if length == 1 and axis not in geometry.axes]
        moved = without_axes(geometry, gone)
        if original is not None:
            moved = Geometry(moved.affine, moved.axes, original)
        fields[name] = Image(np.squeeze(cast_fitting(value.array, name, stored), tuple(gone)), 1.0, 0.0, moved, stored.kind != "f")
    return fields


def resize(fields, names, size, axes=None, mode="linear"):
    for name in names:
        value = take_numbers(fields, name)
        array, geometry = value.array, value.geometry
        wanted = axes
        if wanted is None:
            wanted = range(array.ndim - len(size), array.ndim) if geometry is None else spatial_axes(value)
            if len(wanted) != len(size):
                raise BadInput("field '%s': size has %d length(s); expected one for each of %d spatial axes. Name `axes`." %
                               (name, len(size), len(wanted)))
        if any(not 0 <= axis < array.ndim for axis in wanted):
            raise BadInput("field '%s': shape %s has no axes %s." % (name, list(array.shape), list(wanted)))
        ratios = [array.shape[axis] / length for axis, length in zip(wanted, size)]
        matrix, shape = np.eye(4), [1, 1, 1]
        for axis, (ratio, length) in enumerate(zip(ratios, size)):
            matrix[axis, axis], matrix[axis, 3], shape[axis] = ratio, (ratio - 1) / 2, length
        resized = map_volumes(array, list(wanted), lambda volume: sample_grid(volume, matrix, tuple(shape), mode))
        fields[name] = Array(resized, geometry and _resized_geometry(geometry, list(wanted), ratios))
    return fields


def _resized_geometry(geometry, axes, ratios):
    factors = np.array([ratios[axes.index(axis)] if axis in axes else 1.0 for axis in geometry.axes])
    affine = geometry.affine.copy()
    affine[:3, 3] = affine[:3, :3] @ ((factors - 1) / 2) + affine[:3, 3]
    affine[:3, :3] = affine[:3, :3] * factors
    return geometry.with_affine(affine)


TABLE = {
    "LoadImage": load_image,
    "Orientation": orientation,
    "Resize": resize,
    "ResampleToReference": resample_to_reference,
    "RestoreGeometry": restore_geometry,
    "Spacing": spacing,
    "WriteNifti": write_nifti_image,
}
