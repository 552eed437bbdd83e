/* SPDX-License-Identifier: MIT */
/* AEST, the stream's binary encoding (ae-stream(5)): ae_aest_input and ae_aest_output. */
#ifndef AE_IO_AEST_H
#define AE_IO_AEST_H

#define AE_AEST_VERSION 1

#endif
