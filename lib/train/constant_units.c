/* SPDX-License-Identifier: MIT */
/* The range of every unit over the training rows, as far as it takes to tell. */
#include "train/constant_units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"
#include "net/net.h"

enum { FIRST = 32, CHUNK = 256 };

struct search {
	const struct ae_train_data *data;
	struct ae_infer *infer;
	size_t in, out;
	float *x, *y;      /* of a chunk of rows */
	float *low, *high; /* [out] */
	double share;
};

static bool all_alike(const struct ae_train_data *d, size_t in)
{
	size_t row = in * ae_type_size(d->x_type);
	const char *x = d->x;
	for (size_t r = 1; r < d->rows; r++)
		if (memcmp(x, x + r * row, row) != 0)
			return false;
	return true;
}

static int take_rows(struct search *s, size_t first, size_t rows, struct ae_error *err)
{
	const struct ae_train_data *d = s->data;
	size_t n = rows * s->in;
	ae_to_f32(s->x, (const char *)d->x + first * s->in * ae_type_size(d->x_type), d->x_type, n);
	if (!ae_all_finite(s->x, n))
		ae_fill_nan(s->x, NULL, n);
	if (ae_infer_rows(s->infer, s->x, AE_F32, rows, s->y, err) != 0)
		return -1;
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < s->out; i++) {
			float v = s->y[r * s->out + i];
			s->low[i] = v < s->low[i] ? v : s->low[i];
			s->high[i] = v > s->high[i] ? v : s->high[i];
		}
	return 0;
}

static void count(const struct search *s, struct ae_constant_units *found)
{
	found->constant = found->zero = 0;
	for (size_t i = 0; i < s->out; i++) {
		double low = s->low[i], high = s->high[i];
		bool constant = !(high - low > s->share * fmax(fabs(low), fabs(high)));
		found->constant += constant;
		found->zero += constant && low == 0 && high == 0;
	}
}

static int search(struct search *s, struct ae_constant_units *found, bool any, struct ae_error *err)
{
	for (size_t i = 0; i < s->out; i++) {
		s->low[i] = INFINITY;
		s->high[i] = -INFINITY;
	}
	found->constant = s->out;
	for (size_t first = 0, rows = FIRST; found->constant > 0 && first < s->data->rows; first += rows) {
		rows = first == 0 ? FIRST : CHUNK;
		rows = s->data->rows - first < rows ? s->data->rows - first : rows;
		if (take_rows(s, first, rows, err) != 0)
			return -1;
		count(s, found);
		if (any && found->constant < s->out)
			found->constant = found->zero = 0;
	}
	return 0;
}

int ae_train_constant_units(struct ae_constant_units *found, const struct ae_net *net, enum ae_net_part part,
	const struct ae_train_data *data, int threads, double share, bool any, struct ae_error *err)
{
	struct search s = {.data = data, .share = share, .in = ae_shape_size(ae_net_input(net))};
	*found = (struct ae_constant_units){.alike = all_alike(data, s.in)};
	if (ae_infer_new(&s.infer, net, part, threads, err) != 0)
		return -1;
	s.out = found->units = ae_shape_size(ae_infer_output(s.infer));
	s.x = ae_calloc(CHUNK, s.in * sizeof(*s.x), err);
	s.y = ae_calloc(CHUNK, s.out * sizeof(*s.y), err);
	s.low = ae_calloc(s.out, sizeof(*s.low), err);
	s.high = ae_calloc(s.out, sizeof(*s.high), err);
	int rc = s.x && s.y && s.low && s.high ? 0 : -1;
	if (rc == 0 && !found->alike)
		rc = search(&s, found, any, err);
	free(s.x);
	free(s.y);
	free(s.low);
	free(s.high);
	ae_infer_free(s.infer);
	return rc;
}
