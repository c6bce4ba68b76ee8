"""The Python side of bench/transforms.mjs. `ops SIZE FILE RUNS`: median milliseconds [processor, wall] of each operation as JSON; `chain FILE`: the chain once, with its memory."""
import json
import resource
import sys
import time

import numpy as np


def median_ms(work, runs):
    work()
    processor, wall = [], []
    for _ in range(runs):
        began, start = time.perf_counter(), time.process_time()
        work()
        processor.append((time.process_time() - start) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    return [sorted(processor)[runs // 2], sorted(wall)[runs // 2]]


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def chain(file):
    from eisen.io import LoadNiftiFromFilename
    from eisen.transforms import CropCenteredSubVolumes, MapValues, NiftiToNumpy, ResampleNiftiVolumes

    with open("/proc/self/statm") as memory:
        start = int(memory.read().split()[1]) * resource.getpagesize() / 2**20
    fields = ["image"]
    data = {"image": file}
    steps = [
        LoadNiftiFromFilename(fields, "/"),
        ResampleNiftiVolumes(fields, [1, 1, 1], "linear"),
        NiftiToNumpy(fields),
        MapValues(fields),
        CropCenteredSubVolumes(fields, [192, 192, 192]),
    ]
    for step in steps:
        data = step(data)
    print(json.dumps({"shape": data["image"].shape, "startMB": start, "peakMB": peak_mb()}))


def ops(size, file, runs):
    import nibabel as nib
    from eisen.transforms import (CropCenteredSubVolumes, FixedMeanStdNormalization, LabelMapToOneHot, MapValues, NiftiToNumpy,
                                  ResampleNiftiVolumes, ThresholdValues)
    from scipy import ndimage
    from scipy.special import softmax

    random = np.random.default_rng(1)
    image = random.normal(100, 30, (size, size, size)).astype(np.float32)
    labels = (ndimage.gaussian_filter(random.normal(size=image.shape), 2) > 0.02).astype(np.uint8)
    scores = random.normal(size=(5, size, size, size)).astype(np.float32)
    nifti = nib.load(file)
    fields = ["image"]

    def each(transform, value):
        return lambda: transform({"image": value})

    def z_score():
        mask = image != 0
        out = image.copy()
        out[mask] = (out[mask] - out[mask].mean()) / out[mask].std()

    def largest():
        found, _ = ndimage.label(labels, np.ones((3, 3, 3)))
        labels * (found == np.argmax(np.bincount(found.ravel())[1:]) + 1)

    work = {
        "NiftiToNumpy": each(NiftiToNumpy(fields), nib.Nifti1Image(np.asarray(nifti.dataobj), nifti.affine)),
        "ResampleNiftiVolumes linear": each(ResampleNiftiVolumes(fields, [1, 1, 1], "linear"), nifti),
        "ResampleNiftiVolumes nearest": each(ResampleNiftiVolumes(fields, [1, 1, 1], "nearest"), nifti),
        "MapValues": each(MapValues(fields), image),
        "FixedMeanStdNormalization": each(FixedMeanStdNormalization(fields, 100.5, 30.5), image),
        "ThresholdValues": each(ThresholdValues(fields, 100.0), image),
        "LabelMapToOneHot": each(LabelMapToOneHot(fields, [0, 1]), labels),
        "CropCenteredSubVolumes": each(CropCenteredSubVolumes(fields, [size // 2] * 3), image),
        "ZScore": z_score,
        "ClipPercentile": lambda: np.clip(image, *np.percentile(image, [0.5, 99.5])),
        "Softmax": lambda: softmax(scores, axis=0),
        "Argmax": lambda: np.argmax(scores, axis=0).astype(np.uint8),
        "KeepLargestComponent": largest,
        "FillHoles": lambda: ndimage.binary_fill_holes(labels),
        "RemoveSmallComponents": largest,
    }
    print(json.dumps({name: median_ms(run, runs) for name, run in work.items()}))


if __name__ == "__main__":
    if sys.argv[1] == "chain":
        chain(sys.argv[2])
    else:
        ops(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
