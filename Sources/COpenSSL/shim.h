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
#include <openssl/x509v3.h>
#include <sys/random.h>

// Stacks of certificates: macros become functions.

static inline struct stack_st_X509 *urna_certificates_new(void) { return sk_X509_new_null(); }

/// Takes the certificate over when it succeeds.
static inline int urna_certificates_push(struct stack_st_X509 *stack, X509 *certificate) {
  return sk_X509_push(stack, certificate) > 0;
}

static inline int urna_certificates_count(const struct stack_st_X509 *stack) {
  return stack == NULL ? 0 : sk_X509_num(stack);
}

static inline X509 *urna_certificates_at(const struct stack_st_X509 *stack, int index) {
  return sk_X509_value(stack, index);
}

/// Frees the stack and its certificates.
static inline void urna_certificates_free(struct stack_st_X509 *stack) {
  sk_X509_pop_free(stack, X509_free);
}

#endif
