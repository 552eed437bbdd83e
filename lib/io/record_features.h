/* SPDX-License-Identifier: MIT */
/* The columns of text that a model takes. */
#ifndef AE_IO_RECORD_FEATURES_H
#define AE_IO_RECORD_FEATURES_H

#include "io/record_plan.h"
#include "io/source.h"

/* Gives x the columns that have the names of a model's features, in the order of these, and sets plan->by_model. x is
   found as without a model, and 0 returned, where no column has such a name and none could be an input (candidates:
   some could), x has no names, or features->optional says so. A feature that has no column, or two, or one that an
   option gave to another role is an error. The plan has a header. */
int ae_plan_give_features(struct ae_record_plan *plan, const struct ae_feature_names *features, bool candidates,
	struct ae_error *err) AE_MUST_CHECK;

#endif
