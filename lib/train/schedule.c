/* SPDX-License-Identifier: MIT */
/* Learning rate schedules. To add one: its functions, and its row in the table. */
#include "train/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"

struct ae_schedule_type {
	const char *form; /* name, and arguments after a colon */
	/* Reads the arguments, NULL if there are none. -1 if they are not right; no text in err. */
	int (*parse)(struct ae_schedule *schedule, const char *arguments, const struct ae_train_settings *settings);
	double (*factor)(const struct ae_schedule *schedule, double at); /* at: epochs done, with a fraction */
	bool ends;                                                       /* after `epochs` epochs */
};

/* Half a cosine from 1 after the warm-up to 0 at the end: Loshchilov and Hutter, 2017, without restarts. */
static int parse_cosine(struct ae_schedule *schedule, const char *arguments, const struct ae_train_settings *settings)
{
	uint64_t epochs = settings->schedule_epochs ? settings->schedule_epochs : settings->epochs;
	if (arguments && ae_parse_u64(&epochs, arguments, 1, 1000000) != 0)
		return -1;
	schedule->epochs = (double)epochs;
	return 0;
}

static double cosine_factor(const struct ae_schedule *schedule, double at)
{
	double done = (at - schedule->warmup) / (schedule->epochs - schedule->warmup);
	return done < 1 ? (1 + cos(M_PI * fmax(done, 0))) / 2 : 0;
}

/* Every N epochs times F. */
static int parse_step(struct ae_schedule *schedule, const char *arguments, const struct ae_train_settings *settings)
{
	(void)settings;
	char count[32];
	uint64_t epochs;
	size_t len = arguments ? strcspn(arguments, ",") : 0;
	if (len == 0 || len >= sizeof(count) || arguments[len] != ',')
		return -1;
	memcpy(count, arguments, len);
	count[len] = '\0';
	if (ae_parse_u64(&epochs, count, 1, 1000000) != 0 ||
		ae_parse_real(&schedule->factor, arguments + len + 1, 0, 1) != 0 || schedule->factor == 0)
		return -1;
	schedule->epochs = (double)epochs;
	return 0;
}

static double step_factor(const struct ae_schedule *schedule, double at)
{
	return pow(schedule->factor, floor(at / schedule->epochs));
}

static const struct ae_schedule_type types[] = {
	{"cosine[:EPOCHS]", parse_cosine, cosine_factor, true},
	{"step:N,F", parse_step, step_factor, false},
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

const char *ae_schedule_form(size_t i)
{
	return i < TYPES ? types[i].form : NULL;
}

static const struct ae_schedule_type *find_type(const char *text)
{
	size_t length = strcspn(text, ":");
	for (size_t i = 0; i < TYPES; i++)
		if (strcspn(types[i].form, ":[") == length && strncmp(text, types[i].form, length) == 0)
			return &types[i];
	return NULL;
}

bool ae_schedule_needs_epochs(const char *text)
{
	const struct ae_schedule_type *type = text && *text ? find_type(text) : NULL;
	return type && type->ends && !strchr(text, ':');
}

static int check_epochs(const struct ae_schedule *schedule, const struct ae_train_settings *s, struct ae_error *err)
{
	if (!schedule->type->ends)
		return 0;
	if ((double)s->epochs > schedule->epochs)
		return ae_fail_usage(err, "schedule %s ends after epoch %.0f; %llu epochs are wanted", s->schedule,
			schedule->epochs, (unsigned long long)s->epochs);
	if (schedule->warmup >= schedule->epochs)
		return ae_fail_usage(
			err, "a warmup of %.0f epochs leaves nothing of schedule %s", schedule->warmup, s->schedule);
	return 0;
}

int ae_schedule_parse(struct ae_schedule *schedule, const struct ae_train_settings *s, struct ae_error *err)
{
	*schedule = (struct ae_schedule){.warmup = (double)s->warmup};
	bool given = s->schedule && *s->schedule;
	if ((given || s->warmup) && s->decay != 0)
		return ae_fail_usage(err, "decay is a schedule too: it goes with neither another one nor a warmup");
	if (!given)
		return 0;
	const char *colon = strchr(s->schedule, ':');
	schedule->type = find_type(s->schedule);
	if (!schedule->type)
		return ae_fail_word(err, "schedule", s->schedule, ae_schedule_form);
	if (schedule->type->parse(schedule, colon ? colon + 1 : NULL, s) != 0)
		return ae_fail_usage(err, "schedule %s: expected %s", s->schedule, schedule->type->form);
	return check_epochs(schedule, s, err);
}

double ae_schedule_factor(const struct ae_schedule *schedule, uint64_t epoch, size_t step, size_t steps)
{
	double at = (double)epoch + (double)step / (double)steps;
	double factor = schedule->type ? schedule->type->factor(schedule, at) : 1;
	if (at >= schedule->warmup)
		return factor;
	return factor * ((double)epoch + (double)(step + 1) / (double)steps) / schedule->warmup;
}
