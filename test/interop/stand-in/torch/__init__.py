"""A stand-in for torch, of our own making: as much as TorchServe's worker and Eisen's original handler touch.

TorchServe's worker asks only for `Tensor` and `save`. Eisen's handler also asks for `load`, `cuda.is_available` and
the names that eisen.utils imports. A "model" is any pickled object that can be called with Tensors.
"""
import pickle

import numpy

__version__ = "0.0.0+stand-in"


class Tensor:
    """A float32 array under torch's names."""

    def __init__(self, values):
        self.values = numpy.array(values, dtype=numpy.float32)

    @property
    def data(self):
        return self

    def to(self, _device):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.values


def save(thing, file, **_):
    if hasattr(file, "write"):
        pickle.dump(thing, file)
        return
    with open(file, "wb") as out:
        pickle.dump(thing, out)


def load(file, **_):
    with open(file, "rb") as source:
        return pickle.load(source)


def device(name):
    return name


def is_tensor(thing):
    return isinstance(thing, Tensor)


from . import cuda, nn  # noqa: E402,F401  (as torch: attributes of the package)
