/* SPDX-License-Identifier: MIT */
/* Roles of text columns by option and by name, and the tensors that columns of a role become. */
#include "io/record_roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"
#include "core/order.h"
#include "io/column_name.h"
#include "io/record_features.h"
#include "io/record_plan.h"
#include "io/record_spelled.h"

/* After so many bytes of names a note says no more of them. */
enum { UNKNOWN_NAMES = 600 };

/* ---- names ---- */

static bool starts(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static int role_from_name(const char *name)
{
	static const struct {
		const char *name;
		enum ae_role role;
	} whole[] = {{"label", AE_LABEL}, {"id", AE_ID}, {"time", AE_TIME}, {"err", AE_ERR}, {"pred", AE_PRED},
		{"n_obs", AE_PASS}},
	  prefix[] = {{"err.", AE_ERR}, {"target.", AE_TARGET}, {"recon.", AE_RECON}, {"latent.", AE_LATENT}};
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		if (strcmp(name, whole[i].name) == 0)
			return whole[i].role;
	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++)
		if (starts(name, prefix[i].name))
			return prefix[i].role;
	return AE_UNDECIDED;
}

static int role_of(const struct ae_record_plan *plan, size_t i)
{
	return plan->roles[i] == AE_UNDECIDED && plan->has_header ? role_from_name(plan->names[i]) : plan->roles[i];
}

/* Whether a column could be an input. */
static bool has_candidates(const struct ae_record_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (role_of(plan, i) == AE_UNDECIDED)
			return true;
	return false;
}

/* Whether column i is an axis, y, beside others. */
static bool is_axis(const struct ae_record_plan *plan, size_t i)
{
	for (size_t k = 0; ae_name_is_axis(plan->names[i]) && k < plan->count; k++)
		if (ae_name_is_axis(plan->names[k]) && strcasecmp(plan->names[k], plan->names[i]) != 0)
			return true;
	return false;
}

/* Truth or bookkeeping that is fed to a network is a leak, so columns that look like it are inputs only if an option
   says so. All of them are named at once. */
static int check_inputs(const struct ae_record_plan *plan, struct ae_error *err)
{
	enum { SHOWN = 8 };
	char list[SHOWN * 64 + 1] = "", more[40] = "";
	size_t found = 0, used = 0;
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->roles[i] != AE_X || plan->given[i] || !ae_name_is_no_input(plan->names[i]) ||
			is_axis(plan, i))
			continue;
		if (found++ < SHOWN)
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s\"%.58s\"", used ? ", " : "", plan->names[i]);
	}
	if (found == 0)
		return 0;
	if (found > SHOWN)
		snprintf(more, sizeof(more), " and %zu more", found - SHOWN);
	const char *what = found > 1 ? "look like truth or bookkeeping, not like inputs"
				     : "looks like truth or bookkeeping, not like an input";
	return ae_fail(err, "column%s %s%s %s: say which %s with --label, --id, --time, --pass or --x",
		found > 1 ? "s" : "", list, more, what, found > 1 ? "they are" : "it is");
}

/* Whether text holds what comes behind x: a score or a verdict, and no reconstruction, beside which x stands. */
static bool is_result(const struct ae_record_plan *plan)
{
	bool result = false;
	for (size_t i = 0; i < plan->count; i++) {
		int role = role_of(plan, i);
		if (role == AE_X || role == AE_TARGET || role == AE_RECON || strcmp(plan->names[i], "x") == 0 ||
			starts(plan->names[i], "x."))
			return false;
		result |= role == AE_ERR || role == AE_PRED;
	}
	return result;
}

/* x itself, or one of its places. */
static bool is_x(const char *name)
{
	return name[0] == 'x' && (name[1] == '\0' || (name[1] == '.' && name[2] >= '1' && name[2] <= '9'));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of recon's and target's cells, "flow" of "recon.flow", sorted and each once. Returns how many. *made counts
   the columns of these roles and of latent. */
static size_t names_of_made(const char **names, size_t *made, const struct ae_record_plan *plan)
{
	size_t n = 0, once = 0;
	*made = 0;
	for (size_t i = 0; plan->has_header && i < plan->count; i++) {
		int role = plan->given[i] ? AE_UNDECIDED : role_of(plan, i);
		*made += role == AE_RECON || role == AE_TARGET || role == AE_LATENT;
		if (role == AE_RECON || role == AE_TARGET)
			names[n++] = strchr(plan->names[i], '.') + 1;
	}
	if (n)
		qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			names[once++] = names[i];
	return once;
}

/* Whether column i is x beside recon or target of these names, of which "x.1" has "1". */
static bool is_paired(const struct ae_record_plan *plan, size_t i, const char **names, size_t n)
{
	const char *name = plan->names[i], *place = starts(name, "x.") ? name + 2 : name;
	return role_of(plan, i) == AE_UNDECIDED && n > 0 &&
	       (bsearch(&name, names, n, sizeof(*names), by_text) ||
		       bsearch(&place, names, n, sizeof(*names), by_text));
}

/* Text that holds recon, target or latent was made by programs: x has the names of recon and target, and all else was
   passed through. Without x, all is. Where only some names are found, or places beside as many names, it is not clear
   what x is; nor is it to a program that holds recon against x, if none is. */
static int pair_inputs(struct ae_record_plan *plan, const struct ae_reader_options *o, struct ae_error *err)
{
	size_t made, hits = 0, others = 0, n;
	const char **names = ae_calloc(plan->count, sizeof(*names), err);
	if (!names)
		return -1;
	n = names_of_made(names, &made, plan);
	for (size_t i = 0; i < plan->count; i++) {
		hits += is_paired(plan, i, names, n);
		others += role_of(plan, i) == AE_UNDECIDED;
	}
	bool places = n > 0 && names[0][0] >= '1' && names[0][0] <= '9';
	bool alone = hits == 0 && (!o->pair || o->beside) && !(places && others == n);
	plan->paired = made > 0 && (n == 0 || hits == n || alone);
	for (size_t i = 0; plan->paired && i < plan->count; i++)
		if (is_paired(plan, i, names, n) || (role_of(plan, i) == AE_UNDECIDED && is_x(plan->names[i])))
			plan->roles[i] = AE_X;
	free(names);
	return 0;
}

/* Conditions compare numbers in every program alike: where columns without a role are passed through, those that a
   condition names must hold numbers. They stay text, which compares exactly and goes on as it came. A condition on x
   itself needs all of them as x. */
static int give_compared(struct ae_record_plan *plan, const struct ae_reader_options *o, struct ae_error *err)
{
	for (size_t k = 0; k < o->compared_count; k++) {
		const char *name = o->compared[k];
		bool found = false;
		for (size_t i = 0; i < plan->count; i++)
			found |= plan->has_header && strcmp(plan->names[i], name) == 0;
		for (size_t i = 0; i < plan->count; i++) {
			if (role_of(plan, i) != AE_UNDECIDED)
				continue;
			plan->compared[i] |= found && strcmp(plan->names[i], name) == 0;
			if (!found && is_x(name) && ae_plan_give(plan, i, AE_X, "where", err) != 0)
				return -1;
		}
	}
	return 0;
}

/* ---- all of it ---- */

/* Columns named as an id, time or pass that stands beside them. */
static void take_roles(struct ae_record_plan *plan, const struct ae_schema *beside)
{
	for (size_t i = 0; plan->has_header && i < plan->count; i++) {
		for (size_t k = 0; role_of(plan, i) == AE_UNDECIDED && k < beside->count; k++) {
			const struct ae_column *c = &beside->cols[k];
			bool carried = c->role == AE_ID || c->role == AE_TIME || c->role == AE_PASS;
			if (carried && c->type == AE_TEXT && strcmp(c->name, plan->names[i]) == 0)
				plan->roles[i] = (int)c->role;
		}
	}
}

static int decide(struct ae_record_plan *plan, const struct ae_text_rules *rules, struct ae_error *err)
{
	const struct ae_reader_options *o = rules->options;
	plan->may_lack = o->beside != NULL;
	if (ae_plan_give_list(plan, o->x, AE_X, "x", err) != 0 ||
		ae_plan_give_list(plan, o->label, AE_LABEL, "label", err) != 0 ||
		ae_plan_give_list(plan, o->id, AE_ID, "id", err) != 0 ||
		ae_plan_give_list(plan, o->time, AE_TIME, "time", err) != 0 ||
		ae_plan_give_list(plan, o->pass, AE_PASS, "pass", err) != 0 ||
		ae_plan_give_list(plan, o->target, AE_TARGET, "target", err) != 0)
		return -1;
	if (o->beside)
		take_roles(plan, o->beside);
	if (o->features.each && !o->x && plan->has_header &&
		ae_plan_give_features(plan, &o->features, has_candidates(plan), err) != 0)
		return -1;
	if (o->results && !o->x && pair_inputs(plan, o, err) != 0)
		return -1;
	bool passing = !o->x && !plan->paired && (o->no_inputs || (o->results && is_result(plan)));
	if (passing && give_compared(plan, o, err) != 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++) {
		plan->roles[i] = role_of(plan, i);
		if (plan->roles[i] == AE_UNDECIDED)
			plan->roles[i] = o->x || passing || plan->by_model || plan->paired ? AE_PASS : AE_X;
	}
	return plan->has_header && !plan->paired ? check_inputs(plan, err) : 0; /* a model took those of recon */
}

/* ---- columns ---- */

/* The name of a tensor's cell without the tensor's own name: "recon.flow" is "flow". */
static const char *feature_name(const char *name, enum ae_role role)
{
	const char *prefix = ae_role_name(role);
	size_t len = strlen(prefix);
	return role != AE_X && starts(name, prefix) && name[len] == '.' ? name + len + 1 : name;
}

/* Whether a cell's name is that of its tensor and that of a feature of x, a number perhaps. */
static bool is_feature(
	const struct ae_record_plan *plan, size_t member, enum ae_role role, const struct ae_feature_names *features)
{
	const char *name = feature_name(plan->names[member], role);
	if (role == AE_X || role == AE_LATENT)
		return false;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->roles[i] == AE_X && strcmp(plan->names[i], name) == 0)
			return true;
	for (size_t i = 0; i < features->count; i++)
		if (strcmp(features->names[i], name) == 0)
			return true;
	return false;
}

/* The features of a tensor of n columns: none where their names are places, those of the last axis where they spell
   windows. Members may come into another order. */
static int find_features(struct ae_spelled *found, const struct ae_record_plan *plan, size_t *members, size_t n,
	enum ae_role role, const struct ae_feature_names *features, struct ae_error *err)
{
	*found = (struct ae_spelled){.shape = ae_shape_vector(n)};
	if (!plan->has_header)
		return 0;
	if (!plan->given[members[0]] && !is_feature(plan, members[0], role, features)) {
		int rc = ae_spell(found, plan->names, members, n, ae_role_name(role), err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	*found = (struct ae_spelled){.shape = ae_shape_vector(n), .features = n};
	found->names = ae_calloc(n, sizeof(*found->names), err);
	for (size_t i = 0; found->names && i < n; i++)
		found->names[i] = (char *)(uintptr_t)feature_name(plan->names[members[i]], role);
	return found->names ? 0 : -1;
}

/* --shape goes before what the names spell. */
static int take_shape(struct ae_spelled *found, const struct ae_record_plan *plan, const size_t *members, size_t n,
	enum ae_role role, const struct ae_text_rules *rules, struct ae_error *err)
{
	const struct ae_shape *shape = &rules->shape;
	if (!shape->rank || (role != AE_X && role != AE_TARGET))
		return 0;
	if (ae_shape_size(shape) != n)
		return ae_fail(err, "--shape %s holds %zu values, but %s has %zu columns", rules->options->shape,
			ae_shape_size(shape), ae_role_name(role), n);
	bool windows = found->features && found->features < n;
	found->shape = *shape;
	if (!windows || shape->dim[shape->rank - 1] == found->features)
		return 0;
	found->features = n;
	for (size_t i = 0; i < n; i++)
		found->names[i] = (char *)(uintptr_t)feature_name(plan->names[members[i]], role);
	return 0;
}

static int add_tensor(struct ae_record_columns *columns, struct ae_schema *schema, const struct ae_record_plan *plan,
	size_t *members, size_t n, const struct ae_text_rules *rules, struct ae_error *err)
{
	enum ae_role role = (enum ae_role)plan->roles[members[0]];
	enum ae_type type = role == AE_ERR || !rules->options->f32 ? AE_F64 : AE_F32;
	struct ae_spelled found;
	struct ae_column *column = NULL;
	int rc = find_features(&found, plan, members, n, role, &rules->options->features, err);
	if (rc == 0)
		rc = take_shape(&found, plan, members, n, role, rules, err);
	if (rc == 0)
		column = ae_schema_add(schema, ae_role_name(role), role, type, &found.shape, err);
	if (column)
		column->missing = rules->missing == AE_MISSING_MASK;
	rc = column ? ae_column_set_features(column, found.names, found.features, err) : -1;
	free(found.names);
	bool named = plan->has_header && found.features < n;
	for (size_t i = 0; rc == 0 && i < n; i++)
		columns->slots[members[i]] = (struct ae_record_slot){.column = schema->count - 1,
			.element = i,
			.named = plan->given[members[i]] != NULL || plan->paired || named};
	return rc;
}

static bool is_known(const struct ae_reader_options *o, const char *name)
{
	for (size_t i = 0; i < o->known_count; i++)
		if (strcmp(o->known[i], name) == 0)
			return true;
	return false;
}

static int add_single(struct ae_record_columns *columns, struct ae_schema *schema, const struct ae_record_plan *plan,
	size_t i, const struct ae_text_rules *rules, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	enum ae_role role = (enum ae_role)plan->roles[i];
	enum ae_type type = role == AE_ERR ? AE_F64 : role == AE_PRED ? AE_U8 : AE_TEXT;
	char numbered[40];
	const char *name = plan->names[i];
	if (role == AE_LABEL || role == AE_PRED || role == AE_ERR) {
		name = ae_role_name(role);
	} else if (!plan->has_header) {
		/* A file without header: the role's word, and the column's number where that is taken. */
		bool taken = role == AE_PASS || ae_schema_find(schema, role) != AE_NO_COLUMN;
		snprintf(numbered, sizeof(numbered), taken ? "%s.%zu" : "%s", ae_role_name(role), i + 1);
		name = numbered;
	}
	struct ae_column *column = ae_schema_add(schema, name, role, type, &single, err);
	if (!column)
		return -1;
	column->missing = role == AE_ERR && rules->missing == AE_MISSING_MASK;
	column->compared = plan->compared[i];
	bool unknown = plan->by_model && role == AE_PASS && !plan->given[i] && !is_known(rules->options, name);
	columns->slots[i] =
		(struct ae_record_slot){.column = schema->count - 1, .element = 0, .named = true, .unknown = unknown};
	return 0;
}

/* Whether the columns of a role become one tensor; `err` alone is the score, `err.*` the error per feature. */
static bool is_tensor(const struct ae_record_plan *plan, size_t i)
{
	int role = plan->roles[i];
	return role == AE_X || role == AE_TARGET || role == AE_RECON || role == AE_LATENT ||
	       (role == AE_ERR && strcmp(plan->names[i], "err") != 0);
}

/* The columns of the tensor that column `first` belongs to: in the order that its option gave, then as they stand. */
static size_t tensor_members(size_t *members, const struct ae_record_plan *plan, size_t first)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->ordered; i++)
		if (plan->roles[plan->order[i]] == plan->roles[first] && is_tensor(plan, plan->order[i]))
			members[n++] = plan->order[i];
	for (size_t i = first; i < plan->count; i++)
		if (!plan->given[i] && plan->roles[i] == plan->roles[first] && is_tensor(plan, i))
			members[n++] = i;
	return n;
}

/* Columns that --target gives, of other names than those of x, are the targets of x's columns in the order given: they
   take their names. */
static int name_target(struct ae_schema *schema, const struct ae_record_plan *plan, struct ae_error *err)
{
	size_t x = ae_schema_find(schema, AE_X), target = ae_schema_find(schema, AE_TARGET);
	if (x == AE_NO_COLUMN || target == AE_NO_COLUMN)
		return 0;
	const struct ae_column *inputs = &schema->cols[x], *targets = &schema->cols[target];
	size_t count = inputs->feature_count;
	if (count == 0 || count != targets->feature_count)
		return 0;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->roles[i] == AE_TARGET && !plan->given[i])
			return 0;
	struct ae_order order = {0};
	enum ae_order_found found = ae_order_find(&order, targets->features, inputs->features, count, err);
	ae_order_free(&order);
	if (found != AE_ORDER_OTHER_SET)
		return found == AE_ORDER_FAIL ? -1 : 0;
	return ae_column_set_features(&schema->cols[target], inputs->features, count, err);
}

static int build(struct ae_record_columns *columns, struct ae_schema *schema, const struct ae_record_plan *plan,
	const struct ae_text_rules *rules, struct ae_error *err)
{
	bool done[AE_PASS + 1] = {false};
	size_t *members = ae_calloc(plan->count, sizeof(*members), err);
	int rc = members ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < plan->count; i++) {
		int role = plan->roles[i];
		if (!is_tensor(plan, i)) {
			rc = add_single(columns, schema, plan, i, rules, err);
		} else if (!done[role]) {
			size_t n = tensor_members(members, plan, i);
			done[role] = true;
			rc = add_tensor(columns, schema, plan, members, n, rules, err);
		}
	}
	free(members);
	if (rc == 0)
		rc = name_target(schema, plan, err);
	return rc == 0 ? ae_schema_check(schema, err) : -1;
}

/* NumPy's savetxt begins a header with "# ": how much of the first field that is. */
static size_t savetxt_prefix(const struct ae_cell *first)
{
	size_t len = 0;
	if (first->len < 2 || memcmp(first->text, "# ", 2) != 0)
		return 0;
	while (len < first->len && strchr("# ", first->text[len]))
		len++;
	return len < first->len ? len : 0;
}

/* Names as the header's fields have them, or numbers. */
static int name_columns(
	struct ae_record_columns *columns, const struct ae_cell *fields, size_t prefix, struct ae_error *err)
{
	size_t numbers = 0;
	for (size_t i = 0; i < columns->count; i++) {
		char numbered[32];
		double number;
		struct ae_cell name = {
			.text = numbered, .len = (size_t)snprintf(numbered, sizeof(numbered), "%zu", i + 1)};
		if (fields)
			name = (struct ae_cell){.text = fields[i].text + prefix, .len = fields[i].len - prefix};
		prefix = 0; /* of the first */
		columns->names[i] = ae_strndup(name.text, name.len, err);
		if (!columns->names[i])
			return -1;
		numbers += ae_number_parse(&number, name.text, name.len) == AE_NUMBER_OK;
	}
	columns->all_numbers = numbers == columns->count;
	return 0;
}

/* A row of numbers where the header should be is mostly a file that has none. */
static int check_header(const struct ae_record_columns *columns, struct ae_error *err)
{
	double number;
	for (size_t i = 0; i < columns->count; i++)
		if (ae_number_parse(&number, columns->names[i], strlen(columns->names[i])) == AE_NUMBER_OK)
			return ae_fail(err,
				"column %zu of the header is the number %s: --no-header, or --header a,b,c, says that "
				"there is no header row, --numeric-header that this is one",
				i + 1, columns->names[i]);
	return 0;
}

/* What the options and the names say of the columns, in a plan of the caller's. */
static int fill(struct ae_record_columns *columns, struct ae_schema *schema, struct ae_record_plan *plan,
	const struct ae_text_rules *rules, struct ae_error *err)
{
	plan->roles = ae_calloc(plan->count, sizeof(*plan->roles), err);
	plan->given = ae_calloc(plan->count, sizeof(*plan->given), err);
	plan->compared = ae_calloc(plan->count, sizeof(*plan->compared), err);
	plan->order = ae_calloc(plan->count, sizeof(*plan->order), err);
	if (!plan->roles || !plan->given || !plan->compared || !plan->order)
		return -1;
	plan->names = columns->names;
	for (size_t i = 0; i < plan->count; i++)
		plan->roles[i] = AE_UNDECIDED;
	return decide(plan, rules, err) == 0 ? build(columns, schema, plan, rules, err) : -1;
}

int ae_record_columns_init(struct ae_record_columns *columns, struct ae_schema *schema, const struct ae_cell *names,
	size_t count, bool keys, const struct ae_text_rules *rules, struct ae_error *err)
{
	const struct ae_reader_options *o = rules->options;
	bool in_file = names && !keys && !o->header;
	/* What savetxt writes, split at spaces, has a "#" of its own. */
	if (in_file && rules->delimiter == ' ' && count > 1 && names->len == 1 && *names->text == '#') {
		names++;
		count--;
	}
	*columns = (struct ae_record_columns){.count = count};
	columns->slots = ae_calloc(count, sizeof(*columns->slots), err);
	columns->names = ae_calloc(count, sizeof(*columns->names), err);
	if (!columns->slots || !columns->names ||
		name_columns(columns, names, in_file ? savetxt_prefix(names) : 0, err) != 0 ||
		(in_file && !o->numeric_header && check_header(columns, err) != 0))
		return -1;
	struct ae_record_plan plan = {
		.count = count, .has_header = names != NULL, .delimiter = keys ? '\0' : rules->delimiter, .keys = keys};
	int rc = fill(columns, schema, &plan, rules, err);
	free(plan.roles);
	free(plan.given);
	free(plan.compared);
	free(plan.order);
	return rc;
}

int ae_record_columns_note_unknown(
	const struct ae_record_columns *columns, struct ae_left_out *left, struct ae_error *err)
{
	struct ae_buf *names = &left->unknown_names;
	uint64_t shown = 0;
	if (left->unknown)
		return 0;
	for (size_t i = 0; i < columns->count; i++) {
		const char *name = columns->names[i];
		if (!columns->slots[i].unknown || (left->unknown++, names->len > UNKNOWN_NAMES))
			continue;
		if ((names->len && ae_buf_append(names, ", ", 2, err) != 0) ||
			ae_buf_append(names, "\"", 1, err) != 0 || ae_buf_append(names, name, strlen(name), err) != 0 ||
			ae_buf_append(names, "\"", 1, err) != 0)
			return -1;
		shown++;
	}
	return shown < left->unknown ? ae_buf_append(names, " and more", 9, err) : 0;
}

void ae_record_columns_free(struct ae_record_columns *columns)
{
	for (size_t i = 0; columns->names && i < columns->count; i++)
		free(columns->names[i]);
	free(columns->names);
	free(columns->slots);
	*columns = (struct ae_record_columns){0};
}
