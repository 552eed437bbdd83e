/* SPDX-License-Identifier: MIT */
/* Units of a trained network that tell no row from another. */
#ifndef AE_TRAIN_CONSTANT_UNITS_H
#define AE_TRAIN_CONSTANT_UNITS_H

#include "net/infer.h"
#include "train/trainer.h"

/* The values of a unit differ if they do by more than a share of the largest of them. A latent below this one carries
   nothing (saturated ones are near 1e-5, those in use above 1e-3); an output of readings far from 0 may do with less.
 */
#define AE_CONSTANT_LATENT 1e-4
#define AE_CONSTANT_OUTPUT 1e-6

struct ae_constant_units {
	size_t units;    /* values that this part of the network gives for a row */
	size_t constant; /* of them, those that are the same for all rows */
	size_t zero;     /* of these, those that are 0 */
	bool alike;      /* the rows are all the same themselves: nothing can be said, and the counts are 0 */
};

/* Runs rows, 32 first and then 256 at a time, through a part of the network until each unit has given two different
   values, or, with `any`, until one has: then constant and zero are 0. So a network without such units costs the first
   rows alone. Missing values enter as 0. */
int ae_train_constant_units(struct ae_constant_units *found, const struct ae_net *net, enum ae_net_part part,
	const struct ae_train_data *data, int threads, double share, bool any, struct ae_error *err) AE_MUST_CHECK;

#endif
