"""Makes an archive as eisen-deploy 0.0.2 makes it: pickled model and chains, its own handlers.py, torch-model-archiver 0.1.1.

usage: make_original.py FOLDER            writes FOLDER/original.mar
With the real torch before the stand-in on PYTHONPATH this is a real torch archive; the model doubles its input.
"""
import sys
from pathlib import Path

import torch

FOLDER = Path(sys.argv[1])
MODULES = FOLDER / "modules"
MODULES.mkdir(exist_ok=True)
# Pickle names classes by their module: the serving side must be able to import this one as well.
(MODULES / "doubling.py").write_text(
    "import torch\n\n\n"
    "class Doubling(torch.nn.Module):\n"
    "    def forward(self, image):\n"
    "        return image * 2 if hasattr(image, 'sum') else torch.Tensor(image.values * 2)\n"
)
sys.path.insert(0, str(MODULES))
from doubling import Doubling  # noqa: E402
from eisen.transforms import FilterFields, FixedMeanStdNormalization  # noqa: E402
from eisen_deploy.packaging import EisenServingMAR, create_metadata  # noqa: E402

metadata = create_metadata(["image"], ["ndarray"], [[-1, -1]], ["prediction"], ["ndarray"], [[-1, -1]])
packer = EisenServingMAR(FixedMeanStdNormalization(["image"], 1.0, 2.0), FilterFields(["prediction"]), metadata)
packer.pack(Doubling(), str(FOLDER), "original", "1.0", [str(MODULES / "doubling.py")])
