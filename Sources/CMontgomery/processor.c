// SPDX-License-Identifier: Apache-2.0
// What this processor can run. Elsewhere than on x86-64 neither engine exists, and nobody calls it.

#include "CMontgomery.h"

#if defined(__x86_64__)

bool urna_vector_available(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512ifma");
}

#else

bool urna_vector_available(void) { return false; }
bool urna_mulx_available(void) { return false; }

void urna_vector_multiply(
    urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *q) {
  (void)r, (void)a, (void)b, (void)q;
  __builtin_trap();
}
void urna_vector_square(urna_limb *r, const urna_limb *a, const urna_limb *q) {
  urna_vector_multiply(r, a, a, q);
}
void urna_vector_gather(urna_limb *r, urna_limb *const rows[URNA_VECTOR_LANES]) {
  urna_vector_multiply(r, rows[0], rows[0], rows[0]);
}
void urna_vector_scatter(urna_limb *const rows[URNA_VECTOR_LANES], const urna_limb *a) {
  urna_vector_multiply(rows[0], a, a, a);
}
void urna_vector_select(
    urna_limb *r, const urna_limb *const choices[4],
    const unsigned char choice[URNA_VECTOR_LANES]) {
  (void)choice;
  urna_vector_multiply(r, choices[0], choices[0], choices[0]);
}
void urna_vector_lookup(
    urna_limb *r, const urna_limb *table, unsigned long groups,
    const urna_limb digits[URNA_VECTOR_LANES]) {
  (void)groups;
  urna_vector_multiply(r, table, digits, digits);
}
void urna_mulx_multiply(
    urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *p) {
  urna_vector_multiply(r, a, b, p);
}
void urna_mulx_square(urna_limb *r, const urna_limb *a, const urna_limb *p) {
  urna_vector_multiply(r, a, a, p);
}

#endif
