"""Times of nibabel, nilearn and numpy for bench/imaging.mjs: file size runs → JSON of milliseconds, [processor, wall]."""
import json
import statistics
import sys
import time
import warnings

import nibabel as nib
import numpy as np
from nilearn.image import resample_img

warnings.simplefilter("ignore")


def measure(run, runs):
    processor, wall = [], []
    for n in range(runs + 1):
        began, start = time.perf_counter(), time.process_time()
        run()
        if n > 0:
            processor.append((time.process_time() - start) * 1000)
            wall.append((time.perf_counter() - began) * 1000)
    return [statistics.median(processor), statistics.median(wall)]


def main(path, runs):
    image = nib.load(path)
    data = np.asanyarray(image.dataobj)
    straight = nib.Nifti1Image(data, image.affine)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(0.1), -np.sin(0.1)], [np.sin(0.1), np.cos(0.1)]]
    oblique = nib.Nifti1Image(data, turn @ image.affine)
    values = data.astype(np.float32)
    weight = np.random.default_rng(0).random(values.shape, dtype=np.float32)
    total = np.zeros_like(values)
    scores = np.random.default_rng(1).random((5, *[n // 2 for n in values.shape]), dtype=np.float32)

    def accumulate():
        nonlocal total
        total += values * weight

    def resample(img, interpolation):
        return lambda: resample_img(img, target_affine=np.eye(3), interpolation=interpolation)

    print(json.dumps({
        "read .nii.gz": measure(lambda: np.asanyarray(nib.load(path).dataobj), runs),
        "resample, linear, axis-aligned": measure(resample(straight, "linear"), runs),
        "resample, linear, oblique": measure(resample(oblique, "linear"), runs),
        "resample, nearest, axis-aligned": measure(resample(straight, "nearest"), runs),
        "resample, nearest, oblique": measure(resample(oblique, "nearest"), runs),
        "normalise float32": measure(lambda: (values - np.float32(3)) / np.float32(7), runs),
        "accumulate weighted": measure(accumulate, runs),
        "argmax of 5": measure(lambda: np.argmax(scores, axis=0).astype(np.uint8), runs),
    }))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
