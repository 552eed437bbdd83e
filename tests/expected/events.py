#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes events.csv and events.json, which ae-metrics.bats uses: verdicts on a series of three machines, and their
measures event by event and point-adjusted, by a plain reading of the definitions over lists of rows.

    cd tests/expected && /usr/bin/python3 events.py

(NumPy 1.24.2.) The random scorer is checked here by drawing it 4000 times.
"""
import json

import numpy as np

rng = np.random.default_rng(5)
ROWS = 600
machine = np.array(["m1", "m2", "m3"])[rng.integers(0, 3, ROWS)]
truth = np.zeros(ROWS, int)
for m, starts in (("m1", (20, 60, 61, 120)), ("m2", (0, 90, 150)), ("m3", ())):
    rows = np.flatnonzero(machine == m)
    for s in starts:
        truth[rows[s:s + int(rng.integers(1, 14))]] = 1
flagged = rng.random(ROWS) < np.where(truth, 0.2, 0.03)
judged = rng.random(ROWS) > 0.1
labelled = rng.random(ROWS) > 0.02
score = np.round(rng.random(ROWS) + 0.5 * truth, 3)

with open("events.csv", "w") as f:
    print("machine,label,err,pred", file=f)
    for r in range(ROWS):
        print("%s,%s,%s,%s" % (machine[r], truth[r] if labelled[r] else "", score[r], int(flagged[r]) if judged[r] else ""), file=f)


def runs(values):
    """Lists of the places of 1s that follow each other."""
    found, last = [], 0
    for i, v in enumerate(values):
        if v and last:
            found[-1].append(i)
        elif v:
            found.append([i])
        last = v
    return found


def rates(tp, fp, fn):
    tp, fp, fn = float(tp), float(fp), float(fn)
    return {"precision": tp / (tp + fp) if tp + fp else None, "recall": tp / (tp + fn) if tp + fn else None,
            "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None}


def measure(parts):
    """parts: the rows of each series, those without a label left out."""
    events = detected = alarms = true_alarms = tp = fp = fn = 0
    delays, series = [], []
    for rows in parts:
        t, v, j = truth[rows], flagged[rows] & judged[rows], judged[rows]
        series.append((t, j))
        for event in runs(t):
            events += 1
            hits = [i for i in event if v[i]]
            seen = sum(j[i] for i in event)
            if hits:
                detected += 1
                delays.append(hits[0] - event[0])
                tp += seen
            else:
                fn += seen
        with_verdict = np.flatnonzero(j)
        for run in runs(v[with_verdict]):
            alarms += 1
            true_alarms += any(t[with_verdict[i]] for i in run)
        fp += sum(v & (t == 0))
    p, r = (true_alarms / alarms if alarms else None), (detected / events if events else None)
    n_judged = sum(j.sum() for _, j in series)
    rate = sum((flagged[rows] & judged[rows]).sum() for rows in parts) / n_judged
    etp = efp = efn = 0.0
    for t, j in series:
        for event in runs(t):
            n = int(sum(j[i] for i in event))
            etp += n * (1 - (1 - rate) ** n)
            efn += n * (1 - rate) ** n
        efp += rate * (j & (t == 0)).sum()
    drawn = np.zeros(3)
    draws = np.random.default_rng(1)
    for _ in range(4000):
        for t, j in series:
            v = (draws.random(len(t)) < rate) & j
            for event in runs(t):
                n = sum(j[i] for i in event)
                drawn += (n, 0, 0) if any(v[i] for i in event) else (0, 0, n)
            drawn += (0, (v & (t == 0)).sum(), 0)
    assert np.allclose(drawn / 4000, (etp, efp, efn), rtol=0.03, atol=0.05), (drawn / 4000, etp, efp, efn)
    return {"events": {"events": events, "detected": detected, "runs": alarms, "true_runs": true_alarms, "precision": p,
                       "recall": r, "f1": 2 * p * r / (p + r) if p and r else 0,
                       "mean_delay": float(np.mean(delays)) if delays else None,
                       "median_delay": float(np.median(delays)) if delays else None},
            "point_adjusted": {"these": rates(tp, fp, fn), "random": rates(etp, efp, efn), "flag_rate": rate}}


there = {m: np.flatnonzero((machine == m) & labelled) for m in ("m1", "m2", "m3")}
with open("events.json", "w") as f:
    json.dump({"all rows as one series": measure([np.flatnonzero(labelled)]), "all": measure(list(there.values())),
               **{m: measure([rows]) for m, rows in there.items()}}, f, indent=1)
    f.write("\n")
