// SPDX-License-Identifier: Apache-2.0
// GMP names most of its functions by macro, which Swift does not import; these are their real names.
#ifndef URNA_CGMP_SHIM_H
#define URNA_CGMP_SHIM_H

#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#endif
