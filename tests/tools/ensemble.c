/* SPDX-License-Identifier: MIT */
/* ensemble mean OUT.npy IN.npy...: whether OUT is the mean of the others, f32 all: summed in f64 in their order,
   divided by their number and rounded. ensemble member N FILE SINGLE: whether all tensors of the model SINGLE, weights
   and moments, are those of member N of the model FILE. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 24 };

static size_t read_file(const char *path, unsigned char **data)
{
	FILE *file = fopen(path, "rb");
	*data = malloc(MOST);
	if (!file || !*data)
		exit(2);
	size_t len = fread(*data, 1, MOST, file);
	fclose(file);
	return len;
}

/* The values of an npy file of version 1, and how many. */
static const float *read_npy(const char *path, size_t *count)
{
	unsigned char *data;
	size_t len = read_file(path, &data), head = 10 + data[8] + 256 * (size_t)data[9];
	float *values = malloc(len);
	if (!values)
		exit(2);
	memcpy(values, data + head, len - head);
	*count = (len - head) / sizeof(float);
	free(data);
	return values;
}

static int check_mean(int files, char **paths)
{
	size_t n, others, wrong = 0;
	const float *out = read_npy(paths[0], &n);
	double *sum = calloc(n, sizeof(*sum));
	for (int i = 1; i < files; i++) {
		const float *in = read_npy(paths[i], &others);
		if (!sum || others != n)
			return 1;
		for (size_t j = 0; j < n; j++)
			sum[j] = i > 1 ? sum[j] + (double)in[j] : (double)in[j];
	}
	for (size_t j = 0; sum && j < n; j++) {
		float mean = (float)(sum[j] / (files - 1));
		wrong += memcmp(&mean, &out[j], sizeof(mean)) != 0;
	}
	if (wrong)
		printf("%zu of %zu values differ\n", wrong, n);
	return wrong > 0 || n == 0;
}

/* The bin of the tensor `name` in a model file, and its length; NULL if there is none. */
static const unsigned char *find_tensor(const unsigned char *data, size_t len, const char *name, size_t *size)
{
	char key[80];
	size_t n = strlen(name), head = (size_t)snprintf(key, sizeof(key), "%cname%c%s", 0xa4, (int)(0xa0 + n), name);
	const unsigned char *at = memmem(data, len, key, head);
	if (!at)
		return NULL;
	/* The map ends with "parts" and one small number. */
	at = memmem(at, len - (size_t)(at - data), "\xa5parts\x01", 7);
	if (!at)
		return NULL;
	at += 7;
	size_t bytes = *at == 0xc4 ? 1 : *at == 0xc5 ? 2 : 4;
	*size = 0;
	for (size_t i = 1; i <= bytes; i++)
		*size = *size << 8 | at[i];
	return at + 1 + bytes;
}

static int check_member(const char *number, const char *path, const char *single_path)
{
	unsigned char *all, *single;
	size_t all_len = read_file(path, &all), len = read_file(single_path, &single), checked = 0;
	for (const unsigned char *at = single; (at = memmem(at, len - (size_t)(at - single), "\xa4name", 5)); at += 5) {
		char name[40] = "", other[80];
		size_t n = at[5] - 0xa0u, size, other_size;
		memcpy(name, at + 6, n);
		snprintf(other, sizeof(other), "%s%s%s", strcmp(number, "1") == 0 ? "" : number,
			strcmp(number, "1") == 0 ? "" : "/", name);
		const unsigned char *mine = find_tensor(single, len, name, &size);
		const unsigned char *its = find_tensor(all, all_len, other, &other_size);
		if (!mine || !its || size != other_size || memcmp(mine, its, size) != 0) {
			printf("%s differs\n", other);
			return 1;
		}
		checked++;
	}
	return checked < 2;
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "mean") == 0)
		return check_mean(argc - 2, argv + 2);
	if (argc == 5 && strcmp(argv[1], "member") == 0)
		return check_member(argv[2], argv[3], argv[4]);
	return 2;
}
