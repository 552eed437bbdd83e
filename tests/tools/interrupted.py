#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes examples/ecg, ends it at random moments, and makes it again: it must end in the same bytes each time.

usage: interrupted.py FOLDER [--moments N] [--seed S] [NAME=VALUE ...]

FOLDER is where copies of the examples and what they make go. NAME=VALUE are settings of the example. The programs come from
AE_BUILD. At each moment, in turn, the whole group of make's processes gets SIGINT as from Ctrl-C, SIGKILL or SIGTERM, or
ae-train alone SIGKILL. Half of the moments of each kind lie in a first make, the other half in one with another seed of the data, which finds
all files of before. Then the second make must succeed, and every file that it leaves must be that of a make that nothing
ended. Counted alone is how often a third make would make something again: a rule of two files that was ended between them
makes both, the first one behind what had come of it.
"""
import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRAINING = "SIGKILL to ae-train"
ENDS = ["SIGINT to the group", "SIGKILL to the group", TRAINING, "SIGTERM to the group"]
MODELS = ["ecg.aem", "linear.aem"]
OTHER = "HEARTBEATS=-n 500 -s 7"


def command(folder, settings):
    return ["make", "--no-print-directory", "-j2", "-C", str(folder / "ecg"), f"AE={folder.resolve()}/bin", "PYTHON=false", *settings]


def digests(out):
    """What each file holds; what a make that was ended may leave beside is not among them."""
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(out.rglob("*")) if path.is_file() and not path.name.startswith("part.")}


def members(group):
    """(pid, name) of the processes of a group that run."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, rest = (entry / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        state, _, pgrp = rest.split()[:3]
        if int(pgrp) == group and state != "Z":
            yield int(entry.name), name


def start(args, log, variables):
    # A shell that runs this in the background would have SIGINT ignored.
    return subprocess.Popen(args, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env=os.environ | variables,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def end(process, how, after):
    """Ends it after so many seconds, or lets its ae-train be killed; whether it was still at work."""
    if how == TRAINING:
        return process.wait() != 0
    try:
        process.wait(after)
        return False
    except subprocess.TimeoutExpired:
        pass
    os.killpg(process.pid, signal.Signals[how.split()[0]])
    process.wait()
    while any(members(process.pid)):
        time.sleep(0.01)
    return True


def programs(folder):
    """A folder with the programs, and an ae-train that is killed AFTER seconds where it trains the model KILLED."""
    folder.mkdir()
    for program in Path(os.environ["AE_BUILD"]).resolve().glob("ae-*"):
        (folder / program.name).symlink_to(program)
    train = folder / "ae-train"
    real = train.resolve()
    train.unlink()
    train.write_text(f"""#!/bin/bash
if [ -z "$KILLED" ] || [[ " $* " != *"/$KILLED "* ]]; then exec '{real}' "$@"; fi
'{real}' "$@" <&0 &
sleep "$AFTER"
kill -KILL $!
wait $!
""")
    train.chmod(0o755)

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("settings", nargs="*")
    given = parser.parse_intermixed_args()
    draw = random.Random(given.seed)
    shutil.rmtree(given.folder, ignore_errors=True)
    shutil.copytree(ROOT / "examples", given.folder, ignore=shutil.ignore_patterns("out"))
    out, log_path = given.folder / "ecg" / "out", given.folder / "log"
    programs(given.folder / "bin")
    make = command(given.folder, given.settings)

    with open(log_path, "wb") as log:
        subprocess.run(make + [OTHER], check=True, stdout=log, stderr=log)
        other = given.folder / "other"
        shutil.move(out, other)
        began = time.monotonic()
        subprocess.run(make, check=True, stdout=log, stderr=log)
        took = time.monotonic() - began
        expected = digests(out)

    counts = {how: 0 for how in ENDS}
    failures, again = [], 0
    for moment in range(given.moments):
        how = ENDS[moment % len(ENDS)]
        training = 0.1
        while True:
            shutil.rmtree(out)
            if moment // len(ENDS) % 2:
                subprocess.run(["cp", "-a", other, out], check=True)
            after = draw.uniform(0, training if how == TRAINING else took)
            variables = {"KILLED": draw.choice(MODELS), "AFTER": f"{after:.4f}"} if how == TRAINING else {}
            began = time.monotonic()
            with open(log_path, "wb") as log:
                if end(start(make, log, variables), how, after):
                    break
            # It was done before: the machine has become faster.
            took = min(took, time.monotonic() - began)
            training /= 2
        counts[how] += 1
        with open(log_path, "ab") as log:
            status = subprocess.run(make, stdout=log, stderr=log).returncode
        got = digests(out)
        wrong = sorted(name for name in expected.keys() | got.keys() if expected.get(name) != got.get(name))
        again += subprocess.run(make + ["-q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0
        if status != 0 or wrong:
            failures.append(moment)
            print(f"moment {moment}, {how} after {after:.3f} s: status {status}, other bytes: {' '.join(wrong) or 'none'}")
            shutil.copy(log_path, given.folder / f"log.{moment}")
    print(f"{given.moments} moments: " + ", ".join(f"{counts[how]} {how}" for how in ENDS) +
          f"; {len(expected)} files; {len(failures)} times other bytes; {again} times a file to make again")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
