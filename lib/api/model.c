/* SPDX-License-Identifier: MIT */
/* The public library's view of a model. Reading, writing and freeing are model/'s own functions. */
#include "model/model.h"
#include "api/aefilters.h"
#include "core/version.h"
#include "model/threshold.h"
#include "net/net.h"

const char *ae_version(void)
{
	return AE_VERSION;
}

size_t ae_model_inputs(const struct ae_model *model)
{
	return model->net ? ae_shape_size(ae_net_input(model->net)) : 0;
}

size_t ae_model_latents(const struct ae_model *model)
{
	return model->net ? ae_shape_size(ae_net_latent(model->net)) : 0;
}

size_t ae_model_outputs(const struct ae_model *model)
{
	return model->net ? ae_shape_size(ae_net_output(model->net)) : 0;
}

const char *ae_model_feature(const struct ae_model *model, size_t i)
{
	if (i >= ae_model_inputs(model) || model->feature_count == 0)
		return NULL;
	return model->features[i % model->feature_count];
}

int ae_model_threshold(const struct ae_model *model, double *value)
{
	if (!model->threshold)
		return 0;
	if (value)
		*value = model->threshold->value;
	return 1;
}
