// SPDX-License-Identifier: Apache-2.0
// What gmp.h offers by macro only, and an allocator that wipes what it releases.
#ifndef URNA_CGMP_SHIM_H
#define URNA_CGMP_SHIM_H

#include <gmp.h>
#include <stdlib.h>
#include <string.h>

static void *urna_gmp_allocate(size_t size) {
  void *block = malloc(size);
  if (block == NULL) abort();
  return block;
}

static void urna_gmp_release(void *block, size_t size) {
  explicit_bzero(block, size);
  free(block);
}

static void *urna_gmp_reallocate(void *old, size_t old_size, size_t new_size) {
  void *block = urna_gmp_allocate(new_size);
  memcpy(block, old, old_size < new_size ? old_size : new_size);
  urna_gmp_release(old, old_size);
  return block;
}

// Process-wide; must run before the first allocation by GMP.
static inline void urna_gmp_install_wiping_allocator(void) {
  mp_set_memory_functions(urna_gmp_allocate, urna_gmp_reallocate, urna_gmp_release);
}

#endif
