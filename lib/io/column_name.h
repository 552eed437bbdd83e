/* SPDX-License-Identifier: MIT */
/* What the name of a column of text says: whether it is likely no input. */
#ifndef AE_IO_COLUMN_NAME_H
#define AE_IO_COLUMN_NAME_H

#include <stdbool.h>

/* Whether a name looks like truth ("Label", "is_anomaly"), like bookkeeping ("record id", "Unnamed: 0") or like a time
   stamp ("Date/Time"). The words of the name decide, in any case; they end where letters and others, or lower and upper
   case, meet: "isFraud" has the words is and fraud, "classroom" has one. */
bool ae_name_is_no_input(const char *name);

/* Whether a name is x, y or z: y is no truth beside one of the others. */
bool ae_name_is_axis(const char *name);

#endif
