/* SPDX-License-Identifier: MIT */
/* Transforms of images, [height, width, channels]. */
#include <stdio.h>
#include <string.h>

#include "model/transform.h"

/* ---- color ---- */

/* What becomes of the red, green and blue of a pixel: luma as in JPEG (JFIF, ITU-R BT.601). */
static const double luma[] = {0.299, 0.587, 0.114};

static double grey_of(const double *rgb)
{
	return luma[0] * rgb[0] + luma[1] * rgb[1] + luma[2] * rgb[2];
}

static void grey(const double *rgb, double *y)
{
	y[0] = grey_of(rgb);
}

static void differences(const double *rgb, double *y)
{
	y[0] = rgb[0] - rgb[1];
	y[1] = (rgb[0] + rgb[1]) / 2 - rgb[2];
}

/* Cb and Cr lie around 0. */
static void ycbcr(const double *rgb, double *y)
{
	y[0] = grey_of(rgb);
	y[1] = (rgb[2] - y[0]) / (2 * (1 - luma[2]));
	y[2] = (rgb[0] - y[0]) / (2 * (1 - luma[0]));
}

static void rgb_of_ycbcr(const double *y, double *rgb)
{
	rgb[0] = y[0] + 2 * (1 - luma[0]) * y[2];
	rgb[2] = y[0] + 2 * (1 - luma[2]) * y[1];
	rgb[1] = (y[0] - luma[0] * rgb[0] - luma[2] * rgb[2]) / luma[1];
}

static const struct {
	const char *name;
	uint32_t channels;
	void (*pixel)(const double *rgb, double *y);
	void (*invert)(const double *y, double *rgb); /* NULL: less is left than there was */
} spaces[] = {{"diff", 2, differences, NULL}, {"ycbcr", 3, ycbcr, rgb_of_ycbcr}, {"grey", 1, grey, NULL}};

const char *ae_transform_color_word(size_t i)
{
	return i < sizeof(spaces) / sizeof(*spaces) ? spaces[i].name : NULL;
}

static int parse_color(struct ae_transform_step *step, const char *text, struct ae_error *err)
{
	if (ae_word_index(&step->word, "word of --color", text, ae_transform_color_word, err) != 0)
		return -1;
	snprintf(step->text, sizeof(step->text), "%s", text);
	return 0;
}

static int bind_color(struct ae_transform_step *step, struct ae_error *err)
{
	char shape[AE_SHAPE_TEXT];
	if (step->in.rank != 3 || step->in.dim[2] != 3)
		return ae_fail(err, "--color: x has the shape %s: red, green and blue are [height, width, 3]",
			ae_shape_format(&step->in, shape));
	step->out.dim[2] = spaces[step->word].channels;
	step->white = spaces[step->word].pixel == grey;
	return 0;
}

static size_t run_color(
	const struct ae_transform_step *step, const double *x, double *y, const double *kept, const double *derived)
{
	size_t pixels = (size_t)step->in.dim[0] * step->in.dim[1];
	(void)kept;
	(void)derived;
	for (size_t i = 0; i < pixels; i++)
		spaces[step->word].pixel(x + i * 3, y + i * step->out.dim[2]);
	return SIZE_MAX;
}

static bool can_invert_color(const struct ae_transform_step *step)
{
	return spaces[step->word].invert;
}

static void invert_color(const struct ae_transform_step *step, const double *y, double *x)
{
	size_t pixels = (size_t)step->in.dim[0] * step->in.dim[1];
	for (size_t i = 0; i < pixels; i++)
		spaces[step->word].invert(y + i * 3, x + i * 3);
}

const struct ae_transform_kind ae_transform_color = {.name = "color",
	.arg = "SPACE",
	.parse = parse_color,
	.bind = bind_color,
	.run = run_color,
	.invertible = can_invert_color,
	.invert = invert_color};

/* ---- resize: the mean of what a pixel covers ---- */

static int parse_resize(struct ae_transform_step *step, const char *text, struct ae_error *err)
{
	enum { MOST = 65535 };
	char height[16];
	uint64_t h = 0, w = 0;
	const char *x = strchr(text, 'x');
	size_t len = x ? (size_t)(x - text) : 0;
	snprintf(height, sizeof(height), "%.*s", (int)(len < sizeof(height) ? len : 0), text);
	if (ae_parse_u64(&h, height, 1, MOST) != 0 || ae_parse_u64(&w, x + 1, 1, MOST) != 0)
		return ae_fail_usage(err, "--resize %s: expected HxW, such as 64x64, each at most %d", text, MOST);
	step->height = (uint32_t)h;
	step->width = (uint32_t)w;
	snprintf(step->text, sizeof(step->text), "%ux%u", step->height, step->width);
	return 0;
}

static int bind_resize(struct ae_transform_step *step, struct ae_error *err)
{
	char shape[AE_SHAPE_TEXT];
	if (step->in.rank != 2 && step->in.rank != 3)
		return ae_fail(err,
			"--resize: x has the shape %s: an image is [height, width] or [height, width, channels]",
			ae_shape_format(&step->in, shape));
	uint64_t channels = step->in.rank == 3 ? step->in.dim[2] : 1;
	if ((uint64_t)step->height * step->width > INT32_MAX / channels)
		return ae_fail(err, "--resize %s: more than 2147483647 values", step->text);
	step->out.dim[0] = step->height;
	step->out.dim[1] = step->width;
	step->white = true;
	return 0;
}

/* How much of old pixel p lies in the new pixel i, in units of 1 / to of an old one. */
static double overlap(uint32_t i, uint32_t p, uint32_t from, uint32_t to)
{
	uint64_t begin = (uint64_t)i * from, end = begin + from, old = (uint64_t)p * to, old_end = old + to;
	return (double)((end < old_end ? end : old_end) - (begin > old ? begin : old));
}

static uint32_t first_of(uint32_t i, uint32_t from, uint32_t to)
{
	return (uint32_t)((uint64_t)i * from / to);
}

static uint32_t end_of(uint32_t i, uint32_t from, uint32_t to)
{
	return (uint32_t)(((uint64_t)(i + 1) * from + to - 1) / to);
}

static size_t run_resize(
	const struct ae_transform_step *step, const double *x, double *y, const double *kept, const double *derived)
{
	uint32_t h = step->in.dim[0], w = step->in.dim[1], height = step->height, width = step->width;
	size_t channels = step->in.rank == 3 ? step->in.dim[2] : 1;
	double area = (double)h * w;
	(void)kept;
	(void)derived;
	for (uint32_t i = 0; i < height; i++)
		for (uint32_t j = 0; j < width; j++, y += channels) {
			for (size_t c = 0; c < channels; c++)
				y[c] = 0;
			for (uint32_t p = first_of(i, h, height); p < end_of(i, h, height); p++)
				for (uint32_t q = first_of(j, w, width); q < end_of(j, w, width); q++) {
					double share = overlap(i, p, h, height) * overlap(j, q, w, width);
					for (size_t c = 0; c < channels; c++)
						y[c] += share * x[((size_t)p * w + q) * channels + c];
				}
			for (size_t c = 0; c < channels; c++)
				y[c] /= area;
		}
	return SIZE_MAX;
}

const struct ae_transform_kind ae_transform_resize = {
	.name = "resize", .arg = "HxW", .parse = parse_resize, .bind = bind_resize, .run = run_resize};
