# SPDX-License-Identifier: MIT
"""check_episodes.py make: a log of three series, interleaved. check_episodes.py check RULES: whether the records on standard
input are those that the plain twin (tests/unit/expected/episodes.py) makes of it; RULES is a dict of Python."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "unit/expected"))
from episodes import episodes, series  # noqa: E402

SERIES = {name: series(300, seed) for seed, name in ((71, "a"), (72, "b\u00fc"), (73, '"c",\\'))}
ROWS = sorted((row[2], name, i) for name, rows in SERIES.items() for i, row in enumerate(rows))


def make():
    print("machine,time,err")
    for time, name, i in ROWS:
        score, verdict, _ = SERIES[name][i]
        print('"%s",%d,%s' % (name.replace('"', '""'), time, "" if verdict is None else score))


def check(rules):
    number = {(name, i): n + 1 for n, (_, name, i) in enumerate(ROWS)}
    wanted, held_back = [], 0
    for name, rows in SERIES.items():
        events, held = episodes(rows, **rules)
        held_back += held
        for kind, first, last, count, peak, _ in events:
            record = {"event": "start" if kind == "start" else "end", "group": name, "start": str(rows[first][2]),
                      "start_row": number[name, first], "rows": count, "peak": rows[peak][0],
                      "peak_time": str(rows[peak][2]), "peak_row": number[name, peak], "threshold": 6}
            if kind != "start":
                record |= {"end": str(rows[last][2]), "end_row": number[name, last]}
            if kind == "open":
                record["open"] = True
            wanted.append(record)
    ids, got = {}, [json.loads(line) for line in sys.stdin]
    for record in got:  # each starts once, in order, and ends once, after that
        one = record.pop("id")
        assert ids.get(one) == (None if record["event"] == "start" else "start"), record
        assert record["event"] == "end" or one == len(ids) + 1, record
        ids[one] = record["event"]
    assert set(ids.values()) == {"end"}
    for name in SERIES:  # in this order within a group
        mine, his = [[r for r in records if r["group"] == name] for records in (got, wanted)]
        assert mine == his, "%s\n%s\n%s" % (name, mine, his)
    print(len(got), held_back)


check(eval(sys.argv[2])) if sys.argv[1] == "check" else make()
