#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""headers.py AE-CAT N: the rule of aefilters(7) for headers in the midst of text, written down plainly, against
`AE-CAT --on-bad skip` on N random logs. Fails with the log that tells them apart."""
import random
import subprocess
import sys

ae_cat, count = sys.argv[1], int(sys.argv[2])
rnd = random.Random(7)
WORDS = ["flow", "speed", "temp", "press", "level", "power", "off", "lost", "on", "site", "3rd", "end"]


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def bare(word):
    return word.strip(" ").lower()


def kept(names, texts, lines):
    """The rows that stay. texts: how many of the first columns are text."""
    rows, other, after_header = [], False, True
    for cells in lines:
        if cells == names:
            other, after_header = False, True
            continue
        after, after_header = after_header, False
        if other:
            continue
        if len(cells) == len(names) and all(map(is_number, cells[texts:])):
            rows.append(cells)
            continue
        # a bad row: is it a header of other columns?
        words = not any(map(is_number, cells)) and all(a != b for a, b in zip(cells, cells[1:]))
        if not words or len(cells) != len(names):
            continue
        shared = sum(bare(c) in map(bare, names) for c in cells)
        fresh = len(set(map(bare, cells))) == len(cells) and not any(c[0].isdigit() for c in cells)
        other = 2 * shared >= len(cells) or (not after and fresh and len(names) - texts >= 3)
    return rows


def cased(word):
    return rnd.choice([word, word, word.upper(), word.capitalize(), word + " ", " " + word])


for n in range(count):
    texts, numbers = rnd.randrange(2), rnd.randrange(1, 5)
    names = ["id"][:texts] + rnd.sample(WORDS[:6], numbers)
    lines = []
    for _ in range(rnd.randrange(12)):
        kind, width = rnd.randrange(8), max(1, len(names) + rnd.choice([0, 0, 0, 0, -1, 1]))
        if kind < 4:
            lines.append(["p%d" % rnd.randrange(9)][:texts] + [str(rnd.randrange(99)) for _ in range(numbers)])
        elif kind == 4:
            lines.append(names)
        elif kind == 5:
            lines.append([cased(rnd.choice(names)) for _ in range(width)])
        elif kind == 6:
            lines.append([cased(rnd.choice(names + WORDS)) for _ in range(width)])
        else:
            lines.append([rnd.choice(WORDS + ["7"]) for _ in range(width)])
    text = "".join(",".join(line) + "\n" for line in [names] + lines)
    got = subprocess.run([ae_cat, "-q", "-c", "--on-bad", "skip"], input=text, capture_output=True, text=True, check=True)
    expected = "".join(",".join(line) + "\n" for line in [names] + kept(names, texts, lines))
    if got.stdout != expected:
        sys.exit("log %d:\n%s\nexpected:\n%s\ngot:\n%s" % (n, text, expected, got.stdout))
