/* SPDX-License-Identifier: MIT */
/* Notes about groups that are forgotten because there are too many. */
#include "cli/anew.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/number.h"

static int64_t milliseconds(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The last one's name, as output shows it. */
static const char *last_name(const struct ae_anew *a, char text[AE_ANEW_KEY + 1])
{
	float f32;
	double f64;
	_Static_assert(AE_ANEW_KEY >= AE_NUMBER_TEXT, "a number fits");
	switch (a->type) {
	case AE_F32:
		memcpy(&f32, a->key, sizeof(f32));
		ae_number_format_f32(text, f32);
		break;
	case AE_F64:
		memcpy(&f64, a->key, sizeof(f64));
		ae_number_format_f64(text, f64);
		break;
	case AE_U8:
		snprintf(text, AE_ANEW_KEY + 1, "%u", a->key[0]);
		break;
	default:
		memcpy(text, a->key, a->key_len);
		text[a->key_len] = '\0';
		break;
	}
	return text;
}

void ae_anew_add(struct ae_anew *a, const char *name, const struct ae_place *place, enum ae_type type, const void *key,
	size_t len)
{
	char text[AE_ANEW_KEY + 1];
	const uint64_t *lines = place->batch->lines;
	snprintf(a->input, sizeof(a->input), "%s", name); /* the input may be closed when it is told */
	a->line = lines != NULL;
	a->number = lines ? lines[place->row] : place->before + place->row + 1;
	a->type = type;
	a->key_len = len < AE_ANEW_KEY ? len : AE_ANEW_KEY;
	if (a->key_len > 0) /* else key may be NULL */
		memcpy(a->key, key, a->key_len);
	if (a->count++ > 0)
		return;
	ae_note(a->program, a->common,
		"%s: %s %llu: more than %llu group%s (--max-groups): \"%s\", not seen for longest, is forgotten and "
		"starts anew when it comes back",
		name, lines ? "line" : "row", (unsigned long long)a->number, (unsigned long long)a->most,
		a->most > 1 ? "s" : "", last_name(a, text));
	a->told = 1;
	a->at = milliseconds();
}

int ae_anew_tell(struct ae_anew *a)
{
	enum { SECOND = 1000 };
	char text[AE_ANEW_KEY + 1];
	if (a->count == a->told)
		return 0;
	int64_t now = milliseconds(), due = a->at + SECOND;
	if (now < due)
		return (int)(due - now);
	unsigned long long more = a->count - a->told;
	ae_note(a->program, a->common, "%llu more group%s forgotten, the last: %s: %s %llu: \"%s\"", more,
		more > 1 ? "s" : "", a->input, a->line ? "line" : "row", (unsigned long long)a->number,
		last_name(a, text));
	a->told = a->count;
	a->at = now;
	return 0;
}

void ae_anew_end(const struct ae_anew *a)
{
	if (a->count)
		ae_note(a->program, a->common,
			"%llu time%s a group was forgotten: there are more than %llu (--max-groups)",
			(unsigned long long)a->count, a->count > 1 ? "s" : "", (unsigned long long)a->most);
}
