# SPDX-License-Identifier: MIT
"""Which test executes which line."""
import collections
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import runner
from tree import COVERAGE, HITS, ROOT, files, make_everything, script

# Tests that build the tree anew, look at its text or ask git say nothing about a mutant.
LEFT_OUT = {"builds.bats", "contributing.bats", "includes.bats", "hardening.bats", "leftovers.bats"}


def stamp(file):
    """Of all that decides which lines the tests of a file execute."""
    digest = hashlib.sha256()
    parts = rf"lib/|filters/|tests/(unit|expected|{Path(file).stem})/|tests/[^/]*\.bash$|tests/tools/[^/]*$"
    for name in sorted(files(ROOT)):
        if name == f"tests/{file}" or re.match(parts, name):
            digest.update(name.encode() + (ROOT / name).read_bytes())
    return digest.hexdigest()


def cover(file, compiler):
    """{"tests": [[name, seconds], ...], "setup": seconds}; HITS/file/number/ has what each of them executed."""
    known, now = HITS / file / "tests.json", stamp(file)
    if known.exists() and (tests := json.loads(known.read_text()))["stamp"] == now:
        return tests
    print(f"{file}: which lines do its tests execute?", file=sys.stderr, flush=True)
    shutil.rmtree(HITS / file, ignore_errors=True)
    env = {"CC": compiler, "MUTATE_HITS": str(HITS / file),
           "GCOV_PREFIX_STRIP": str(len((COVERAGE / "build").parts) - 1)}
    start = time.monotonic()
    tests = [(name, seconds) for _, name, _, seconds in runner.run(COVERAGE, file, more_env=env)]
    setup = max(0, time.monotonic() - start - sum(seconds for _, seconds in tests))
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_text(json.dumps({"stamp": now, "tests": tests, "setup": setup}))
    return json.loads(known.read_text())


def cover_all():
    names = sorted({path.name for path in ROOT.glob("tests/*.bats")} - LEFT_OUT)
    make_everything(COVERAGE)
    compiler = script("cc", 'exec cc --coverage "$@"\n')
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return dict(zip(names, pool.map(lambda name: cover(name, compiler), names)))


@functools.cache
def lines_of(source):
    """({line: [(file, number of a test), ...]}, [(first line, last line) of each function])"""
    stem = source.removesuffix(".c") if source.startswith("lib/") else "{0}-{0}".format(Path(source).stem)
    counts = sorted(HITS.glob(f"*/*/{stem}.gcda"))
    for path in counts:
        if not path.with_suffix(".gcno").exists():
            path.with_suffix(".gcno").symlink_to(COVERAGE / "build" / f"{stem}.gcno")
    lines, functions = {}, set()
    gcov = ["gcov", "--json-format", "--stdout", *counts]
    reports = subprocess.run(gcov, cwd=COVERAGE, stdout=subprocess.PIPE, check=True, text=True).stdout if counts else ""
    for report in map(json.loads, filter(str.strip, reports.split("\n"))):
        file, number = Path(report["data_file"]).relative_to(HITS).parts[:2]
        for part in (part for part in report["files"] if part["file"] == source):
            functions.update((f["start_line"], f["end_line"]) for f in part["functions"])
            for line in part["lines"]:
                hits = lines.setdefault(line["line_number"], set())
                if line["count"]:
                    hits.add((file, int(number)))
    return lines, sorted(functions)


def tests_of(source, line, covered):
    """{(file, number): lines of the source that it executes} of the tests that execute the line, or, for what is in no
    function, any."""
    lines, functions = lines_of(source)
    inside = [first for first, last in functions if first <= line <= last]
    if inside:  # a statement of several lines is counted at one that comes before
        before = [other for other in lines if inside[-1] <= other <= line]
        hits = lines[max(before)] if before else set()
    else:
        hits = set().union(*lines.values())
    executed = collections.Counter(hit for line in lines.values() for hit in line)
    tests = collections.Counter()
    for file, number in hits:
        every = range(1, len(covered[file]["tests"]) + 1)  # 0: setup_file(), on which all tests depend
        for test in [number] if number else every:
            tests[file, test] += executed[file, number]
    return tests
