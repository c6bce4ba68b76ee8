"""Random chains over random volumes, run by eisen-core and what it calls.

    python random_chains.py FILE SEED COUNT
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "golden" / "transforms"))
from make_eisen_chains import make  # noqa: E402

if __name__ == "__main__":
    os.environ.update(CHAINS_SEED=sys.argv[2], CHAINS_COUNT=sys.argv[3])
    pathlib.Path(sys.argv[1]).write_bytes(make().encode())
