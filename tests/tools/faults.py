#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Faults of the system, injected into every program: one call, or all from one on, fails, is interrupted or moves less.

Prints a table: how many were tried; recovered (the result is that without a fault), caught (a status that says so, a
message that names the reason, and nothing that could be taken for a whole result), crashed (a signal, or no end),
silent (anything else). The status is 1 if any crashed or was silent; each of those is shown with what repeats it.
"""

import argparse
import errno
import itertools
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter, namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import fault_commands
import kills

SECONDS = 20  # after which a program hangs
SHORT = 0  # as an error number: fewer bytes move than were asked for

# What each call may fail with. The calls that are made again after these must succeed: EINTR and SHORT.
ERRORS = {
    "malloc": [errno.ENOMEM],
    "mmap": [errno.ENOMEM],
    "read": [errno.EIO, errno.EINTR, SHORT],
    "readv": [errno.EIO, errno.EINTR, SHORT],
    "pread": [errno.EIO, errno.EINTR, SHORT],
    "write": [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT],
    "writev": [errno.ENOSPC, errno.EINTR, SHORT],
    "open": [errno.EMFILE, errno.EINTR],
    "close": [errno.EIO, errno.EINTR],
    "fsync": [errno.EIO, errno.EINTR],
    "ftruncate": [errno.EIO, errno.EINTR],
    "rename": [errno.ENOSPC],
    "linkat": [errno.ENOSPC],
    "lseek": [errno.EIO],
    "stat": [errno.EACCES],
    "fstat": [errno.EIO],
    "fchmod": [errno.EPERM],
    "access": [errno.EACCES],
    "realpath": [errno.ENOMEM],
    "readlink": [errno.EIO],
    "fcntl": [errno.EMFILE],
    "dup3": [errno.EBUSY],
    "flock": [errno.ENOLCK, errno.EINTR],
    "poll": [errno.ENOMEM, errno.EINTR],
    "pthread_create": [errno.EAGAIN],
    "posix_spawnp": [errno.EAGAIN, errno.ENOMEM],
    "waitpid": [errno.ECHILD, errno.EINTR],
}
AGAIN = (errno.EINTR, SHORT)
OUTCOMES = ("tried", "recovered", "caught", "crashed", "silent")

Fault = namedtuple("Fault", "call nth code from_on")
Result = namedtuple("Result", "status out err files")  # files: their bytes by name


def environment(fault, extra):
    """What makes tests/tools/faults.c fail this call."""
    settings = {"LD_PRELOAD": LIBRARY, **extra}
    if fault:
        settings |= {"FAULT_CALL": fault.call, "FAULT_NTH": str(fault.nth), "FAULT_ERRNO": str(fault.code)}
        if fault.from_on:
            settings["FAULT_FROM"] = "1"
    return settings


class Place:
    """A folder in which one command runs at a time."""

    def __init__(self, root, number):
        self.root, self.run_in = root, root / f"run{number}"
        self.out, self.err, self.mark = (root / f"{name}{number}" for name in ("out", "err", "mark"))

    def run(self, command, fault=None, **extra):
        """The result, None if the program hung, or False if it has no such call."""
        shutil.rmtree(self.run_in, ignore_errors=True)
        self.run_in.mkdir()
        self.mark.unlink(missing_ok=True)
        for name in command.before:
            shutil.copy(self.root / "in" / name, self.run_in)
        variables = os.environ | environment(fault, {"FAULT_MARK": str(self.mark), **extra})
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            child = subprocess.Popen(
                command.words, cwd=self.run_in, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
            try:
                status = child.wait(SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                return None
        if fault and not self.mark.exists():
            return False
        files = {path.name: path.read_bytes() for path in self.run_in.iterdir()}
        return Result(status, self.out.read_bytes(), self.err.read_text(errors="replace"), files)


# ---- judging ----


def is_aest(data):
    return data.startswith(b"\x94\xa4AEST")


def has_end(data):
    """Whether a stream ends as one that was written with success does."""
    return re.search(rb"\x93\x02(?:[\x80-\x8f]|\xde).*\xa4rows", data[-400:], re.DOTALL) is not None


def misleads(data, good):
    """Whether what a failed program left could be taken for a whole result, or is not how `good` begins."""
    if is_aest(data):
        return has_end(data) and not data.endswith(b"!")
    text = data
    while text.endswith(b"\n!\n") or text == b"!\n":
        text = text[:-2]
    if text != data and not good.startswith(text) and good.startswith(text[:-1]):
        text = text[:-1]  # the line end before the mark of a line that was cut
    marked = text != data or data.endswith(b"!")
    return not (good.startswith(text.removesuffix(b"!"))) or (text == good and not marked and good != b"")


def live_files(words):
    """Names of files that are written in place, and whether an end of them needs a mark."""
    options = ("--append", "--episodes", "--log", "--rejects")
    return {after: word in ("--append", "--episodes") for word, after in zip(words, words[1:]) if word in options}


def kept_model(words, result):
    """The model of a training that failed at another file: its message names it."""
    named = re.search(r"; (?:the|this) model is in (\S+)$", result.err, re.MULTILINE)
    return named[1] if words[0] == "ae-train" and named else None


def says_why(program, fault, result, good):
    """Whether there is a message that a good run has not, and it names the reason."""
    reasons = [os.strerror(fault.code)] + ["out of memory"] * (fault.code == errno.ENOMEM)
    if fault.call == "malloc":
        reasons.append(os.strerror(errno.EAGAIN))  # as pthread_create() has it
    new = [line for line in result.err.splitlines() if line not in good.err.splitlines()]
    return any(line.startswith(program + ": ") and any(reason in line for reason in reasons) for line in new)


def judge(command, fault, result, good):
    """The outcome, and why it is none of the good ones."""
    program, live = command.words[0], live_files(command.words)
    if result is None:
        return "crashed", f"no end in {SECONDS} s"
    if result.status < 0 or result.status > 3:
        return "crashed", f"status {result.status}"
    if result.status == good.status:
        same = result.out == good.out and result.files == good.files
        return ("recovered", "") if same else ("silent", "another result, and no error")
    if fault.code in AGAIN:
        return "silent", "an error after what has to be tried again: " + result.err.strip()
    if not says_why(program, fault, result, good):
        return "silent", "no message that says why: " + result.err.strip()
    if misleads(result.out, good.out):
        return "silent", "the output seems to be whole, or begins as the true one does not"
    model, kept = dict(zip(command.words, command.words[1:])).get("-m"), kept_model(command.words, result)
    for name, data in result.files.items():
        if name == kept and data == good.files[model]:
            continue
        if name.startswith(".aefilters-lock-") and not data:
            continue  # the next run takes over a lock that nobody holds
        if name not in good.files:
            return "silent", f"{name} stays behind"
        if name in live:
            # Once no write succeeds there is no mark either: a file that was whole before stays what it is.
            no_mark = fault.call == "write" and fault.from_on
            if data != good.files[name] or (live[name] and not no_mark):
                if misleads(data, good.files[name]):
                    return "silent", f"{name} seems to be whole, or begins as the true one does not"
        elif name not in command.before or data != INPUTS[name]:
            return "silent", f"{name} is {'complete' if data == good.files[name] else 'neither old nor new'}"
    return "caught", ""


# ---- the sweep ----


def round_robin(sequences):
    """One of each in turn, until all are at their ends."""
    queue = [iter(s) for s in sequences]
    while queue:
        for s in list(queue):
            try:
                yield next(s)
            except StopIteration:
                queue.remove(s)


def faults_of(counts, rng):
    """Every fault that a command can meet, the kinds in turn and each kind at random places."""
    groups = []
    for call, count in counts.items():
        for code in ERRORS[call] if count else []:
            for from_on in (False, True) if code != errno.EINTR else (False,):
                places = rng.sample(range(1, count + 1), count)
                groups.append([Fault(call, nth, code, from_on) for nth in places])
    return round_robin(groups)


def show(command, fault, why):
    settings = " ".join(f"{name}={value}" for name, value in environment(fault, {}).items())
    before = "".join(f"cp ../in/{name} . && " for name in command.before)
    print(f"{why}\n    {before}{settings} {shlex.join(command.words)}", file=sys.stderr)


def sweep(root, wanted, only, rng, jobs):
    """Tries this many faults; the counts by program."""
    places = SimpleQueue()
    for number in range(jobs):
        places.put(Place(root, number))
    chosen = [c for c in fault_commands.commands() if only is None or c.words[0] in only]

    def in_place(work):
        place = places.get()
        try:
            return work(place)
        finally:
            places.put(place)

    def without_fault(command):
        counts = root / "counts" / str(chosen.index(command))
        good = in_place(lambda place: place.run(command, FAULT_COUNTS=str(counts)))
        if not good or good.status not in (0, 3):
            sys.exit(f"fails without a fault: {shlex.join(command.words)}: {good and good.err}")
        lines = counts.read_text().splitlines()
        return good, {call: int(count) for call, count in map(str.split, lines)}

    def with_fault(job):
        command, good, fault = job
        result = in_place(lambda place: place.run(command, fault))
        return (command, fault) + (judge(command, fault, result, good) if result is not False else ("", ""))

    table = {}
    with ThreadPoolExecutor(jobs) as pool:
        baselines = list(pool.map(without_fault, chosen))
        todo = round_robin(
            [zip(itertools.repeat(c), itertools.repeat(good), faults_of(counts, rng))
             for c, (good, counts) in zip(chosen, baselines)]
        )
        while jobs_now := list(itertools.islice(todo, wanted - sum(row["tried"] for row in table.values()))):
            for command, fault, outcome, why in pool.map(with_fault, jobs_now):
                row = table.setdefault(command.words[0], Counter())
                row["tried"] += outcome != ""
                row[outcome] += 1
                if outcome in ("crashed", "silent"):
                    show(command, fault, f"{outcome}: {why}")
    return table


def print_table(table):
    """Whether nothing crashed and nothing was silent."""
    total = sum(table.values(), Counter())
    print(f"{'':14}" + "".join(f"{o:>11}" for o in OUTCOMES))
    for name, row in [*sorted(table.items()), ("total", total)]:
        print(f"{name:14}" + "".join(f"{row[o]:11}" for o in OUTCOMES))
    return total["tried"] > 0 and not total["crashed"] and not total["silent"]


def main():
    global INPUTS, LIBRARY
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for inputs and outputs; what is in it is removed")
    parser.add_argument("--faults", type=int, default=10000, metavar="N")
    parser.add_argument("--kills", type=int, default=500, metavar="N")
    parser.add_argument("--only", action="append", metavar="PROGRAM", help="faults for this program alone; repeatable")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()

    root = args.folder.absolute()
    shutil.rmtree(root, ignore_errors=True)
    for name in ("in", "counts"):
        (root / name).mkdir(parents=True)
    LIBRARY = str(root / "faults.so")
    source = Path(__file__).with_suffix(".c")
    programs = os.environ.get("AE_BUILD", source.parents[2] / "build")
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run(
        [*compiler, "-std=c11", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-o", LIBRARY, str(source)], check=True
    )
    fault_commands.make_inputs(root / "in")
    INPUTS = {path.name: path.read_bytes() for path in (root / "in").iterdir()}
    table = sweep(root, args.faults, args.only, random.Random(args.seed), args.jobs)
    table |= kills.kills(root, args.kills, args.seed, LIBRARY)
    sys.exit(0 if print_table(table) else 1)


if __name__ == "__main__":
    main()
