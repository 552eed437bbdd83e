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

#define AT(member) offsetof(struct ae_train_settings, member)

/* Version 1.0 stored the first ten; later ones are stored only where they differ from their defaults. */
static const struct ae_setting settings_table[] = {
	{"loss", AE_SETTING_TEXT, AT(loss), true, 0, 0},
	{"huber_delta", AE_SETTING_NUMBER, AT(huber_delta), true, 0, 1e6},
	{"optimizer", AE_SETTING_TEXT, AT(optimizer), true, 0, 0},
	{"lr", AE_SETTING_NUMBER, AT(lr), true, 0, 1e6},
	{"decay", AE_SETTING_NUMBER, AT(decay), true, 0, 1e6},
	{"momentum", AE_SETTING_NUMBER, AT(momentum), true, 0, 1},
	{"epochs", AE_SETTING_COUNT, AT(epochs), true, 1, 1000000},
	{"batch", AE_SETTING_COUNT, AT(batch), true, 1, 1 << 24},
	{"seed", AE_SETTING_COUNT, AT(seed), true, 0, 0x1p64},
	{"missing_mask", AE_SETTING_TRUTH, AT(mask), true, 0, 0},
	{"weight_decay", AE_SETTING_NUMBER, AT(weight_decay), false, 0, 1e6},
	{"schedule", AE_SETTING_TEXT, AT(schedule), false, 0, 0},
	{"schedule_epochs", AE_SETTING_COUNT, AT(schedule_epochs), false, 0, 1000000},
	{"warmup", AE_SETTING_COUNT, AT(warmup), false, 0, 1000000},
	{"slices", AE_SETTING_COUNT, AT(slices), false, 0, 1 << 16},
};

const struct ae_setting *ae_train_setting(size_t i)
{
	return i < sizeof(settings_table) / sizeof(*settings_table) ? &settings_table[i] : NULL;
}

const struct ae_setting *ae_train_setting_at(size_t offset)
{
	const struct ae_setting *setting = settings_table;
	while (setting->offset != offset)
		setting++;
	return setting;
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
	ae_number_format_f64(high, setting->high);
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

int ae_train_settings_check(const struct ae_train_settings *s, struct ae_error *err)
{
	size_t loss, optimizer;
	struct ae_schedule schedule;
	if (check_numbers(s, err) != 0 || ae_loss_find(&loss, s->loss, err) != 0 ||
		ae_optimizer_find(&optimizer, s->optimizer, err) != 0 || ae_schedule_parse(&schedule, s, err) != 0)
		return -1;
	const char *name = ae_optimizer_name(optimizer);
	if (s->weight_decay != 0 && s->weight_decay != ae_train_defaults.weight_decay &&
		!ae_optimizer_named(name)->decays_weights)
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

char *ae_train_settings_format(const struct ae_train_settings *s, char *text, size_t size)
{
	struct text out = {text, size, 0};
	char lr[AE_NUMBER_TEXT], decay[AE_NUMBER_TEXT];
	const struct ae_optimizer *optimizer = ae_optimizer_named(s->optimizer);
	ae_number_format_f64(lr, s->lr);
	ae_number_format_f64(decay, s->decay);
	append(&out, "loss %s, %s, lr %s, decay %s, %llu epochs, batch %llu, seed %llu", s->loss, s->optimizer, lr,
		decay, (unsigned long long)s->epochs, (unsigned long long)s->batch, (unsigned long long)s->seed);
	if (optimizer && optimizer->decays_weights) {
		ae_number_format_f64(decay, s->weight_decay);
		append(&out, ", weight decay %s", decay);
	}
	if (s->schedule && *s->schedule)
		append(&out, ", schedule %s", s->schedule);
	if (s->schedule_epochs)
		append(&out, " over %llu epochs", (unsigned long long)s->schedule_epochs);
	if (s->warmup)
		append(&out, ", warmup %llu", (unsigned long long)s->warmup);
	if (s->slices && s->slices != ae_train_defaults.slices)
		append(&out, ", %llu slices", (unsigned long long)s->slices);
	if (s->mask)
		append(&out, ", missing values masked");
	return text;
}
