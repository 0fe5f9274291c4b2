// SPDX-License-Identifier: Apache-2.0
// Montgomery arithmetic for one shape of modulus: 4096 bits, of which the lowest and the highest 256
// are ones, as in ElectionGuard's standard parameters. Two engines, each for processors that have
// its instructions; a caller asks `…_available` first. No function branches on the values of numbers
// or uses them as addresses, and none keeps anything.
#ifndef URNA_CMONTGOMERY_H
#define URNA_CMONTGOMERY_H

#include <stdbool.h>

typedef unsigned long urna_limb;

enum {
  URNA_ROW_LIMBS = 64,
  // More than a call of this header uses of the stack.
  URNA_STACK_BYTES = 40960,
  URNA_VECTOR_LANES = 8,
  URNA_VECTOR_LIMBS = 80,
  URNA_VECTOR_LIMB_BITS = 52,
};
#define URNA_VECTOR_MASK ((1UL << URNA_VECTOR_LIMB_BITS) - 1)

// The vector engine: R = 2^4160, eight numbers below 2p, limb k of number j at [8·k + j].

/// Whether this processor has AVX-512 F, DQ, VL, BW and IFMA.
bool urna_vector_available(void);

/// r = a·b·R^-1 mod p, below 2p. q = (p + 1) / 2^208, 76 limbs of 52 bits. r may be a or b.
void urna_vector_multiply(
    urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *q);

/// r = a·a·R^-1 mod p. r may be a.
void urna_vector_square(urna_limb *r, const urna_limb *a, const urna_limb *q);

/// Puts eight numbers of 80 limbs, each a row of its own, side by side.
void urna_vector_gather(urna_limb *r, urna_limb *const rows[URNA_VECTOR_LANES]);

/// Writes eight numbers to rows of their own.
void urna_vector_scatter(urna_limb *const rows[URNA_VECTOR_LANES], const urna_limb *a);

/// Number j of r is number j of choices[choice[j]]; choice[j] is 0 … 3 and public.
void urna_vector_select(
    urna_limb *r, const urna_limb *const choices[4], const unsigned char choice[URNA_VECTOR_LANES]);

/// Number j of r is entry digits[j] of the table, for secret digits below 16·groups: the whole
/// table is read. Limb k of entry e is at [16·groups·k + e].
void urna_vector_lookup(
    urna_limb *r, const urna_limb *table, unsigned long groups,
    const urna_limb digits[URNA_VECTOR_LANES]);

// One number at a time: R = 2^4096, numbers below p in 64 limbs.

/// Whether this processor has BMI2 and ADX.
bool urna_mulx_available(void);

/// r = a·b·R^-1 mod p, below p. r may be a or b.
void urna_mulx_multiply(
    urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *p);

/// r = a·a·R^-1 mod p. r may be a.
void urna_mulx_square(urna_limb *r, const urna_limb *a, const urna_limb *p);

/// r = entry `digit` of a table of 64-limb entries, for a secret digit below `entries`: the whole
/// table is read. On every processor.
void urna_select(urna_limb *r, const urna_limb *table, unsigned long entries, urna_limb digit);

/// Overwrites the part of the stack that calls from the same place have used before. The vector engine
/// leaves columns there; whoever had it work on secrets calls this once, when all is done.
void urna_wipe_stack(void);

#endif
