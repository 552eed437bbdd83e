#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""same_members.py OURS EXPECTED: every member of EXPECTED, an object of JSON, is in OURS too, numbers within 1e-12."""
import json
import sys


def check(ours, expected, path):
    if isinstance(expected, dict):
        for key, value in expected.items():
            check(ours[key], value, path + "." + key)
    elif isinstance(expected, float) and ours is not None:
        assert abs(ours - expected) <= 1e-12, (path, ours, expected)
    else:
        assert ours == expected, (path, ours, expected)


check(*(json.loads(text) for text in sys.argv[1:3]), "")
