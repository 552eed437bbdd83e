# SPDX-License-Identifier: MIT
"""A chain under load whose model is replaced again and again: no row is lost, doubled or out of order, and each has the
verdict of the model that was in use, as far as the first program says it was; and no program grows, keeps files open or
children that have ended."""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time

WAIT = 120  # seconds; what has not come then never does


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, **more).stdout


def plain(model, rows, chain):
    """The verdicts on all rows by one model."""
    out = rows
    for words in chain:
        out = run(*[model if word == "M" else word for word in words], input=out)
    return out.decode().splitlines()[1:]


class Feed(threading.Thread):
    """Writes rows, over and over with ids that rise, until it is told to end; none while it pauses."""

    def __init__(self, rows, out):
        super().__init__(daemon=True)  # it ends with a main thread that has found something wrong
        self.rows, self.out, self.written, self.ends = rows, out, 0, threading.Event()
        self.pauses = threading.Event()

    def run(self):
        self.out.write(b"id,a,b,c\n")
        while not self.ends.is_set():
            if self.pauses.is_set():
                time.sleep(0.01)
                continue
            # bursts of different sizes, so that rows come alone and by the thousand
            burst = [1, 3, 40, 900][self.written % 4]
            text = b"".join(b"%d,%s\n" % (self.written + i, self.rows[(self.written + i) % len(self.rows)])
                            for i in range(burst))
            self.out.write(text)
            self.out.flush()
            self.written += burst
        self.out.close()


def replace(model, text):
    with open(model + ".new", "wb") as file:
        file.write(text)
    os.rename(model + ".new", model)


def wait_for(what):
    end = time.monotonic() + WAIT
    while not what():
        if time.monotonic() > end:
            sys.exit("what must come has not come")
        time.sleep(0.0005)


def said(note):
    with open(note, encoding="utf-8") as file:
        return file.read().splitlines()


def held(process):
    """Resident KiB and open files."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        size = int(re.search(r"VmRSS:\s*(\d+)", file.read()).group(1))
    return size, len(os.listdir(f"/proc/{process.pid}/fd"))


def zombies(process):
    """Children that have ended and were not waited for, apart from one that has just done so."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as file:
        children = file.read().split()
    time.sleep(0.5)
    ended = 0
    for child in children:
        try:
            with open(f"/proc/{child}/stat", encoding="utf-8") as file:
                ended += file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except FileNotFoundError:
            pass
    return ended


def check_held(chain, before, processes, growth):
    for words, (size, files), process in zip(chain, before, processes):
        now, files_now = held(process)
        if now > size + growth or files_now > files or zombies(process):
            sys.exit(f"{words[0]}: {size} KiB became {now}, {files} open files {files_now}")
        print(f"{words[0]}: {size} KiB after a tenth, {now} at the end, {files_now} open files")


def load(folder, chain, models, other, rows, reloads, growth):
    """Runs the chain; its lines of output, and what it said."""
    chain = [*chain[:-1], chain[-1] + ["-q", "--episodes", os.path.join(folder, "episodes.jsonl"), "--exec", "true",
                                      "--prom", os.path.join(folder, "counts.prom")]]
    model, note = os.path.join(folder, "M"), os.path.join(folder, "note")
    replace(model, models[0])
    processes, source = [], subprocess.PIPE
    with open(os.path.join(folder, "out.csv"), "wb") as out, open(note, "wb") as err:
        for number, words in enumerate(chain):
            words = [model if word == "M" else word for word in words] + ["--reload"] * (number == 0)
            sink = out if number == len(chain) - 1 else subprocess.PIPE
            processes.append(subprocess.Popen(words, stdin=source, stdout=sink, stderr=err))
            if number > 0:
                source.close()
            source = processes[-1].stdout
    feed = Feed(rows, processes[0].stdin)
    feed.start()
    # each program has read its model
    wait_for(lambda: os.path.getsize(os.path.join(folder, "out.csv")) > 0 or processes[-1].poll() is not None)
    lines, before = 0, []
    for number in range(reloads):
        if number == reloads // 10:
            before = [held(process) for process in processes]
        bad = other if number % 10 == 5 else None
        for text in [bad] * (bad is not None) + [models[(number + 1) % len(models)]]:
            replace(model, text)
            lines += 1
            processes[0].send_signal(signal.SIGHUP)
            wait_for(lambda: len(said(note)) >= lines or any(p.poll() is not None for p in processes))
    feed.pauses.set()
    check_held(chain, before, processes, growth)
    feed.ends.set()
    feed.join()
    statuses = [process.wait(WAIT) for process in processes]
    if any(statuses):
        sys.exit(f"statuses {statuses}: {said(note)[-3:]}")
    with open(os.path.join(folder, "out.csv"), encoding="utf-8") as file:
        return file.read().splitlines(), said(note), feed.written


def check(got, notes, written, verdicts, reloads):
    """What is wrong."""
    after = [int(found.group(1)) for line in notes if (found := re.search(r"a new model after row (\d+)$", line))]
    bad = [line for line in notes if "takes x of shape" in line]
    if len(after) != reloads or len(after) + len(bad) != len(notes):
        return f"{len(after)} reloads and {len(bad)} refusals of {len(notes)} lines; {reloads} were asked for"
    if got[0] != "id,err,pred" or len(got) - 1 != written:
        return f"{written} rows went in, {len(got) - 1} came out under {got[0]}"
    model = 0
    for number, line in enumerate(got[1:]):
        while model < len(after) and number >= after[model]:
            model += 1
        of = verdicts[model % len(verdicts)]
        if line != f"{number},{of[number % len(of)]}":
            return f"row {number}: {line} instead of {number},{of[number % len(of)]}, after {model} reloads"
    print(f"{written} rows, {reloads} reloads, {len(bad)} models of another shape refused: "
          "no row lost, doubled or out of order")
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--reloads", type=int, default=1000)
    parser.add_argument("--growth", type=int, default=1024, help="KiB that a program may grow after its first tenth of "
                        "reloads, for pages of pieces that come later")
    options = parser.parse_args()
    os.environ["PATH"] = os.environ["AE_BUILD"] + os.pathsep + os.environ["PATH"]
    os.makedirs(options.folder, exist_ok=True)
    path = lambda name: os.path.join(options.folder, name)

    rows = [b"%d.%d,%d,0.%03d" % (i * 7919 % 10, i % 10, i * 31 % 17, i * i % 1000) for i in range(997)]
    text = b"id,a,b,c\n" + b"".join(b"%d,%s\n" % row for row in enumerate(rows))
    chain = [["ae-normalize", "-m", "M"], ["ae-recon", "-m", "M"], ["ae-err"], ["ae-thresh", "-m", "M"]]
    models, verdicts = [], []
    for seed in range(3):
        model = path(f"{seed}.aem")
        part = b"id,a,b,c\n" + b"".join(b"%d,%s\n" % row for row in enumerate(rows[seed * 300:seed * 300 + 300]))
        scaled = run("ae-normalize", "-q", "--fit", "standard", input=part)
        run("ae-train", "-q", "--net", "dense 2 tanh | dense 3", "--epochs", "2", "--seed", str(seed), "-m", model,
            input=scaled)
        errors = run("ae-err", input=run("ae-recon", "-m", model, input=scaled))
        run("ae-thresh", "-q", "--fit", "quantile:0.7", "-m", model, input=errors)
        with open(model, "rb") as file:
            models.append(file.read())
        verdicts.append([line.split(",", 1)[1] for line in plain(model, text, chain)])
    run("ae-train", "-q", "--net", "dense 2 | dense 2", "--epochs", "1", "-m", path("other.aem"),
        input=run("ae-normalize", "-q", "--fit", "standard", "--pass", "c", input=text))
    with open(path("other.aem"), "rb") as file:
        other = file.read()
    wrong = check(*load(options.folder, chain, models, other, rows, options.reloads, options.growth), verdicts, options.reloads)
    if wrong:
        sys.exit(wrong)


main()
