/* SPDX-License-Identifier: MIT */
/* Columns and features of a stream that stand in another order than wanted: found once a header, put right batch by
   batch. */
#ifndef AE_STREAM_COLUMN_ORDER_H
#define AE_STREAM_COLUMN_ORDER_H

#include "core/order.h"
#include "io/source.h"

/* All zero: nothing is to be done. Freed with ae_column_order_free. */
struct ae_column_order {
	size_t count;              /* columns, 0 where all is in order */
	size_t *from;              /* [count] column i is column from[i] of what is read */
	struct ae_order *features; /* [count] of column i */
};

/* Where `wanted`, or the features of one of x, target, recon and err, are all named after places in x ("x.2", as --x
   takes them from text), those of the others that have no names get "x.1" to "x.N", so that all meet by name. */
int ae_column_name_places(
	struct ae_schema *read, const struct ae_feature_names *wanted, struct ae_error *err) AE_MUST_CHECK;

/* For a first header. x comes into the order of `wanted` where its features are that set. With pair, the features of
   target, recon and err come into the order of those of x, else of wanted, else of target, the first of these that is
   the same set. */
int ae_column_order_of_features(struct ae_column_order *order, const struct ae_schema *read,
	const struct ae_feature_names *wanted, bool pair, struct ae_error *err) AE_MUST_CHECK;
/* For a later header: columns and features come into the order of the stream before it. Another set is an error that
   names the first difference. */
int ae_column_order_match(struct ae_column_order *order, const struct ae_schema *read, const struct ae_schema *before,
	struct ae_error *err) AE_MUST_CHECK;

/* Makes out, which is empty, what is read, in order; the lineage is copied as it is. */
int ae_column_order_schema(const struct ae_column_order *order, struct ae_schema *out, const struct ae_schema *read,
	struct ae_error *err) AE_MUST_CHECK;
/* Puts rows just read in order, in place. rows->data stays in the order of `read`; rows->batch gets the other. */
void ae_column_order_rows(const struct ae_column_order *order, const struct ae_schema *read, struct ae_rows *rows);
void ae_column_order_free(struct ae_column_order *order);

#endif
