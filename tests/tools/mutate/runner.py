# SPDX-License-Identifier: MIT
"""Runs tests of one file of bats, and ends what they leave behind."""
import os
import re
import resource
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from tree import ROOT

MEMORY = 8 << 30  # bytes of address space for a program: a mutant may ask for anything
HOUR = 3600


def end_session(leader):
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) == leader:
                os.kill(int(stat.parent.name), signal.SIGKILL)
        except (OSError, IndexError):
            pass  # it has ended meanwhile


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(tree, file, names=(), limit=HOUR, more_env=None, stop_at_failure=False):
    """Yields (number, name, passed, seconds) of each test. Beyond the limit (seconds for all) one has failed."""
    arguments = ["bats", "--tap", "--timing"]
    if names:
        arguments += ["-f", "^(%s)$" % "|".join(re.sub(r"([][().*+?{}|^$\\])", r"\\\1", name) for name in names)]
    with tempfile.TemporaryDirectory(prefix="mutate", ignore_cleanup_errors=True) as temporary:
        env = {"AE_DATA": str(ROOT.parent / "shared/data"), **os.environ, "AE_BUILD": str(tree / "build"),
               "TMPDIR": temporary, **(more_env or {})}
        tests = subprocess.Popen(arguments + ["tests/" + file], cwd=tree, env=env, text=True, errors="replace",
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 start_new_session=True, preexec_fn=limit_memory)
        timer = threading.Timer(limit, end_session, [tests.pid])
        timer.start()
        done, planned = 0, -1
        while done != planned and (line := tests.stdout.readline()):
            if plan := re.match(r"1\.\.(\d+)", line):
                planned = int(plan[1])
            elif result := re.match(r"(not )?ok (\d+) (.*?)(?: in (\d+)ms)?(?: # .*)?$", line):
                done += 1
                yield int(result[2]), result[3], not result[1], int(result[4] or 0) / 1000
                if result[1] and stop_at_failure:
                    planned = done
        beyond = not timer.is_alive()
        timer.cancel()
        end_session(tests.pid)
        tests.wait()
        if beyond:
            yield done + 1, "time limit", False, limit
