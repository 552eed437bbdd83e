#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make mutate: the mistakes that it makes in a source.
load helpers

# mistakes FILE: what the tool can make of the source, one line each: "line number: the line as it is then".
mistakes() {
	python3 - "$1" <<'END'
import os, sys
sys.path.insert(0, os.path.join(os.environ["ROOT"], "tests/tools/mutate"))
sys.dont_write_bytecode = True
from mutants import mutants_of
text = open(sys.argv[1]).read()
for start, end, new in mutants_of(text):
    line = text.count("\n", 0, start)
    print("%d: %s" % (line + 1, (text[:start] + new + text[end:]).split("\n")[line].strip()))
END
}

# stamps: all files of tree/ that are copied, and for each file of tests what decides whether it is looked at anew.
stamps() {
	python3 - "$PWD/tree/tests/tools/mutate" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import coverage
print(sorted(coverage.files(coverage.ROOT)))
for file in "faults.bats", "fuzz.bats":
    print(file, coverage.stamp(file))
END
}

@test "mutate: operators, constants, returns and conditions, one at a time" {
	cat >source.c <<'END'
#define LIMIT 3 /* 4 < 5 */
static const char *const text = "1 + 2";
static int sum(const int *a, size_t n)
{
	int sums[4] = {0};
	if (n < 2 && a[0] == 'x')
		return -1;
	sums[1] += a[n - 1] * -a[7]; // 8 + 9
	return sums[1] ? true : 0;
	int *more = realloc(a, (n + 1) * sizeof(*more));
	return more ? 0 : -1;
	return 0;
}
END
	mistakes source.c >got
	cat >expected <<'END'
6: if (!(n < 2 && a[0] == 'x'))
6: if (n <= 2 && a[0] == 'x')
6: if (n < (2 + 1) && a[0] == 'x')
6: if (n < 2 || a[0] == 'x')
6: if (n < 2 && a[1] == 'x')
6: if (n < 2 && a[0] != 'x')
7: return 0;
8: sums[(1 + 1)] += a[n - 1] * -a[7]; // 8 + 9
8: sums[1] -= a[n - 1] * -a[7]; // 8 + 9
8: sums[1] += a[n + 1] * -a[7]; // 8 + 9
8: sums[1] += a[n - (1 + 1)] * -a[7]; // 8 + 9
8: sums[1] += a[n - 1] / -a[7]; // 8 + 9
8: sums[1] += a[n - 1] * -a[(7 + 1)]; // 8 + 9
9: return sums[(1 + 1)] ? true : 0;
9: return sums[1] ? false : 0;
9: return sums[1] ? true : 1;
10: int *more = realloc(a, (n - 1) * sizeof(*more));
10: int *more = realloc(a, (n + 1) / sizeof(*more));
11: return more ? 1 : -1;
11: return more ? 0 : 0;
12: return -1;
END
	diff -u expected got
}

@test "mutate: tests are looked at anew when what they run has changed, and nothing that is built is copied" {
	mkdir -p tree/{lib/core,tests/{fuzz/corpus,tools},build,.build-1,.git}
	cp -r "$ROOT/tests/tools/mutate" tree/tests/tools
	touch tree/{lib/core/a.c,tests/{fuzz,faults}.bats,tests/fuzz/corpus/one,tests/tools/faults.py,build/b,.build-1/b,.git/g,.ci}
	stamps >before
	[ "$(grep -c 'build\|\.git/' before)" -eq 0 ]
	grep -q "'tests/fuzz/corpus/one'" before
	echo more >tree/tests/tools/faults.py
	stamps >tools
	run ! diff <(grep '^faults.bats' before) <(grep '^faults.bats' tools)
	echo more >tree/tests/fuzz/corpus/one
	stamps >corpus
	run ! diff <(grep '^fuzz.bats' tools) <(grep '^fuzz.bats' corpus)
	diff <(grep '^faults.bats' tools) <(grep '^faults.bats' corpus)
}
