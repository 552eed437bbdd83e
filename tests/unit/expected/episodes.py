# SPDX-License-Identifier: MIT
# A plain twin of lib/model/episodes.c that sees the whole series at once. `python3 episodes.py > episodes.h` makes what
# test_episodes.c expects; ae-thresh --episodes is held against the same functions by tests/episodes.bats.
def stretches(rows, clear, k, n):
    """rows: (score, verdict or None, time). Lists of first row, steps [(row, last row so far)] and the row in which it was
    over, None at the end; and for each row the stretch that it is in, or the rows that one may yet begin with."""
    found, seen, window, now = [], [], [], None
    for i, (score, verdict, _) in enumerate(rows):
        if verdict is not None:
            window = (window + [i])[-n:]
            hot = [j for j in window if rows[j][1] == 1]
            above = [j for j in window if rows[j][1] == 1 or (clear is not None and rows[j][0] >= clear)]
            if now is None:
                if len(hot) >= k:
                    now = {"first": hot[0], "steps": [(i, i)], "over": None}
                    found.append(now)
            elif len(above) < k:
                now["over"], now, window = i, None, []
            else:
                now["steps"].append((i, i if i in above else now["steps"][-1][1]))
        room = n - len(window)  # for rows that come, until the first of the window leaves it
        seen.append(now or [j for p, j in enumerate(window) if rows[j][1] == 1
                            and sum(rows[other][1] == 1 for other in window[p:]) + p + room >= k])
    return found, seen


def peak(rows, first, last):
    return max((i for i in range(first, last + 1) if rows[i][1] == 1), key=lambda i: (rows[i][0], -i))


def episodes(rows, clear=None, k=1, n=1, min_rows=1, merge=(0, 0), refractory=(0, 0)):
    """The events ("start"/"end"/"open", first, last, rows, peak, in which row it is told), rows from 0, and how many
    stretches were held back. A span is (rows, time)."""
    events, before, held = [], None, 0
    found, seen = stretches(rows, clear, k, n)

    def is_near(first):
        gap = rows[first][2] - rows[before["last"]][2] if merge[1] else first - before["last"] - 1
        return gap <= (merge[1] or merge[0])

    def is_certain(row):
        if isinstance(seen[row], dict):
            return not is_near(seen[row]["first"])
        gap = rows[row][2] - rows[before["last"]][2] if merge[1] else row - before["last"]
        return gap > (merge[1] or merge[0]) and not any(is_near(j) for j in seen[row])

    def end():
        over = range(before["over"], len(rows)) if before["over"] is not None else ()
        told = next((i for i in over if is_certain(i)), None)
        first, last = before["first"], before["last"]
        events.append(("open" if told is None else "end", first, last, last - first + 1, peak(rows, first, last),
                       len(rows) if told is None else told))

    for s in found:
        first, steps = s["first"], s["steps"]
        long_enough = [(i, last) for i, last in steps if last - first + 1 >= min_rows]
        if not long_enough:
            continue
        if before and is_near(first):
            before["last"], before["over"] = steps[-1][1], s["over"]
            continue
        for i, last in long_enough:
            if before:
                since = rows[i][2] - rows[before["last"]][2] if refractory[1] else i - before["last"]
                if since <= (refractory[1] or refractory[0]):
                    continue
                end()
            events.append(("start", first, last, last - first + 1, peak(rows, first, i), i))
            before = {"first": first, "last": steps[-1][1], "over": s["over"]}
            break
        else:
            held += 1
    if before:
        end()
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
    for kind, first, last, rows, best, told in all_events:
        print("\t{'%s', %d, %d, %d, %d, %d}," % (kind[0], first + 1, last + 1, rows, best + 1, told + 1))
    print("};")
