/* SPDX-License-Identifier: MIT */
/* Networks that would take the place of another one while a stream runs, by the memory that they need. */
#include "check.h"

#include <string.h>

#include "cli/reload_fits.h"
#include "core/memory.h"
#include "model/model.h"
#include "net/net.h"

static struct ae_error err;

static struct ae_model *make(const char *text)
{
	struct ae_model *model;
	const struct ae_shape shape = {.rank = 3, .dim = {16, 16, 1}};
	CHECK(ae_model_new(&model, &err) == 0, "a model");
	model->input = shape;
	model->settings.loss = "mse";
	CHECK(ae_net_parse(&model->net, text, NULL, NULL, &shape, &err) == 0, "%s", err.text);
	return model;
}

static bool fits(const char *had, const char *now)
{
	struct ae_model *a = make(had), *b = make(now);
	bool fit = ae_reload_fits(a, b, "M", 1, &err) == 0;
	ae_model_free(a);
	ae_model_free(b);
	return fit;
}

int main(void)
{
	static const char large[] = "upsample, upsample, upsample, upsample, upsample, upsample, upsample, "
				    "upsample, upsample, upsample, upsample | maxpool, maxpool, maxpool, maxpool, "
				    "maxpool, maxpool, maxpool, maxpool, maxpool, maxpool, maxpool";
	CHECK(fits("upsample | maxpool", "maxpool | upsample"), "%s", err.text);
	bool wide = SIZE_MAX > UINT32_MAX;                 /* else there is no room for such a network at all */
	if (wide && ae_memory_share() < (uint64_t)8 << 30) /* which that one needs */
		CHECK(!fits("upsample | maxpool", large) && strncmp(err.text, "M: needs ", 9) == 0, "%s", err.text);
	CHECK(!wide || fits(large, large), "what the one in use needs is not too much: %s", err.text);
	return check_done();
}
