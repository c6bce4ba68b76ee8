"""Reads a JSON chain and runs it: `{"type": "eisen.transforms.imaging.MapValues", "params": {…}}`, bare names too."""
import eisen_deploy_eisen
import eisen_deploy_geometry
import eisen_deploy_labels
import eisen_deploy_numbers
from eisen_deploy_values import BadInput

TRANSFORMS = {}
for module in (eisen_deploy_eisen, eisen_deploy_numbers, eisen_deploy_geometry, eisen_deploy_labels):
    TRANSFORMS.update(module.TABLE)

LISTS = {"pre": ("Readers", "Transforms"), "post": ("PostTransforms",)}


class Step:
    def __init__(self, name, params):
        self.name, self.params = name, params


def parse_chain(document, where, part):
    """The steps of a chain document; RuntimeError where this handler lacks a transform of it."""
    if isinstance(document, dict):
        keys = LISTS[part] if part == "pre" or "PostTransforms" in document else LISTS["pre"]
        document = [step for key in keys for step in document.get(key, [])]
    steps = []
    for entry in document:
        name = (entry.get("type") or entry.get("name")).rsplit(".", 1)[-1]
        if name not in TRANSFORMS:
            raise RuntimeError("%s: the transform %s runs only in eisen-deploy's own server" % (where, name))
        steps.append(Step(name, entry.get("params") or {}))
    return steps


def run_chain(steps, fields):
    """Runs the steps; `names` of a transform in Python are the `fields` of its JSON."""
    for step in steps:
        params = dict(step.params)
        names = params.pop("fields", [])
        try:
            fields = TRANSFORMS[step.name](fields, names, **params)
        except BadInput as error:
            raise BadInput("%s: %s" % (step.name, error))
    return fields
