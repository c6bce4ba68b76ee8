"""Random arrays through the transforms that eisen-core lacks, with what numpy and scipy say.

    python random_own.py FILE SEED COUNT
"""
import pathlib
import sys
import warnings

import numpy as np
from scipy import ndimage
from scipy.special import expit, softmax

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "golden" / "transforms"
sys.path.insert(0, str(ROOT))
from chain_cases import GoldenFile  # noqa: E402
from make_eisen_chains import affine_of  # noqa: E402
from make_own_intensity import clip_percentile, floats, per_channel, scale_percentile, scale_range, step, z_score  # noqa: E402
from make_own_sampling import sample, spacing  # noqa: E402
from make_own_space import crop_or_pad, fill_holes, keep_largest, pad_to_multiple, remove_small, resized  # noqa: E402
from random_arrays import random_array  # noqa: E402

KINDS = ["ras", "las", "lps", "permuted", "oblique", "sheared"]


class Maker:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.golden = GoldenFile()

    def pick(self, *values):
        return values[int(self.random.integers(len(values)))]

    def add(self, step_, image, out):
        arrays = {"in:image": np.asarray(image), "out:image": np.asarray(out)}
        self.golden.add(step_["type"], arrays, steps=[step_], order=["image"], plain={})

    def array(self):
        while True:
            array = random_array(self.random)
            if array.ndim:
                return array

    def percentiles(self):
        return sorted(float(n) for n in self.random.choice([0, 0.5, 1, 5, 33.3, 50, 60, 95, 99.5, 100], 2, replace=False))

    def intensity(self):
        image, channelwise, nonzero = self.array(), bool(self.random.random() < 0.4), bool(self.random.random() < 0.4)
        if not image.size:
            return
        # numpy's percentiles are NaN beside an infinity even where no weight is on it; ours are the value there.
        finite = image if image.dtype.kind != "f" else np.where(np.isinf(image), np.array(7, image.dtype), image)
        low, high = self.percentiles()
        a, b = (float(n) for n in self.random.choice([-175.5, -1, 0, 0.5, 20, 250], 2))
        choice = self.pick("ZScore", "ZScore", "ClipPercentile", "ClipPercentile", "ScaleRangePercentile", "ClipIntensity", "ScaleIntensityRange", "HUWindow")
        if choice == "ZScore":
            self.add(step(choice, nonzero=nonzero, channelwise=channelwise), image, per_channel(image, channelwise, z_score(nonzero)))
        elif choice == "ClipPercentile":
            self.add(step(choice, lower=low, upper=high, nonzero=nonzero, channelwise=channelwise), finite, per_channel(finite, channelwise, clip_percentile(low, high, nonzero)))
        elif choice == "ScaleRangePercentile":
            self.add(step(choice, lower=low, upper=high, channelwise=channelwise), finite, per_channel(finite, channelwise, scale_percentile(low, high)))
        elif choice == "ClipIntensity":
            lower, upper = min(a, b), max(a, b)
            self.add(step(choice, lower=lower, upper=upper), image, per_channel(image, False, lambda v: np.clip(v, lower, upper)))
        elif choice == "ScaleIntensityRange":
            params = {"a_min": a, "a_max": b, "clip": bool(self.random.random() < 0.5)}
            if self.random.random() < 0.6:
                params |= {"b_min": -1.0, "b_max": 2.5}
            self.add(step(choice, **params), image, per_channel(image, False, scale_range(**params)))
        else:
            width = abs(a) + 1
            self.add(step(choice, center=b, width=width), image, per_channel(image, False, scale_range(b - width / 2, b + width / 2, 0, 1, True)))

    def prediction(self):
        image = self.array()
        axis = int(self.random.integers(-image.ndim, image.ndim))
        choice = self.pick("Sigmoid", "Softmax", "Argmax", "Threshold", "RegionsToLabels", "Cast", "Transpose")
        if choice == "Sigmoid":
            self.add(step(choice), image, per_channel(image, False, expit))
        elif choice == "Softmax" and image.shape[axis]:
            self.add(step(choice, axis=axis), image, per_channel(image, False, lambda v: softmax(v, axis=axis)))
        elif choice == "Argmax" and image.shape[axis]:
            dtype = self.pick("uint8", "int16", "int64")
            self.add(step(choice, axis=axis, dtype=dtype), image, np.argmax(image, axis=axis).astype(dtype))
        elif choice == "Threshold" and image.dtype != np.float16:
            direction, compare = self.pick(("greater", np.greater), ("greater/equal", np.greater_equal))
            threshold = self.pick(0.5, 1.0, 3.0, 10.0)
            self.add(step(choice, threshold=threshold, direction=direction), image, compare(image, threshold).astype(np.uint8))
        elif choice == "RegionsToLabels" and image.dtype != np.float16 and len(image):
            labels = np.zeros(image.shape[1:], np.uint8)
            order = [int(n) for n in self.random.integers(0, 9, image.shape[0])]
            for channel, label in zip(floats(image), order):
                labels[channel > 0.5] = label
            self.add(step(choice, order=order, threshold=0.5), image, labels)
        elif choice == "Cast":
            dtype = self.pick("float32", "float64", "float16")
            self.add(step(choice, dtype=dtype), image, image.astype(dtype))
        elif choice == "Transpose":
            axes = [int(n) for n in self.random.permutation(image.ndim)]
            self.add(step(choice, axes=axes), image, image.transpose(axes))

    def label_map(self):
        rank = self.pick(2, 3, 3, 3)
        shape = tuple(int(n) for n in self.random.integers(1, 14, rank))
        noise = ndimage.gaussian_filter(self.random.normal(size=shape), self.random.uniform(0, 1.2))
        cuts = np.quantile(noise, sorted(self.random.random(int(self.random.integers(1, 4)))))
        labels = np.digitize(noise, cuts)
        values = np.array([0, *self.random.choice([1, 2, 3, 5, 100, 1, 1], 3)])
        out = values[labels].astype(self.pick("uint8", "int16", "float32", "int32", "uint16"))
        return np.asfortranarray(out) if self.random.random() < 0.3 else out

    def components(self):
        image = self.label_map()
        neighbours = self.pick(4, 8) if image.ndim == 2 else self.pick(6, 18, 26)
        labels = self.pick(None, None, [1], [1, 2], [7])
        more = {} if labels is None else {"labels": labels}
        choice = self.pick("KeepLargestComponent", "RemoveSmallComponents", "FillHoles")
        if choice == "KeepLargestComponent":
            independent = bool(self.random.random() < 0.7)
            self.add(step(choice, connectivity=neighbours, independent=independent, **more), image, keep_largest(image, neighbours, labels, independent))
        elif choice == "RemoveSmallComponents":
            least = int(self.random.integers(1, 30))
            self.add(step(choice, connectivity=neighbours, min_voxels=least, **more), image, remove_small(image, neighbours, least, labels))
        elif image.size > 1:
            # Ours looks past axes of one: a single slice has holes. To scipy each of its voxels lies at the border.
            flat = image.squeeze()
            order = min({4: 1, 6: 1, 8: 2, 18: 2, 26: 3}[neighbours], flat.ndim)
            filled = fill_holes(flat, {1: 6, 2: 18, 3: 26}[order], labels)
            self.add(step(choice, connectivity=neighbours, **more), image, filled.reshape(image.shape))

    def space(self):
        image = self.array()
        rank = min(3, image.ndim)
        if image.ndim < 3 or not image.size or image.dtype == np.float16:
            return
        choice = self.pick("PadToMultiple", "CropOrPad", "Resize", "CropForeground")
        if choice == "PadToMultiple":
            k, where = int(self.random.integers(1, 9)), self.pick("both", "end")
            self.add(step(choice, k=k, where=where, fill=1), image, pad_to_multiple(image, k, where, 1))
        elif choice == "CropOrPad":
            size = [int(n) for n in self.random.choice([-1, 1, 2, 3, 4, 5, 6, 9], 3)]
            self.add(step(choice, size=size), image, crop_or_pad(image, size, 0))
        elif choice == "Resize" and np.isfinite(image.astype(np.float64)).all():
            size = [int(n) for n in self.random.integers(1, 10, int(self.random.integers(1, rank + 1)))]
            mode = self.pick("linear", "nearest")
            self.add(step(choice, size=size, mode=mode), image, resized(image, size, mode))
        elif choice == "CropForeground" and image.ndim == 3 and image.dtype.kind != "b":
            inside = np.argwhere(image > 5)
            margin = int(self.random.integers(0, 3))
            out = image
            if len(inside):
                first, last = np.maximum(inside.min(0) - margin, 0), np.minimum(inside.max(0) + margin, np.array(image.shape) - 1)
                out = image[tuple(slice(a, b + 1) for a, b in zip(first, last))]
            self.add(step(choice, threshold=5, margin=margin), image, out)

    def sampling(self):
        """No voxel centres half-way between others: which one is the nearest there hangs on the last bit."""
        random = self.random
        shape = tuple(int(n) for n in random.integers(1, 9, 3))
        image = (random.random(shape) * 200).astype(self.pick("int16", "float32", "float64", "uint8"))
        affine = affine_of(self.pick(*KINDS), random)
        mode = self.pick("linear", "nearest")
        pixdim = [round(float(n), 3) + 0.0007 for n in random.uniform(0.6, 3.5, 3)]
        at = {"in:image": image, "at:image": affine}
        choice = self.pick("Spacing", "ResampleToReference", "RestoreGeometry")
        if choice == "Spacing":
            steps = [step(choice, pixdim=pixdim, mode=mode)]
            out, placed = spacing(image, affine, pixdim, mode)
            self.golden.add(choice, {**at, "out:image": out, "affine:image": placed}, steps=steps, order=["image"], plain={})
        elif choice == "RestoreGeometry":
            steps = [step("Spacing", pixdim=pixdim, mode=mode), step(choice, interpolation=mode)]
            resampled, placed = spacing(image, affine, pixdim, mode)
            out = sample(resampled, np.linalg.inv(placed) @ affine, image.shape, mode, "fill")
            self.golden.add(choice, {**at, "out:image": out, "affine:image": affine}, steps=steps, order=["image"], plain={})
        else:
            target = affine_of(self.pick(*KINDS), random)
            target[:3, 3] = affine[:3, 3] + random.normal(0, 2, 3)
            other = np.zeros(tuple(int(n) for n in random.integers(1, 9, 3)), np.uint8)
            out = sample(image, np.linalg.inv(affine) @ target, other.shape, mode, "fill")
            more = {"in:other": other, "at:other": target, "out:other": other, "affine:other": target}
            self.golden.add(choice, {**at, "out:image": out, "affine:image": target, **more}, steps=[step(choice, reference="other", mode=mode, require_overlap=False)], order=["image", "other"], plain={})


def make(seed, count):
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    maker = Maker(seed)
    while len(maker.golden.cases) < count:
        maker.pick(maker.intensity, maker.intensity, maker.prediction, maker.components, maker.space, maker.sampling)()
    return maker.golden


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_bytes(make(int(sys.argv[2]), int(sys.argv[3])).encode())
