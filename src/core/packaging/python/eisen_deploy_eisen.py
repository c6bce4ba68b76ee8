"""The transforms of eisen-core on arrays: same names, same parameters, same bits."""
import numpy as np

from eisen_deploy_resample import resample_nifti
from eisen_deploy_values import Array, BadInput, Geometry, Image, Original, take, take_array, take_image

EPS = 0.00001


def create_constant_flags(fields, names, values):
    for name, value in zip(names, values):
        fields[name] = value
    return fields


def rename_fields(fields, names, new_fields):
    for name, new_name in zip(names, new_fields):
        value = take(fields, name)
        del fields[name]
        fields[new_name] = value
    return fields


def filter_fields(fields, names):
    return {name: take(fields, name) for name in names}


def get_shape(fields, names):
    for name in names:
        print("Data stored in data dictionary at field %s has shape %s" % (name, take_array(fields, name).array.shape))
    return fields


def get_content(fields, names):
    for name in names:
        value = take(fields, name)
        print("Data stored in data dictionary at field %s %s" % (name, getattr(value, "array", value)))
    return fields


def resample_nifti_volumes(fields, names, resolution, interpolation="linear"):
    for name in names:
        image = take_image(fields, name)
        fields[name] = resample_nifti(image, name, resolution, interpolation)
        fields[name + "_original_spacing"] = [float(size) for size in _zooms(image)]
        fields[name + "_original_shape"] = list(image.array.shape)
    return fields


def _zooms(image):
    """Those of the header, which may disagree with the affine, as long as the image lies on the grid it came on."""
    original = image.geometry.original
    if original.zooms is not None and np.array_equal(image.geometry.affine, original.affine):
        return original.zooms
    lengths = np.sqrt((image.geometry.affine[:3, :3] ** 2).sum(axis=0)).astype(np.float32)
    return list(lengths) + [1.0] * (image.array.ndim - 3)


def image_to_numpy(fields, names, multichannel=False):
    for name in names:
        image = take_image(fields, name)
        array, geometry = image.scaled().astype(np.float32), image.geometry
        if multichannel:
            last = array.ndim - 1
            array = np.transpose(array, [last] + list(range(last)))
            geometry = geometry and geometry.move_axes(lambda axis: 0 if axis == last else axis + 1)
        fields[name] = Array(array, geometry)
    return fields


def numpy_to_nifti(fields, names, affine=None, data_types=None):
    for name in names:
        value = take_array(fields, name)
        dtype = np.dtype(data_types[name]) if data_types is not None else np.dtype(np.float32)
        if affine is None and value.array.ndim != 3:
            raise BadInput("field '%s' has %d axes; without an affine only three fit." % (name, value.array.ndim))
        matrix = np.eye(4) if affine is None else np.asarray(affine, dtype=np.float64)
        array = value.array.astype(dtype)
        fields[name] = Image(array, 1.0, 0.0, Geometry(matrix, (0, 1, 2), Original(array.shape, matrix)))
    return fields


def crop_centered_sub_volumes(fields, names, size):
    size = np.asarray(size)
    for name in names:
        value = take_array(fields, name)
        image, geometry = value.array, value.geometry
        shape = np.asarray(image.shape[-3:])
        pad = np.maximum(size - shape + 1, 0)
        before = np.floor(pad / 2.0).astype(int)
        after = pad - before
        width = [(0, 0)] * (image.ndim - 3) + list(zip(before, after))
        image = np.pad(image, width, mode="constant")
        padded = np.asarray(image.shape[-3:])
        start = np.floor(padded / 2.0).astype(int) - np.floor(size / 2.0).astype(int)
        end = start + size
        patch = image[..., start[0] : end[0], start[1] : end[1], start[2] : end[2]]
        first = image.ndim - 3
        if geometry is not None and all(axis >= first for axis in geometry.axes):
            shift = np.array([(start - before)[axis - first] for axis in geometry.axes], dtype=np.float64)
            moved = geometry.affine.copy()
            moved[:3, 3] = moved[:3, 3] + moved[:3, :3] @ shift
            geometry = geometry.with_affine(moved)
        fields[name] = Array(patch, geometry)
        fields[name + "_start_px"] = (start - before).tolist()
        fields[name + "_end_px"] = ((padded - end - 1) - after).tolist()
    return fields


def map_values(fields, names, min_value=0, max_value=1, channelwise=False):
    for name in names:
        value = take_array(fields, name)
        image = value.array
        if channelwise:
            image = image.copy()
            for channel in range(image.shape[0]):
                image[channel] = _unit_range(image[channel])
        else:
            image = _unit_range(image)
        image *= _like(image, max_value - min_value)
        image += _like(image, min_value)
        fields[name] = Array(image, value.geometry)
    return fields


def _like(image, number):
    """JSON does not tell 1 from 1.0: a whole number is whole for an array of integers."""
    return int(number) if image.dtype.kind in "iu" and float(number).is_integer() else number


def _unit_range(image):
    low, high = np.min(image), np.max(image)
    if image.dtype.kind == "f":
        # numpy 1 adds a Python float to a scalar in float64; numpy 2 would round before. The older rule holds.
        return (image - low) / image.dtype.type(np.float64(high - low) + EPS)
    return (image - low) / (np.float64(high - low) + EPS)


def threshold_values(fields, names, threshold, direction="greater"):
    compare = {"greater": np.greater, "smaller": np.less, "greater/equal": np.greater_equal, "smaller/equal": np.less_equal}
    for name in names:
        value = take_array(fields, name)
        array = value.array
        with np.errstate(over="ignore"):
            rounded = array.dtype.type(threshold) if array.dtype.kind == "f" else threshold
        limit = rounded if np.isfinite(rounded) else np.float64(threshold)
        fields[name] = Array(compare[direction](array, limit).astype(array.dtype), value.geometry)
    return fields


def add_channel_dimension(fields, names):
    for name in names:
        value = take_array(fields, name)
        geometry = value.geometry and value.geometry.move_axes(lambda axis: axis + 1)
        fields[name] = Array(value.array[np.newaxis], geometry)
    return fields


def label_map_to_one_hot(fields, names, classes):
    for name in names:
        value = take_array(fields, name)
        kept = [axis for axis, length in enumerate(value.array.shape) if length != 1]
        label = np.squeeze(value.array)
        geometry = value.geometry and value.geometry.move_axes(lambda axis: kept.index(axis) + 1 if axis in kept else None)
        onehot = np.zeros((len(classes),) + label.shape, dtype=np.float32)
        for channel, label_value in enumerate(classes):
            onehot[channel] = label == label_value
        fields[name] = Array(onehot, geometry)
    return fields


def stack_images_channelwise(fields, names, dst_field, create_new_dim=True):
    values = [take_array(fields, name) for name in names]
    arrays = [value.array for value in values]
    stacked = np.stack(arrays, axis=0) if create_new_dim else np.concatenate(arrays, axis=0)
    geometry = shared_geometry([value.geometry for value in values])
    if geometry is not None and create_new_dim:
        geometry = geometry.move_axes(lambda axis: axis + 1)
    fields[dst_field] = Array(stacked, geometry)
    return fields


def shared_geometry(geometries):
    """The geometry that all share within 0.001 mm, else None."""
    first = geometries[0]
    if any(other is None for other in geometries):
        return None
    same = all(other.axes == first.axes and np.abs(other.affine - first.affine).max() <= 1e-3 for other in geometries)
    return first if same else None


def fixed_mean_std(fields, names, mean, std):
    for name in names:
        value = take_array(fields, name)
        fields[name] = Array((value.array - float(mean)) / float(std), value.geometry)
    return fields


def repeat_tensor(fields, names, reps):
    for name in names:
        fields[name] = Array(np.tile(take_array(fields, name).array, reps))
    return fields


TABLE = {
    "CreateConstantFlags": create_constant_flags,
    "RenameFields": rename_fields,
    "FilterFields": filter_fields,
    "GetShape": get_shape,
    "GetContent": get_content,
    "ResampleNiftiVolumes": resample_nifti_volumes,
    "NiftiToNumpy": image_to_numpy,
    "NumpyToNifti": numpy_to_nifti,
    "CropCenteredSubVolumes": crop_centered_sub_volumes,
    "MapValues": map_values,
    "ThresholdValues": threshold_values,
    "AddChannelDimension": add_channel_dimension,
    "LabelMapToOneHot": label_map_to_one_hot,
    "StackImagesChannelwise": stack_images_channelwise,
    "FixedMeanStdNormalization": fixed_mean_std,
    "RepeatTensor": repeat_tensor,
}
