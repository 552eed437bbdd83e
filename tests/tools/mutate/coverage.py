# SPDX-License-Identifier: MIT
"""Which test executes which line."""
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import runner
from tree import COVERAGE, HITS, LINES, ROOT, files, make_everything, script

# Tests that build the tree anew, or look at its text, say nothing about a mutant.
LEFT_OUT = {"contributing.bats", "includes.bats", "hardening.bats", "man.bats"}


def stamp(file):
    """Of all that decides which lines the tests of a file execute."""
    digest = hashlib.sha256()
    for name in sorted(files(ROOT)):
        if name == f"tests/{file}" or \
                re.match(r"lib/|filters/|tests/(unit|expected)/|tests/[^/]*\.bash$|tests/tools/.*\.c$", name):
            digest.update(name.encode() + (ROOT / name).read_bytes())
    return digest.hexdigest()


def cover(file):
    """{"tests": [[name, seconds], ...], "setup": seconds}; what each of them executed is in HITS/file/number/."""
    known, now = HITS / file / "tests.json", stamp(file)
    if known.exists() and (tests := json.loads(known.read_text()))["stamp"] == now:
        return tests
    print(f"{file}: which lines do its tests execute?", file=sys.stderr, flush=True)
    make_everything(COVERAGE)
    for old in HITS / file, LINES:
        shutil.rmtree(old, ignore_errors=True)
    env = {"CC": script("cc", 'exec cc --coverage "$@"\n'), "MUTATE_HITS": str(HITS / file),
           "GCOV_PREFIX_STRIP": str(len((COVERAGE / "build").parts) - 1)}
    start = time.monotonic()
    tests = [(name, seconds) for _, name, _, seconds in runner.run(COVERAGE, file, more_env=env)]
    setup = max(0, time.monotonic() - start - sum(seconds for _, seconds in tests))
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_text(json.dumps({"stamp": now, "tests": tests, "setup": setup}))
    return json.loads(known.read_text())


def cover_all():
    names = sorted(path.name for path in ROOT.glob("tests/*.bats"))
    return {name: cover(name) for name in names if name not in LEFT_OUT}


def lines_of(source):
    """{"lines": {line: [[file, number of a test], ...]}, "functions": [[first line, last line], ...]}"""
    known = LINES / (source.replace("/", "-") + ".json")
    if known.exists():
        return json.loads(known.read_text())
    stem = source.removesuffix(".c") if source.startswith("lib/") else "{0}-{0}".format(Path(source).stem)
    lines, functions = {}, []
    for counts in sorted(HITS.glob(f"*/*/{stem}.gcda")):
        notes = counts.with_suffix(".gcno")
        if not notes.exists():
            notes.symlink_to(COVERAGE / "build" / f"{stem}.gcno")
        report = subprocess.run(["gcov", "--json-format", "--stdout", counts], cwd=COVERAGE, stdout=subprocess.PIPE, check=True)
        file, number = counts.relative_to(HITS).parts[:2]
        for part in (part for part in json.loads(report.stdout)["files"] if part["file"] == source):
            functions = sorted([f["start_line"], f["end_line"]] for f in part["functions"])
            for line in part["lines"]:
                hits = lines.setdefault(str(line["line_number"]), [])
                if line["count"] and [file, int(number)] not in hits:
                    hits.append([file, int(number)])
    known.parent.mkdir(exist_ok=True)
    known.write_text(json.dumps({"lines": lines, "functions": functions}))
    return {"lines": lines, "functions": functions}


def tests_of(source, line, covered):
    """{file: numbers of the tests} that execute the line; for what is in no function, that execute the source."""
    known = lines_of(source)
    inside = [first for first, last in known["functions"] if first <= line <= last]
    if inside:  # a statement of several lines is counted at one that comes before
        before = [other for other in map(int, known["lines"]) if inside[-1] <= other <= line]
        hits = known["lines"][str(max(before))] if before else []
    else:
        hits = [hit for hits in known["lines"].values() for hit in hits]
    tests = {}
    for file, number in hits:
        every = range(1, len(covered[file]["tests"]) + 1)  # 0: setup_file(), on which all tests depend
        tests.setdefault(file, set()).update([number] if number else every)
    return tests
