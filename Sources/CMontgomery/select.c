// SPDX-License-Identifier: Apache-2.0
// An entry of a table by a secret digit, and the stack behind secret operations.

#include "CMontgomery.h"

void urna_select(
    urna_limb *r, const urna_limb *table, unsigned long entries, urna_limb digit) {
  for (int k = 0; k < URNA_ROW_LIMBS; k += 8) {
    urna_limb chosen[8] = {0};
    for (unsigned long e = 0; e < entries; e++) {
      // All ones when e is the digit: of a number and its negative, only 0 has no top bit in either.
      const urna_limb difference = e ^ digit;
      const urna_limb mask = ((difference | (0 - difference)) >> 63) - 1;
      const urna_limb *entry = table + e * URNA_ROW_LIMBS + k;
      for (int limb = 0; limb < 8; limb++) chosen[limb] |= entry[limb] & mask;
    }
    for (int limb = 0; limb < 8; limb++) r[k + limb] = chosen[limb];
  }
}

__attribute__((noinline)) void urna_wipe_stack(void) {
  unsigned char area[URNA_STACK_BYTES];
  __builtin_memset(area, 0, sizeof area);
  // The compiler must believe that somebody reads it.
  __asm__ volatile("" : : "r"(area) : "memory");
}
