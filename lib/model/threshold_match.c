/* SPDX-License-Identifier: MIT */
#include "model/threshold_match.h"

#include <string.h>

int ae_threshold_match(const struct ae_threshold *t, const struct ae_lineage *lineage, const char *name,
	const char *path, struct ae_error *err)
{
	bool digests = t->has_digest && lineage->has_digest;
	if (digests && memcmp(t->digest, lineage->digest, AE_DIGEST_SIZE) != 0)
		return ae_fail(err, "%s: err was made with another model than the threshold in %s", name, path);
	if (!*t->metric || !*lineage->metric) /* text does not say */
		return 0;
	if (strcmp(t->metric, lineage->metric) != 0)
		return ae_fail(err, "%s: err is %s, but the threshold in %s was fitted on %s", name, lineage->metric,
			path, t->metric);
	if (strcmp(t->reference, lineage->reference) != 0)
		return ae_fail(err, "%s: err is against %s, but the threshold in %s was fitted on errors against %s",
			name, lineage->reference, path, t->reference);
	if (t->scaled != lineage->scaled_err)
		return ae_fail(err, "%s: err is in %s units, but the threshold in %s in %s ones", name,
			lineage->scaled_err ? "scaled" : "original", path, t->scaled ? "scaled" : "original");
	return 0;
}
