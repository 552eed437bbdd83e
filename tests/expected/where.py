#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Random numbers and conditions on them for where.bats, with the rows that Python's decimal module finds.

    python3 where.py text|f64|f32 SEED > conditions     # lines CONDITION<tab>ROW ROW ...; the rows are in rows.csv

Text cells compare with a value by their decimal value; numbers by the decimal value of their shortest text.
"""
import decimal
import random
import sys
from decimal import Decimal

import numpy as np

kind, seed = sys.argv[1], int(sys.argv[2])
random.seed(seed)
decimal.getcontext().prec = 2000


def spelled(value):
    """One of many spellings of a Decimal: zeros, signs, exponents."""
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)) + "0" * random.choice((0, 0, 1, 3))
    exponent -= len(text) - len(digits)
    point = random.randint(0, len(text))
    shift = exponent + len(text) - point
    text = "0" * random.choice((0, 0, 2)) + text[:point] + ("." + text[point:] if point < len(text) else random.choice(("", ".")))
    if shift or random.random() < 0.2:
        text += random.choice("eE") + (random.choice(("", "+")) if shift >= 0 else "") + str(shift)
    return ("-" if sign else random.choice(("", "", "+"))) + text


def any_decimal():
    digits = random.choice((1, 2, 5, 17, 19, 40))
    value = Decimal(random.randrange(10 ** digits)).scaleb(random.choice((0, 0, -1, -digits, 3, -25)))
    return value if random.random() < 0.7 else -value


def neighbours(value):
    """A Decimal and others that differ in a late digit."""
    step = Decimal((0, (1,), value.as_tuple().exponent - random.choice((0, 0, 1, 12))))
    return [value, value + step, value - step]


pool = [n for _ in range(60) for n in neighbours(any_decimal())]
if kind == "text":
    cells = [spelled(n) for n in pool]
    values = pool
else:
    width = np.float32 if kind == "f32" else np.float64
    pool += [Decimal(s) for s in ("0.1", "0.2", "16777217", "3.4028235e38", "1e-45", "0.30000000000000004", "1e22", "5e-324")]
    kept = [(spelled(n), width(float(n)) if kind == "f64" else np.float32(float(n))) for n in pool if abs(n) < Decimal("3e38")]
    cells = [cell for cell, _ in kept]
    values = [Decimal(np.format_float_scientific(number, unique=True)) for _, number in kept]

with open("rows.csv", "w") as f:
    print("id,v" if kind != "text" else "row,id,v", file=f)
    for i, cell in enumerate(cells):
        print("r%d,%s" % (i, cell) if kind != "text" else "r%d,%s,%d" % (i, cell, i), file=f)

name = "id" if kind == "text" else "v"
compare = {"=": Decimal.__eq__, "!=": Decimal.__ne__, "<": Decimal.__lt__, "<=": Decimal.__le__, ">": Decimal.__gt__,
           ">=": Decimal.__ge__}
for op, holds in compare.items():
    for wanted in random.sample(pool, 12) + random.sample(values, 6) + [Decimal("1e400"), Decimal("-1e-400")]:
        rows = ["r%d" % i for i, value in enumerate(values) if holds(value, wanted)]
        print("%s%s%s\t%s" % (name, op, spelled(wanted), " ".join(rows)))
