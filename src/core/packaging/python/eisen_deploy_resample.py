"""Resampling on numpy alone: nilearn's rules for ResampleNiftiVolumes."""
import numpy as np

from eisen_deploy_values import BadInput, Image, need_geometry


def resample_nifti(image, name, resolution, interpolation):
    """nilearn's resample_img onto an axis-aligned RAS+ grid of `resolution` mm; the dtype stays the data's."""
    geometry = need_geometry(image, name)
    if interpolation not in ("linear", "nearest"):
        raise BadInput("interpolation is '%s'; expected linear or nearest." % interpolation)
    data = image.scaled()
    affine, resolution = geometry.affine, np.asarray(resolution, dtype=np.float64)
    target, shape = _target_grid(affine, data.shape[:3], resolution)
    matrix = np.eye(4) if np.array_equal(target, affine) else np.linalg.inv(affine) @ target
    finite, holes = _fill_holes(data)
    out = np.empty(shape + data.shape[3:], dtype=data.dtype)
    for index in np.ndindex(*data.shape[3:]):
        volume = (Ellipsis,) + index
        values = sample(finite[volume].astype(np.float64), matrix, shape, interpolation)
        out[volume] = _store(values, data.dtype)
        if holes is not None:
            out[volume][sample(holes[volume].astype(np.float64), matrix, shape, "nearest") != 0] = np.nan
    low, high = min(np.nanmin(data), 0), max(np.nanmax(data), 0)
    np.clip(out, low, high, out=out)
    return Image(out, 1.0, 0.0, geometry.with_affine(target))


def _target_grid(affine, lengths, resolution):
    to_target = affine.copy()
    to_target[:3] = (1.0 / resolution)[:, None] * affine[:3]
    corners = np.array([[x, y, z] for x in (0, lengths[0] - 1) for y in (0, lengths[1] - 1) for z in (0, lengths[2] - 1)])
    placed = corners @ to_target[:3, :3].T + to_target[:3, 3]
    low, high = placed.min(axis=0), placed.max(axis=0)
    target = np.diag(np.append(resolution, 1.0))
    target[:3, 3] = resolution * low
    return target, tuple(int(np.ceil(span)) + 1 for span in high - low)


def _fill_holes(data):
    """Values that are not finite become the mean of their finite neighbours, twice over; the rest 0."""
    if data.dtype.kind != "f" or np.isfinite(data).all():
        return data, None
    holes = ~np.isfinite(data)
    filled = np.where(holes, np.nan, data.astype(np.float64))
    for _ in range(2):
        total, count = np.zeros_like(filled), np.zeros_like(filled)
        for axis in range(3):
            for step in (1, -1):
                near = np.full_like(filled, np.nan)
                to = [slice(None)] * filled.ndim
                source = list(to)
                to[axis], source[axis] = (slice(1, None), slice(None, -1)) if step > 0 else (slice(None, -1), slice(1, None))
                near[tuple(to)] = filled[tuple(source)]
                known = np.isfinite(near)
                total[known] += near[known]
                count[known] += 1
        missing = np.isnan(filled) & (count > 0)
        filled[missing] = total[missing] / count[missing]
    return np.where(np.isnan(filled), 0.0, filled), holes


def sample(volume, matrix, shape, interpolation):
    """Values of a float64 volume at matrix x (output index); 0 outside [0, n-1]. Axis 0 slowest in every sum."""
    linear = matrix[:3, :3]
    axes = [np.arange(length, dtype=np.float64) for length in shape]
    separable = np.array_equal(linear, np.diag(np.diag(linear)))
    out = np.zeros(shape)
    for plane in range(shape[0]):
        if separable:
            x, y, z = ((index + shift / zoom) * zoom for index, shift, zoom in
                       zip((axes[0][plane : plane + 1], axes[1], axes[2]), matrix[:3, 3], np.diag(linear)))
            where = [x[:, None], y[:, None], z[None, :]]
        else:
            y, z = axes[1][:, None], axes[2][None, :]
            where = [((plane * row[0]) + y * row[1]) + z * row[2] + row[3] for row in matrix[:3]]
        out[plane] = _gather(volume, where, interpolation)
    return out


def _gather(volume, where, interpolation):
    where = np.broadcast_arrays(*where)
    inside = np.ones(where[0].shape, dtype=bool)
    for place, length in zip(where, volume.shape):
        inside &= (place >= 0) & (place <= length - 1)
    if interpolation == "nearest":
        index = tuple(np.clip(np.floor(place + 0.5), 0, length - 1).astype(np.intp)
                      for place, length in zip(where, volume.shape))
        return np.where(inside, volume[index], 0.0)
    lower, weights = [], []
    for place, length in zip(where, volume.shape):
        floor = np.floor(np.where(inside, place, 0.0))
        first = 1.0 - (np.where(inside, place, 0.0) - floor)
        base = floor.astype(np.intp)
        # The neighbour past the last voxel has weight 0 there; its index only has to exist.
        lower.append((base, np.minimum(base + 1, length - 1)))
        weights.append((first, 1.0 - first))
    total = np.zeros(inside.shape)
    for i in (0, 1):
        for j in (0, 1):
            for k in (0, 1):
                value = volume[lower[0][i], lower[1][j], lower[2][k]]
                total += value * weights[0][i] * weights[1][j] * weights[2][k]
    return np.where(inside, total, 0.0)


def _store(values, dtype):
    if dtype.kind == "f":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    rounded = np.where(values > 0, values + 0.5, values - 0.5 if dtype.kind == "i" else 0.0)
    return np.clip(rounded, limits.min, limits.max).astype(dtype)
