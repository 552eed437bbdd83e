/* SPDX-License-Identifier: MIT */
/* A hash table with chains, whose entries also stand in a list from the least to the most recently asked. */
#include "stream/groups.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/util.h"

struct group {
	TAILQ_ENTRY(group) age;
	LIST_ENTRY(group) chain;
	size_t size, key_len;
	unsigned char *key; /* behind the state */
	_Alignas(max_align_t) unsigned char state[];
};

TAILQ_HEAD(ages, group);
LIST_HEAD(chain, group);

struct ae_groups {
	size_t most, size, count, mask;
	struct chain *chains;
	struct ages ages; /* the last one was asked last */
	uint64_t forgotten;
	struct ae_buf last_forgotten; /* its key */
	int (*on_forget)(void *arg, const void *key, size_t len, void *state, struct ae_error *err);
	void *arg;
};

int ae_groups_new(struct ae_groups **out, size_t most, size_t size, struct ae_error *err)
{
	if (size > SIZE_MAX - sizeof(struct group))
		return ae_fail_memory(err);
	struct ae_groups *g = ae_calloc(1, sizeof(*g), err);
	if (!g)
		return -1;
	g->most = most;
	g->size = size;
	while (g->mask + 1 < most)
		g->mask = g->mask * 2 + 1;
	TAILQ_INIT(&g->ages);
	g->chains = ae_calloc(g->mask + 1, sizeof(*g->chains), err);
	if (!g->chains) {
		free(g);
		return -1;
	}
	*out = g;
	return 0;
}

/* FNV-1a (Fowler, Noll, Vo). */
static size_t hash(const unsigned char *key, size_t len)
{
	uint64_t h = 14695981039346656037U;
	for (size_t i = 0; i < len; i++)
		h = (h ^ key[i]) * 1099511628211U;
	return (size_t)(h ^ h >> 32);
}

static bool is_of(const struct group *group, const void *key, size_t len)
{
	return group->key_len == len && memcmp(group->key, key, len) == 0;
}

static void forget(struct ae_groups *g, struct group *group)
{
	TAILQ_REMOVE(&g->ages, group, age);
	LIST_REMOVE(group, chain);
	free(group);
	g->count--;
}

static struct group *add(struct ae_groups *g, struct chain *chain, const void *key, size_t len, struct ae_error *err)
{
	if (g->count == g->most) {
		struct group *oldest = TAILQ_FIRST(&g->ages);
		if (ae_buf_set(&g->last_forgotten, oldest->key, oldest->key_len, err) != 0 ||
			(g->on_forget && g->on_forget(g->arg, oldest->key, oldest->key_len, oldest->state, err) != 0))
			return NULL;
		forget(g, oldest);
		g->forgotten++;
	}
	if (len > SIZE_MAX - sizeof(struct group) - g->size) {
		ae_fail_memory(err);
		return NULL;
	}
	struct group *group = ae_calloc(1, sizeof(*group) + g->size + len, err);
	if (!group)
		return NULL;
	group->key = group->state + g->size;
	group->size = g->size;
	group->key_len = len;
	memcpy(group->key, key, len);
	LIST_INSERT_HEAD(chain, group, chain);
	TAILQ_INSERT_TAIL(&g->ages, group, age);
	g->count++;
	return group;
}

void *ae_groups_state(struct ae_groups *g, const void *key, size_t len, struct ae_error *err)
{
	struct group *group = TAILQ_LAST(&g->ages, ages);
	if (group && is_of(group, key, len))
		return group->state;
	struct chain *chain = &g->chains[hash(key, len) & g->mask];
	LIST_FOREACH(group, chain, chain)
	{
		if (!is_of(group, key, len))
			continue;
		TAILQ_REMOVE(&g->ages, group, age);
		TAILQ_INSERT_TAIL(&g->ages, group, age);
		return group->state;
	}
	group = add(g, chain, key, len, err);
	return group ? group->state : NULL;
}

void *ae_groups_grow_last(struct ae_groups *g, size_t size, struct ae_error *err)
{
	struct group *old = TAILQ_LAST(&g->ages, ages);
	if (size <= old->size)
		return old->state;
	struct group *group = size < SIZE_MAX - sizeof(*group) - old->key_len
				      ? ae_calloc(1, sizeof(*group) + size + old->key_len, err)
				      : NULL;
	if (!group) {
		ae_fail_memory(err);
		return NULL;
	}
	memcpy(group->state, old->state, old->size);
	group->size = size;
	group->key_len = old->key_len;
	group->key = group->state + size;
	memcpy(group->key, old->key, old->key_len);
	LIST_INSERT_AFTER(old, group, chain);
	LIST_REMOVE(old, chain);
	TAILQ_REMOVE(&g->ages, old, age);
	TAILQ_INSERT_TAIL(&g->ages, group, age);
	free(old);
	return group->state;
}

void ae_groups_on_forget(struct ae_groups *g,
	int (*call)(void *arg, const void *key, size_t len, void *state, struct ae_error *err), void *arg)
{
	g->on_forget = call;
	g->arg = arg;
}

uint64_t ae_groups_forgotten(const struct ae_groups *g)
{
	return g->forgotten;
}

const void *ae_groups_last_forgotten(const struct ae_groups *g, size_t *len)
{
	*len = g->last_forgotten.len;
	return g->last_forgotten.data;
}

size_t ae_groups_count(const struct ae_groups *g)
{
	return g->count;
}

int ae_groups_each(
	const struct ae_groups *g, int (*call)(void *arg, const void *key, size_t len, const void *state), void *arg)
{
	const struct group *group;
	int rc = 0;
	TAILQ_FOREACH(group, &g->ages, age)
	{
		rc = call(arg, group->key, group->key_len, group->state);
		if (rc != 0)
			break;
	}
	return rc;
}

void ae_groups_forget_last(struct ae_groups *g)
{
	forget(g, TAILQ_LAST(&g->ages, ages));
}

void ae_groups_clear(struct ae_groups *g)
{
	while (!TAILQ_EMPTY(&g->ages))
		forget(g, TAILQ_FIRST(&g->ages));
}

void ae_groups_free(struct ae_groups *g)
{
	if (!g)
		return;
	ae_groups_clear(g);
	ae_buf_free(&g->last_forgotten);
	free(g->chains);
	free(g);
}
