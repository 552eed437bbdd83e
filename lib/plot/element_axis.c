/* SPDX-License-Identifier: MIT */
/* Ticks for the elements of a row. */
#include "plot/element_axis.h"

#include <string.h>

enum { NAMED_MOST = 24, NUMBERED_EACH = 12 };

struct ae_element_axis ae_element_axis_fit(const struct ae_gnuplot_script *script, const struct ae_column *column)
{
	struct ae_element_axis axis = {0};
	size_t n = ae_shape_size(&column->shape), longest = 0;
	bool text = script->format == AE_PICTURE_TEXT;
	if (column->feature_count != n || n > NAMED_MOST)
		return axis;
	for (size_t i = 0; i < n; i++)
		if (strlen(column->features[i]) > longest)
			longest = strlen(column->features[i]);
	size_t room = text ? (script->columns - 12U) / n - 1 : (script->width - 100U) / n / 8;
	axis.upright = longest > room;
	axis.most = axis.upright ? script->height / 24 : room + 1;
	axis.named = !text || !axis.upright;
	return axis;
}

/* Adds a name as a tick: gnuplot takes those as formats, so "%" is doubled. */
static void add_tick(struct ae_gnuplot_script *script, const char *name, size_t most)
{
	struct ae_buf cut = {0}, text = {0};
	if (ae_text_shorten(&cut, name, strlen(name), most, &script->error) != 0)
		script->failed = true;
	for (size_t i = 0; i < cut.len; i++)
		if (ae_buf_append(&text, "%%", cut.data[i] == '%', &script->error) != 0 ||
			ae_buf_append(&text, cut.data + i, 1, &script->error) != 0)
			script->failed = true;
	ae_gnuplot_quote(script, (const char *)text.data, text.len);
	ae_buf_free(&cut);
	ae_buf_free(&text);
}

void ae_element_axis_draw(
	const struct ae_element_axis *axis, struct ae_gnuplot_script *script, const struct ae_column *column, size_t n)
{
	if (n > 1)
		ae_gnuplot_add(script, "set xrange [1:%zu]\n", n);
	if (!axis->named) { /* there is no element 1.5 */
		if (n <= NUMBERED_EACH)
			ae_gnuplot_add(script, "set xtics 1\n");
		return;
	}
	ae_gnuplot_add(script, "set xtics %s(", axis->upright ? "rotate by 90 right " : "");
	for (size_t i = 0; i < n; i++) {
		add_tick(script, column->features[i], axis->most);
		ae_gnuplot_add(script, " %zu%s", i + 1, i + 1 < n ? ", " : ")\n");
	}
}
