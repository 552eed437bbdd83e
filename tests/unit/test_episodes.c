/* SPDX-License-Identifier: MIT */
/* Episodes of random series, against a plain twin that sees the whole series (expected/episodes.py). */
#include "model/episodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

struct wanted_case {
	double clear;
	unsigned k, n, min_rows;
	struct ae_span merge, refractory;
	unsigned events, held_back;
};

struct wanted_event {
	char kind; /* start, end, open */
	unsigned first, last, rows, peak;
	unsigned told; /* in this row, or behind the last one */
};

#include "expected/episodes.h"

enum { ROWS = 200, CASES = sizeof(cases) / sizeof(*cases), EVENTS = sizeof(events) / sizeof(*events) };

struct seen {
	size_t at; /* in events */
	size_t end;
	unsigned which, row;
};

static int tell(void *arg, const struct ae_episode *e, struct ae_error *err)
{
	struct seen *s = arg;
	(void)err;
	CHECK(s->at < s->end, "case %u: an event too many", s->which);
	if (s->at == s->end)
		return 0;
	const struct wanted_event *w = &events[s->at++];
	char kind = !e->ended ? 's' : e->on ? 'o' : 'e';
	CHECK(kind == w->kind && e->first->number == w->first && e->last->number == w->last && e->rows == w->rows &&
			e->peak->number == w->peak && s->row == w->told,
		"case %u: %c %u-%u, %u rows, peak %u, told in row %u; got %c %u-%u, %u rows, peak %u, row %u", s->which,
		w->kind, w->first, w->last, w->rows, w->peak, w->told, kind, (unsigned)e->first->number,
		(unsigned)e->last->number, (unsigned)e->rows, (unsigned)e->peak->number, s->row);
	CHECK(e->peak->more[0] == (unsigned char)e->peak->number && e->peak->more[4] == 7, " ");
	return 0;
}

static int clamp(int value)
{
	return value < 0 ? 0 : value > 9 ? 9 : value;
}

/* The series of expected/episodes.py. */
static void run(unsigned which, struct seen *seen)
{
	const struct wanted_case *c = &cases[which];
	const struct ae_episode_rules rules = {c->clear, c->min_rows, c->k, c->n, c->merge, c->refractory, 5};
	const struct ae_episode_tell to = {tell, seen};
	struct ae_episode_row *row = calloc(1, ae_episode_row_size(&rules));
	void *state = calloc(1, ae_episodes_size(&rules));
	struct ae_error err;
	uint64_t random = which + 1;
	int level = 0;
	for (unsigned i = 1; row && state && i <= ROWS; i++) {
		random = random * 6364136223846793005U + 1442695040888963407U;
		uint64_t bits = random >> 33;
		if (bits % 7 == 0)
			level = (int)((bits >> 8) % 10);
		row->number = seen->row = i;
		row->score = clamp(level + (int)((bits >> 16) % 5) - 2);
		row->threshold = 6;
		row->time.ns += 1 + (uint32_t)((bits >> 24) % 3);
		row->more[0] = (unsigned char)i;
		row->more[4] = 7;
		unsigned char verdict = (bits >> 20) % 23 == 0 ? 255 : row->score >= 6;
		CHECK(ae_episodes_row(&rules, state, row, verdict, &to, &err) == 0, " ");
	}
	seen->row++;
	CHECK(state && ae_episodes_end(&rules, state, &to, &err) == 0, " ");
	CHECK(state && !ae_episodes_is_open(state), " ");
	CHECK(state && ae_episodes_take_held_back(state) == c->held_back, "case %u", which);
	free(row);
	free(state);
}

int main(void)
{
	struct seen seen = {0};
	for (unsigned i = 0; i < CASES; i++) {
		seen.which = i;
		seen.end = seen.at + cases[i].events;
		size_t end = seen.end;
		run(i, &seen);
		CHECK(seen.at == end, "case %u: %zu events are missing", i, end - seen.at);
		seen.at = end;
	}
	CHECK(seen.at == EVENTS, " ");
	check_group("episodes against the twin");
	return check_done();
}
