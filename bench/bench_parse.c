/* SPDX-License-Identifier: MIT */
/* What reading costs at the least: bench_parse json|msgpack FILE parses every object by yajl or msgpack-c alone, and
   makes nothing of it. Prints how many values there were. */
#include <fcntl.h>
#include <msgpack.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

enum { BLOCK = 1 << 18 };

static unsigned long values;

static int on_null(void *arg)
{
	(void)arg;
	values++;
	return 1;
}

static int on_bool(void *arg, int truth)
{
	(void)truth;
	return on_null(arg);
}

static int on_number(void *arg, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return on_null(arg);
}

static int on_string(void *arg, const unsigned char *text, size_t len)
{
	(void)text;
	(void)len;
	return on_null(arg);
}

static int on_key(void *arg, const unsigned char *text, size_t len)
{
	(void)arg;
	(void)text;
	(void)len;
	return 1;
}

static int on_edge(void *arg)
{
	(void)arg;
	return 1;
}

static int parse_json(int fd)
{
	static const yajl_callbacks callbacks = {.yajl_null = on_null,
		.yajl_boolean = on_bool,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_edge,
		.yajl_map_key = on_key,
		.yajl_end_map = on_edge,
		.yajl_start_array = on_edge,
		.yajl_end_array = on_edge};
	static unsigned char block[BLOCK];
	yajl_handle parser = yajl_alloc(&callbacks, NULL, NULL);
	ssize_t n;
	if (!parser || !yajl_config(parser, yajl_allow_multiple_values, 1))
		return 1;
	while ((n = read(fd, block, sizeof(block))) > 0)
		if (yajl_parse(parser, block, (size_t)n) != yajl_status_ok)
			return 1;
	yajl_free(parser);
	return n != 0;
}

static int parse_msgpack(int fd)
{
	msgpack_unpacker unpacker;
	msgpack_unpacked object;
	ssize_t n;
	if (!msgpack_unpacker_init(&unpacker, MSGPACK_UNPACKER_INIT_BUFFER_SIZE))
		return 1;
	msgpack_unpacked_init(&object);
	for (;;) {
		if (!msgpack_unpacker_reserve_buffer(&unpacker, BLOCK))
			return 1;
		n = read(fd, msgpack_unpacker_buffer(&unpacker), BLOCK);
		if (n <= 0)
			break;
		msgpack_unpacker_buffer_consumed(&unpacker, (size_t)n);
		msgpack_unpack_return got;
		while ((got = msgpack_unpacker_next(&unpacker, &object)) == MSGPACK_UNPACK_SUCCESS)
			if (object.data.type == MSGPACK_OBJECT_MAP)
				values += object.data.via.map.size;
		if (got != MSGPACK_UNPACK_CONTINUE)
			return 1;
	}
	msgpack_unpacked_destroy(&object);
	msgpack_unpacker_destroy(&unpacker);
	return n != 0;
}

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[2], O_RDONLY) : -1;
	if (fd < 0 || (strcmp(argv[1], "json") == 0 ? parse_json(fd) : parse_msgpack(fd)) != 0) {
		fprintf(stderr, "usage: bench_parse json|msgpack FILE\n");
		return 1;
	}
	printf("%lu values\n", values);
	return 0;
}
