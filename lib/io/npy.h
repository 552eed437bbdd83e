/* SPDX-License-Identifier: MIT */
/* NumPy's .npy files: one array, the first axis being the rows. As ae_npy_input the array is x, of --shape if that is
   given; ae_npy_output takes one column of numbers. */
#ifndef AE_IO_NPY_H
#define AE_IO_NPY_H

#include "core/tensor.h"

/* The header of an array. */
struct ae_npy {
	char kind;             /* f float, i integer, u unsigned, b bool */
	size_t width;          /* bytes of an element */
	bool big_endian;       /* their order */
	uint64_t rows;         /* 1 for an array of no dimension */
	struct ae_shape shape; /* of a row; [1] for an array of one dimension */
};

/* Sets kind, width and order of an element's type as NumPy spells it, "<f4". False: it has none that is read here. */
bool ae_npy_element(struct ae_npy *npy, const char *text, size_t len);
/* Parses the header at the start of bytes[0, len): 1 with its length in *size, 0 if more bytes are needed, -1 and err.
   Fortran order, objects, strings and complex numbers are errors that say what to save instead. */
int ae_npy_header(
	struct ae_npy *npy, const unsigned char *bytes, size_t len, size_t *size, struct ae_error *err) AE_MUST_CHECK;
/* The type that an array's elements get here: u8 and bool stay u8, f4 is f32, all others f64. */
enum ae_type ae_npy_type(const struct ae_npy *npy);
/* Converts n elements, as they stand in the file, into that type. Integers beyond 2^53 are an error. */
int ae_npy_convert(
	const struct ae_npy *npy, void *out, const unsigned char *in, size_t n, struct ae_error *err) AE_MUST_CHECK;

#endif
