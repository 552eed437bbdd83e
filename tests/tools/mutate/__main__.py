# SPDX-License-Identifier: MIT
"""Do the tests notice mistakes? Makes one at a time in a copy of lib/ or filters/, and runs the tests that execute it.

usage: python3 tests/tools/mutate FOLDER COUNT SEED [NUMBER...]     (make mutate N=60 SEED=1)

FOLDER keeps two copies of the tree: one built for coverage, which says once which test executes which line, and one in
which the mutants are built. COUNT mutants are drawn by SEED; with NUMBERs, only these of them are tried. What does not
compile, or compiles to the same code, is drawn anew."""
import collections
import fcntl
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import runner
from coverage import cover_all, tests_of
from mutants import mutants_of
from tree import FOLDER, ROOT, TREE, make, make_everything, try_make

SLOW = 3  # seconds: a test that takes longer runs alone
FEW = 4  # of the quick tests of a file: they run before the others
CAP = 240  # seconds of processor time that the tests of a mutant may take


class Mutant:
    """A mistake, which is in the programs of TREE from apply() to undo()."""

    def __init__(self, source, text, start, end, replacement):
        self.source, self.text = source, text[:start] + replacement + text[end:]
        line = text.count("\n", 0, start)
        self.line = line + 1
        self.before, self.after = (t.split("\n")[line].strip() for t in (text, self.text))
        stem = source.removesuffix(".c")
        self.target = f"build/{stem}.o" if stem.startswith("lib/") else "build/" + Path(stem).name

    def code(self):
        bare = FOLDER / "bare"
        subprocess.run(["objcopy", "--strip-debug", "-R", ".note.gnu.build-id", TREE / self.target, bare], check=True)
        return bare.read_bytes()

    def changes_code(self):
        """Whether it compiles, and into other code."""
        before = self.code()
        (TREE / self.source).write_text(self.text)
        return try_make(TREE, self.target).returncode == 0 and self.code() != before

    def link(self):
        make(TREE, self.target, "build/libae.a")
        make(TREE, "-o", "build/libae.a", "all")  # the public library; the programs need not be linked again

    def apply(self):
        (TREE / self.source).write_text(self.text)
        self.link()

    def undo(self):
        shutil.copy(ROOT / self.source, TREE / self.source)
        self.link()


def draw(count, seed):
    """Yields as many mutants that change the code."""
    every = []
    for path in sorted([*ROOT.glob("filters/*.c"), *ROOT.glob("lib/*/*.c")]):
        if path.parent.name != "kernels":
            text = path.read_text()
            every += [(str(path.relative_to(ROOT)), text, *change) for change in mutants_of(text)]
    print(f"{count} of {len(every)} mistakes, drawn by seed {seed}:", flush=True)
    random.Random(seed).shuffle(every)
    drawn = 0
    while drawn < count and every:
        mutant = Mutant(*every.pop())
        if mutant.changes_code():
            drawn += 1
            yield mutant
        mutant.undo()


def batches(tests, covered):
    """[(usual seconds, file, names)]: some quick tests of a file together, slow ones alone. First comes what executes
    many lines of the source for its time: it likely looks at what they do."""
    files = collections.defaultdict(list)
    for (file, number), lines in tests.items():
        name, seconds = covered[file]["tests"][number - 1]
        files[file].append((seconds / lines, seconds, lines, name))
    found = []
    for file, known in files.items():
        quick = sorted(test for test in known if test[1] < SLOW)
        for batch in [quick[:FEW], quick[FEW:]] + [[test] for test in known if test[1] >= SLOW]:
            if batch:
                usual = covered[file]["setup"] + sum(seconds for _, seconds, *_ in batch)
                found.append((usual / sum(lines for _, _, lines, _ in batch), usual, file, [name for *_, name in batch]))
    return [batch for _, *batch in sorted(found)]


def first_failure(file, names, usual):
    """The name of a test, "time limit" or what bats says of setup_file(); None."""
    results = runner.run(TREE, file, names, limit=10 * usual + 20, stop_at_failure=True)
    return next((name for _, name, passed, _ in list(results) if not passed), None)


def judge(mutant, tests, covered, sound):
    """(whether a test fails, which, or how many do not). sound: {(file, name): whether it passes without a mutant}."""
    used, count = sum(os.times()[2:4]), 0
    for usual, file, names in batches(tests, covered):
        names = [name for name in names if sound.get((file, name), True)]
        while names and (failed := first_failure(file, names, usual)):
            suspects = [failed] if failed in names else names
            if not all(sound.get((file, name)) for name in suspects):
                mutant.undo()
                passed = first_failure(file, suspects, usual) is None
                sound.update(((file, name), passed) for name in suspects)
                mutant.apply()
            if sound[file, suspects[0]]:
                return True, f"{file}: {failed}"
            names = [name for name in names if name not in suspects]
        count += len(names)
        if sum(os.times()[2:4]) - used > CAP:
            return False, f"{count} of {len(tests)} tests, then the limit of {CAP} s"
    return False, f"{count} tests" if tests else "no test executes it"


def main():
    count, seed, only = int(sys.argv[2]), int(sys.argv[3]), set(map(int, sys.argv[4:]))
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = open(FOLDER / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"mutate: another run has its mutants in {FOLDER}")
    covered = cover_all()
    make_everything(TREE)
    sound, verdicts = {}, []
    for number, mutant in enumerate(draw(count, seed), 1):
        if only and number not in only:
            continue
        mutant.apply()
        killed, why = judge(mutant, tests_of(mutant.source, mutant.line, covered), covered, sound)
        verdicts.append(killed)
        print(f"{number:3} {'killed  ' if killed else 'survived'} {mutant.source}:{mutant.line} ({why})")
        print(f"      - {mutant.before}\n      + {mutant.after}", flush=True)
    for file, name in sorted(test for test, passed in sound.items() if not passed):
        print(f"left out, for it fails without a mistake: {file}: {name}")
    print(f"{len(verdicts)} mutants, {sum(verdicts)} killed, {len(verdicts) - sum(verdicts)} survived")


if __name__ == "__main__":
    main()
