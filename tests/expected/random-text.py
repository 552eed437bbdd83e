# SPDX-License-Identifier: MIT
"""random-text.py AE-CAT N: N random texts, under random options, end in status 0, or in status 1 with one line on
standard error beside the reports of what was left out; and what was read with success reads back as the same rows."""
import random
import subprocess
import sys

PIECES = [b"a", b"b", b",", b";", b'"', b"\t", b"\\", b"\n", b"\r\n", b"\r", b"!", b"!\n", b"#", b"1", b"2.5", b"-", b"nan",
          b"id", b"id,a,b\n", b"\xef\xbb\xbf", b"\0", b"\xff\xfe", b"PK\3\4", b'{"', b"<?xml", b"1,2,3\n", b"\\t", b"\\!",
          b"sep=;\n", b'm,s,"\n', b"\x1f\x8b", b"RIFF", b"BZh", b'"id","a","b"\n', b"a,b,id\n", b"degC,bar,x\n", b"id\n"]


def make(rnd):
    def maybe(share, *words):
        return list(words) if rnd.random() < share else []

    data = b"id,a,b\n" if rnd.random() < 0.6 else b""
    data += b"".join(rnd.choice(PIECES) for _ in range(rnd.randrange(30)))
    options = maybe(0.3, "-I", "tsv") + maybe(0.3, "--multiline") + maybe(0.3, "--skip-lines", str(rnd.randrange(4)))
    options += maybe(0.3, "--comment", rnd.choice(["#", "//", "!", "a"])) + maybe(0.3, "--na", '-,"a,b",1')
    options += rnd.choice([[], ["--units"], ["-H"], ["--numeric-header"]])
    options += maybe(0.6, "--on-bad", "skip") + maybe(0.5, "--missing", rnd.choice(["skip", "mask"]))
    options += maybe(0.5, "--pass", "1") + maybe(0.3, "--x", "-1") + maybe(0.3, "--lenient-eof")
    return data, options


def run(command, data):
    return subprocess.run(command, input=data, capture_output=True)


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    read = 0
    for seed in range(count):
        data, options = make(random.Random(seed))
        done = run([program] + options, data)
        what = "seed %d: %s %r: " % (seed, options, data)
        lines = done.stderr.decode(errors="replace").splitlines()
        errors = [t for t in lines if "left out" not in t and "failed" not in t]
        if done.returncode not in (0, 1) or len(errors) > 1 or (done.returncode == 1 and not lines):
            raise SystemExit(what + "status %d, %r" % (done.returncode, done.stderr))
        if done.returncode == 0:
            read += 1
            for out, back in (["-c", "--multiline"], ["--multiline"]), (["-t"], ["-I", "tsv"]):
                text = run([program] + out, done.stdout)
                again = run([program, "--missing", "mask"] + back + out, text.stdout)
                if text.returncode == 0 and again.returncode == 0 and again.stdout != text.stdout:
                    raise SystemExit(what + "%r reads back as %r" % (text.stdout, again.stdout))
    if read < count // 20:
        raise SystemExit("only %d of %d texts were read" % (read, count))
    print("%d texts, %d of them read" % (count, read))


main()
