/* SPDX-License-Identifier: MIT */
/* Model files: round trips, equal bytes, and every cut and every flipped bit noticed. */
#include "check.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/msgpack.h"
#include "model/model.h"
#include "model/scaler.h"
#include "model/score.h"
#include "model/threshold_origin.h"
#include "net/net.h"

static struct ae_error err;

static const char *const names[] = {"a", "b", "c", "d"};

static void pack_section(struct ae_buf *out, const char *name, bool required)
{
	struct ae_pack pack = {.out = out, .err = &err};
	size_t start = out->len;
	ae_pack_array(&pack, 4);
	ae_pack_str(&pack, name);
	ae_pack_bool(&pack, required);
	ae_pack_map(&pack, 1);
	ae_pack_str(&pack, "more");
	ae_pack_u64(&pack, 7);
	ae_pack_crc(&pack, start);
	CHECK(!pack.failed, "%s", err.text);
}

static struct ae_model *make_model(void)
{
	struct ae_model *model;
	CHECK(ae_model_new(&model, &err) == 0, "%s", err.text);
	model->input = ae_shape_vector(4);
	model->features = calloc(4, sizeof(char *));
	for (; model->feature_count < 4; model->feature_count++)
		model->features[model->feature_count] = strdup(names[model->feature_count]);

	const float x[] = {1, 2, 3, 4, 5, 6, 7, 9};
	struct ae_scaler_fit *fit;
	struct ae_scaler_rule scaler_rule;
	struct ae_scaler scaler = {0};
	CHECK(ae_scaler_parse(&scaler_rule, "minmax", &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_new(&fit, &scaler_rule, false, &model->input, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_rows(fit, x, AE_F32, 2, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_end(fit, &scaler, &err) == 0, "%s", err.text);
	struct ae_buf packed = {0};
	CHECK(ae_scaler_pack(&scaler, &packed, &err) == 0, "%s", err.text);
	CHECK(ae_prep_append(&model->prep, AE_PREP_SCALER, &packed, &model->input, NULL, 0, &err) == 0, "%s", err.text);
	ae_buf_free(&packed);
	ae_scaler_fit_free(fit);
	ae_scaler_free(&scaler);

	CHECK(ae_net_parse(&model->net, "4-2-4", "relu", "sigmoid", &model->input, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < ae_net_weight_count(model->net); i++)
		ae_net_weights(model->net)[i] = (float)i / 7 - 1;
	model->settings = (struct ae_train_settings){.loss = "mae",
		.huber_delta = 1,
		.optimizer = "adam",
		.lr = 0.001,
		.momentum = 0.9,
		.epochs = 20,
		.batch = 512,
		.seed = 42,
		.mask = true};
	model->losses = (struct ae_model_losses){.epochs = 3, .kept = 2, .loss = 0.25, .valid_loss = 0.5};
	model->stats.err_count = 4;
	model->stats.err_mean = calloc(4, sizeof(double));
	model->stats.err_sd = calloc(4, sizeof(double));
	model->stats.err_mean[1] = 0.1;
	model->stats.err_sd[3] = 0.2;
	model->has_optimizer = true;
	model->optimizer = (struct ae_model_optimizer){.step = 99, .epoch = 3, .moments_count = 5};
	model->optimizer.moments = calloc(5, sizeof(float));
	model->optimizer.moments[4] = 0.5;

	double errors[] = {3, 1, 2};
	struct ae_threshold_rule rule;
	model->threshold = calloc(1, sizeof(*model->threshold));
	CHECK(ae_threshold_parse(&rule, "sigma:1", &err) == 0, "%s", err.text);
	CHECK(ae_threshold_fit(
		      model->threshold, &rule, &(struct ae_threshold_sample){.errors = errors, .count = 3}, &err) == 0,
		"%s", err.text);
	model->threshold->has_digest = true;
	CHECK(ae_model_digest(model, model->threshold->digest, &err) == 0, "%s", err.text);
	pack_section(&model->unknown, "later", false);
	model->unknown_count = 1;
	return model;
}

/* A file in memory, read by its name in /proc. */
static int load(const void *bytes, size_t len, struct ae_model **model)
{
	int fd = memfd_create("model", MFD_CLOEXEC);
	char path[40];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	*model = NULL;
	int rc = ae_write_all(fd, bytes, len, path, &err);
	if (rc == 0)
		rc = ae_model_read(model, path, &err);
	CHECK(rc == 0 || strncmp(err.text, path, strlen(path)) == 0, "the name is missing: %s", err.text);
	close(fd);
	return rc;
}

static void check_refused(const struct ae_buf *file, const char *text)
{
	struct ae_model *model;
	int rc = load(file->data, file->len, &model);
	CHECK(rc == -1, "expected: %s", text);
	CHECK(rc == 0 || strstr(err.text, text), "%s; expected: %s", err.text, text);
	ae_model_free(model);
}

static void check_round_trip(const struct ae_buf *file, const struct ae_model *original)
{
	struct ae_model *model;
	struct ae_buf again = {0};
	unsigned char one[AE_DIGEST_SIZE], two[AE_DIGEST_SIZE];
	int rc = load(file->data, file->len, &model);
	CHECK(rc == 0, "%s", err.text);
	if (rc != 0)
		return;
	CHECK(ae_shape_equal(&model->input, &original->input) && model->feature_count == 4, "input");
	CHECK(strcmp(model->features[3], "d") == 0, "features");
	CHECK(ae_prep_equal(&model->prep, &original->prep), "scaler");
	CHECK(strcmp(ae_net_text(model->net), ae_net_text(original->net)) == 0, "network");
	CHECK(memcmp(ae_net_weights(model->net), ae_net_weights(original->net),
		      ae_net_weight_count(original->net) * sizeof(float)) == 0,
		"weights");
	CHECK(strcmp(model->settings.loss, "mae") == 0 && model->settings.lr == 0.001, "settings");
	CHECK(model->settings.batch == 512 && model->settings.mask, "settings");
	CHECK(model->losses.epochs == 3 && model->losses.kept == 2 && model->losses.loss == 0.25 &&
			model->losses.valid_loss == 0.5,
		"losses");
	CHECK(model->stats.err_count == 4 && model->stats.err_mean[1] == 0.1 && model->stats.err_sd[3] == 0.2,
		"errors");
	CHECK(model->has_optimizer && model->optimizer.step == 99 && model->optimizer.moments_count == 5, "optimizer");
	CHECK(model->optimizer.moments[4] == 0.5f, "moments");
	CHECK(model->threshold && model->threshold->value == original->threshold->value, "threshold");
	CHECK(model->unknown_count == 1 && ae_buf_equal(&model->unknown, &original->unknown),
		"an unknown section is kept");
	CHECK(ae_model_digest(original, one, &err) == 0, "%s", err.text);
	CHECK(ae_model_digest(model, two, &err) == 0, "%s", err.text);
	CHECK(memcmp(one, two, sizeof(one)) == 0, "digest");
	CHECK(ae_model_write(model, "again.aem", &err) == 0, "%s", err.text);
	CHECK(ae_read_file(&again, "again.aem", &err) == 0 && ae_buf_equal(&again, file), "equal bytes");
	CHECK(unlink("again.aem") == 0, "again.aem");
	ae_buf_free(&again);

	ae_net_weights(model->net)[3] += 1;
	CHECK(ae_model_digest(model, two, &err) == 0, "%s", err.text);
	CHECK(memcmp(one, two, sizeof(one)) != 0, "a weight is in the digest");
	ae_net_weights(model->net)[3] -= 1;
	model->features[0][0] = 'A';
	CHECK(ae_model_digest(model, two, &err) == 0, "%s", err.text);
	CHECK(memcmp(one, two, sizeof(one)) != 0, "a name is in the digest");
	model->features[0][0] = 'a';
	model->prep.steps->packed.data[model->prep.steps->packed.len - 1] ^= 1;
	CHECK(ae_model_digest(model, two, &err) == 0, "%s", err.text);
	CHECK(memcmp(one, two, sizeof(one)) != 0, "the scaler is in the digest");
	ae_model_free(model);
}

/* The same on every machine. */
static void check_bytes(const struct ae_buf *file, const struct ae_model *model)
{
	/* expected/model.py */
	static const char digest[] = "6c2be52750cd3c9b05dc08c9604fa87c49816f64ffca61a774ed7beee6969bce";
	/* bins: err_mean, dense1.bias, the moments */
	static const unsigned char mean[] = {0xc4, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9,
		0x3f},
				   bias[] = {0xc4, 8, 0x28, 0x49, 0x12, 0x3e, 0x24, 0x49, 0x92, 0x3e},
				   moments[] = {
					   0xc4, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f};
	unsigned char bytes[AE_DIGEST_SIZE];
	char text[2 * AE_DIGEST_SIZE + 1];
	CHECK(ae_model_digest(model, bytes, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	CHECK(strcmp(text, digest) == 0, "digest %s", text);
	CHECK(memmem(file->data, file->len, mean, sizeof(mean)), "f64 is not little-endian");
	CHECK(memmem(file->data, file->len, bias, sizeof(bias)), "a weight is not little-endian");
	CHECK(memmem(file->data, file->len, moments, sizeof(moments)), "a moment is not little-endian");
}

static void check_damage(struct ae_buf *file)
{
	struct ae_model *model;
	for (size_t len = 0; len < file->len; len++) {
		CHECK(load(file->data, len, &model) == -1, "cut at %zu", len);
		CHECK(strstr(err.text, len == 0 ? "empty" : "truncated"), "cut at %zu: %s", len, err.text);
	}
	for (size_t bit = 0; bit < file->len * 8; bit++) {
		file->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		CHECK(load(file->data, file->len, &model) == -1, "bit %zu flipped", bit);
		ae_model_free(model);
		file->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
}

/* What becomes of one message of a file on its way into another. */
enum change { KEEP, DROP, TWICE, IN_TWO };

/* Copies a file, changing the message that begins with the bytes of `start`; the end then counts `sections`. */
static void rewrite(struct ae_buf *out, const struct ae_buf *file, const char *start, enum change change)
{
	size_t size, count = 0;
	out->len = 0;
	struct ae_pack pack = {.out = out, .err = &err};
	for (size_t at = 0; at < file->len; at += size) {
		const unsigned char *message = file->data + at;
		CHECK(ae_msg_scan(message, file->len - at, 1 << 20, &size, &err) == 1, "%s", err.text);
		bool here = memmem(message, size, start, strlen(start)) != NULL;
		if (at + size == file->len) {
			size_t begin = out->len;
			ae_pack_array(&pack, 3);
			ae_pack_str(&pack, "end");
			ae_pack_map(&pack, 1);
			ae_pack_str(&pack, "sections");
			ae_pack_u64(&pack, count - 1);
			ae_pack_crc(&pack, begin);
		} else if (here && change == IN_TWO) {
			const struct ae_value *root = ae_value_scanned(message);
			const unsigned char *bytes;
			size_t len;
			CHECK(ae_value_bin(ae_value_at(root, 2), &bytes, &len) == 0, "a tensor");
			for (size_t part = 0; part < 2; part++) {
				struct ae_pack *p = &pack;
				size_t begin = out->len;
				ae_pack_array(p, 4);
				ae_pack_str(p, "tensor");
				ae_pack_map(p, 4);
				ae_pack_str(p, "part");
				ae_pack_u64(p, part);
				ae_pack_str(p, "parts");
				ae_pack_u64(p, 2);
				ae_pack_str(p, "name");
				ae_pack_str(p, start);
				ae_pack_str(p, "shape");
				CHECK(ae_value_raw(ae_value_get(ae_value_at(root, 1), "shape"), out, &err) == 0,
					"shape");
				ae_pack_bin(p, part == 0 ? bytes : bytes + 4, part == 0 ? 4 : len - 4);
				ae_pack_crc(p, begin);
			}
			count += 2;
		} else {
			for (int i = here && change == DROP ? 1 : here && change == TWICE ? -1 : 0; i < 1; i++) {
				CHECK(ae_buf_append(out, message, size, &err) == 0, "%s", err.text);
				count++;
			}
		}
	}
	CHECK(!pack.failed, "%s", err.text);
}

static void check_structure(const struct ae_buf *file, const struct ae_model *original)
{
	static const struct {
		const char *start;
		enum change change;
		const char *text;
	} cases[] = {
		{"dense1.kernel", DROP, "tensor \"dense1.kernel\" is not complete"},
		{"dense1.kernel", TWICE, "tensor \"dense1.kernel\" does not fit"},
		{"optimizer.moments", DROP, "tensor \"optimizer.moments\" is not complete"},
		{"optimizer\xc2", DROP, "tensor \"optimizer.moments\" does not fit"},
		{"input\xc3", DROP, "section \"network\": stands before the input shape"},
		{"network\xc3", DROP, "is none of the network's"},
		{"scaler\xc3", TWICE, "section \"scaler\" twice"},
	};
	struct ae_buf changed = {0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rewrite(&changed, file, cases[i].start, cases[i].change);
		check_refused(&changed, cases[i].text);
	}
	struct ae_model *model;
	rewrite(&changed, file, "dense2.kernel", IN_TWO);
	CHECK(load(changed.data, changed.len, &model) == 0, "a tensor in two parts: %s", err.text);
	CHECK(model && memcmp(ae_net_weights(model->net), ae_net_weights(original->net),
			       ae_net_weight_count(original->net) * sizeof(float)) == 0,
		"weights");
	ae_model_free(model);
	rewrite(&changed, file, "optimizer.moments", IN_TWO);
	CHECK(load(changed.data, changed.len, &model) == 0, "moments in two parts: %s", err.text);
	CHECK(model && model->optimizer.moments_count == 5 && model->optimizer.moments[4] == 0.5f, "moments");
	ae_model_free(model);
	rewrite(&changed, file, "later", DROP);
	CHECK(load(changed.data, changed.len, &model) == 0, "optional sections may be absent: %s", err.text);
	ae_model_free(model);
	ae_buf_free(&changed);
}

static void check_foreign(const struct ae_buf *file)
{
	struct ae_buf bytes = {0};
	struct ae_pack pack = {.out = &bytes, .err = &err};
	CHECK(ae_buf_set(&bytes, "a,b\n1,2\n", 8, &err) == 0, "%s", err.text);
	check_refused(&bytes, "not a model file");
	CHECK(ae_buf_set(&bytes, "\224\244AEST\1\x80\xc0", 9, &err) == 0, "%s", err.text);
	check_refused(&bytes, "it is a stream (AEST)");
	CHECK(ae_buf_set(&bytes, file->data, file->len, &err) == 0, "%s", err.text);
	CHECK(ae_buf_append(&bytes, "\n", 1, &err) == 0, "%s", err.text);
	check_refused(&bytes, "bytes after its end");
	bytes.len = 0;
	ae_pack_array(&pack, 4);
	ae_pack_str(&pack, "AEMF");
	ae_pack_u64(&pack, 2);
	ae_pack_map(&pack, 0);
	ae_pack_crc(&pack, 0);
	check_refused(&bytes, "version 2, this program reads version 1");
	CHECK(ae_buf_set(&bytes, "\224\244AEMF\1\x80\xc0", 9, &err) == 0, "%s", err.text);
	pack_section(&bytes, "attention", true);
	check_refused(&bytes, "section \"attention\" is required");
	static const char huge[] = "\224\244AEMF\1\x80\xc0\x94\xa5later\xc2\xdd\x05\xf5\xe1\x00";
	CHECK(ae_buf_set(&bytes, huge, sizeof(huge) - 1, &err) == 0, "%s", err.text);
	check_refused(&bytes, "message 2: a message larger than");
	ae_buf_free(&bytes);

	struct ae_model *model;
	CHECK(ae_model_read(&model, "none.aem", &err) == -1 && strstr(err.text, "none.aem: No such file"), "%s",
		err.text);
	CHECK(ae_model_read(&model, ".", &err) == -1 && strstr(err.text, ".: is a folder"), "%s", err.text);
}

static void check_parts_alone(const struct ae_model *original)
{
	struct ae_model alone = {.prep = original->prep}, *model;
	CHECK(ae_model_write(&alone, "alone.aem", &err) == 0, "%s", err.text);
	CHECK(ae_model_read(&model, "alone.aem", &err) == 0, "%s", err.text);
	CHECK(!model->net && !model->threshold && ae_prep_equal(&model->prep, &original->prep), "a scaler alone");
	ae_model_free(model);
	alone = (struct ae_model){.threshold = original->threshold};
	CHECK(ae_model_write(&alone, "alone.aem", &err) == 0, "%s", err.text);
	CHECK(ae_model_read(&model, "alone.aem", &err) == 0, "%s", err.text);
	CHECK(model->threshold && model->prep.count == 0 && model->input.rank == 0, "a threshold alone");
	ae_model_free(model);
	CHECK(unlink("alone.aem") == 0, "alone.aem");
	CHECK(ae_model_write(original, "/dev/full", &err) == -1 && strstr(err.text, "/dev/full: "), "%s", err.text);
	CHECK(ae_model_write(original, "none/m.aem", &err) == -1 && strstr(err.text, "none/m.aem: "), "%s", err.text);
}

static void check_input(const struct ae_model *original)
{
	struct ae_model *model;
	struct ae_shape shape = ae_shape_vector(4), other = ae_shape_vector(3), square = {.rank = 2, .dim = {2, 2}};
	char *names[] = {"one", "two", "three", "four"};
	CHECK(ae_model_new(&model, &err) == 0, "%s", err.text);
	CHECK(ae_model_check_input(model, "x", &other, names, 3, &err) == 0, "a model without input takes all");
	CHECK(ae_model_set_input(model, &shape, names, 4, &err) == 0, "%s", err.text);
	CHECK(model->features[3] != names[3] && strcmp(model->features[3], "four") == 0, "copies");
	CHECK(ae_model_check_input(model, "x", &shape, names, 4, &err) == 0, "%s", err.text);
	CHECK(ae_model_check_input(model, "x", &square, NULL, 0, &err) == 0, "as many values, no names");
	CHECK(ae_model_check_input(model, "x", &other, NULL, 0, &err) == -1 &&
			strcmp(err.text, "column \"x\": expected 4 values of shape [4], got 3 of shape [3]") == 0,
		"%s", err.text);
	names[1] = "deux";
	CHECK(ae_model_check_input(model, "x", &shape, names, 4, &err) == -1 && strstr(err.text, "\"two\""), "%s",
		err.text);
	CHECK(ae_model_set_input(model, &other, NULL, 0, &err) == 0 && !model->features && model->input.dim[0] == 3,
		"names dropped");
	ae_model_free(model);

	struct ae_outfile file;
	CHECK(ae_outfile_reserve(&file, "s.aem", &err) == 0, "%s", err.text);
	CHECK(ae_model_write_scaler(&file, &original->prep.steps->packed, &original->scalers, &shape, names, 4, &err) ==
				0 &&
			ae_outfile_commit(&file, true, &err) == 0,
		"%s", err.text);
	CHECK(ae_model_read_scaler(&model, &(struct ae_model_from){.path = "s.aem"}, &err) == 0 &&
			ae_prep_is_scaler(&model->prep),
		"%s", err.text);
	CHECK(strcmp(model->features[1], "deux") == 0 && !model->net, "its names");
	ae_model_free(model);
	CHECK(unlink("s.aem") == 0, "s.aem");
}

static void check_threshold(struct ae_model *original)
{
	struct ae_model *model, *bare = NULL;
	struct ae_lineage lineage = {.metric = "mae", .reference = "x", .scaled_err = true, .has_digest = true};
	struct ae_threshold threshold = {0};
	struct ae_threshold_rule rule;
	double errors[] = {4, 2};
	CHECK(ae_model_digest(original, lineage.digest, &err) == 0, "%s", err.text);
	CHECK(ae_threshold_parse(&rule, "quantile:1", &err) == 0, "%s", err.text);
	CHECK(ae_threshold_fit(&threshold, &rule, &(struct ae_threshold_sample){.errors = errors, .count = 2}, &err) ==
			0,
		"%s", err.text);
	CHECK(ae_model_read(&model, "m.aem", &err) == 0 && ae_model_new(&bare, &err) == 0, "%s", err.text);
	CHECK(ae_threshold_describe(&threshold, &lineage, &err) == 0, "%s", err.text);
	threshold.digest[0] ^= 1;
	CHECK(ae_model_put_threshold(model, &threshold, "m.aem", &err) == -1 &&
			strcmp(err.text, "err was made with another model than m.aem") == 0 && threshold.errors,
		"%s", err.text);
	threshold.has_digest = false;
	CHECK(ae_model_put_threshold(model, &threshold, "m.aem", &err) == 0, "%s", err.text);
	CHECK(model->threshold->value == 4 && model->threshold->errors_count == 2 && !threshold.errors, "taken over");
	CHECK(model->threshold->has_digest && memcmp(model->threshold->digest, lineage.digest, AE_DIGEST_SIZE) == 0,
		"now of this network");
	CHECK(ae_model_write(model, "t.aem", &err) == 0, "%s", err.text);
	ae_model_free(model);

	const struct ae_model_from from = {.path = "t.aem"};
	CHECK(ae_model_read_threshold(&model, &from, &lineage, "e", &err) == 0 && model->threshold->value == 4, "%s",
		err.text);
	ae_model_free(model);
	lineage.scaled_err = false;
	CHECK(ae_model_read_threshold(&model, &from, &lineage, "e", &err) == -1 &&
			strstr(err.text, "e: err is in original units"),
		"%s", err.text);
	CHECK(ae_model_write(bare, "t.aem", &err) == 0, "%s", err.text);
	CHECK(ae_model_read_threshold(&model, &from, &lineage, "e", &err) == -1 &&
			strstr(err.text, "t.aem: holds no threshold"),
		"%s", err.text);
	CHECK(ae_model_read_scaler(&model, &from, &err) == -1 && strstr(err.text, "t.aem: holds no scaler"), "%s",
		err.text);
	ae_model_free(bare);
	ae_threshold_free(&threshold);
	CHECK(unlink("t.aem") == 0, "t.aem");
}

/* What a model with these losses is read as, or the error. */
static int reread(struct ae_model *original, struct ae_model_losses losses, struct ae_model **model)
{
	struct ae_model_losses before = original->losses;
	original->losses = losses;
	CHECK(ae_model_write(original, "losses.aem", &err) == 0, "%s", err.text);
	original->losses = before;
	int rc = ae_model_read(model, "losses.aem", &err);
	CHECK(unlink("losses.aem") == 0, "losses.aem");
	return rc;
}

static void check_losses(struct ae_model *original)
{
	char text[AE_MODEL_LOSSES_TEXT];
	struct ae_model *model;
	struct ae_model_losses losses = {.epochs = 3, .kept = 3, .loss = 1e-9, .valid_loss = NAN};
	if (reread(original, losses, &model) == 0) {
		CHECK(model->losses.loss == 1e-9 && isnan(model->losses.valid_loss), "without validation");
		ae_model_losses_format(model, text);
		CHECK(strcmp(text, "1e-09, after 3 epochs") == 0, "%s", text);
		ae_model_free(model);
	} else {
		CHECK(false, "%s", err.text);
	}
	/* A version that does not know them trained on. */
	original->optimizer.epoch = 4;
	if (reread(original, losses, &model) == 0) {
		CHECK(model->losses.epochs == 0, "losses of fewer epochs than the weights");
		ae_model_free(model);
	} else {
		CHECK(false, "%s", err.text);
	}
	original->optimizer.epoch = 3;
	const struct ae_model_losses bad[] = {
		{.epochs = 3, .kept = 4, .loss = 1, .valid_loss = 1},
		{.epochs = 3, .kept = 0, .loss = 1, .valid_loss = 1},
		{.epochs = 3, .kept = 3, .loss = INFINITY, .valid_loss = 1},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (reread(original, bad[i], &model) == 0) {
			CHECK(model->losses.epochs == 0 && model->unknown_count == 2, "bad losses %zu are kept", i);
			ae_model_free(model);
		} else {
			CHECK(false, "%s", err.text);
		}
}

int main(void)
{
	char folder[] = "/tmp/test_model.XXXXXX";
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 1;
	struct ae_model *original = make_model();
	struct ae_buf file = {0};
	CHECK(ae_model_write(original, "m.aem", &err) == 0, "%s", err.text);
	CHECK(ae_read_file(&file, "m.aem", &err) == 0, "%s", err.text);
	check_round_trip(&file, original);
	check_bytes(&file, original);
	check_damage(&file);
	check_structure(&file, original);
	check_foreign(&file);
	check_parts_alone(original);
	check_input(original);
	check_threshold(original);
	check_losses(original);
	ae_buf_free(&file);
	ae_model_free(original);
	CHECK(unlink("m.aem") == 0 && chdir("/") == 0 && rmdir(folder) == 0, "files left in %s", folder);
	return check_done();
}
