"""Lists a zip as Python's zipfile sees it: one JSON line of [name, size, sha256] rows, or {"refused": why}."""

import hashlib
import json
import sys
import zipfile

for path in sys.stdin.read().splitlines():
    try:
        with zipfile.ZipFile(path) as archive:
            rows = [
                [info.filename, info.file_size, hashlib.sha256(archive.read(info)).hexdigest()]
                for info in archive.infolist()
                if not info.is_dir()
            ]
        print(json.dumps(rows))
    except Exception as error:  # every way to refuse is an answer
        print(json.dumps({"refused": f"{type(error).__name__}: {error}"}))
