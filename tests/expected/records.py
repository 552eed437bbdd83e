# SPDX-License-Identifier: MIT
"""records.py AE-CAT N: N random texts through ae-cat and through Python's csv module (CSV) or a decoder written from
Miller's documentation (TSV): the rows must be the same. Texts differ in quotes, line ends, byte order marks, comments,
skipped lines, units and repeated headers."""
import csv
import io
import random
import subprocess
import sys

PIECES = ["a", "b", "7", " ", ",", ";", '"', "\t", "\\", "\\t", "'", "é", "#", "!", "x y", "-", "\r", "\n", ""]
NAMES = ["id", "time", "label"]


def cell(rnd, line_ends):
    text = "".join(rnd.choice(PIECES) for _ in range(rnd.randrange(4)))
    return text if line_ends else text.replace("\n", "").replace("\r", "")


def quoted(rnd, text):
    must = any(c in text for c in ',"\n\r')
    return '"' + text.replace('"', '""') + '"' if must or rnd.random() < 0.3 else text


ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"}


def escaped(text):
    return "".join(ESCAPES.get(c, c) for c in text)


def make(rnd):
    """The bytes, the options and the rows that are meant."""
    tsv = rnd.random() < 0.4
    multiline = not tsv and rnd.random() < 0.3
    comment = rnd.random() < 0.4
    units = rnd.random() < 0.3
    skip = rnd.choice([0, 0, 2])
    end = rnd.choice(["\n", "\r\n"])
    rows, lines = [], ["junk, \"%d" % i for i in range(skip)]
    line = (lambda cells: "\t".join(map(escaped, cells))) if tsv else (
        lambda cells: ",".join(quoted(rnd, c) for c in cells))
    header = ("\t" if tsv else ",").join(NAMES)

    def begin():
        lines.append(header)
        if units:
            lines.append(line(["no", "s", "-"]))

    begin()
    for _ in range(rnd.randrange(12)):
        kind = rnd.random()
        if kind < 0.1:
            lines.append(("\ufeff" if rnd.random() < 0.5 else "") + header)
            if units:
                lines.append(line(["no", "s", "-"]))
        elif kind < 0.2 and comment:
            lines.append('#, "' + cell(rnd, False))
        else:
            cells = [cell(rnd, multiline or tsv) for _ in NAMES]
            text = line(cells)
            if text.startswith("#") and comment or text in (header, "!"):
                continue
            rows.append(cells)
            lines.append(text)
    text = ("\ufeff" if rnd.random() < 0.3 else "") + "".join(t + end for t in lines)
    options = (["-I", "tsv"] if tsv else []) + (["--multiline"] if multiline else []) + (
        ["--comment", "#"] if comment else []) + (["--units"] if units else []) + (
        ["--skip-lines", str(skip)] if skip else [])
    return text.encode(), options, rows, tsv


def unescape(text):
    out, i, back = "", 0, {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    while i < len(text):
        if text[i] == "\\" and i + 1 < len(text) and text[i + 1] in back:
            out, i = out + back[text[i + 1]], i + 2
        else:
            out, i = out + text[i], i + 1
    return out


def run(command, data):
    done = subprocess.run(command, input=data, capture_output=True)
    if done.returncode != 0:
        raise SystemExit("%s failed: %s\n%r" % (command, done.stderr.decode(), data))
    return done.stdout.decode()


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    for seed in range(count):
        data, options, rows, _ = make(random.Random(seed))
        out = run([program, "-c", "--multiline"] + options, data)
        got = list(csv.reader(io.StringIO(out, newline=""), strict=True))
        if got != [NAMES] + rows:
            raise SystemExit("seed %d, %s, CSV: %r\ngot  %r\nmeant %r" % (seed, options, data, got[1:], rows))
        out = run([program, "-t"] + options, data)
        got = [[unescape(c) for c in text.split("\t")] for text in out.split("\n")[:-1]]
        if got != [NAMES] + rows:
            raise SystemExit("seed %d, %s, TSV: %r\ngot  %r\nmeant %r" % (seed, options, data, got[1:], rows))
    print("%d texts agree" % count)


main()
