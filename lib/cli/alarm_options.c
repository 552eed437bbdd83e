/* SPDX-License-Identifier: MIT */
/* What the options about episodes say. */
#include "cli/alarm_options.h"

#include <stdlib.h>
#include <string.h>

#include "core/timestamp.h"

bool ae_alarm_is_wanted(const struct ae_alarm_options *o)
{
	return o->episodes || o->exec || o->prom;
}

static int read_span(struct ae_span *span, const char *option, const char *text, struct ae_error *err)
{
	if (!text || ae_parse_u64(&span->rows, text, 0, INT64_MAX) == 0 || ae_duration_parse(&span->ns, text) == 0)
		return 0;
	return ae_fail_usage(
		err, "--%s %s: expected a number of rows, or a time such as 500ms, 90s, 15m or 1.5h", option, text);
}

static int read_k_of_n(struct ae_episode_rules *rules, const char *text, struct ae_error *err)
{
	const char *slash = text ? strchr(text, '/') : NULL;
	char *first = slash ? ae_strndup(text, (size_t)(slash - text), err) : NULL;
	uint64_t k = 1, n = 1;
	if (!text)
		return 0;
	if (slash && !first)
		return -1;
	bool good =
		slash && ae_parse_u64(&n, slash + 1, 1, AE_EPISODE_WINDOW) == 0 && ae_parse_u64(&k, first, 1, n) == 0;
	free(first);
	rules->k = (unsigned)k;
	rules->n = (unsigned)n;
	return good ? 0
		    : ae_fail_usage(err, "--k-of-n %s: expected K/N, such as 3/5, with N up to %d and K up to N", text,
			      AE_EPISODE_WINDOW);
}

int ae_alarm_rules(struct ae_episode_rules *rules, const struct ae_alarm_options *o, struct ae_error *err)
{
	*rules = (struct ae_episode_rules){.clear = o->clear, .min_rows = o->min_rows, .k = 1, .n = 1};
	if (read_k_of_n(rules, o->k_of_n, err) != 0 || read_span(&rules->merge, "merge-gap", o->merge, err) != 0)
		return -1;
	return read_span(&rules->refractory, "refractory", o->refractory, err);
}
