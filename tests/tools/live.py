# SPDX-License-Identifier: MIT
"""A live chain of six programs: memory that stays as it is over many rows, and what is left of it after SIGKILL.

usage: python3 tests/tools/live.py FOLDER [--rows N] [--group-rows N] [--kills N] [--seed N]     (make live)

The first prints for each program what it holds after a tenth of the rows and after all of them, and whether every row has
become a verdict or a reject. The second does so for rows in groups, of a chain with states that is stopped by SIGTERM and
started anew RESTARTS times, after a model was moved into the place of the old one (--reload): it goes on behind the last verdict, and all
verdicts are those of one run. The third kills a program of the chain,
busy or idle: all others must end within a second, and those behind it fail."""
import argparse
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

CHAIN = [
    "ae-normalize -m m.aem --id id --on-bad skip --rejects rejects.csv",
    "ae-window -m m.aem",
    "ae-recon -m m.aem",
    "ae-err",
    "ae-smooth --mean 5",
    "ae-thresh -m m.aem",
]
GROUPED = [
    "ae-normalize -m g.aem --reload --id id,machine --on-bad skip --rejects rejects.csv --missing last --group machine --max-groups 1000"
    " --state last.state",
    "ae-window -m g.aem --max-groups 1000 --state window.state",
    "ae-recon -m g.aem",
    "ae-err --top 3",
    "ae-smooth --mean 5 --group machine --max-groups 1000 --state smooth.state",
    "ae-thresh -m g.aem --group machine --max-groups 1000 --state thresh.state --episodes episodes.jsonl --prom counts.prom",
]
AHEAD = 100  # rows that are fed to GROUPED before their verdicts are waited for: a stop loses none of so few
GROUPS = 500  # in use at a time; they are new ones after each block
RESTARTS = 5
BLOCK = 10_000  # rows
BAD = 1_000  # every so many a row is bad
GROWTH = 1024  # KiB that a program may hold more at the end than after a tenth
SOON = 1.0  # seconds
NEVER = 30.0


def rows(count, bad=True):
    """Lines of an id and eight readings, which repeat after `count`."""
    draw = random.Random(1)
    lines = []
    for n in range(count):
        cells = [f"{20 + 3 * ((n * (k + 1)) % 97) / 97 + draw.gauss(0, 0.1):.3f}" for k in range(8)]
        if bad and n % BAD == BAD - 1:
            cells[3] = "broken"
        lines.append(f"r{n}," + ",".join(cells) + "\n")
    return "".join(lines).encode()


HEADER = b"id," + b",".join(b"s%d" % k for k in range(1, 9)) + b"\n"


GROUPED_HEADER = b"id,machine," + HEADER.split(b",", 1)[1]


def prepare(folder):
    (folder / "train.csv").write_bytes(HEADER + rows(4000, bad=False))
    script = """
        ae-normalize -q --id id --fit standard train.csv | ae-window -q --size 16 --drop-incomplete -o w.aes
        ae-train -q --net 128-32-8-32-128 --epochs 2 -m m.aem w.aes
        ae-recon -m m.aem w.aes | ae-err | ae-smooth --mean 5 | ae-thresh -q --fit quantile:0.99 -m m.aem
    """
    subprocess.run(["bash", "-ec", "set -o pipefail" + script], cwd=folder, check=True)


def prepare_grouped(folder):
    lines = [b"r%d,m%d," % (n, n % 7) + line.split(b",", 1)[1] for n, line in enumerate(rows(4000, bad=False).splitlines(keepends=True))]
    (folder / "grouped.csv").write_bytes(GROUPED_HEADER + b"".join(lines))
    script = """
        ae-normalize -q --id id,machine --fit standard grouped.csv | ae-window -q --size 4 --group machine --drop-incomplete -o w.aes
        ae-train -q --net 32-8-32 --epochs 2 -m g.aem w.aes
        ae-recon -m g.aem w.aes | ae-err | ae-smooth --mean 5 --group machine | ae-thresh -q --fit quantile:0.99 -m g.aem
    """
    subprocess.run(["bash", "-ec", "set -o pipefail" + script], cwd=folder, check=True)


def start(folder, chain):
    """The processes, from a pipe to a pipe; what they say goes to the file `stderr`."""
    processes, source = [], subprocess.PIPE
    with open(folder / "stderr", "ab") as err:
        for words in chain:
            processes.append(subprocess.Popen(words.split(), cwd=folder, stdin=source, stdout=subprocess.PIPE, stderr=err))
            if source is not subprocess.PIPE:
                source.close()  # the copy of this process
            source = processes[-1].stdout
    return processes


def held(process):
    """KiB."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


def soak(folder, count):
    """True if nothing grows and nothing is lost."""
    processes = start(folder, CHAIN)
    lines = 0
    seen = threading.Event()

    def read():
        nonlocal lines
        while piece := processes[-1].stdout.read1(1 << 16):
            lines += piece.count(b"\n")
            seen.set()

    reader = threading.Thread(target=read)
    reader.start()
    feed, block = processes[0].stdin, rows(BLOCK)
    feed.write(HEADER)
    early = None
    for n in range(0, count, BLOCK):
        feed.write(block)
        if early is None and n >= count // 10 and seen.is_set():
            early = [held(process) for process in processes]
    late = [held(process) for process in processes]
    feed.close()
    statuses = [process.wait() for process in processes]
    reader.join()
    rejects = (folder / "rejects.csv").read_bytes().count(b"\n")
    fed = (count + BLOCK - 1) // BLOCK * BLOCK
    print(f"{fed} rows in: {lines - 1} verdicts and {rejects} rejects; statuses {statuses}")
    print("KiB after a tenth and at the end")
    for words, before, after in zip(CHAIN, early, late):
        print(f"  {words.split()[0]:13} {before:7} {after:7}")
    return not any(statuses) and lines - 1 + rejects == fed and all(b + GROWTH >= a for b, a in zip(early, late))


class Chain:
    """GROUPED from a pipe to a pipe, with verdicts that a thread reads."""

    def __init__(self, folder):
        self.processes = start(folder, GROUPED)
        self.out, self.rows, self.held = bytearray(), 0, None
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        while piece := self.processes[-1].stdout.read1(1 << 16):
            self.rows += piece.count(b"\n")
            self.out += piece

    def feed(self, lines):
        """As many as it takes before it ends, as a live feed, not as a backlog."""
        try:
            self.processes[0].stdin.write(GROUPED_HEADER)
            for first in range(0, len(lines), AHEAD):
                self.processes[0].stdin.write(b"".join(lines[first : first + AHEAD]))
                self.processes[0].stdin.flush()
                while self.rows < first * 0.99 - AHEAD and self.processes[-1].poll() is None:
                    time.sleep(0.001)
        except OSError:
            pass

    def stop(self, feeder):
        """By SIGTERM to all, whatever they do at the time."""
        self.held = [held(process) for process in self.processes]
        for process in self.processes:
            process.terminate()
        feeder.join()
        return self.end()

    def end(self):
        """Statuses of all, and the verdicts as lines."""
        try:
            self.processes[0].stdin.close()
        except OSError:
            pass
        statuses = [process.wait(NEVER) for process in self.processes]
        self.reader.join()
        return statuses, bytes(self.out).splitlines()[1:]


def grouped_lines(count):
    """Lines without the header: each has an id of its own, some values are missing and some rows bad, and each block has
    other groups but for one."""
    lines = []
    for n, line in enumerate(rows(BLOCK).splitlines(keepends=True)):
        lines.append(line.split(b",", 1)[1])
    for n in range(count):
        cells = lines[n % BLOCK]
        if n % 11 == 5:
            cells = b"," + cells.split(b",", 1)[1]
        machine = 0 if n % 7 == 0 else n // BLOCK * GROUPS + n % GROUPS + 1
        yield b"r%d,m%d," % (n, machine) + cells


def one_run(folder, lines):
    """The verdicts of one run without an end in between."""
    whole = folder / "whole"
    whole.mkdir()
    shutil.copy(folder / "g.aem", whole)
    chain = Chain(whole)
    chain.feed(lines)
    return chain.end()


def number(line):
    """Of the row that the line is of: r17,..."""
    return int(line.split(b",", 1)[0][1:])


def restarts(folder, count, draw):
    """True if a chain that is stopped again and again, and gets a new model meanwhile, loses and doubles no row."""
    lines = list(grouped_lines(count))
    rejects = folder / "rejects.csv"
    rejects.unlink(missing_ok=True)
    got, wrong, memory = [], [], []
    for run in range(RESTARTS + 1):
        seen = number(got[-1]) + 1 if got else 0  # a bad row behind the last verdict is rejected once more
        rest = lines[seen:]
        chain = Chain(folder)
        last = run == RESTARTS
        feeder = threading.Thread(target=chain.feed, args=(rest,))
        feeder.start()
        share = count // (RESTARTS + 1)
        if not last:
            while chain.rows < share and feeder.is_alive():
                time.sleep(draw.uniform(0.01, 0.1))
            shutil.copy(folder / "g.aem", folder / "g.new")
            os.rename(folder / "g.new", folder / "g.aem")
            time.sleep(draw.uniform(0.0, 0.3))
            statuses, verdicts = chain.stop(feeder)
            memory.append(chain.held)
        else:
            feeder.join()
            statuses, verdicts = chain.end()
        if set(statuses) - ({0} if last else {0, 143}):
            wrong.append(f"run {run + 1}: statuses {statuses}")
        got += verdicts
    want_statuses, want = one_run(folder, lines)
    bad = {number(line) for line in rejects.read_bytes().splitlines()}
    differ = sum(a != b for a, b in zip(got, want)) + abs(len(got) - len(want))
    print(f"groups: {count} rows in, {RESTARTS} restarts: {len(got)} verdicts and {len(bad)} rejects; {differ} verdicts differ from one run's")
    print("KiB at the first stop and at the last")
    for words, before, after in zip(GROUPED, memory[0], memory[-1]):
        print(f"  {words.split()[0]:13} {before:7} {after:7}")
    for what in wrong:
        print(what)
    complete = sorted([number(line) for line in got] + list(bad)) == list(range(count))
    return not wrong and not any(want_statuses) and complete and differ == 0 and all(b + GROWTH >= a for b, a in zip(memory[0], memory[-1]))


def kill(folder, draw):
    """None, or what is wrong after one kill."""
    processes = start(folder, CHAIN)
    busy, stop = draw.random() < 0.5, threading.Event()
    block = rows(BLOCK if busy else 50)

    def feed():
        try:
            processes[0].stdin.write(HEADER)
            while not stop.is_set():
                processes[0].stdin.write(block)
                processes[0].stdin.flush()
                while not busy and not stop.wait(0.05):
                    pass
        except OSError:
            pass

    def drain():
        while processes[-1].stdout.read1(1 << 16):
            pass

    threads = [threading.Thread(target=feed), threading.Thread(target=drain)]
    for thread in threads:
        thread.start()
    time.sleep(draw.uniform(0.05, 0.4))
    victim = draw.randrange(len(processes))
    processes[victim].kill()
    since, late = time.monotonic(), []
    for number, process in enumerate(processes):
        try:
            process.wait(max(0.0, SOON - (time.monotonic() - since)))
        except subprocess.TimeoutExpired:
            late.append(number)
    for number in late:
        try:
            processes[number].wait(NEVER)
        except subprocess.TimeoutExpired:
            processes[number].kill()
    took = time.monotonic() - since
    stop.set()
    for thread in threads:
        thread.join()
    try:
        processes[0].stdin.close()
    except OSError:
        pass
    statuses = [process.wait() for process in processes]
    what = f"{'busy' if busy else 'idle'}, {CHAIN[victim].split()[0]} killed: statuses {statuses}"
    if late:
        return f"{what}: {[CHAIN[n].split()[0] for n in late]} ended after {took:.1f} s"
    if 0 in statuses[victim:]:
        return f"{what}: a program behind it succeeds"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--group-rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    os.environ["PATH"] = os.environ["AE_BUILD"] + ":" + os.environ["PATH"]
    prepare(options.folder)
    good = options.rows == 0 or soak(options.folder, options.rows)
    draw = random.Random(options.seed)
    if options.group_rows:
        prepare_grouped(options.folder)
        good = restarts(options.folder, options.group_rows, draw) and good
    wrong = [what for _ in range(options.kills) if (what := kill(options.folder, draw))]
    for what in wrong:
        print(what)
    print(f"{options.kills} kills of a live chain: {len(wrong)} of them with programs that stay or succeed")
    sys.exit(0 if good and not wrong else 1)


if __name__ == "__main__":
    main()
