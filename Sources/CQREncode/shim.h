// SPDX-License-Identifier: Apache-2.0
// What Swift imports of libqrencode.
#ifndef URNA_CQRENCODE_SHIM_H
#define URNA_CQRENCODE_SHIM_H

#include <qrencode.h>

#endif
