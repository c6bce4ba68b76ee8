"""eisen-deploy's own transforms from scores to labels."""
import numpy as np

from eisen_deploy_numbers import cast_fitting, check_axis, each_array, floats_of, without_axes
from eisen_deploy_values import Array, BadInput, Image, take, take_numbers


def threshold(value, name, threshold=0.5, axis=0, direction="greater/equal"):
    array = value.array
    limits = threshold
    if isinstance(threshold, list):
        axis = check_axis(axis, array.shape)
        if len(threshold) != array.shape[axis]:
            raise BadInput("field '%s': there are %d thresholds." % (name, len(threshold)))
        limits = np.asarray(threshold).reshape([-1 if at == axis else 1 for at in range(array.ndim)])
    limits = np.asarray(limits, dtype=array.dtype if array.dtype.kind == "f" else np.float64)
    compare = np.greater if direction == "greater" else np.greater_equal
    return Array(compare(array, limits).astype(np.uint8), value.geometry)


def regions_to_labels(value, name, order, threshold=0.5, axis=0, dtype="uint8"):
    array = floats_of(value.array)
    axis = check_axis(axis, array.shape)
    if array.shape[axis] != len(order):
        raise BadInput("field '%s' has %d channels; order names %d." % (name, array.shape[axis], len(order)))
    channels = np.moveaxis(array, axis, 0)
    labels = np.zeros(channels.shape[1:], dtype=np.dtype(dtype))
    for label, channel in zip(order, channels):
        labels[channel.astype(np.float64) > threshold] = label
    return Array(labels, without_axes(value.geometry, [axis]))


def map_labels(fields, names, mapping, default=None, dtype=None):
    for name in names:
        value = take(fields, name)
        if isinstance(value, Image) and (value.slope, value.intercept) == (1.0, 0.0):
            value = Array(value.array, value.geometry)
        else:
            value = take_numbers(fields, name)
        out = cast_fitting(value.array, name, np.int64) if default is None else np.full(value.array.shape, default, np.int64)
        for label, number in mapping.items():
            out[value.array == int(label)] = number
        target = np.dtype(dtype) if dtype else value.array.dtype
        held = cast_fitting(out, name, np.int32 if target.kind == "f" else target)
        fields[name] = Array(held.astype(target), value.geometry)
    return fields


def top_k(fields, targets, k=5, names=None):
    classes = names
    for name in targets:
        scores = np.squeeze(floats_of(take_numbers(fields, name).array))
        if scores.ndim > 1 or (classes is not None and len(classes) != scores.size):
            raise BadInput("field '%s' is not one score a class." % name)
        listed = [float(score) for score in scores.reshape(-1)]
        best = sorted(range(len(listed)), key=lambda at: (-listed[at], at))[:k]
        fields[name] = [dict({"class": at}, **({"name": classes[at]} if classes else {}), score=listed[at]) for at in best]
    return fields


TABLE = {
    "MapLabels": map_labels,
    "RegionsToLabels": each_array(regions_to_labels),
    "Threshold": each_array(threshold),
    "TopK": top_k,
}
