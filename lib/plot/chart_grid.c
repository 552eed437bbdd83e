/* SPDX-License-Identifier: MIT */
/* The grid of images: one row of images for each column of the stream, one image in it for each row of the stream.
   Those that are too many side by side go on below, in another band. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/csv.h"
#include "plot/chart.h"

/* Pixels: an image is drawn CELL wide or high at most, GAP lies between images, captions are LEFT of them and titles
   have TITLE above. A band is WIDE at most, BAND more than GAP lies between two. As text an image is TEXT_CELL wide or
   more, where it has so many pixels. */
enum {
	IMAGES_MOST = 100,
	CELL = 128,
	GAP = 8,
	LEFT = 130,
	MARGIN = 14,
	TITLE = 26,
	WIDE = 1500,
	BAND = 10,
	TEXT_CELL = 14
};

/* All images have one size. Those larger than CELL are reduced as they come; small ones are enlarged by gnuplot. */
struct grid {
	struct ae_buf columns;            /* size_t: the columns drawn, one below the other */
	size_t count;                     /* of columns */
	size_t images;                    /* side by side: rows taken */
	size_t height, width, channels;   /* of an image in the stream */
	size_t drawn_height, drawn_width; /* after reduction */
	size_t scale;                     /* pixels of the picture for one drawn pixel, each way */
	struct ae_buf pixels;             /* unsigned char [images][count][drawn_height][drawn_width][3], RGB */
	size_t title_column;              /* AE_NO_COLUMN: no title for each image */
	struct ae_buf titles, title_ends; /* text, and a size_t for each image: where its title ends there */
	size_t text_height, text_width;   /* of an image as text, in characters */
	size_t text_across;               /* images side by side */
};

static void free_grid(struct ae_chart *chart)
{
	struct grid *g = chart->state;
	if (!g)
		return;
	ae_buf_free(&g->columns);
	ae_buf_free(&g->pixels);
	ae_buf_free(&g->titles);
	ae_buf_free(&g->title_ends);
	free(g);
}

static const struct ae_column *column_of(const struct ae_chart *chart, const struct grid *g, size_t i)
{
	return &chart->schema->cols[((const size_t *)(const void *)g->columns.data)[i]];
}

/* ---- which columns, of which size ---- */

static int default_columns(const struct ae_chart *chart, struct ae_buf *columns, struct ae_error *err)
{
	static const enum ae_role roles[] = {AE_TARGET, AE_X, AE_RECON};
	for (size_t i = 0; i < 3; i++) {
		size_t column = ae_schema_find(chart->schema, roles[i]);
		if (column != AE_NO_COLUMN && ae_buf_append(columns, &column, sizeof(column), err) != 0)
			return -1;
	}
	return columns->len
		       ? 0
		       : ae_fail(err, "no column of role target, x or recon to draw; ae-err --keep keeps x and recon");
}

static int image_size(const struct ae_chart *chart, const struct ae_column *c, size_t size[3], struct ae_error *err)
{
	struct ae_shape shape = c->shape, given;
	char text[AE_SHAPE_TEXT];
	if (chart->options->shape && shape.rank == 1) {
		if (ae_shape_parse(&given, chart->options->shape, err) != 0)
			return -1;
		if (ae_shape_size(&given) == ae_shape_size(&shape))
			shape = given;
	}
	bool fits = c->type != AE_TEXT && (shape.rank == 2 || (shape.rank == 3 && (shape.dim[2] | 2) == 3));
	if (!fits)
		return ae_fail(err, "column \"%s\" of shape %s is no image: those are [H,W], [H,W,1] and [H,W,3]%s",
			c->name, ae_shape_format(&c->shape, text),
			shape.rank == 1 ? "; --shape says how to see it" : "");
	size[0] = shape.dim[0];
	size[1] = shape.dim[1];
	size[2] = shape.rank == 3 ? shape.dim[2] : 1;
	return 0;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct grid *g = chart->state = ae_calloc(1, sizeof(*g), err);
	size_t size[3] = {0}, first[3] = {0};
	if (!g || (chart->options->cols ? ae_chart_columns(chart, &g->columns, err)
					: default_columns(chart, &g->columns, err)))
		return -1;
	g->count = g->columns.len / sizeof(size_t);
	for (size_t i = 0; i < g->count; i++) {
		if (image_size(chart, column_of(chart, g, i), i ? size : first, err) != 0)
			return -1;
		if (i && memcmp(size, first, sizeof(size)) != 0)
			return ae_fail(err, "images of columns \"%s\" and \"%s\" are not of one size",
				column_of(chart, g, 0)->name, column_of(chart, g, i)->name);
	}
	g->height = first[0];
	g->width = first[1];
	g->channels = first[2];
	size_t larger = g->height > g->width ? g->height : g->width;
	size_t shrink = (larger + CELL - 1) / CELL;
	g->drawn_height = (g->height + shrink - 1) / shrink;
	g->drawn_width = (g->width + shrink - 1) / shrink;
	g->scale = larger < CELL ? CELL / larger : 1;
	if (ae_csv_pick(chart->schema, chart->options->title, &g->title_column, err) != 0)
		return ae_fail_in(err, "--title: ");
	return g->title_column == AE_NO_COLUMN
		       ? 0
		       : ae_chart_check_single(&chart->schema->cols[g->title_column], "--title", err);
}

/* ---- pixels ---- */

/* The mean of channel at[2] over the part of an image that the drawn pixel in row at[0], column at[1] covers, from 0
   (black) to 1 (white). */
static double mean_of(const struct ae_chart *chart, const struct grid *g, const struct ae_column *c,
	const unsigned char *image, const size_t at[3])
{
	size_t low_y = at[0] * g->height / g->drawn_height, high_y = (at[0] + 1) * g->height / g->drawn_height;
	size_t low_x = at[1] * g->width / g->drawn_width, high_x = (at[1] + 1) * g->width / g->drawn_width;
	double low = chart->options->range ? chart->low : 0, high = chart->options->range ? chart->high
								    : c->type == AE_U8    ? 255
											  : 1;
	double sum = 0;
	for (size_t y = low_y; y < high_y; y++) {
		for (size_t x = low_x; x < high_x; x++) {
			double value;
			size_t element = (y * g->width + x) * g->channels + at[2];
			ae_to_f64(&value, image + element * ae_type_size(c->type), c->type, 1);
			value = (value - low) / (high - low);
			sum += !(value > 0) ? 0 : value > 1 ? 1 : value;
		}
	}
	return sum / (double)((high_y - low_y) * (high_x - low_x));
}

static int add_image(
	struct ae_chart *chart, size_t column, const struct ae_data *data, size_t row, struct ae_error *err)
{
	struct grid *g = chart->state;
	const struct ae_column *c = column_of(chart, g, column);
	const unsigned char *image = data->values.data + row * ae_shape_size(&c->shape) * ae_type_size(c->type);
	if (ae_buf_reserve(&g->pixels, g->drawn_height * g->drawn_width * 3, err) != 0)
		return -1;
	for (size_t y = 0; y < g->drawn_height; y++)
		for (size_t x = 0; x < g->drawn_width; x++)
			for (size_t k = 0; k < 3; k++) {
				size_t at[] = {y, x, g->channels == 3 ? k : 0};
				double value = mean_of(chart, g, c, image, at);
				g->pixels.data[g->pixels.len++] = (unsigned char)lround(255 * value);
			}
	return 0;
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct grid *g = chart->state;
	for (size_t row = 0; row < batch->rows; row++, g->images++) {
		if (g->images == IMAGES_MOST)
			return ae_fail(err, "more than %d images: --head or --sample chooses fewer", IMAGES_MOST);
		for (size_t i = 0; i < g->count; i++) {
			size_t column = ((const size_t *)(const void *)g->columns.data)[i];
			if (add_image(chart, i, batch->cols[column], row, err) != 0)
				return -1;
		}
		if (g->title_column != AE_NO_COLUMN &&
			ae_chart_cell(chart, g->title_column, batch, row, &g->titles, err) != 0)
			return -1;
		if (ae_buf_append(&g->title_ends, &g->titles.len, sizeof(size_t), err) != 0)
			return -1;
	}
	return 0;
}

static const unsigned char *pixel(const struct grid *g, size_t column, size_t image, size_t y, size_t x)
{
	size_t at = ((image * g->count + column) * g->drawn_height + y) * g->drawn_width + x;
	return g->pixels.data + 3 * at;
}

static const char *title_of(const struct grid *g, size_t image, size_t *len)
{
	const size_t *ends = (const void *)g->title_ends.data;
	size_t start = image ? ends[image - 1] : 0;
	*len = ends[image] - start;
	return g->titles.data ? (const char *)g->titles.data + start : "";
}

/* The caption beside the images of a column. */
static const char *caption(const struct ae_chart *chart, const struct ae_column *c)
{
	bool denoising = ae_schema_find(chart->schema, AE_TARGET) != AE_NO_COLUMN;
	switch (c->role) {
	case AE_TARGET:
		return "original";
	case AE_X:
		return denoising ? "noisy" : "original";
	case AE_RECON:
		return "reconstructed";
	default:
		return c->name;
	}
}

/* ---- as a picture ---- */

static void add_pixels(struct ae_chart *chart, const struct grid *g, size_t column, size_t image)
{
	ae_gnuplot_add(&chart->script, "$image%zu_%zu << end\n", column, image);
	for (size_t y = 0; y < g->drawn_height; y++)
		for (size_t x = 0; x < g->drawn_width; x++) {
			const unsigned char *rgb = pixel(g, column, image, y, x);
			ae_gnuplot_add(&chart->script, "%u%c", (unsigned)(rgb[0] << 16 | rgb[1] << 8 | rgb[2]),
				x + 1 < g->drawn_width ? ' ' : '\n');
		}
	ae_gnuplot_add(&chart->script, "end\n");
}

struct layout {
	size_t across, bands;             /* images side by side, and how often */
	size_t width, height;             /* of the picture */
	size_t image_width, image_height; /* of an image in it */
	size_t top, pitch;                /* of the images of the first band, and from one band to the next */
	double scale;                     /* pixels for one of these */
};

static void lay_out_across(struct layout *l, const struct grid *g, size_t across)
{
	l->across = across < g->images ? across : g->images;
	l->bands = (g->images + l->across - 1) / l->across;
	l->width = LEFT + l->across * (l->image_width + GAP) - GAP + MARGIN;
	l->height = l->top + (l->bands - 1) * l->pitch + g->count * (l->image_height + GAP) - GAP + MARGIN;
}

/* Without --size as many side by side as fit, else as many as make the images largest. */
static struct layout lay_out(const struct ae_chart *chart, const struct grid *g)
{
	double width = chart->script.width, height = chart->script.height, best = 0;
	struct layout l = {.image_width = g->drawn_width * g->scale,
		.image_height = g->drawn_height * g->scale,
		.top = chart->options->title ? TITLE : MARGIN,
		.scale = 1};
	l.pitch = g->count * (l.image_height + GAP) + (g->title_column != AE_NO_COLUMN ? TITLE
							      : g->count > 1           ? BAND
										       : 0);
	size_t across = (WIDE - LEFT - MARGIN + GAP) / (l.image_width + GAP);
	for (size_t i = 1; i <= g->images && width > 0; i++) {
		lay_out_across(&l, g, i);
		double scale = fmin(width / (double)l.width, height / (double)l.height);
		if (scale > best) {
			best = l.scale = scale;
			across = i;
		}
	}
	lay_out_across(&l, g, across);
	return l;
}

static size_t left_of(const struct layout *l, size_t image)
{
	return LEFT + image % l->across * (l->image_width + GAP);
}

static size_t top_of(const struct layout *l, size_t image, size_t column)
{
	return l->top + image / l->across * l->pitch + column * (l->image_height + GAP);
}

static void add_label(struct ae_gnuplot_script *script, const char *text, size_t len, size_t x, size_t y,
	const char *align, double scale)
{
	double letters = script->format == AE_PICTURE_PNG ? 11 : 14;
	ae_gnuplot_add(script, "set label ");
	ae_gnuplot_quote(script, text, len);
	ae_gnuplot_add(script, " at %zu, %zu %s", x, y, align);
	if (scale < 1)
		ae_gnuplot_add(script, " font ',%.3g'", letters * scale);
	ae_gnuplot_add(script, "\n");
}

/* Cut to the width of an image, at 7 pixels a character. */
static void add_image_title(
	struct ae_gnuplot_script *script, const struct grid *g, const struct layout *l, size_t image)
{
	struct ae_buf cut = {0};
	size_t len, count, pitch = l->image_width + GAP;
	const char *text = title_of(g, image, &len);
	if (ae_text_clean(&cut, text, len, pitch / 7, &count, &script->error) != 0)
		script->failed = true;
	add_label(script, (const char *)cut.data, cut.len, left_of(l, image) + l->image_width / 2,
		top_of(l, image, 0) - TITLE / 2, "center", l->scale);
	ae_buf_free(&cut);
}

static void add_labels(struct ae_chart *chart, const struct grid *g, const struct layout *l)
{
	const char *title = chart->options->title;
	for (size_t i = 0; i < g->count; i++) {
		const char *text = caption(chart, column_of(chart, g, i));
		for (size_t image = 0; image < g->images; image += l->across)
			add_label(&chart->script, text, strlen(text), LEFT - GAP,
				top_of(l, image, i) + l->image_height / 2, "right", l->scale);
	}
	if (title && g->title_column == AE_NO_COLUMN)
		add_label(&chart->script, title, strlen(title), LEFT + (l->width - LEFT) / 2, TITLE / 2, "center",
			l->scale);
	for (size_t image = 0; g->title_column != AE_NO_COLUMN && image < g->images; image++)
		add_image_title(&chart->script, g, l, image);
}

/* The plot command: each image is a matrix of colours 0xRRGGBB, moved to its place. */
static void add_plots(struct ae_gnuplot_script *script, const struct grid *g, const struct layout *l)
{
	ae_gnuplot_add(script, "plot ");
	for (size_t i = 0; i < g->count; i++)
		for (size_t image = 0; image < g->images; image++) {
			size_t x = left_of(l, image), y = top_of(l, image, i);
			ae_gnuplot_add(script,
				"%s$image%zu_%zu matrix using (%zu+($1+0.5)*%zu):(%zu+($2+0.5)*%zu):"
				"(int($3)/65536):(int($3)/256%%256):(int($3)%%256) with rgbimage",
				i || image ? ",\\\n  " : "", i, image, x, g->scale, y, g->scale);
		}
	ae_gnuplot_add(script, "\n");
}

static void draw_images(struct ae_chart *chart, const struct grid *g)
{
	struct ae_gnuplot_script *script = &chart->script;
	const struct layout l = lay_out(chart, g);
	ae_gnuplot_begin(script, (unsigned)l.width, (unsigned)l.height);
	ae_gnuplot_titles(script, NULL, NULL, chart->options->title ? chart->options->title : "Images");
	ae_gnuplot_add(script,
		"unset ylabel\nunset border\nunset tics\nunset grid\nset lmargin at screen 0\nset rmargin at screen 1\n"
		"set tmargin at screen 1\nset bmargin at screen 0\n"
		"set xrange [0:%.17g]\nset yrange [%.17g:0]\n",
		script->width / l.scale, script->height / l.scale);
	for (size_t i = 0; i < g->count; i++)
		for (size_t image = 0; image < g->images; image++)
			add_pixels(chart, g, i, image);
	add_labels(chart, g, &l);
	add_plots(script, g, &l);
}

/* ---- as text ---- */

static double brightness(const struct grid *g, size_t column, size_t image, size_t line, size_t character)
{
	size_t low_y = line * g->drawn_height / g->text_height, high_y = (line + 1) * g->drawn_height / g->text_height;
	size_t low_x = character * g->drawn_width / g->text_width;
	size_t high_x = (character + 1) * g->drawn_width / g->text_width;
	double sum = 0;
	high_y += high_y == low_y;
	high_x += high_x == low_x;
	for (size_t y = low_y; y < high_y; y++)
		for (size_t x = low_x; x < high_x; x++) {
			const unsigned char *rgb = pixel(g, column, image, y, x);
			sum += (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]) / 255;
		}
	return sum / (double)((high_y - low_y) * (high_x - low_x));
}

/* The images from first to end, one line of characters. */
static int add_line(const struct grid *g, struct ae_buf *out, const size_t band[2], size_t column, size_t line,
	struct ae_error *err)
{
	static const char ramp[] = " .:-=+*#%@";
	for (size_t image = band[0]; image < band[1]; image++) {
		if (image > band[0] && ae_buf_append(out, " ", 1, err) != 0)
			return -1;
		for (size_t x = 0; x < g->text_width; x++) {
			double value = brightness(g, column, image, line, x);
			if (ae_buf_append(out, ramp + lround(value * (sizeof(ramp) - 2)), 1, err) != 0)
				return -1;
		}
	}
	return ae_buf_append(out, "\n", 1, err);
}

static int add_titles(const struct grid *g, struct ae_buf *out, const size_t band[2], struct ae_error *err)
{
	size_t len, count;
	for (size_t image = band[0]; image < band[1]; image++) {
		const char *text = title_of(g, image, &len);
		if (ae_text_clean(out, text, len, g->text_width, &count, err) != 0)
			return -1;
		for (; count <= g->text_width; count++)
			if (ae_buf_append(out, image + 1 < band[1] || count < g->text_width ? " " : "\n", 1, err) != 0)
				return -1;
	}
	return 0;
}

static int add_text(const struct ae_chart *chart, struct ae_buf *out, const char *text, struct ae_error *err)
{
	size_t count;
	return ae_text_clean(out, text, strlen(text), chart->script.columns, &count, err) == 0
		       ? ae_buf_append(out, "\n", 1, err)
		       : -1;
}

static int add_band(struct ae_chart *chart, const struct grid *g, const size_t band[2], struct ae_error *err)
{
	struct ae_buf *out = &chart->script.text;
	if (band[0] > 0 && ae_buf_append(out, "\n", 1, err) != 0)
		return -1;
	if (g->title_column != AE_NO_COLUMN && add_titles(g, out, band, err) != 0)
		return -1;
	for (size_t i = 0; i < g->count; i++) {
		if (add_text(chart, out, caption(chart, column_of(chart, g, i)), err) != 0)
			return -1;
		for (size_t line = 0; line < g->text_height; line++)
			if (add_line(g, out, band, i, line, err) != 0)
				return -1;
	}
	return 0;
}

/* As many side by side as show something; a character is twice as high as wide. */
static void lay_out_text(struct grid *g, size_t columns)
{
	size_t most = 2 * g->drawn_width, wanted = most < TEXT_CELL ? most : TEXT_CELL;
	size_t fit = (columns + 1) / (wanted + 1);
	size_t bands = (g->images + fit - 1) / fit;
	g->text_across = (g->images + bands - 1) / bands;
	g->text_width = (columns + 1) / g->text_across - 1;
	if (g->text_width > most)
		g->text_width = most;
	g->text_height = (g->text_width * g->drawn_height / g->drawn_width + 1) / 2;
	g->text_height += g->text_height == 0;
}

/* Light on dark, as most terminals are. */
static int draw_text(struct ae_chart *chart, struct grid *g, struct ae_error *err)
{
	const char *title = chart->options->title;
	lay_out_text(g, chart->script.columns);
	if (title && g->title_column == AE_NO_COLUMN && add_text(chart, &chart->script.text, title, err) != 0)
		return -1;
	for (size_t first = 0; first < g->images; first += g->text_across) {
		size_t end = first + g->text_across;
		const size_t band[] = {first, end < g->images ? end : g->images};
		if (add_band(chart, g, band, err) != 0)
			return -1;
	}
	return 0;
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct grid *g = chart->state;
	if (g->images == 0)
		return ae_fail(err, "no row to draw");
	if (chart->script.format == AE_PICTURE_TEXT)
		return draw_text(chart, g, err);
	draw_images(chart, g);
	return 0;
}

const struct ae_chart_kind ae_chart_grid = {
	.name = "grid",
	.help = "images, ten rows side by side",
	.columns = "target, x, recon",
	.options = {"cols", "range", "map", "head"},
	.rows = 10,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_grid,
};
