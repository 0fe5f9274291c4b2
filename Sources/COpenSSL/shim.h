// SPDX-License-Identifier: Apache-2.0
// Macros and variadic functions of libcrypto, as functions that Swift can import.
#ifndef URNA_COPENSSL_SHIM_H
#define URNA_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#endif
