# SPDX-License-Identifier: MIT
"""Every mistake of one token that can be made in a C source."""
import re

TOKEN = re.compile(r"""(?P<skip>/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:\\\n|[^\n])*)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<number>\b\d(?:[eEpP][+-]|[\w.])*)|(?P<word>[A-Za-z_]\w*)
    |(?P<operator>[-+*/%&|<>=!]=|&&|\|\||<<|>>|\+\+|--|->|[^\s\w])""", re.S | re.M | re.X)
PAIRS = [("<", "<="), (">", ">="), ("==", "!="), ("+", "-"), ("*", "/"), ("&&", "||"), ("+=", "-=")]
SWAPPED = {"%": "*"} | dict(PAIRS) | {b: a for a, b in PAIRS}


def closing(tokens, at):
    """The index of the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[i][0], 0)
        if depth == 0:
            return i
    return at


def calls_around(tokens, at):
    """The words before the parentheses that are open before token `at` in its statement."""
    depth, found = 0, set()
    for i in range(at - 1, 0, -1):
        token = tokens[i][0]
        if token in (";", "{", "}"):
            break
        depth += {")": 1, "(": -1}.get(token, 0)
        if depth < 0:
            depth = 0
            found.add(tokens[i - 1][0])
    return found


def mutants_of(text):
    """[(start, end, replacement), ...]. What cannot matter is none of them: more room in an array or in memory, {0}."""
    found = []
    tokens = [(m[0], m.start(), m.end(), m.lastgroup) for m in TOKEN.finditer(text) if m.lastgroup != "skip"]
    for i, (token, start, end, kind) in enumerate(tokens[:-1]):
        before = [t[0] for t in tokens[max(0, i - 3):i]][::-1] + [""] * 3
        after = tokens[i + 1][0]
        binary = text[start - 1].isspace() and text[end].isspace()
        if kind == "operator" and token in SWAPPED and binary:
            found.append((start, end, SWAPPED[token]))
        elif token in ("true", "false"):
            found.append((start, end, "false" if token == "true" else "true"))
        elif token == "if":
            condition = tokens[i + 1][1], tokens[closing(tokens, i + 1)][2]
            found.append((*condition, "(!" + text[slice(*condition)] + ")"))
        elif kind == "number" and before[0] == "return" and token == "0" and after == ";":
            found.append((start, end, "-1"))
        elif kind == "number" and token == "1" and text[start - 1] == "-":  # an error becomes none
            found.append((start - 1, end, "0"))
        elif kind == "number":
            array = before[0] == "[" and after == "]" and re.fullmatch(r"\w+", before[1]) \
                and re.fullmatch(r"(?!return)\w+|\*", before[2])
            room = calls_around(tokens, i) & {"ae_calloc", "realloc"}
            if not array and not room and (before[0], token, after) != ("{", "0", "}"):
                found.append((start, end, "1" if token == "0" else f"({token} + 1)"))
    return found
