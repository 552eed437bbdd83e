# SPDX-License-Identifier: MIT
"""Runs the sides of a work by turns and takes medians."""
import os
import statistics
import subprocess
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Side:
    """Who does a work, and how. Of several commands, such as one and two threads, the better counts."""

    name: str
    commands: tuple  # of bash
    needs: str = "true"  # a command that succeeds where the side can run
    says: bool = False  # its last line is "seconds N" of the work alone, without its start; else wall-clock time counts
    part: int = 1  # it does 1/part of the work: slow ones


@dataclass
class Times:
    """Seconds a turn of each command, and the memory of its largest process in bytes."""

    seconds: list = field(default_factory=list)
    memory: int = 0

    def median(self):
        return statistics.median(self.seconds)


class Failed(Exception):
    """A command did; says what it printed."""


def shell(command, env, folder):
    """(standard output, seconds, memory of the largest process)"""
    start = time.perf_counter()
    process = subprocess.Popen(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=env, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    if process.returncode != 0:
        raise Failed(f"{command}\n{err.strip()}")
    return out, seconds, used.ru_maxrss * 1024


def can_run(side, env, folder):
    try:
        shell(side.needs, env, folder)
        return True
    except Failed:
        return False


def turn(side, command, times, env, folder):
    out, seconds, memory = shell(command, env, folder)
    if side.says:
        seconds = float(out.strip().split("\n")[-1].split()[-1])
    times.seconds.append(seconds * side.part)
    times.memory = max(times.memory, memory)


def by_turns(sides, turns, env, folder):
    """{side: Times of its better command}. A machine that slows down does it to all of them."""
    times = {(side, command): Times() for side in sides for command in side.commands}
    for side in sides:  # files come into memory
        if not side.says:
            shell(side.commands[0], env, folder)
    for _ in range(turns):
        for (side, command), of_it in times.items():
            turn(side, command, of_it, env, folder)
    return {side: min((times[side, command] for command in side.commands), key=Times.median) for side in sides}


def ratio(ours, peer):
    """Median, least and greatest of the turns' ratios: how many times faster ours is."""
    ratios = [b / a for a, b in zip(ours.seconds, peer.seconds)]
    return statistics.median(ratios), min(ratios), max(ratios)
