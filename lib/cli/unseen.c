/* SPDX-License-Identifier: MIT */
/* Notes about groups of rows that a model has nothing of. */
#include "cli/unseen.h"

#include <string.h>

#include "core/stop.h"
#include "core/text.h"
#include "model/group_table.h"

int ae_unseen_add(struct ae_unseen *u, const char *name, size_t len, struct ae_error *err)
{
	if (!u->seen && ae_groups_new(&u->seen, AE_GROUPS_MAX, sizeof(bool), err) != 0)
		return -1;
	bool *seen = ae_groups_state(u->seen, name, len, err);
	if (!seen)
		return -1;
	if (*seen)
		return 0;
	*seen = true;
	if (u->count++ == 0) {
		size_t kept = len < sizeof(u->first) ? len : sizeof(u->first) - 1;
		memcpy(u->first, name, kept);
		u->first[kept] = '\0';
	}
	return 0;
}

static void tell(struct ae_unseen *u)
{
	char name[2 * sizeof(u->first)];
	bool more = u->count > 1;
	ae_note(u->program, u->common, "%llu group%s without a %s of %s own ha%s that of all rows%s: \"%s\"",
		(unsigned long long)u->count, more ? "s" : "", u->what, more ? "their" : "its", more ? "ve" : "s",
		more ? ", the first" : "", ae_escape_controls(name, sizeof(name), u->first));
	u->told = u->count;
}

int ae_unseen_tell(struct ae_unseen *u)
{
	enum { SECOND = 1000 };
	if (u->count == u->told)
		return 0;
	int64_t now = ae_clock_ms(), due = u->told ? u->at + SECOND : now;
	if (now < due)
		return (int)(due - now);
	tell(u);
	u->at = now;
	return 0;
}

void ae_unseen_end(struct ae_unseen *u)
{
	if (u->count > u->told)
		tell(u);
}

void ae_unseen_free(struct ae_unseen *u)
{
	ae_groups_free(u->seen);
	u->seen = NULL;
}
