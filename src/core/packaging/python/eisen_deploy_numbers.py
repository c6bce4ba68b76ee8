"""eisen-deploy's own transforms on numbers: intensity, shape, crop and pad, prediction."""
import numpy as np

from eisen_deploy_values import Array, BadInput, take_numbers


def each_array(work):
    """A transform that replaces each of its fields by `work(value, name, **params)`."""

    def transform(fields, names, **params):
        for name in names:
            fields[name] = work(take_numbers(fields, name), name, **params)
        return fields

    return transform


def floats_of(array):
    """float64 stays, everything else is computed and kept as float32."""
    return array if array.dtype == np.float64 else array.astype(np.float32)


def cast_fitting(array, name, dtype):
    """astype, refusing what would wrap into another number."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f" and not np.can_cast(array.dtype, dtype):
        least, most = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        exact = array if array.dtype.kind in "iub" else array.astype(np.float64)
        odd = exact[~((exact > least - 1) & (exact < most + 1))]
        if odd.size:
            raise BadInput("field '%s': it holds %s, which does not fit into %s." % (name, odd.flat[0], dtype.name))
    return array.astype(dtype)


def cast(value, name, dtype):
    with np.errstate(invalid="ignore", over="ignore"):
        return Array(value.array.astype(np.dtype(dtype)), value.geometry)


def add_batch(value, name):
    return Array(value.array[np.newaxis], value.geometry and value.geometry.move_axes(lambda axis: axis + 1))


def squeeze(value, name, axis=None):
    shape = value.array.shape
    if axis is None:
        spatial = value.geometry.axes if value.geometry else ()
        gone = [at for at, length in enumerate(shape) if length == 1 and at not in spatial]
    else:
        gone = [check_axis(axis, shape)]
        if shape[gone[0]] != 1:
            raise BadInput("field '%s': axis %d has the length %d, not 1." % (name, axis, shape[gone[0]]))
    return Array(np.squeeze(value.array, tuple(gone)), without_axes(value.geometry, gone))


def check_axis(axis, shape):
    if not -len(shape) <= axis < len(shape):
        raise BadInput("there is no axis %d in shape %s." % (axis, list(shape)))
    return axis % len(shape)


def without_axes(geometry, gone):
    return geometry and geometry.move_axes(
        lambda axis: None if axis in gone else axis - sum(1 for other in gone if other < axis))


def per_channel(work):
    """Gives `work` the whole array, or with channelwise=True each entry of its first axis."""

    def run(value, name, channelwise=False, **params):
        apart = channelwise and value.array.ndim > 0
        array = floats_of(value.array).copy(order="C" if apart else "K")
        for part in array if apart else [array]:
            part[...] = work(part, **params)
        return Array(array, value.geometry)

    return run


# numpy's sums are pairwise: to get the server's bits, its order of additions is followed here lane by lane.
PIECE = 4096


def lane_sums(rows):
    """The sums of the columns, each from top to bottom."""
    return np.add.accumulate(rows, axis=0)[-1] if len(rows) else np.zeros(rows.shape[1])


def piece_moments(piece, nonzero):
    """Of float32 numbers, a multiple of eight: how many count, their mean, the squares of their distances from it."""
    numbers = piece.astype(np.float64)
    counted = piece != 0 if nonzero else np.ones(piece.shape, bool)
    count = int(np.count_nonzero(counted))
    lanes = lane_sums(numbers.reshape(-1, 8))
    total = ((lanes[0] + lanes[2]) + (lanes[4] + lanes[6])) + ((lanes[1] + lanes[3]) + (lanes[5] + lanes[7]))
    mean = total / count if count else 0.0
    apart = np.where(counted, numbers - mean, 0.0)
    lanes = lane_sums((apart * apart).reshape(-1, 4))
    return count, float(mean), float((lanes[0] + lanes[2]) + (lanes[1] + lanes[3]))


def joined(one, other):
    """The moments of two groups together, by the updating formula of Chan, Golub and LeVeque."""
    if one[0] == 0 or other[0] == 0:
        return other if one[0] == 0 else one
    count = one[0] + other[0]
    apart = other[1] - one[1]
    return (count, one[1] + apart * other[0] / count,
            one[2] + other[2] + apart * apart * (one[0] * other[0] / count))


def moments_of(flat, nonzero):
    if flat.dtype != np.float32:
        counted = flat != 0 if nonzero else np.ones(flat.shape, bool)
        count = int(np.count_nonzero(counted))
        mean = np.cumsum(flat)[-1] / count if count else 0.0
        apart = np.where(counted, flat - mean, 0.0)
        return count, float(mean), float(np.cumsum(apart * apart)[-1]) if count else 0.0
    found = (0, 0.0, 0.0)
    whole = flat.size - flat.size % 8
    for at in range(0, whole, PIECE):
        found = joined(found, piece_moments(flat[at:min(at + PIECE, whole)], nonzero))
    for number in flat[whole:]:
        if number != 0 or not nonzero:
            found = joined(found, (1, float(number), 0.0))
    return found


def z_score(data, nonzero=False, eps=1e-8):
    count, mean, squares = moments_of(data.ravel(order="K"), nonzero)
    if count == 0:
        return data
    divisor = max(float(np.sqrt(squares / count)), eps)
    apart = data.astype(np.float64) - mean
    scores = apart * (1 / divisor) if data.dtype == np.float32 else apart / divisor
    return np.where(data != 0, scores, data) if nonzero else scores


def clip_percentile(data, lower=0.5, upper=99.5, nonzero=False):
    counted = data[data != 0] if nonzero else data.ravel()
    if counted.size == 0:
        return data
    low, high = np.percentile(counted, [lower, upper])
    return np.clip(data.astype(np.float64), low, high)


def clip_intensity(data, lower=None, upper=None):
    low = -np.inf if lower is None else lower
    return np.clip(data.astype(np.float64), low, np.inf if upper is None else upper)


def scale_range(data, a_min, a_max, b_min=None, b_max=None, clip=False):
    kind = data.dtype.type
    width = kind(a_max - a_min)
    unit = data - kind(a_min) if width == 0 else (data - kind(a_min)) / width
    if b_min is None or b_max is None:
        return np.clip(unit, 0, 1) if clip else unit
    scaled = unit * (kind(1) if width == 0 else kind(b_max - b_min)) + kind(b_min)
    return np.clip(scaled.astype(np.float64), min(b_min, b_max), max(b_min, b_max)) if clip else scaled


def hu_window(data, center, width, b_min=0, b_max=1):
    return scale_range(data, center - width / 2, center + width / 2, b_min, b_max, True)


def scale_range_percentile(data, lower=0, upper=100, eps=1e-6):
    low, high = (float(bound) for bound in np.percentile(data, [lower, upper]))
    return (data.astype(np.float64) - low) / (high - low + eps)


def sigmoid(data):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-data.astype(np.float64)))


def spatial_axes(value):
    """Those of the geometry in rising order, or without one the last three."""
    if value.geometry is not None:
        return sorted(value.geometry.axes)
    rank = value.array.ndim
    return list(range(max(rank - 3, 0), rank))


def per_axis(given, axes, what):
    given = list(given) if isinstance(given, (list, tuple)) else [given] * len(axes)
    if len(given) != len(axes):
        raise BadInput("there are %d spatial axes; %s has another length." % (len(axes), what))
    return given


def take_region(value, start, size, fill):
    """The box from `start` (before the array where negative) of `size`, new voxels filled; the geometry follows."""
    array = np.full(size, fill, dtype=value.array.dtype)
    source, target = [], []
    for first, length, old in zip(start, size, value.array.shape):
        low, high = max(first, 0), min(first + length, old)
        source.append(slice(low, max(low, high)))
        target.append(slice(low - first, max(low, high) - first))
    array[tuple(target)] = value.array[tuple(source)]
    geometry = value.geometry
    if geometry is not None:
        affine = geometry.affine.copy()
        affine[:3, 3] = affine[:3, :3] @ np.array([start[axis] for axis in geometry.axes], dtype=np.float64) + affine[:3, 3]
        geometry = geometry.with_affine(affine)
    return Array(array, geometry)


def pad_to_multiple(value, name, k, where="both", fill=0):
    axes = spatial_axes(value)
    start, size = [0] * value.array.ndim, list(value.array.shape)
    for axis, multiple in zip(axes, per_axis(k, axes, "k")):
        length = size[axis]
        size[axis] = -(-length // multiple) * multiple
        if where == "both":
            start[axis] = -((size[axis] - length) // 2)
    return take_region(value, start, size, fill)


def crop_or_pad(value, name, size, fill=0):
    axes = spatial_axes(value)
    start, lengths = [0] * value.array.ndim, list(value.array.shape)
    for axis, wanted in zip(axes, per_axis(size, axes, "size")):
        if wanted == -1:
            continue
        length = lengths[axis]
        start[axis] = -((wanted - length) // 2) if wanted >= length else length // 2 - wanted // 2
        lengths[axis] = wanted
    return take_region(value, start, lengths, fill)


def softmax(value, name, axis=0):
    array = floats_of(value.array)
    axis = check_axis(axis, array.shape)
    powers = np.exp(array.astype(np.float64) - array.max(axis=axis, keepdims=True))
    total = np.zeros(np.delete(array.shape, axis))
    for channel in np.moveaxis(powers, axis, 0):
        total += channel
    # The powers are kept in the array's own precision before they are divided.
    kept = powers.astype(array.dtype).astype(np.float64)
    return Array((kept / np.expand_dims(total, axis)).astype(array.dtype), value.geometry)


def argmax(value, name, axis=0, dtype="uint8"):
    axis = check_axis(axis, value.array.shape)
    labels = np.argmax(value.array, axis=axis).astype(np.dtype(dtype))
    return Array(labels, without_axes(value.geometry, [axis]))


def select_channel(value, name, index, axis=0):
    axis = check_axis(axis, value.array.shape)
    length = value.array.shape[axis]
    if not -length <= index < length:
        raise BadInput("field '%s': axis %d has no entry %d." % (name, axis, index))
    return Array(np.take(value.array, index, axis), without_axes(value.geometry, [axis]))


def transpose(value, name, axes):
    if value.array.ndim != len(axes):
        raise BadInput("field '%s' has %d axes; axes names %d." % (name, value.array.ndim, len(axes)))
    return Array(np.transpose(value.array, axes), value.geometry and value.geometry.move_axes(list(axes).index))


def crop_foreground(fields, names, source=None, threshold=0, margin=0):
    for name in names:
        value = take_numbers(fields, name)
        counted = value if source is None else take_numbers(fields, source)
        found = np.argwhere(counted.array > threshold)
        fields[name] = value
        if len(found) == 0:
            continue
        axes, box_axes = spatial_axes(value), spatial_axes(counted)
        start, size = [0] * value.array.ndim, list(value.array.shape)
        for axis, box_axis in zip(axes, box_axes):
            if value.array.shape[axis] != counted.array.shape[box_axis]:
                raise BadInput("field '%s' has not the shape of '%s'." % (name, source))
            start[axis] = max(int(found[:, box_axis].min()) - margin, 0)
            stop = min(int(found[:, box_axis].max()) + 1 + margin, value.array.shape[axis])
            size[axis] = stop - start[axis]
        fields[name] = take_region(value, start, size, 0)
    return fields


TABLE = {
    "AddBatchDimension": each_array(add_batch),
    "Argmax": each_array(argmax),
    "Cast": each_array(cast),
    "ClipIntensity": each_array(per_channel(clip_intensity)),
    "ClipPercentile": each_array(per_channel(clip_percentile)),
    "CropForeground": crop_foreground,
    "CropOrPad": each_array(crop_or_pad),
    "HUWindow": each_array(per_channel(hu_window)),
    "PadToMultiple": each_array(pad_to_multiple),
    "ScaleIntensityRange": each_array(per_channel(scale_range)),
    "ScaleRangePercentile": each_array(per_channel(scale_range_percentile)),
    "SelectChannel": each_array(select_channel),
    "Sigmoid": each_array(per_channel(sigmoid)),
    "Softmax": each_array(softmax),
    "Squeeze": each_array(squeeze),
    "Transpose": each_array(transpose),
    "ZScore": each_array(per_channel(z_score)),
}
