"""Only the name that eisen.transforms imports."""


def resample_img(*_args, **_kwargs):
    raise NotImplementedError("the stand-in does not resample")
