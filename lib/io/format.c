/* SPDX-License-Identifier: MIT */
/* The tables of formats. */
#include "io/format.h"

#include <string.h>
#include <strings.h>

/* The first one is text, for what no other recognises. */
static const struct ae_input_format *const inputs[] = {&ae_csv_input, &ae_tsv_input, &ae_jsonl_input, &ae_aest_input,
	&ae_msgpack_input, &ae_raw_f32_input, &ae_raw_f64_input, &ae_raw_s16_input, &ae_raw_u8_input, &ae_npy_input,
	&ae_idx_input, &ae_pnm_input};
static const struct ae_output_format *const outputs[] = {&ae_csv_output, &ae_tsv_output, &ae_jsonl_output,
	&ae_aest_output, &ae_msgpack_output, &ae_npy_output, &ae_pnm_output};

enum { INPUTS = sizeof(inputs) / sizeof(*inputs), OUTPUTS = sizeof(outputs) / sizeof(*outputs) };

const char *ae_input_format_name(size_t i)
{
	return i < INPUTS ? inputs[i]->name : NULL;
}

const struct ae_input_format *ae_input_format_find(const char *name)
{
	int i = ae_word_find(name, ae_input_format_name);
	return i < 0 ? NULL : inputs[i];
}

const struct ae_input_format *ae_input_format_detect(const unsigned char *bytes, size_t len, bool ended)
{
	if (len == 0)
		return ended ? inputs[0] : NULL;
	const struct ae_input_format *maybe = NULL;
	for (size_t i = 0; i < INPUTS; i++) {
		enum ae_begins begins = inputs[i]->begins ? inputs[i]->begins(bytes, len) : AE_BEGINS_NO;
		/* An earlier one that may still be it goes first, or the format would depend on how much has come. */
		if (begins == AE_BEGINS_YES)
			return maybe && !ended ? NULL : inputs[i];
		if (begins == AE_BEGINS_MORE && !maybe)
			maybe = inputs[i];
	}
	if (maybe)
		return ended ? maybe : NULL;
	/* Text does not begin inside a UTF-8 sequence. */
	return bytes[0] >= 0x80 && bytes[0] < 0xc0 ? &ae_aest_input : inputs[0];
}

const char *ae_output_format_name(size_t i)
{
	return i < OUTPUTS ? outputs[i]->name : NULL;
}

const struct ae_output_format *ae_output_format_find(const char *name)
{
	int i = ae_word_find(name, ae_output_format_name);
	return i < 0 ? NULL : outputs[i];
}

const struct ae_output_format *ae_output_format_of_path(const char *path)
{
	const char *given = ae_path_suffix(path);
	for (size_t i = 0; given && i < OUTPUTS; i++)
		for (const char *const *suffix = outputs[i]->suffixes; *suffix; suffix++)
			if (strcasecmp(given, *suffix) == 0)
				return outputs[i];
	return NULL;
}

const char *ae_path_suffix(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	return dot && dot > name && dot[1] ? dot : NULL;
}

const char *ae_output_suffix(size_t i)
{
	for (size_t f = 0; f < OUTPUTS; f++)
		for (const char *const *suffix = outputs[f]->suffixes; *suffix; suffix++)
			if (i-- == 0)
				return *suffix;
	return NULL;
}
