/* SPDX-License-Identifier: MIT */
/* What of a lineage decides the values of rows. */
#include "model/lineage_values.h"

#include <string.h>

int ae_lineage_pack_values(struct ae_buf *values, const struct ae_buf *blob, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, blob, err);
	lineage.held_out = lineage.imputed = false;
	lineage.loss[0] = '\0';
	ae_buf_free(&lineage.unknown);
	lineage.unknown_count = 0;
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, values, err);
	ae_lineage_free(&lineage);
	return rc;
}

/* Appends the description of step i, "none" where there is no such step. */
static int tell_step(struct ae_buf *text, const struct ae_prep *prep, size_t i, struct ae_error *err)
{
	int rc = i < prep->count ? ae_prep_describe_step(&prep->steps[i], text, err)
				 : ae_buf_append(text, "none", strlen("none"), err);
	return rc == 0 ? ae_buf_append(text, "", 1, err) : -1;
}

static int check_preparation(const struct ae_prep *had, const struct ae_prep *now, struct ae_error *err)
{
	struct ae_buf there = {0}, here = {0};
	size_t i = ae_prep_common(had, now);
	if (ae_prep_equal(had, now))
		return 0;
	if (tell_step(&there, had, i, err) == 0 && tell_step(&here, now, i, err) == 0) {
		const char *a = (const char *)there.data, *b = (const char *)here.data;
		if (strcmp(a, b) == 0)
			ae_fail(err, "the rows of another preparation: step %zu, %s, has other values here", i + 1, a);
		else
			ae_fail(err, "the rows of another preparation: step %zu is %s there, and here %s", i + 1, a, b);
	}
	ae_buf_free(&there);
	ae_buf_free(&here);
	return -1;
}

static bool is_same_digest(bool a_has, const unsigned char *a, bool b_has, const unsigned char *b)
{
	return a_has == b_has && (!a_has || memcmp(a, b, AE_DIGEST_SIZE) == 0);
}

static int check_word(const char *what, const char *had, const char *now, struct ae_error *err)
{
	return strcmp(had, now) == 0 ? 0
				     : ae_fail(err, "scores %s %s, and here %s", what, *had ? had : "nothing",
					       *now ? now : "nothing");
}

static void describe_smoothing(char text[AE_ROLLING_TEXT + AE_GROUPING_TEXT], const struct ae_lineage *lineage)
{
	char by[AE_GROUPING_TEXT];
	strcpy(text, lineage->smooth);
	strcat(text, *lineage->smooth ? ae_grouping_format(&lineage->smooth_by, by) : "");
}

static int check_scores(const struct ae_lineage *had, const struct ae_lineage *now, struct ae_error *err)
{
	if (check_word("by", had->metric, now->metric, err) != 0 ||
		check_word("against", had->reference, now->reference, err) != 0)
		return -1;
	return had->scaled_err == now->scaled_err
		       ? 0
		       : ae_fail(err, "scores in %s units, and here in %s ones",
				 had->scaled_err ? "scaled" : "original", now->scaled_err ? "scaled" : "original");
}

static int check_smoothing(const struct ae_lineage *had, const struct ae_lineage *now, struct ae_error *err)
{
	char there[AE_ROLLING_TEXT + AE_GROUPING_TEXT], here[AE_ROLLING_TEXT + AE_GROUPING_TEXT];
	describe_smoothing(there, had);
	describe_smoothing(here, now);
	return check_word("smoothed by", there, here, err);
}

static int check(const struct ae_lineage *had, const struct ae_lineage *now, struct ae_error *err)
{
	if (check_preparation(&had->prep, &now->prep, err) != 0)
		return -1;
	if (!is_same_digest(had->has_digest, had->digest, now->has_digest, now->digest))
		return ae_fail(err, "the rows of another model");
	if (check_scores(had, now, err) != 0)
		return -1;
	if (!is_same_digest(had->has_stats, had->stats, now->has_stats, now->stats))
		return ae_fail(err, "scores by other statistics of training rows");
	return check_smoothing(had, now, err);
}

/* ---- two of them, packed ---- */

struct both {
	struct ae_lineage had, now;
};

static int unpack(struct both *b, const struct ae_buf *had, const struct ae_buf *now, struct ae_error *err)
{
	return ae_lineage_unpack(&b->had, had, err) == 0 ? ae_lineage_unpack(&b->now, now, err) : -1;
}

static void free_both(struct both *b)
{
	ae_lineage_free(&b->had);
	ae_lineage_free(&b->now);
}

int ae_lineage_take_model(struct ae_buf *had, const struct ae_buf *now, bool *other, struct ae_error *err)
{
	struct both b = {0};
	int rc = unpack(&b, had, now, err);
	*other = rc == 0 && b.had.has_digest && b.now.has_digest &&
		 memcmp(b.had.digest, b.now.digest, AE_DIGEST_SIZE) != 0;
	if (*other) {
		memcpy(b.had.digest, b.now.digest, AE_DIGEST_SIZE);
		if (b.had.has_stats && b.now.has_stats)
			memcpy(b.had.stats, b.now.stats, AE_DIGEST_SIZE);
		rc = ae_lineage_pack(&b.had, had, err);
	}
	free_both(&b);
	return rc;
}

int ae_lineage_check_values(const struct ae_buf *had, const struct ae_buf *now, struct ae_error *err)
{
	struct both b = {0};
	int rc = unpack(&b, had, now, err);
	if (rc == 0)
		rc = check(&b.had, &b.now, err);
	free_both(&b);
	return rc;
}

int ae_lineage_find_otherwise(
	const char **otherwise, const struct ae_buf *had, const struct ae_buf *now, struct ae_error *err)
{
	struct ae_error why;
	struct both b = {0};
	int rc = unpack(&b, had, now, err);
	*otherwise = NULL;
	if (rc == 0 && !ae_prep_equal(&b.had.prep, &b.now.prep))
		*otherwise = "x is prepared otherwise";
	else if (rc == 0 && (check_scores(&b.had, &b.now, &why) != 0 || check_smoothing(&b.had, &b.now, &why) != 0))
		*otherwise = "scores are made otherwise";
	free_both(&b);
	return rc;
}
