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
	.schedule = "",
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
	{"loss", AE_SETTING_TEXT, AT(loss), true},
	{"huber_delta", AE_SETTING_NUMBER, AT(huber_delta), true},
	{"optimizer", AE_SETTING_TEXT, AT(optimizer), true},
	{"lr", AE_SETTING_NUMBER, AT(lr), true},
	{"decay", AE_SETTING_NUMBER, AT(decay), true},
	{"momentum", AE_SETTING_NUMBER, AT(momentum), true},
	{"epochs", AE_SETTING_COUNT, AT(epochs), true},
	{"batch", AE_SETTING_COUNT, AT(batch), true},
	{"seed", AE_SETTING_COUNT, AT(seed), true},
	{"missing_mask", AE_SETTING_TRUTH, AT(mask), true},
	{"weight_decay", AE_SETTING_NUMBER, AT(weight_decay), false},
	{"schedule", AE_SETTING_TEXT, AT(schedule), false},
	{"schedule_epochs", AE_SETTING_COUNT, AT(schedule_epochs), false},
	{"warmup", AE_SETTING_COUNT, AT(warmup), false},
	{"slices", AE_SETTING_COUNT, AT(slices), false},
};

const struct ae_setting *ae_train_setting(size_t i)
{
	return i < sizeof(settings_table) / sizeof(*settings_table) ? &settings_table[i] : NULL;
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

int ae_train_settings_check(const struct ae_train_settings *s, struct ae_error *err)
{
	size_t loss, optimizer;
	struct ae_schedule schedule;
	if (ae_loss_find(&loss, s->loss, err) != 0 || ae_optimizer_find(&optimizer, s->optimizer, err) != 0 ||
		ae_schedule_parse(&schedule, s, err) != 0)
		return -1;
	if (s->batch == 0)
		return ae_fail_usage(err, "a batch has at least one row");
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
