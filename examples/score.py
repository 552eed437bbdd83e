#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""score.py: rows of a CSV file in, one score and verdict a row out, by the C library through ctypes.

    score.py MODEL < rows.csv

A row is as many numbers as the model has inputs; an empty cell is missing. The scores have the same bits as those of
ae-normalize -m MODEL | ae-recon -m MODEL | ae-err; verdicts (1 anomaly, 0 normal) follow if the model has a threshold.
The library is found as the linker finds it; AEFILTERS names another file.
"""
import csv
import ctypes
import os
import sys

LIB = ctypes.CDLL(os.environ.get("AEFILTERS", "libaefilters.so.0"))
NONE = 255  # the verdict of a row without a score


class Error(ctypes.Structure):
    """struct ae_error"""
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 1000)]


LIB.ae_model_free.argtypes = [ctypes.c_void_p]
LIB.ae_scorer_free.argtypes = [ctypes.c_void_p]
LIB.ae_model_inputs.argtypes = [ctypes.c_void_p]
LIB.ae_model_inputs.restype = ctypes.c_size_t
LIB.ae_model_threshold.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_double)]


def check(function, *args):
    """Calls a function of the library that can fail."""
    err = Error()
    if function(*args, ctypes.byref(err)) != 0:
        sys.exit("score.py: " + err.text.decode())


def read_rows(file, inputs):
    rows = []
    for cells in csv.reader(file):
        if len(cells) != inputs:
            sys.exit("score.py: row %d: %d cells, but the model has %d inputs" % (len(rows) + 1, len(cells), inputs))
        rows.append([float(cell) if cell else float("nan") for cell in cells])
    return rows


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: score.py MODEL < rows.csv")
    model, scorer = ctypes.c_void_p(), ctypes.c_void_p()
    check(LIB.ae_model_read, ctypes.byref(model), os.fsencode(sys.argv[1]))
    check(LIB.ae_scorer_new, ctypes.byref(scorer), model, None, ctypes.c_int(1))

    inputs = LIB.ae_model_inputs(model)
    rows = read_rows(sys.stdin, inputs)
    count = ctypes.c_size_t(len(rows))
    x = (ctypes.c_double * (len(rows) * inputs))(*[value for row in rows for value in row])
    scores = (ctypes.c_double * len(rows))()
    verdicts = (ctypes.c_ubyte * len(rows))(*[NONE] * len(rows))
    check(LIB.ae_scorer_score, scorer, x, count, scores)
    judged = LIB.ae_model_threshold(model, None)
    if judged:
        check(LIB.ae_scorer_verdict, scorer, scores, count, verdicts)
    for score, verdict in zip(scores, verdicts):
        print("%.17g" % score + ("," if judged else "") + ("" if verdict == NONE else "%d" % verdict))

    LIB.ae_scorer_free(scorer)
    LIB.ae_model_free(model)


main()
