# SPDX-License-Identifier: MIT
"""Two copies of the tree, each with its build/: COVERAGE counts lines, in TREE the mutants are made."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(sys.argv[1]).resolve()
COVERAGE, TREE, HITS = (FOLDER / name for name in ("coverage", "tree", "hits"))

# libae.a becomes a shared object: a mutant is linked once, not into every program.
SHARED_AR = """case $2 in
*/libae.a) archive=$PWD/$2; shift 2; exec cc -shared -Wl,-soname,"$archive" -o "$archive" "$@" ;;
*) exec ar "$@" ;;
esac
"""
# GCOV_PREFIX: every test writes its counts into a folder of its own.
SEPARATE_COUNTS = 'export GCOV_PREFIX="$MUTATE_HITS/${BATS_TEST_NUMBER:-0}"\n'


def files(top):
    """Names of all files that are not built."""
    parts = (path for path in top.iterdir() if not re.match(r"\.?build|\.git$", path.name))
    return {str(path.relative_to(top)) for part in parts for path in [part, *part.rglob("*")]
            if path.is_file() and path.parent.name != "__pycache__"}


def copy(to):
    """Writes only what differs, so that make builds only that."""
    to.mkdir(parents=True, exist_ok=True)
    wanted = files(ROOT)
    for extra in files(to) - wanted:
        (to / extra).unlink()
    for name in wanted:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if not (to / name).exists() or (to / name).read_bytes() != (ROOT / name).read_bytes():
            shutil.copy(ROOT / name, to / name)
    if to == COVERAGE:
        with open(to / "tests/helpers.bash", "a") as helpers:
            helpers.write(SEPARATE_COUNTS)


def script(name, text):
    path = FOLDER / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def try_make(tree, *arguments):
    env = {name: value for name, value in os.environ.items() if name not in ("CC", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    if tree == COVERAGE:  # its objects hold the name of the folder, which a cache of objects may not know
        env["CCACHE_DISABLE"] = "1"
        flags = ["CFLAGS=-O1 -g --coverage -frandom-seed=1 -Wno-error", "KERNEL_CFLAGS=-O3 -fno-profile-arcs -fno-test-coverage"]
    else:
        flags = ["AR=" + script("ar", SHARED_AR), "SHARED=-fPIC"]
    return subprocess.run(["make", "-s", *flags, *arguments], cwd=tree, env=env, capture_output=True, text=True)


def make(tree, *arguments):
    done = try_make(tree, f"-j{len(os.sched_getaffinity(0))}", *arguments)
    if done.returncode != 0:
        sys.exit(f"mutate: {tree} does not build:\n{done.stderr}")


def make_everything(tree):
    copy(tree)
    make(tree, "build/libae.a")
    shared = ["-o", "build/libae.a"] if tree == TREE else []  # of which the programs need not be linked again
    make(tree, *shared, "all", "unit", "build/examples/heartbeats")
