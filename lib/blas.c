#include "blas.h"

#include <cblas.h>

bool ae_blas_wins(size_t weights, size_t rows)
{
	return weights >= (size_t)1 << 20 && rows >= 256;
}

void ae_blas_multiply(float *c, const float *a, const float *b, size_t m, size_t n, size_t k)
{
	openblas_set_num_threads(1);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1, a, (blasint)k, b,
		(blasint)n, 0, c, (blasint)n);
}
