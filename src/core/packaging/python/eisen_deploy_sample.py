"""Sampling a volume on another grid, voxel by voxel as eisen-deploy's own sampler computes: edge or fill outside."""
import numpy as np

BORDER = 0.5 + 1e-6


def sample_grid(source, matrix, shape, mode, fill=None):
    """`matrix` takes an index of the result to one of the three-axis source; fill=None repeats the edge everywhere.

    linear gives float64 for float64 and float32 for everything else; nearest keeps the dtype and takes floor(x + 0.5).
    """
    kept = source.dtype if mode == "nearest" else np.dtype("f8" if source.dtype == np.float64 else "f4")
    first_fast = abs(source.strides[0]) < abs(source.strides[2])
    axes = (2, 1, 0) if first_fast else (0, 1, 2)
    turned = np.transpose(source, axes)
    out = np.full([shape[axis] for axis in axes], 0 if fill is None else fill, dtype=kept, order="C")
    if out.size > 0 and source.size > 0:
        separable = all(matrix[row, column] == 0 for row in range(3) for column in range(3) if row != column)
        (_separable if separable else _oblique)(turned, matrix, axes, mode, fill is not None, out)
    return np.transpose(out, axes)


def _tabulate(matrix, axis, length, count, mode, filled):
    """Neighbours, weight of the upper one, and whether inside, for each index of one result axis."""
    place = matrix[axis, axis] * np.arange(count, dtype=np.float64) + matrix[axis, 3]
    last = length - 1
    known = (place >= -BORDER) & (place <= last + BORDER) if filled else np.ones(count, dtype=bool)
    clamped = np.minimum(np.maximum(place, 0), last)
    low = np.minimum(np.floor(clamped + 0.5 if mode == "nearest" else clamped), last).astype(np.intp)
    weight = np.zeros(count) if mode == "nearest" else clamped - low
    return low, np.minimum(low + 1, last), weight, known


def _separable(source, matrix, axes, mode, filled, out):
    slow, middle, fast = (_tabulate(matrix, axis, length, count, mode, filled)
                          for axis, length, count in zip(axes, source.shape, out.shape))
    known = np.ix_(middle[3], fast[3])
    for index in range(out.shape[0]):
        if not slow[3][index]:
            continue
        low, high, weight = source[slow[0][index]], source[slow[1][index]], slow[2][index]
        if mode == "nearest":
            out[index][known] = low[middle[0]][:, fast[0]][known]
            continue
        across = middle[2][:, None]
        rows = low[middle[0]] * ((1 - weight) * (1 - across))
        rows = rows + low[middle[1]] * ((1 - weight) * across)
        if weight != 0:
            rows = rows + high[middle[0]] * (weight * (1 - across)) + high[middle[1]] * (weight * across)
        near = rows[:, fast[0]]
        out[index][known] = (near + (rows[:, fast[1]] - near) * fast[2])[known]


def _oblique(source, matrix, axes, mode, filled, out):
    slow_axis, _, fast_axis = axes
    along = np.arange(out.shape[2], dtype=np.float64)[None, :]
    across = np.arange(out.shape[1], dtype=np.float64)[:, None]
    for index in range(out.shape[0]):
        places = []
        for axis in axes:
            row = matrix[axis]
            start = (row[slow_axis] * index + row[1] * across) + row[3]
            places.append(start + row[fast_axis] * along)
        out[index] = _eight_neighbours(source, places, mode, filled, out[index], axes)


def _eight_neighbours(source, places, mode, filled, outside, axes):
    known = np.ones(outside.shape, dtype=bool)
    low, high, weight = [], [], []
    for place, length in zip(places, source.shape):
        last = length - 1
        if filled:
            known &= (place >= -BORDER) & (place <= last + BORDER)
        clamped = np.where(place > 0, np.minimum(place, last), 0.0)
        if mode == "nearest":
            low.append(np.minimum(np.floor(clamped + 0.5), last).astype(np.intp))
            continue
        floor = np.floor(clamped)
        low.append(floor.astype(np.intp))
        high.append(np.minimum(low[-1] + 1, last))
        weight.append(clamped - floor)
    if mode == "nearest":
        return np.where(known, source[tuple(low)], outside)
    # The source may be turned round; the sums keep the order x, y, z all the same.
    (x0, y0, z0), (x1, y1, z1), (wx, wy, wz) = ([side[axis] for axis in axes] for side in (low, high, weight))

    def value(x, y, z):
        index = (x, y, z)
        return source[tuple(index[axis] for axis in axes)].astype(np.float64)

    near = (value(x0, y0, z0) * (1 - wx) + value(x1, y0, z0) * wx) * (1 - wy) + (
        value(x0, y1, z0) * (1 - wx) + value(x1, y1, z0) * wx) * wy
    far = (value(x0, y0, z1) * (1 - wx) + value(x1, y0, z1) * wx) * (1 - wy) + (
        value(x0, y1, z1) * (1 - wx) + value(x1, y1, z1) * wx) * wy
    return np.where(known, near * (1 - wz) + far * wz, outside)
