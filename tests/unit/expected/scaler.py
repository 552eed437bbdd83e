# SPDX-License-Identifier: MIT
# The numbers of test_scaler.c: /usr/bin/python3 scaler.py (scikit-learn 1.2.1, NumPy 1.24.2).
import numpy as np
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

i, j = np.meshgrid(np.arange(37), np.arange(5), indexing="ij")
x = ((i * 7919 + j * 104729) % 1009) / 8.0 - 40 + 1000 * j
x[3, 1] = x[11, 4] = np.nan
x[:, 2] = 2.5
for name, s in [("MINMAX", MinMaxScaler()), ("STANDARD", StandardScaler()), ("ROBUST", RobustScaler()),
                ("MAXABS", MaxAbsScaler())]:
    for per_tensor in (False, True):
        rows = x.reshape(-1, 1) if per_tensor else x
        s.fit(rows)
        scale = 1 / s.scale_ if name == "MINMAX" else s.scale_
        center = {"MINMAX": lambda: s.data_min_, "STANDARD": lambda: s.mean_, "ROBUST": lambda: s.center_,
                  "MAXABS": lambda: np.zeros_like(scale)}[name]()
        print(f"\t{{AE_SCALER_{name}, {str(per_tensor).lower()}, {{%s}}, {{%s}}}}," % (
            ", ".join("%.17g" % v for v in center), ", ".join("%.17g" % v for v in scale)))
print("mean", ["%.17g" % v for v in np.nanmean(x, axis=0)])
