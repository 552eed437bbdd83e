# SPDX-License-Identifier: MIT
# What Telegraf's outputs.execd and inputs.execd do with a program: execd.py telegraf.conf FOLDER METRICS
# Starts the commands of the configuration, with /usr/local/lib/aefilters being FOLDER/lib and /var/lib/aefilters FOLDER. The
# output gets the lines of METRICS, some at a time, and then its standard input is closed; the lines of the input are
# printed until there are as many, and then the same is done to it. Both must end by themselves. What they say on standard
# error is printed there, as Telegraf logs it.
import os
import subprocess
import sys
import tomllib

config, folder, metrics = sys.argv[1:]


def start(plugin, **pipes):
    there = [
        a.replace("/usr/local/lib/aefilters", folder + "/lib").replace("/var/lib/aefilters", folder)
        for a in plugin["command"]
    ]
    environment = dict(e.split("=", 1) for e in plugin["environment"])
    return subprocess.Popen(there, env={**os.environ, **environment}, text=True, bufsize=1, stdin=subprocess.PIPE, **pipes)


with open(config, "rb") as file:
    plugins = tomllib.load(file)
with open(metrics) as file:
    lines = file.readlines()

output = start(plugins["outputs"]["execd"][0])
for at in range(0, len(lines), 5):
    output.stdin.write("".join(lines[at : at + 5]))
    output.stdin.flush()
output.stdin.close()
assert output.wait(30) == 0

assert plugins["inputs"]["execd"][0]["signal"] == "none"
source = start(plugins["inputs"]["execd"][0], stdout=subprocess.PIPE)
for _ in lines:
    print(source.stdout.readline(), end="")
source.stdin.close()
assert source.stdout.read() == ""  # it has ended, and all that it had started
source.wait(30)
