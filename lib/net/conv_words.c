/* SPDX-License-Identifier: MIT */
/* The words of convolutions, read and written. */
#include "net/conv_words.h"

#include <stdio.h>
#include <string.h>

#include "core/util.h"

#define UNITS_MAX (1 << 16)

/* Reads a number from 1 to AE_CONV_KERNEL_MAX at *text and moves past it; 0 if there is none. */
static size_t number(const char **text)
{
	size_t n = 0, digits = strspn(*text, "0123456789");
	for (size_t i = 0; i < digits && n <= AE_CONV_KERNEL_MAX; i++)
		n = n * 10 + (size_t)(*text)[i] - '0';
	*text += digits;
	return n <= AE_CONV_KERNEL_MAX ? n : 0;
}

/* Reads "3x5" at *text; where `one` a single number, "3", is both. */
static int pair(size_t *height, size_t *width, const char **text, bool one)
{
	*height = *width = number(text);
	if (**text != 'x')
		return one && *height ? 0 : -1;
	++*text;
	*width = number(text);
	return *height && *width ? 0 : -1;
}

/* "3x3", "3x3/2" or "3x3/2x1". */
static int image_size(struct ae_conv *c, const char *text)
{
	c->stride_height = c->stride_width = 1;
	if (pair(&c->kernel_height, &c->kernel_width, &text, false) != 0)
		return -1;
	if (*text == '/') {
		text++;
		if (pair(&c->stride_height, &c->stride_width, &text, true) != 0)
			return -1;
	}
	return *text ? -1 : 0;
}

/* "7" or "7/2". */
static int series_size(struct ae_conv *c, const char *text)
{
	c->kernel_height = c->stride_height = c->stride_width = 1;
	c->kernel_width = number(&text);
	if (*text == '/') {
		text++;
		c->stride_width = number(&text);
	}
	return *text || !c->kernel_width || !c->stride_width ? -1 : 0;
}

static void write_text(struct ae_layer *layer, bool series)
{
	const struct ae_conv *c = &layer->args.conv.shape;
	const size_t size = sizeof(layer->text), units = layer->args.conv.units;
	int len = series ? snprintf(layer->text, size, "%s %zu %zu", layer->type->name, units, c->kernel_width)
			 : snprintf(layer->text, size, "%s %zu %zux%zu", layer->type->name, units, c->kernel_height,
				   c->kernel_width);
	char *end = layer->text + len;
	if (!series && c->stride_height != c->stride_width)
		snprintf(end, size - (size_t)len, "/%zux%zu", c->stride_height, c->stride_width);
	else if (c->stride_width > 1)
		snprintf(end, size - (size_t)len, "/%zu", c->stride_width);
}

int ae_conv_words(struct ae_layer *layer, bool series, const char *value, char *const *words, size_t n, size_t *used,
	struct ae_error *err)
{
	const char *name = layer->type->name;
	struct ae_conv *c = &layer->args.conv.shape;
	uint64_t units;
	if (value || n < 2)
		return ae_fail_usage(err,
			"expected a number of channels and a kernel size after \"%s\", as in \"%s 16 %s\"", name, name,
			series ? "7/2" : "3x3/2");
	if (ae_parse_u64(&units, words[0], 1, UNITS_MAX) != 0)
		return ae_fail_usage(err, "\"%s %s\": expected a number of channels from 1 to %d after \"%s\"", name,
			words[0], UNITS_MAX, name);
	if ((series ? series_size(c, words[1]) : image_size(c, words[1])) != 0) {
		const char *what = series ? "a kernel size from 1 to 31, and after a slash the stride, from 1 to 31, "
					    "as in 7/2"
					  : "a kernel size from 1x1 to 31x31, and after a slash the stride, from 1 to "
					    "31, as in 3x3/2, or one for each axis, as in 3x5/1x2";
		return ae_fail_usage(err, "\"%s %s %s\": expected %s", name, words[0], words[1], what);
	}
	layer->args.conv.units = units;
	*used = 2;
	write_text(layer, series);
	return 0;
}
