"""The values that travel through a chain: arrays that may know where their voxels lie, decoded images, plain data."""
import numpy as np


class BadInput(ValueError):
    """Something that the client sent; answered with status 400."""


class Original:
    """The grid a volume came from: what RestoreGeometry goes back to and WriteNifti copies."""

    def __init__(self, shape, affine, header=None, zooms=None):
        self.shape, self.affine, self.header, self.zooms = tuple(shape), affine, header, zooms


class Geometry:
    """`axes[k]` is the array axis that the k-th column of the RAS+ voxel-to-mm `affine` moves along."""

    def __init__(self, affine, axes, original):
        self.affine, self.axes, self.original = affine, tuple(axes), original

    def with_affine(self, affine):
        return Geometry(affine, self.axes, self.original)

    def move_axes(self, place):
        """The geometry after the axes went elsewhere; None when a spatial axis is gone."""
        axes = [place(axis) for axis in self.axes]
        return None if any(axis is None or axis < 0 for axis in axes) else Geometry(self.affine, axes, self.original)


class Array:
    """A numpy array and its geometry, or None."""

    def __init__(self, array, geometry=None):
        self.array, self.geometry = np.asarray(array), geometry


class Image:
    """A decoded volume before a chain turns it into numbers: stored values and their scaling; `labels`: a label map."""

    def __init__(self, array, slope, intercept, geometry, labels=False):
        self.array, self.slope, self.intercept, self.geometry, self.labels = array, slope, intercept, geometry, labels

    def scaled(self):
        """stored x slope + intercept in float64, each step only when it changes something, as nibabel does."""
        values = self.array
        if self.slope != 1:
            values = values * np.float64(self.slope)
        if self.intercept != 0:
            values = values + np.float64(self.intercept)
        return values


def take(fields, name):
    if name not in fields:
        raise BadInput("there is no field '%s'; the fields here are: %s." % (name, ", ".join(fields) or "none"))
    return fields[name]


def take_array(fields, name):
    """The array of a field, as Eisen's own transforms take it: an image is refused."""
    value = take(fields, name)
    if isinstance(value, Array):
        return value
    raise BadInput("field '%s' holds no array." % name)


def take_image(fields, name):
    value = take(fields, name)
    if isinstance(value, Image):
        return value
    raise BadInput("field '%s' holds no image." % name)


def take_numbers(fields, name):
    """An array as it is, an image as its scaled float32 values."""
    value = take(fields, name)
    if isinstance(value, Image):
        return Array(value.scaled().astype(np.float32), value.geometry)
    return take_array(fields, name)


def need_geometry(value, name):
    if value.geometry is None:
        raise BadInput("field '%s' has no known geometry, and this step needs it." % name)
    return value.geometry
