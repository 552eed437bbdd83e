/* SPDX-License-Identifier: MIT */
/* The best linear autoencoder of mean squared errors, solved: principal components as two dense layers. */
#ifndef AE_TRAIN_PCA_H
#define AE_TRAIN_PCA_H

#include "train/trainer.h"

struct ae_net;

/* The side of the matrix whose eigenvectors are the components: the smaller of values a row and rows. */
#define AE_PCA_SIDE_MAX 8192

/* Whether a network's text is "pca:K"; *components is K then. A usage error if K is none. */
int ae_pca_parse(bool *is_pca, size_t *components, const char *text, struct ae_error *err) AE_MUST_CHECK;

/* The network of plain layers that K components of rows of this shape are, a new string: "dense K linear | dense N
   linear", between a flatten and a reshape for images. 0 components are one unit that nothing reaches. Fails if K is
   more than the values of a row. */
char *ae_pca_net_text(size_t components, const struct ae_shape *shape, struct ae_error *err) AE_MUST_CHECK;

/* What was found. */
struct ae_pca_result {
	double explained; /* the share of the variance that the components have; 1 where there is none */
	size_t empty;     /* components along which the rows do not vary, but for rounding: their weights are zero */
};

/* Sets the weights of a network of ae_pca_net_text. The first layer gives the coordinates of x from the mean row along
   each component, by falling variance, the second adds up the components from the mean. The largest element of a
   component is positive, the first of those within a billionth of it. Computed in f64 on values rounded to f32, by the
   covariance or, where there are fewer rows than values, by the products of rows; on the calling thread, which has
   acquired OpenBLAS unless there are no components. Needs x alone, without missing values, and as many rows as
   components. */
int ae_pca_fit(struct ae_pca_result *result, struct ae_net *net, size_t components, const struct ae_train_data *data,
	struct ae_error *err) AE_MUST_CHECK;

#endif
