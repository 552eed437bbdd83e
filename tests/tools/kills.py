# SPDX-License-Identifier: MIT
"""SIGKILL at random moments of model writes and of chains: no half model, no reader that takes a part for the whole."""

import os
import random
import shutil
import subprocess
import time
from collections import Counter, namedtuple
from concurrent.futures import ThreadPoolExecutor

TRAIN = "ae-train -q -j 1 -m m.aem ../in/n.aes".split()
SCORE = ["ae-normalize -q -m ../in/m.aem ../in/long.csv", "ae-recon -m ../in/m.aem", "ae-err"]
THRESH = "ae-thresh -m ../in/m.aem"

# The programs of a pipe, and the files that are there before.
Scene = namedtuple("Scene", "chain before")
SCENES = [
    Scene([TRAIN + ["--net", "dense 64 relu | dense 3", "--epochs", "2"]], []),
    Scene([TRAIN + ["--resume", "m.aem", "--epochs", "9"]], ["m.aem"]),
    Scene(["ae-thresh -q --fit sigma:3 -m m.aem ../in/err.aes".split()], ["m.aem"]),
    Scene(["ae-normalize -q --fit minmax --save scaler.aem ../in/rows.csv -o out.aes".split()], ["scaler.aem"]),
    Scene([words.split() for words in SCORE], []),
    Scene([words.split() for words in SCORE + [THRESH]], []),
    Scene([words.split() for words in SCORE + ["ae-cat -o out.aes"]], []),
    Scene([words.split() for words in SCORE + [THRESH + " -o out.csv"]], []),
    Scene([words.split() for words in SCORE + [THRESH + " --append verdicts.csv"]], ["verdicts.csv"]),
]
WAIT = 60  # seconds; what has not ended then never does


def run(scene, folder, killed=None, after=0.0, variables=None):
    """Runs the chain in a new folder, and kills its process of this number; the statuses, and the bytes of files."""
    folder.mkdir()
    for name in scene.before:
        shutil.copy(folder.parent / "in" / name, folder)
    chain, source = [], subprocess.DEVNULL
    with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
        for number, words in enumerate(scene.chain):
            sink = out if words is scene.chain[-1] else subprocess.PIPE
            env = os.environ | (variables or {} if number == killed else {})
            chain.append(subprocess.Popen(words, cwd=folder, stdin=source, stdout=sink, stderr=err, env=env))
            if source is not subprocess.DEVNULL:
                source.close()
            source = chain[-1].stdout
        if killed is not None and not variables:
            time.sleep(after)
            chain[killed].kill()
        statuses = [process.wait(WAIT) for process in chain]
    return statuses, {path.name: path.read_bytes() for path in folder.iterdir()}


def accepts(folder, name, *words):
    return subprocess.run([*words, name], cwd=folder, capture_output=True).returncode == 0


def judge_log(folder, log, good):
    """What is wrong with a log to which a killed program has appended, and then another one."""
    words = f"{THRESH} ../in/err.aes --append ../{folder.name}/verdicts.csv".split()
    statuses, files = run(Scene([words], []), folder.with_suffix(".again"))
    shutil.rmtree(folder.with_suffix(".again"))
    if statuses != [0]:
        return "nothing can be appended to the log: " + files["stderr"].decode()
    read = subprocess.run("ae-cat -q -c verdicts.csv".split(), cwd=folder, capture_output=True)
    rows, appended = read.stdout.splitlines(), (folder.parent / "in" / "verdicts.csv").read_bytes().splitlines()[1:]
    before = rows[: -len(appended)]
    if read.returncode != 0 or rows[len(before) :] != appended:
        return "the log cannot be read to its end: " + read.stderr.decode()
    if before != good.splitlines()[: len(before)] or len(before) < log.removesuffix(b"!\n").count(b"\n"):
        return "the log has other rows, or has lost some"
    return None


def judge(scene, folder, result, good, old):
    """None, or what is wrong after a kill."""
    statuses, files = result
    killed = -9 in statuses
    if any(status not in (0, 1, -9, -13) for status in statuses):
        return f"statuses {statuses}"
    whole = all(files.get(name) == data for name, data in good.items() if name != "stderr")
    if killed and statuses[-1] == 0 and not whole:
        return "the end of the chain succeeds with a part"
    if "--append" in scene.chain[-1]:
        return judge_log(folder, files["verdicts.csv"], good["verdicts.csv"])
    for name, data in files.items():
        if name.startswith(".aefilters-") or name == "stderr":
            continue  # no pattern of a shell finds the first
        if name.endswith(".aem"):
            if data not in (good[name], old.get(name)) or not accepts(folder, name, "ae-info", "-m"):
                return f"{name} is neither the old nor the new model"
        elif name in ("out.aes", "out.csv"):
            if data != good[name]:
                return f"{name} is not whole"
        elif data.startswith(b"\x94\xa4AEST"):
            if killed and data != good[name] and accepts(folder, name, "ae-cat", "-c"):
                return f"{name} is taken for whole"
        else:
            lines = data.removesuffix(b"!\n").splitlines(keepends=True)
            if not good[name].startswith(b"".join(lines[:-1])):
                return f"{name} has lines that are no results"
            cut = lines and lines[-1] not in good[name].splitlines(keepends=True)
            if cut and accepts(folder, name, "ae-cat", "-c"):
                return f"{name}: a reader takes the half line"
    return None


def kills(root, count, seed, library):
    """Kills processes, half of them at random times and half at random calls; the counts."""
    good, seconds, calls = [], [], []
    for number, scene in enumerate(SCENES):
        before = time.monotonic()
        statuses, files = run(scene, root / f"good{number}")
        seconds.append(time.monotonic() - before)
        if any(statuses):
            raise SystemExit(f"fails without a kill: {scene.chain}: {files['stderr'].decode()}")
        good.append(files)

    def one(n):
        rng = random.Random(f"{seed} {n}")
        scene, place = SCENES[n % len(SCENES)], n % len(SCENES)
        folder, variables = root / f"kill{n}", None
        if rng.random() < 0.5:
            call = rng.choice(["write", "write", "write", "rename", "linkat", "fsync", "close", "open"])
            nth = rng.randint(1, 30 if call == "write" and len(scene.chain) > 1 else 6)
            variables = {"LD_PRELOAD": library, "FAULT_CALL": call, "FAULT_NTH": str(nth), "FAULT_ERRNO": "-1"}
        killed = rng.randrange(len(scene.chain))
        result = run(scene, folder, killed, rng.uniform(0, 1.2 * seconds[place]), variables)
        old = {name: (root / "in" / name).read_bytes() for name in scene.before}
        wrong = judge(scene, folder, result, good[place], old)
        row = Counter(tried=-9 in result[0])
        if wrong:
            row["silent"] = 1
            print(f"silent: kill {n}: {wrong}: {folder}")
        else:
            row["caught"] = row["tried"]
            shutil.rmtree(folder)
        return row

    total, n = Counter(), 0
    with ThreadPoolExecutor(2) as pool:
        while total["tried"] < count and n < 20 * count:
            batch = range(n, n + count - total["tried"])
            total += sum(pool.map(one, batch), Counter())
            n = batch.stop
    return {"kills": total}
