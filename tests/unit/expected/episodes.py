# SPDX-License-Identifier: MIT
# A plain twin of lib/model/episodes.c that sees the whole series at once. `python3 episodes.py > episodes.h` makes what
# test_episodes.c expects; ae-thresh --episodes is held against the same functions by tests/episodes.bats.
def stretches(rows, clear, k, n):
    """rows: (score, verdict or None, time). Lists of first row, steps [(row, last row so far)], whether it was over."""
    found, window, now = [], [], None
    for i, (score, verdict, _) in enumerate(rows):
        if verdict is None:
            if now:
                now["steps"].append((i, now["steps"][-1][1]))
            continue
        window = (window + [i])[-n:]
        hot = [j for j in window if rows[j][1] == 1]
        above = [j for j in window if rows[j][1] == 1 or (clear is not None and rows[j][0] >= clear)]
        if now is None:
            if len(hot) >= k:
                now = {"first": hot[0], "steps": [(i, i)], "over": False}
                found.append(now)
        elif len(above) < k:
            now["over"], now, window = True, None, []
        else:
            now["steps"].append((i, i if i in above else now["steps"][-1][1]))
    return found


def peak(rows, first, last):
    best = first
    for i in range(first, last + 1):
        if rows[i][1] is not None and rows[i][0] > rows[best][0]:
            best = i
    return best


def episodes(rows, clear=None, k=1, n=1, min_rows=1, merge=(0, 0), refractory=(0, 0)):
    """The events ("start"/"end"/"open", first, last, rows, peak), rows from 0, and how many stretches were held back. A
    span is (rows, time)."""
    events, before, held = [], None, 0

    def end(e):
        events.append(("open" if e["on"] else "end", e["first"], e["last"], e["last"] - e["first"] + 1, e["peak"]))

    for s in stretches(rows, clear, k, n):
        first, steps = s["first"], s["steps"]
        long_enough = [(i, last) for i, last in steps if last - first + 1 >= min_rows]
        if not long_enough:
            continue
        final, on = steps[-1][1], not s["over"]
        if before:
            gap = rows[first][2] - rows[before["last"]][2] if merge[1] else first - before["last"] - 1
            if gap <= (merge[1] or merge[0]):
                best = peak(rows, first, final)
                if rows[best][0] > rows[before["peak"]][0]:
                    before["peak"] = best
                before["last"], before["on"] = final, on
                continue
        for i, last in long_enough:
            if before:
                since = rows[i][2] - rows[before["last"]][2] if refractory[1] else i - before["last"]
                if since <= (refractory[1] or refractory[0]):
                    continue
            if before:
                end(before)
            events.append(("start", first, last, last - first + 1, peak(rows, first, i)))
            before = {"first": first, "last": final, "peak": peak(rows, first, final), "on": on}
            break
        else:
            held += 1
    if before:
        end(before)
    return events, held


def series(count, seed):
    """Scores 0 to 9 in runs, an anomaly from 6 on; no verdict now and then; times in steps of 1 to 3."""
    rows, state, level, time = [], seed, 0, 0
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        bits = state >> 33
        if bits % 7 == 0:
            level = (bits >> 8) % 10
        score = max(0, min(9, level + (bits >> 16) % 5 - 2))
        time += 1 + (bits >> 24) % 3
        rows.append((score, None if (bits >> 20) % 23 == 0 else int(score >= 6), time))
    return rows


CASES = [dict(clear=clear, k=k, n=n, min_rows=m, merge=g, refractory=r)
         for clear in (None, 4)
         for k, n in ((1, 1), (2, 3), (3, 8), (1, 4), (64, 64))
         for m in (1, 4)
         for g in ((0, 0), (3, 0), (0, 9), (40, 0))
         for r in ((0, 0), (20, 0), (0, 50))]

if __name__ == "__main__":
    print("/* SPDX-License-Identifier: MIT */\n/* Made by episodes.py. */")
    print("static const struct wanted_case cases[] = {")
    all_events = []
    for number, case in enumerate(CASES):
        events, held = episodes(series(200, number + 1), **case)
        print("\t{%s, %d, %d, %d, {%d, %d}, {%d, %d}, %d, %d}," % (
            "NAN" if case["clear"] is None else case["clear"], case["k"], case["n"], case["min_rows"], *case["merge"],
            *case["refractory"], len(events), held))
        all_events += events
    print("};\nstatic const struct wanted_event events[] = {")
    for kind, first, last, rows, best in all_events:
        print("\t{'%s', %d, %d, %d, %d}," % (kind[0], first + 1, last + 1, rows, best + 1))
    print("};")
