/* SPDX-License-Identifier: MIT */
/* Scalers of which each group of rows, as each machine in a log of many, has its own: one of all rows, and a table by
   the names of the groups. A step of preparation holds the former and the SHA-256 of the latter, which models and the
   headers of streams keep beside it. */
#ifndef AE_MODEL_SCALER_GROUPS_H
#define AE_MODEL_SCALER_GROUPS_H

#include "core/sha256.h"
#include "model/group_table.h"
#include "model/scaler.h"

/* Found by ae_group_find. */
struct ae_scaler_group {
	char *name;
	struct ae_scaler scaler;
};

/* All zero is empty. Owns everything; freed with ae_scaler_groups_free. */
struct ae_scaler_groups {
	char *column;                         /* as --group names it; NULL: one scaler for all rows */
	struct ae_scaler all;                 /* of all rows: for groups that have none of their own */
	unsigned char digest[AE_DIGEST_SIZE]; /* of the packed table */
	struct ae_scaler_group *groups;       /* [count], sorted by the bytes of their names */
	size_t count;
};

/* Fills *groups, which is all zero or in use, from the parameters of a step: a plain scaler, or one of groups without
   the table. Empty on failure. */
int ae_scaler_groups_unpack(
	struct ae_scaler_groups *groups, const struct ae_buf *packed, struct ae_error *err) AE_MUST_CHECK;
/* Packs such parameters, replacing what blob held; equal ones give equal bytes. */
int ae_scaler_groups_pack(
	const struct ae_scaler_groups *groups, struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
/* Packs the table, replacing what blob held, and sets the digest to that of it. */
int ae_scaler_groups_pack_table(
	struct ae_scaler_groups *groups, struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
/* Takes the table that has the digest; any other one is an error. */
int ae_scaler_groups_take_table(
	struct ae_scaler_groups *groups, const struct ae_buf *table, struct ae_error *err) AE_MUST_CHECK;
/* The scaler of a group: its own, or that of all rows. */
const struct ae_scaler *ae_scaler_groups_find(const struct ae_scaler_groups *groups, const char *name, size_t len);
void ae_scaler_groups_free(struct ae_scaler_groups *groups);

/* Whether a step's parameters are those of groups. */
bool ae_scaler_is_of_groups(const struct ae_buf *packed);

/* ---- fitting ---- */

/* As struct ae_scaler_fit, for each group and for all rows. Freed with ae_scaler_groups_fit_free. */
struct ae_scaler_groups_fit;

int ae_scaler_groups_fit_new(struct ae_scaler_groups_fit **fit, const struct ae_scaler_rule *rule, bool per_tensor,
	const struct ae_shape *shape, struct ae_error *err) AE_MUST_CHECK;
/* Takes rows of one group. More than AE_GROUPS_MAX groups are an error. */
int ae_scaler_groups_fit_rows(struct ae_scaler_groups_fit *fit, const char *name, size_t len, const void *x,
	enum ae_type type, size_t rows, struct ae_error *err) AE_MUST_CHECK;
/* Groups that have a scaler of their own but for some columns. */
struct ae_scaler_groups_partly {
	size_t count, all; /* how many of how many groups that have one */
	const char *name;  /* of the first; borrowed from the scalers */
	size_t column;     /* the first of its columns */
};
/* Fills the table of *groups, whose scaler of all rows is fitted already. A group of few rows gets none. In the others
   a column that is constant has the scale of all rows, and one of few values their center too. */
int ae_scaler_groups_fit_end(struct ae_scaler_groups_fit *fit, struct ae_scaler_groups *groups,
	struct ae_scaler_groups_partly *partly, struct ae_error *err) AE_MUST_CHECK;
void ae_scaler_groups_fit_free(struct ae_scaler_groups_fit *fit);

#endif
