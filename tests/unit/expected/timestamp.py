# SPDX-License-Identifier: MIT
# The numbers of test_timestamp.c: /usr/bin/python3 timestamp.py (datetime and decimal of Python 3.11).
# Each line: a text, and the nanoseconds since 1970 that it means.
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

random.seed(13)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def line(text, ns):
    print(f'\t{{"{text}", {ns}}},')


def ns_of(when, nanos=0):
    delta = when - EPOCH
    return (delta.days * 86400 + delta.seconds) * 10**9 + nanos


edges = [datetime(1970, 1, 1), datetime(1969, 12, 31, 23, 59, 59), datetime(2000, 2, 29), datetime(2000, 3, 1),
         datetime(1900, 2, 28, 23), datetime(1900, 3, 1), datetime(2100, 3, 1), datetime(1678, 1, 1), datetime(2262, 4, 11),
         datetime(2024, 12, 31, 23, 59, 59)]
edges += [datetime(1678, 1, 1) + timedelta(seconds=random.randrange(584 * 365 * 86400)) for _ in range(30)]
for i, when in enumerate(edges):
    digits = random.randrange(0, 12)
    fraction = "".join(random.choice("0123456789") for _ in range(digits))
    nanos = int((fraction + "0" * 9)[:9])
    minutes = random.choice([0, 60, -90, 345, -720, 839])
    zone = ["", "Z", "z", f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"][i % 4]
    offset = timezone(timedelta(minutes=minutes if i % 4 == 3 else 0))
    text = when.strftime("%Y-%m-%d") + "T t"[i % 3] + when.strftime("%H:%M:%S") + ("." + fraction if digits else "") + zone
    line(text, ns_of(when.replace(tzinfo=offset), nanos))
for text in ["2026-03-01T00:00", "2026-03-01 23:59", "2024-02-29t12:30Z", "1969-12-31 23:59-01:30", "2026-03-01", "1969-12-31"]:
    when = datetime.fromisoformat(text.replace("t", "T").replace("Z", "+00:00"))
    line(text, ns_of(when if when.tzinfo else when.replace(tzinfo=timezone.utc)))
for text in ["0", "-0.0", "1", "-1.5", "1732736940", "1732736940.123456789", "1732736940.1234567899", "+0.000000001",
             "1.73273694e9", "99999999999", "99999999999.5", "100000000000", "-100000000000", "1732736940123",
             "1732736940123.25", "99999999999999", "100000000000000", "1732736940123456", "1732736940123456.789",
             "-1732736940123456", "100000000000000000", "-100000000000000000",
             "1764000000000000000", "1764000000123456789.9", "1.764e18", "1e-9", "1e-10", "0e999", "000000000000000000005", "1e11", "1e14", "12E3", "5."]:
    value = Decimal(text)
    unit = 10**9 if abs(value) < 10**11 else 10**6 if abs(value) < 10**14 else 10**3 if abs(value) < 10**17 else 1
    if value and abs(value) * unit >= 2**63:
        continue
    line(text, int(value * unit))

print("far:")
for date, rest, minutes, nanos in [("9999-12-31T23:59:59", "Z", 0, 0), ("9999-12-31T23:59:59", ".999999999-00:01", -1, 999999999),
                                   ("0001-01-01", "", 0, 0), ("1600-02-29T12:00:00", ".5", 0, 500000000), ("2300-01-01", "", 0, 0),
                                   ("1000-03-01T00:00:00", ".000000001+05:45", 345, 1)]:
    delta = datetime.fromisoformat(date) - datetime(1970, 1, 1)
    print(f'\t{{"{date}{rest}", {{{delta.days * 86400 + delta.seconds - 60 * minutes}, {nanos}}}}},')
# The year 0 is a leap year of 366 days before the year 1, which is Python's first.
year_0 = (datetime(1, 1, 1) - datetime(1970, 1, 1)).days * 86400 - 366 * 86400
print(f'\t{{"0000-01-01", {{{year_0}, 0}}}},')
print(f'\t{{"0000-01-01T00:00+01:00", {{{year_0 - 3600}, 0}}}},')
print(f'\t{{"0000-03-01", {{{year_0 + 60 * 86400}, 0}}}},')
for text in ["99999999999", "99999999999.5", "99999999999999", "-62167219200", "-12345678901.000000001", "10000000000000000",
             "99999999999999999", "1e19", "253402300799999999999", "-62167219200000000000", "-9999999999000000001"]:
    value = Decimal(text)
    unit = 10**9 if abs(value) < 10**11 else 10**6 if abs(value) < 10**14 else 10**3 if abs(value) < 10**17 else 1
    print(f'\t{{"{text}", {{{int(value * unit) // 10**9}, {int(value * unit) % 10**9}}}}},')
