/* SPDX-License-Identifier: MIT */
/* Training settings: defaults, the table by which models keep them, checks, and their text. */
#include "train/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/trim.h"

const struct ae_train_settings ae_train_defaults = {.loss = "mse",
	.optimizer = "adam",
	.huber_delta = 1,
	.lr = 0.001,
	.weight_decay = 0.004,
	.epochs = 10,
	.batch = 32,
	.slices = 16,
	.shuffle = true,
	.threads = 1};

bool ae_train_is_exact(const struct ae_train_settings *s)
{
	return s->optimizer && strcmp(s->optimizer, AE_TRAIN_EXACT) == 0;
}

/* Of what a training does step by step. */
static bool has_steps(const struct ae_train_settings *s)
{
	return !ae_train_is_exact(s);
}

static bool decays_weights(const struct ae_train_settings *s)
{
	const struct ae_optimizer *optimizer = s->optimizer ? ae_optimizer_named(s->optimizer) : NULL;
	return optimizer && optimizer->decays_weights;
}

static bool has_momentum(const struct ae_train_settings *s)
{
	return s->momentum != 0;
}

static bool has_schedule(const struct ae_train_settings *s)
{
	return s->schedule && *s->schedule;
}

static bool has_schedule_epochs(const struct ae_train_settings *s)
{
	return s->schedule_epochs != 0;
}

static bool has_warmup(const struct ae_train_settings *s)
{
	return s->warmup != 0;
}

static bool has_slices(const struct ae_train_settings *s)
{
	return s->slices != 0 && s->slices != ae_train_defaults.slices;
}

static bool has_trim(const struct ae_train_settings *s)
{
	return s->trim != 0;
}

static bool has_mask(const struct ae_train_settings *s)
{
	return s->mask;
}

/* A setting, and how ae_train_settings_format shows it. */
struct row {
	struct ae_setting setting;
	const char *before, *after;                       /* its value; both NULL: never shown */
	bool (*shown)(const struct ae_train_settings *s); /* NULL: always */
};

#define AT(member) offsetof(struct ae_train_settings, member)
#define COUNT AE_SETTING_COUNT
#define NUMBER AE_SETTING_NUMBER
#define TEXT AE_SETTING_TEXT
#define TRUTH AE_SETTING_TRUTH

#define BELOW_1 0x1.fffffffffffffp-1

/* Version 0.1 stored the first ten; later ones are stored only where they differ from their defaults. */
static const struct row settings_table[] = {
	{{"loss", TEXT, AT(loss), true, 0, 0}, "loss ", "", NULL},
	{{"huber_delta", NUMBER, AT(huber_delta), true, 0, 1e6}, NULL, NULL, NULL},
	{{"optimizer", TEXT, AT(optimizer), true, 0, 0}, ", ", "", NULL},
	{{"lr", NUMBER, AT(lr), true, 0, 1e6}, ", lr ", "", has_steps},
	{{"decay", NUMBER, AT(decay), true, 0, 1e6}, ", decay ", "", has_steps},
	{{"momentum", NUMBER, AT(momentum), true, 0, 1}, ", momentum ", "", has_momentum},
	{{"epochs", COUNT, AT(epochs), true, 1, 1000000}, ", ", " epochs", has_steps},
	{{"batch", COUNT, AT(batch), true, 1, 1 << 24}, ", batch ", "", has_steps},
	{{"seed", COUNT, AT(seed), true, 0, 0x1p64}, ", seed ", "", has_steps},
	{{"missing_mask", TRUTH, AT(mask), true, 0, 0}, ", missing values masked", "", has_mask},
	{{"weight_decay", NUMBER, AT(weight_decay), false, 0, 1e6}, ", weight decay ", "", decays_weights},
	{{"schedule", TEXT, AT(schedule), false, 0, 0}, ", schedule ", "", has_schedule},
	{{"schedule_epochs", COUNT, AT(schedule_epochs), false, 0, 1000000}, " over ", " epochs", has_schedule_epochs},
	{{"warmup", COUNT, AT(warmup), false, 0, 1000000}, ", warmup ", "", has_warmup},
	{{"slices", COUNT, AT(slices), false, 0, 1 << 16}, ", ", " slices", has_slices},
	{{"trim", NUMBER, AT(trim), false, 0, BELOW_1}, ", trim ", "", has_trim},
};

const struct ae_setting *ae_train_setting(size_t i)
{
	return i < sizeof(settings_table) / sizeof(*settings_table) ? &settings_table[i].setting : NULL;
}

const struct ae_setting *ae_train_setting_at(size_t offset)
{
	const struct row *row = settings_table;
	while (row->setting.offset != offset)
		row++;
	return &row->setting;
}

static const void *member(const struct ae_setting *setting, const struct ae_train_settings *settings)
{
	return (const char *)settings + setting->offset;
}

bool ae_setting_equal(
	const struct ae_setting *setting, const struct ae_train_settings *a, const struct ae_train_settings *b)
{
	const void *x = member(setting, a), *y = member(setting, b);
	const char *const *p = x, *const *q = y;
	switch (setting->kind) {
	case AE_SETTING_TEXT:
		return strcmp(*p ? *p : "", *q ? *q : "") == 0;
	case AE_SETTING_NUMBER:
		return memcmp(x, y, sizeof(double)) == 0;
	case AE_SETTING_COUNT:
		return memcmp(x, y, sizeof(uint64_t)) == 0;
	default:
		return *(const bool *)x == *(const bool *)y;
	}
}

int ae_setting_check(const struct ae_setting *setting, double value, struct ae_error *err)
{
	char given[AE_NUMBER_TEXT], low[AE_NUMBER_TEXT], high[AE_NUMBER_TEXT];
	if (value >= setting->low && value <= setting->high)
		return 0;
	ae_number_format_f64(given, value);
	ae_number_format_f64(low, setting->low);
	ae_number_format_most(high, setting->high);
	return ae_fail_usage(err, "%s %s: expected a %s from %s to %s", setting->key, given,
		setting->kind == AE_SETTING_COUNT ? "whole number" : "number", low, high);
}

static int check_numbers(const struct ae_train_settings *settings, struct ae_error *err)
{
	const struct ae_setting *setting;
	for (size_t i = 0; (setting = ae_train_setting(i)); i++) {
		const void *at = member(setting, settings);
		if (setting->kind == AE_SETTING_NUMBER && ae_setting_check(setting, *(const double *)at, err) != 0)
			return -1;
		if (setting->kind == AE_SETTING_COUNT &&
			ae_setting_check(setting, (double)*(const uint64_t *)at, err) != 0)
			return -1;
	}
	return 0;
}

/* A share that leaves out no row of any batch is a mistake. */
static int check_trim(const struct ae_train_settings *s, struct ae_error *err)
{
	char share[AE_NUMBER_TEXT];
	ae_number_format_f64(share, s->trim);
	if (s->trim != 0 && ae_trim_count(s->trim, s->batch) == 0)
		return ae_fail_usage(err, "trim %s of a batch of %llu rows is less than one row: take a larger batch",
			share, (unsigned long long)s->batch);
	return 0;
}

int ae_train_settings_check(const struct ae_train_settings *s, struct ae_error *err)
{
	size_t loss, optimizer;
	struct ae_schedule schedule;
	if (check_numbers(s, err) != 0 || ae_loss_find(&loss, s->loss, err) != 0 ||
		ae_optimizer_find(&optimizer, s->optimizer, err) != 0 || ae_schedule_parse(&schedule, s, err) != 0 ||
		check_trim(s, err) != 0)
		return -1;
	const char *name = ae_optimizer_name(optimizer);
	if (s->weight_decay != 0 && s->weight_decay != ae_train_defaults.weight_decay && !decays_weights(s))
		return ae_fail_usage(err, "weight decay: optimizer %s has none", name);
	return 0;
}

struct text {
	char *at;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text->at + text->used, text->size - text->used, format, args);
	va_end(args);
	text->used = n < 0 || (size_t)n >= text->size - text->used ? text->size - 1 : text->used + (size_t)n;
}

static void append_row(struct text *out, const struct row *row, const struct ae_train_settings *s)
{
	const void *at = member(&row->setting, s);
	char value[AE_NUMBER_TEXT] = "";
	const char *shown = value;
	if (!row->before || (row->shown && !row->shown(s)))
		return;
	if (row->setting.kind == TEXT)
		shown = *(const char *const *)at ? *(const char *const *)at : "";
	else if (row->setting.kind == NUMBER)
		ae_number_format_f64(value, *(const double *)at);
	else if (row->setting.kind == COUNT)
		snprintf(value, sizeof(value), "%llu", (unsigned long long)*(const uint64_t *)at);
	append(out, "%s%s%s", row->before, shown, row->after);
}

/* Truths stand at the end. */
char *ae_train_settings_format(const struct ae_train_settings *s, char *text, size_t size)
{
	struct text out = {text, size, 0};
	size_t n = sizeof(settings_table) / sizeof(*settings_table);
	for (size_t i = 0; i < n; i++)
		if (settings_table[i].setting.kind != TRUTH)
			append_row(&out, &settings_table[i], s);
	for (size_t i = 0; i < n; i++)
		if (settings_table[i].setting.kind == TRUTH)
			append_row(&out, &settings_table[i], s);
	return text;
}
