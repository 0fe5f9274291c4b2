// SPDX-License-Identifier: Apache-2.0
// What Swift imports of libcrypto, and getrandom(2), which Swift's C library module leaves out.
#ifndef URNA_COPENSSL_SHIM_H
#define URNA_COPENSSL_SHIM_H

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sys/random.h>

#endif
