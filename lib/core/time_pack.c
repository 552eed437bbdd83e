/* SPDX-License-Identifier: MIT */
/* Times in messages. */
#include "core/time_pack.h"

void ae_pack_time(struct ae_pack *pack, const struct ae_time *time)
{
	int64_t ns;
	if (ae_time_to_ns(time, &ns)) {
		ae_pack_u64(pack, (uint64_t)ns);
		return;
	}
	ae_pack_array(pack, 2);
	ae_pack_u64(pack, (uint64_t)time->seconds);
	ae_pack_u64(pack, time->ns);
}

int ae_value_time(const struct ae_value *value, struct ae_time *time)
{
	enum { SECOND = 1000000000 };
	const int64_t beyond = 1000000000000; /* seconds; 5 digits of a year */
	uint64_t number, ns;
	if (ae_value_u64(value, &number) == 0) {
		*time = ae_time_of_ns((int64_t)number);
		return 0;
	}
	if (ae_value_count(value) != 2 || ae_value_u64(ae_value_at(value, 0), &number) != 0 ||
		ae_value_u64(ae_value_at(value, 1), &ns) != 0 || ns >= SECOND || (int64_t)number >= beyond ||
		(int64_t)number <= -beyond)
		return -1;
	*time = (struct ae_time){(int64_t)number, (uint32_t)ns};
	return 0;
}
