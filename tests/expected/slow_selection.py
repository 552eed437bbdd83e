#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rows on which find_largest of lib/eval/scoring.c would be quadratic, so that it gives up and sorts.

    slow_selection.py N      prints one row as CSV, x and recon of N values: whatever it takes for a pivot is nearly the
                             least of what is left, so each pass leaves out two values (McIlroy, "A Killer Adversary
                             for Quicksort", Software: Practice and Experience 29, 1999)

scores.bats uses it.
"""
import sys

n = int(sys.argv[1])
value, left, low = [None] * n, list(range(n)), 0
for _ in range(24):  # passes, more than it takes to give up
    sample = left[0], left[len(left) // 2], left[-1]
    for i in sample:
        if value[i] is None:
            low += 1
            value[i] = low
    pivot = sorted(value[i] for i in sample)[1]
    count = 0
    for j in range(len(left)):
        left[j], left[count] = left[count], left[j]
        count += value[left[count]] is None or value[left[count]] > pivot
    left = left[:count]
for i in range(n):
    if value[i] is None:
        low += 1
        value[i] = low
print(",".join([f"x.{i + 1}" for i in range(n)] + [f"recon.{i + 1}" for i in range(n)]))
print(",".join([str(v) for v in value] + ["0"] * n))
