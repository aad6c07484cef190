/* SPDX-License-Identifier: Apache-2.0 */
/* The header of HTTP's Basic scheme, from the client's side. */
#ifndef BASIC_H
#define BASIC_H

#define BASIC_SIZE 512

/* "Basic " and the base 64 of "USER:PASSWORD", in ret. */
const char *basic_header(const char *claim, char ret[BASIC_SIZE]);

#endif
