/* SPDX-License-Identifier: MIT */
/* Rows of text whose columns come into the order of a log's header. */
#ifndef AE_STREAM_LOG_ORDER_H
#define AE_STREAM_LOG_ORDER_H

#include "core/order.h"
#include "core/util.h"
#include "io/cell.h"

/* Fills the order by which columns called `names` come into that of `log`, of as many: count is 0 where they are equal
   already. 1, 0 if they are not the same names, each once, or -1 and *err. */
int ae_log_order_find(struct ae_order *order, const struct ae_cell *names, const struct ae_cell *log, size_t count,
	struct ae_error *err) AE_MUST_CHECK;

/* Appends whole records to out, with their cells in that order, as they are spelled. Of CSV with commas or TSV. */
int ae_log_order_lines(const struct ae_order *order, bool tsv, const unsigned char *lines, size_t len,
	struct ae_buf *out, struct ae_error *err) AE_MUST_CHECK;

#endif
