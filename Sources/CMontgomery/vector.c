// SPDX-License-Identifier: Apache-2.0
// Eight numbers at a time in 52-bit limbs, with the multiply-add instructions of AVX-512 IFMA.
//
// A number is 80 limbs below 2^52, the least significant first, and stands for x·R mod p with
// R = 2^4160. Limb k of the eight numbers lies side by side in one register. Numbers stay below 2p:
// with 4p < R a Montgomery product of such numbers is below p·(1 + 2^-62) again, so no product needs
// a final subtraction.
//
// Because p ends in 256 one-bits, −p^-1 mod 2^208 is 1: the quotient digits of four limbs are those
// four limbs themselves, and m·p = m·q·2^208 − m with q = (p + 1) / 2^208 clears them exactly. The
// inner loops work on tiles of four by four limbs. Products come from three products of half the width
// (Karatsuba's method): columns are signed then, and carries keep their sign.
//
// No branch and no address depends on the numbers.

#include "CMontgomery.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx512ifma")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum {
  LIMBS = URNA_VECTOR_LIMBS,
  LANES = URNA_VECTOR_LANES,
  TILES = LIMBS / 4,
  HALF = LIMBS / 2,
  HALF_TILES = HALF / 4,
};

typedef __m512i vec;

INLINE vec load(const urna_limb *limbs) { return _mm512_loadu_si512((const void *)limbs); }
INLINE void store(urna_limb *limbs, vec value) { _mm512_storeu_si512((void *)limbs, value); }
INLINE vec broadcast(urna_limb limb) { return _mm512_set1_epi64((long long)limb); }
INLINE vec low52(vec value) { return _mm512_and_si512(value, broadcast(URNA_VECTOR_MASK)); }
INLINE vec carry(vec value) { return _mm512_srai_epi64(value, URNA_VECTOR_LIMB_BITS); }
INLINE vec add(vec a, vec b) { return _mm512_add_epi64(a, b); }
INLINE vec subtract(vec a, vec b) { return _mm512_sub_epi64(a, b); }
INLINE vec lo(vec sum, vec a, vec b) { return _mm512_madd52lo_epu64(sum, a, b); }
INLINE vec hi(vec sum, vec a, vec b) { return _mm512_madd52hi_epu64(sum, a, b); }

/// Four limbs.
typedef struct { vec v[4]; } quad;

INLINE quad load_quad(const urna_limb *limbs) {
  quad q = {{load(limbs), load(limbs + LANES), load(limbs + 2 * LANES), load(limbs + 3 * LANES)}};
  return q;
}

INLINE quad broadcast_quad(const urna_limb *limbs) {
  quad q = {{broadcast(limbs[0]), broadcast(limbs[1]), broadcast(limbs[2]), broadcast(limbs[3])}};
  return q;
}

INLINE void store_quad(urna_limb *limbs, const vec *columns) {
  for (int k = 0; k < 4; k++) store(limbs + k * LANES, columns[k]);
}

/// columns[0 … 7] += a · b, for four limbs each.
INLINE void tile(vec columns[8], quad a, quad b) {
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) columns[i + j] = lo(columns[i + j], a.v[i], b.v[j]);
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) columns[i + j + 1] = hi(columns[i + j + 1], a.v[i], b.v[j]);
  }
}

/// Moves on by four columns.
INLINE void roll(vec columns[8]) {
  for (int k = 0; k < 4; k++) {
    columns[k] = columns[k + 4];
    columns[k + 4] = _mm512_setzero_si512();
  }
}

/// The quotient digits that clear the four lowest columns, and the carry out of those.
INLINE quad digits(vec columns[8]) {
  quad m;
  for (int k = 0; k < 4; k++) {
    m.v[k] = low52(columns[k]);
    columns[k + 1] = _mm512_add_epi64(columns[k + 1], carry(columns[k]));
  }
  return m;
}

/// r = t·R^-1 mod p below 2p, for 160 signed columns whose value is below 4p² and not negative. Two
/// blocks of digits are worked off together, so that columns are read and written half as often.
INLINE void reduce(urna_limb *r, urna_limb *t, const urna_limb *q) {
  urna_limb *low = t;
  for (int pair = 0; pair < TILES / 2; pair++, low += 8 * LANES) {
    vec columns[8], others[8];
    for (int k = 0; k < 4; k++) columns[k] = load(low + k * LANES);
    for (int k = 4; k < 8; k++) columns[k] = _mm512_setzero_si512();
    const quad first = digits(columns);
    roll(columns);
    for (int k = 0; k < 4; k++) columns[k] = add(columns[k], load(low + (4 + k) * LANES));
    tile(columns, first, broadcast_quad(q));
    const quad second = digits(columns);
    roll(columns);
    for (int k = 0; k < 8; k++) others[k] = _mm512_setzero_si512();
    for (int j = 2; j < TILES; j++) {
      urna_limb *target = low + 4 * j * LANES;
      for (int k = 0; k < 4; k++) columns[k] = add(columns[k], load(target + k * LANES));
      tile(columns, first, broadcast_quad(q + 4 * (j - 1)));
      tile(others, second, broadcast_quad(q + 4 * (j - 2)));
      for (int k = 0; k < 4; k++) store(target + k * LANES, add(columns[k], others[k]));
      roll(columns);
      roll(others);
    }
    tile(others, second, broadcast_quad(q + 4 * (TILES - 2)));
    for (int k = 0; k < 8; k++) {
      urna_limb *target = low + (LIMBS + k) * LANES;
      store(target, add(load(target), k < 4 ? add(columns[k], others[k]) : others[k]));
    }
  }
  vec rest = _mm512_setzero_si512();
  for (int k = 0; k < LIMBS; k++) {
    vec column = add(load(low + k * LANES), rest);
    store(r + k * LANES, low52(column));
    rest = carry(column);
  }
}

/// t[0 ..< 80] = a · b in columns, for 40 limbs each.
INLINE void multiply_half(urna_limb *t, const urna_limb *a, const urna_limb *b) {
  for (int block = 0; block < HALF_TILES; block++) {
    const quad x = load_quad(a + 4 * block * LANES);
    vec columns[8];
    for (int k = 0; k < 8; k++) columns[k] = _mm512_setzero_si512();
    for (int j = 0; j < HALF_TILES; j++) {
      urna_limb *target = t + 4 * (block + j) * LANES;
      if (block > 0) {
        for (int k = 0; k < 4; k++) columns[k] = add(columns[k], load(target + k * LANES));
      }
      tile(columns, x, load_quad(b + 4 * j * LANES));
      store_quad(target, columns);
      roll(columns);
    }
    store_quad(t + 4 * (block + HALF_TILES) * LANES, columns);
  }
}

/// t[0 ..< 80] = a² in columns, for 40 limbs: products of different limbs once, doubled, and squares.
INLINE void square_half(urna_limb *t, const urna_limb *a) {
  for (int k = 0; k < 2 * HALF; k++) store(t + k * LANES, _mm512_setzero_si512());
  for (int block = 0; block < HALF_TILES; block++) {
    const quad x = load_quad(a + 4 * block * LANES);
    urna_limb *row = t + 8 * block * LANES;
    // Inside the block: columns 1 … 6 from column 8·block on.
    vec inner[8];
    for (int k = 0; k < 8; k++) inner[k] = load(row + k * LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
#pragma clang loop unroll(full)
      for (int j = i + 1; j < 4; j++) {
        inner[i + j] = lo(inner[i + j], x.v[i], x.v[j]);
        inner[i + j + 1] = hi(inner[i + j + 1], x.v[i], x.v[j]);
      }
    }
    store_quad(row, inner);
    vec columns[8];
    for (int k = 0; k < 4; k++) {
      columns[k] = inner[k + 4];
      columns[k + 4] = _mm512_setzero_si512();
    }
    for (int j = block + 1; j < HALF_TILES; j++) {
      urna_limb *target = t + 4 * (block + j) * LANES;
      if (j > block + 1) {
        for (int k = 0; k < 4; k++) columns[k] = add(columns[k], load(target + k * LANES));
      }
      tile(columns, x, load_quad(a + 4 * j * LANES));
      store_quad(target, columns);
      roll(columns);
    }
    store_quad(t + 4 * (block + HALF_TILES) * LANES, columns);
  }
  for (int k = 0; k < HALF; k++) {
    const vec x = load(a + k * LANES);
    urna_limb *pair = t + 2 * k * LANES;
    store(pair, lo(_mm512_slli_epi64(load(pair), 1), x, x));
    store(pair + LANES, hi(_mm512_slli_epi64(load(pair + LANES), 1), x, x));
  }
}

/// The sum of the halves of a, 40 limbs below 2^52; returns which lanes have a carry out of them.
INLINE __mmask8 add_halves(urna_limb *sum, const urna_limb *a) {
  vec rest = _mm512_setzero_si512();
  for (int k = 0; k < HALF; k++) {
    vec limb = add(add(load(a + k * LANES), load(a + (HALF + k) * LANES)), rest);
    store(sum + k * LANES, low52(limb));
    rest = carry(limb);
  }
  return _mm512_test_epi64_mask(rest, rest);
}

/// t += (middle − low − high) · 2^(52·40), where low and high are the halves of t; middle has 81
/// columns and is overwritten.
INLINE void combine(urna_limb *t, urna_limb *middle) {
  for (int k = 0; k < 2 * HALF; k++) {
    const vec others = add(load(t + k * LANES), load(t + (2 * HALF + k) * LANES));
    store(middle + k * LANES, subtract(load(middle + k * LANES), others));
  }
  for (int k = 0; k <= 2 * HALF; k++) {
    urna_limb *target = t + (HALF + k) * LANES;
    store(target, add(load(target), load(middle + k * LANES)));
  }
}

TARGET void urna_vector_multiply(
    urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *q) {
  urna_limb t[2 * LIMBS * LANES] __attribute__((aligned(64)));
  urna_limb middle[(LIMBS + 1) * LANES] __attribute__((aligned(64)));
  urna_limb sums[2 * HALF * LANES] __attribute__((aligned(64)));
  urna_limb *const left = sums, *const right = sums + HALF * LANES;
  const __mmask8 left_carry = add_halves(left, a);
  const __mmask8 right_carry = add_halves(right, b);
  multiply_half(middle, left, right);
  for (int k = 0; k < HALF; k++) {
    urna_limb *target = middle + (HALF + k) * LANES;
    vec column = load(target);
    column = _mm512_mask_add_epi64(column, left_carry, column, load(right + k * LANES));
    column = _mm512_mask_add_epi64(column, right_carry, column, load(left + k * LANES));
    store(target, column);
  }
  store(middle + LIMBS * LANES, _mm512_maskz_set1_epi64(left_carry & right_carry, 1));
  multiply_half(t, a, b);
  multiply_half(t + LIMBS * LANES, a + HALF * LANES, b + HALF * LANES);
  combine(t, middle);
  reduce(r, t, q);
}

TARGET void urna_vector_square(urna_limb *r, const urna_limb *a, const urna_limb *q) {
  urna_limb t[2 * LIMBS * LANES] __attribute__((aligned(64)));
  urna_limb middle[(LIMBS + 1) * LANES] __attribute__((aligned(64)));
  urna_limb sum[HALF * LANES] __attribute__((aligned(64)));
  const __mmask8 sum_carry = add_halves(sum, a);
  square_half(middle, sum);
  for (int k = 0; k < HALF; k++) {
    urna_limb *target = middle + (HALF + k) * LANES;
    const vec twice = _mm512_slli_epi64(load(sum + k * LANES), 1);
    store(target, _mm512_mask_add_epi64(load(target), sum_carry, load(target), twice));
  }
  store(middle + LIMBS * LANES, _mm512_maskz_set1_epi64(sum_carry, 1));
  square_half(t, a);
  square_half(t + LIMBS * LANES, a + HALF * LANES);
  combine(t, middle);
  reduce(r, t, q);
}

/// Swaps rows and columns of eight by eight limbs.
INLINE void transpose(vec r[8]) {
  vec s[8];
  for (int k = 0; k < 8; k += 2) {
    s[k] = _mm512_unpacklo_epi64(r[k], r[k + 1]);
    s[k + 1] = _mm512_unpackhi_epi64(r[k], r[k + 1]);
  }
  vec u[8];
  for (int k = 0; k < 2; k++) {
    u[k] = _mm512_shuffle_i64x2(s[k], s[k + 2], 0x88);
    u[k + 2] = _mm512_shuffle_i64x2(s[k], s[k + 2], 0xDD);
    u[k + 4] = _mm512_shuffle_i64x2(s[k + 4], s[k + 6], 0x88);
    u[k + 6] = _mm512_shuffle_i64x2(s[k + 4], s[k + 6], 0xDD);
  }
  for (int k = 0; k < 4; k++) {
    r[k] = _mm512_shuffle_i64x2(u[k], u[k + 4], 0x88);
    r[k + 4] = _mm512_shuffle_i64x2(u[k], u[k + 4], 0xDD);
  }
}

TARGET void urna_vector_gather(urna_limb *r, urna_limb *const rows[URNA_VECTOR_LANES]) {
  for (int k = 0; k < LIMBS; k += 8) {
    vec block[8];
    for (int lane = 0; lane < LANES; lane++) block[lane] = load(rows[lane] + k);
    transpose(block);
    for (int limb = 0; limb < 8; limb++) store(r + (k + limb) * LANES, block[limb]);
  }
}

TARGET void urna_vector_scatter(urna_limb *const rows[URNA_VECTOR_LANES], const urna_limb *a) {
  for (int k = 0; k < LIMBS; k += 8) {
    vec block[8];
    for (int limb = 0; limb < 8; limb++) block[limb] = load(a + (k + limb) * LANES);
    transpose(block);
    for (int lane = 0; lane < LANES; lane++) store(rows[lane] + k, block[lane]);
  }
}

TARGET void urna_vector_select(
    urna_limb *r, const urna_limb *const choices[4], const unsigned char choice[URNA_VECTOR_LANES]) {
  __mmask8 masks[4] = {0, 0, 0, 0};
  for (int lane = 0; lane < LANES; lane++) {
    masks[choice[lane] & 3] |= (__mmask8)(1u << lane);
  }
  for (int k = 0; k < LIMBS; k++) {
    vec value = load(choices[0] + k * LANES);
    for (int c = 1; c < 4; c++) {
      value = _mm512_mask_loadu_epi64(value, masks[c], (const void *)(choices[c] + k * LANES));
    }
    store(r + k * LANES, value);
  }
}

TARGET void urna_vector_lookup(
    urna_limb *r, const urna_limb *table, unsigned long groups,
    const urna_limb digits_of_lanes[URNA_VECTOR_LANES]) {
  const vec digit = load(digits_of_lanes);
  // vpermi2q looks up four bits of a digit among sixteen entries; the bits above choose the group.
  const vec group = _mm512_srli_epi64(digit, 4);
  for (int k = 0; k < LIMBS; k++) {
    vec value = _mm512_setzero_si512();
    for (unsigned long g = 0; g < groups; g++) {
      const urna_limb *entries = table + ((unsigned long)k * groups + g) * 16;
      const vec found = _mm512_permutex2var_epi64(load(entries), digit, load(entries + 8));
      value = _mm512_mask_mov_epi64(value, _mm512_cmpeq_epi64_mask(group, broadcast(g)), found);
    }
    store(r + k * LANES, value);
  }
}

#endif
