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
// inner loops work on tiles of four by four limbs.
//
// No branch and no address depends on the numbers.

#include "CMontgomery.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx512ifma")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum { LIMBS = URNA_VECTOR_LIMBS, LANES = URNA_VECTOR_LANES, TILES = LIMBS / 4 };

typedef __m512i vec;

INLINE vec load(const urna_limb *limbs) { return _mm512_loadu_si512((const void *)limbs); }
INLINE void store(urna_limb *limbs, vec value) { _mm512_storeu_si512((void *)limbs, value); }
INLINE vec broadcast(urna_limb limb) { return _mm512_set1_epi64((long long)limb); }
INLINE vec low52(vec value) { return _mm512_and_si512(value, broadcast(URNA_VECTOR_MASK)); }
INLINE vec carry(vec value) { return _mm512_srli_epi64(value, URNA_VECTOR_LIMB_BITS); }
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

/// Writes columns as limbs below 2^52. Every column fits in 63 bits, and the value in 80 limbs.
INLINE void normalize(urna_limb *r, const urna_limb *columns) {
  vec rest = _mm512_setzero_si512();
  for (int k = 0; k < LIMBS; k++) {
    vec column = _mm512_add_epi64(load(columns + k * LANES), rest);
    store(r + k * LANES, low52(column));
    rest = carry(column);
  }
}

TARGET void urna_vector_multiply(
    urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *q) {
  urna_limb t[LIMBS * LANES] __attribute__((aligned(64)));
  for (int k = 0; k < LIMBS; k++) store(t + k * LANES, _mm512_setzero_si512());
  for (int block = 0; block < TILES; block++) {
    const quad x = load_quad(a + 4 * block * LANES);
    vec columns[8];
    for (int k = 0; k < 4; k++) {
      columns[k] = load(t + k * LANES);
      columns[k + 4] = _mm512_setzero_si512();
    }
    tile(columns, x, load_quad(b));
    const quad m = digits(columns);
    roll(columns);
    // Two sets of columns, so that the sums do not wait for each other.
    vec others[8];
    for (int k = 0; k < 8; k++) others[k] = _mm512_setzero_si512();
    for (int j = 1; j < TILES; j++) {
      for (int k = 0; k < 4; k++) {
        columns[k] = _mm512_add_epi64(columns[k], load(t + (4 * j + k) * LANES));
      }
      tile(columns, x, load_quad(b + 4 * j * LANES));
      tile(others, m, broadcast_quad(q + 4 * (j - 1)));
      for (int k = 0; k < 4; k++) {
        store(t + (4 * (j - 1) + k) * LANES, _mm512_add_epi64(columns[k], others[k]));
      }
      roll(columns);
      roll(others);
    }
    for (int k = 0; k < 4; k++) columns[k] = _mm512_add_epi64(columns[k], others[k]);
    store_quad(t + 4 * (TILES - 1) * LANES, columns);
  }
  normalize(r, t);
}

/// Adds the products of all pairs of different limbs, once each, to 160 columns that are zero.
INLINE void cross_products(urna_limb *t, const urna_limb *a) {
  for (int block = 0; block < TILES; block++) {
    const quad x = load_quad(a + 4 * block * LANES);
    urna_limb *row = t + 8 * block * LANES;
    vec columns[8];
    for (int k = 0; k < 4; k++) {
      columns[k] = load(row + (4 + k) * LANES);
      columns[k + 4] = _mm512_setzero_si512();
    }
    // Inside the block, from column 8·block on: columns 1 … 6.
    vec inner[7];
    for (int k = 0; k < 7; k++) inner[k] = _mm512_setzero_si512();
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
#pragma clang loop unroll(full)
      for (int j = i + 1; j < 4; j++) {
        inner[i + j] = lo(inner[i + j], x.v[i], x.v[j]);
        inner[i + j + 1] = hi(inner[i + j + 1], x.v[i], x.v[j]);
      }
    }
    for (int k = 1; k < 4; k++) {
      store(row + k * LANES, _mm512_add_epi64(load(row + k * LANES), inner[k]));
    }
    for (int k = 4; k < 7; k++) columns[k - 4] = _mm512_add_epi64(columns[k - 4], inner[k]);
    for (int j = block + 1; j < TILES; j++) {
      urna_limb *target = t + 4 * (block + j) * LANES;
      if (j > block + 1) {
        for (int k = 0; k < 4; k++) {
          columns[k] = _mm512_add_epi64(columns[k], load(target + k * LANES));
        }
      }
      tile(columns, x, load_quad(a + 4 * j * LANES));
      store_quad(target, columns);
      roll(columns);
    }
    if (block + 1 < TILES) {
      store_quad(t + 4 * (block + TILES) * LANES, columns);
    } else {
      store_quad(row + 4 * LANES, columns);
    }
  }
}

TARGET void urna_vector_square(urna_limb *r, const urna_limb *a, const urna_limb *q) {
  urna_limb t[2 * LIMBS * LANES] __attribute__((aligned(64)));
  for (int k = 0; k < 2 * LIMBS; k++) store(t + k * LANES, _mm512_setzero_si512());
  cross_products(t, a);
  for (int k = 0; k < LIMBS; k++) {
    const vec x = load(a + k * LANES);
    urna_limb *pair = t + 2 * k * LANES;
    const vec even = _mm512_slli_epi64(load(pair), 1);
    const vec odd = _mm512_slli_epi64(load(pair + LANES), 1);
    store(pair, lo(even, x, x));
    store(pair + LANES, hi(odd, x, x));
  }
  urna_limb *low = t;
  for (int block = 0; block < TILES; block++, low += 4 * LANES) {
    vec columns[8];
    for (int k = 0; k < 4; k++) {
      columns[k] = load(low + k * LANES);
      columns[k + 4] = _mm512_setzero_si512();
    }
    const quad m = digits(columns);
    roll(columns);
    for (int j = 1; j < TILES; j++) {
      urna_limb *target = low + 4 * j * LANES;
      for (int k = 0; k < 4; k++) {
        columns[k] = _mm512_add_epi64(columns[k], load(target + k * LANES));
      }
      tile(columns, m, broadcast_quad(q + 4 * (j - 1)));
      store_quad(target, columns);
      roll(columns);
    }
    for (int k = 0; k < 4; k++) {
      urna_limb *target = low + (LIMBS + k) * LANES;
      store(target, _mm512_add_epi64(columns[k], load(target)));
    }
  }
  normalize(r, low);
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
