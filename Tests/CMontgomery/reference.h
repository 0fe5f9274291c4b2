// SPDX-License-Identifier: Apache-2.0
// The functions of CMontgomery.h beside the same arithmetic in GMP's plain integers, for the
// differential test and the fuzz target. A check returns NULL, or what is wrong.
//
// Every operand lies against a page that cannot be read or written, once below and once above it:
// sanitizers do not see what assembly does, a page fault does.
#ifndef URNA_CMONTGOMERY_REFERENCE_H
#define URNA_CMONTGOMERY_REFERENCE_H

#include "CMontgomery.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <gmp.h> // after <stdio.h>, which it looks for

enum {
  ROW = URNA_ROW_LIMBS,
  LANES = URNA_VECTOR_LANES,
  VECTOR_ROW = URNA_VECTOR_LIMBS,
  BLOCK = URNA_VECTOR_LIMBS * URNA_VECTOR_LANES,
  FACTOR = URNA_VECTOR_LIMBS - 4, // limbs of q
  MULX_BITS = 64 * URNA_ROW_LIMBS,
  VECTOR_BITS = URNA_VECTOR_LIMB_BITS * URNA_VECTOR_LIMBS,
  NAILS = 64 - URNA_VECTOR_LIMB_BITS,
  MAX_GROUPS = 8,
  MAX_ENTRIES = 256,
  PAGE = 4096,
};

// ElectionGuard 2.1.0, 3.1.1.
static const char standard_p[] =
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
    "B17217F7D1CF79ABC9E3B39803F2F6AF40F343267298B62D8A0D175B8BAAFA2B"
    "E7B876206DEBAC98559552FB4AFA1B10ED2EAE35C138214427573B291169B825"
    "3E96CA16224AE8C51ACBDA11317C387EB9EA9BC3B136603B256FA0EC7657F74B"
    "72CE87B19D6548CAF5DFA6BD38303248655FA1872F20E3A2DA2D97C50F3FD5C6"
    "07F4CA11FB5BFB90610D30F88FE551A2EE569D6DFC1EFA157D2E23DE1400B396"
    "17460775DB8990E5C943E732B479CD33CCCC4E659393514C4C1A1E0BD1D6095D"
    "25669B333564A3376A9C7F8A5E148E82074DB6015CFE7AA30C480A5417350D2C"
    "955D5179B1E17B9DAE313CDB6C606CB1078F735D1B2DB31B5F50B5185064C18B"
    "4D162DB3B365853D7598A1951AE273EE5570B6C68F96983496D4E6D330AF889B"
    "44A02554731CDC8EA17293D1228A4EF98D6F5177FBCF0755268A5C1F9538B982"
    "61AFFD446B1CA3CF5E9222B88C66D3C5422183EDC99421090BBB16FAF3D949F2"
    "36E02B20CEE886B905C128D53D0BD2F9621363196AF503020060E49908391A0C"
    "57339BA2BEBA7D052AC5B61CC4E9207CEF2F0CE2D7373958D762265890445744"
    "FB5F2DA4B751005892D356890DEFE9CAD9B9D4B713E06162A2D8FDD0DF2FD608"
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";

// Random limbs

static uint64_t random_state;

/// SplitMix64.
static urna_limb random_limb(void) {
  uint64_t z = random_state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

static unsigned random_below(unsigned bound) { return (unsigned)(random_limb() % bound); }

static void random_limbs(urna_limb *limbs, size_t count) {
  for (size_t k = 0; k < count; k++) limbs[k] = random_limb();
}

// Memory between guards

typedef struct {
  urna_limb *limbs;
  size_t count;
  unsigned char *slack; // the rest of the pages, which nobody writes
  size_t slack_bytes;
  bool high; // against the guard above
} guarded;

static const unsigned char slack_byte = 0xA5;

/// Memory for `count` limbs that ends where a guard begins (`high`), or begins where one ends.
static guarded allocate(size_t count, bool high) {
  const size_t bytes = count * sizeof(urna_limb);
  const size_t inner = (bytes + PAGE - 1) / PAGE * PAGE;
  unsigned char *pages =
      mmap(NULL, inner + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || mprotect(pages + PAGE, inner, PROT_READ | PROT_WRITE) != 0) {
    perror("memory");
    exit(2);
  }
  unsigned char *start = pages + PAGE;
  memset(start, slack_byte, inner);
  guarded memory = {
      (urna_limb *)(void *)(high ? start + inner - bytes : start), count,
      high ? start : start + bytes, inner - bytes, high};
  return memory;
}

static bool is_intact(const guarded *memory) {
  for (size_t k = 0; k < memory->slack_bytes; k += sizeof(urna_limb)) {
    urna_limb limb;
    memcpy(&limb, memory->slack + k, sizeof limb);
    if (limb != 0xA5A5A5A5A5A5A5A5) return false;
  }
  return true;
}

static void copy(const guarded *to, const urna_limb *limbs) {
  memcpy(to->limbs, limbs, to->count * sizeof(urna_limb));
}

static bool holds(const guarded *memory, const urna_limb *limbs) {
  return memcmp(memory->limbs, limbs, memory->count * sizeof(urna_limb)) == 0;
}

/// Leaves nothing of an earlier result behind that a later one could be mistaken for.
static void spoil(const guarded *memory) {
  memset(memory->limbs, 0xC3, memory->count * sizeof(urna_limb));
}

/// Everything that the kernels read and write, on one side of the guards.
typedef struct {
  guarded p, a, b, r;                          // the single engine
  guarded q, blocks[3], rows[LANES], table, choices[4];  // the vector engine
  guarded entries;
} desk;

/// A smaller table inside one, still against the guard.
static const urna_limb *part(const guarded *memory, size_t count) {
  return memory->high ? memory->limbs + memory->count - count : memory->limbs;
}

static desk make_desk(bool high) {
  desk d;
  d.p = allocate(ROW, high);
  d.a = allocate(ROW, high);
  d.b = allocate(ROW, high);
  d.r = allocate(ROW, high);
  d.q = allocate(FACTOR, high);
  for (int k = 0; k < 3; k++) d.blocks[k] = allocate(BLOCK, high);
  for (int k = 0; k < 4; k++) d.choices[k] = allocate(BLOCK, high);
  for (int k = 0; k < LANES; k++) d.rows[k] = allocate(VECTOR_ROW, high);
  d.table = allocate((size_t)16 * MAX_GROUPS * VECTOR_ROW, high);
  d.entries = allocate((size_t)MAX_ENTRIES * ROW, high);
  return d;
}

// Numbers

typedef struct {
  mpz_t p, twice;
  urna_limb limbs[ROW], q[FACTOR];
} modulus;

/// Takes a number of 4096 bits whose lowest and highest 256 are ones.
static void set_modulus(modulus *m, const mpz_t p) {
  mpz_init_set(m->p, p);
  mpz_init(m->twice);
  mpz_mul_2exp(m->twice, p, 1);
  memset(m->limbs, 0, sizeof m->limbs);
  memset(m->q, 0, sizeof m->q);
  mpz_export(m->limbs, NULL, -1, 8, 0, 0, p);
  mpz_t q;
  mpz_init(q);
  mpz_add_ui(q, p, 1);
  mpz_tdiv_q_2exp(q, q, 4 * URNA_VECTOR_LIMB_BITS);
  mpz_export(m->q, NULL, -1, 8, 0, NAILS, q);
  mpz_clear(q);
}

/// The standard p, and others of the same shape: the middle all zeros, all ones, random.
enum { MODULI = 5 };
static modulus moduli[MODULI];
static mpz_t scratch_a, scratch_b;

static void prepare(void) {
  mpz_inits(scratch_a, scratch_b, NULL);
  mpz_t p, ends;
  mpz_inits(p, ends, NULL);
  mpz_set_str(p, standard_p, 16);
  set_modulus(&moduli[0], p);
  mpz_set_ui(ends, 1);
  mpz_mul_2exp(ends, ends, 256);
  mpz_sub_ui(ends, ends, 1);
  mpz_mul_2exp(p, ends, MULX_BITS - 256);
  mpz_add(ends, ends, p);
  set_modulus(&moduli[1], ends);
  mpz_set_ui(p, 1);
  mpz_mul_2exp(p, p, MULX_BITS);
  mpz_sub_ui(p, p, 1);
  set_modulus(&moduli[2], p);
  for (int k = 3; k < MODULI; k++) {
    urna_limb middle[ROW];
    random_limbs(middle, ROW);
    mpz_import(p, ROW, -1, 8, 0, 0, middle);
    mpz_ior(p, p, ends);
    set_modulus(&moduli[k], p);
  }
  mpz_clears(p, ends, NULL);
}

static void write_row(urna_limb *row, const mpz_t number) {
  memset(row, 0, ROW * sizeof *row);
  mpz_export(row, NULL, -1, 8, 0, 0, number);
}

static void write_lane(urna_limb *block, int lane, const mpz_t number) {
  urna_limb row[VECTOR_ROW] = {0};
  mpz_export(row, NULL, -1, 8, 0, NAILS, number);
  for (int k = 0; k < VECTOR_ROW; k++) block[LANES * k + lane] = row[k];
}

/// Whether r·2^bits = a·b mod p.
static bool is_product(
    const mpz_t r, const mpz_t a, const mpz_t b, mp_bitcnt_t bits, const modulus *m) {
  mpz_mul_2exp(scratch_a, r, bits);
  mpz_mul(scratch_b, a, b);
  return mpz_congruent_p(scratch_a, scratch_b, m->p) != 0;
}

// The single engine

static const char *wrong_row(
    const desk *d, const mpz_t a, const mpz_t b, const modulus *m, const char *what) {
  mpz_t r;
  const mpz_srcptr result = mpz_roinit_n(r, d->r.limbs, ROW);
  if (mpz_cmp(result, m->p) >= 0) return "mulx: a result is not below p";
  if (!is_product(result, a, b, MULX_BITS, m)) return what;
  return NULL;
}

/// Multiplies and squares numbers below p in every allowed way.
static const char *check_mulx(const desk *d, const modulus *m, const mpz_t a, const mpz_t b) {
  urna_limb x[ROW], y[ROW], product[ROW], square[ROW];
  const char *wrong;
  write_row(x, a);
  write_row(y, b);
  copy(&d->p, m->limbs);
  copy(&d->a, x);
  copy(&d->b, y);
  const urna_limb *p = d->p.limbs;
  urna_limb *r = d->r.limbs;

  spoil(&d->r);
  urna_mulx_multiply(r, d->a.limbs, d->b.limbs, p);
  if ((wrong = wrong_row(d, a, b, m, "mulx: a wrong product"))) return wrong;
  memcpy(product, r, sizeof product);
  spoil(&d->r);
  urna_mulx_square(r, d->a.limbs, p);
  if ((wrong = wrong_row(d, a, a, m, "mulx: a wrong square"))) return wrong;
  memcpy(square, r, sizeof square);
  spoil(&d->r);
  urna_mulx_multiply(r, d->a.limbs, d->a.limbs, p);
  if (!holds(&d->r, square)) return "mulx: a wrong product where a is b";
  if (!holds(&d->a, x) || !holds(&d->b, y)) return "mulx: an operand was written";

  copy(&d->r, x);
  urna_mulx_multiply(r, r, d->b.limbs, p);
  if (!holds(&d->r, product)) return "mulx: a wrong product where r is a";
  copy(&d->r, y);
  urna_mulx_multiply(r, d->a.limbs, r, p);
  if (!holds(&d->r, product)) return "mulx: a wrong product where r is b";
  copy(&d->r, x);
  urna_mulx_multiply(r, r, r, p);
  if (!holds(&d->r, square)) return "mulx: a wrong product where r is a and b";
  copy(&d->r, x);
  urna_mulx_square(r, r, p);
  if (!holds(&d->r, square)) return "mulx: a wrong square where r is a";

  if (!holds(&d->a, x) || !holds(&d->b, y) || !holds(&d->p, m->limbs)) {
    return "mulx: an operand was written";
  }
  if (!is_intact(&d->r) || !is_intact(&d->a) || !is_intact(&d->b) || !is_intact(&d->p)) {
    return "mulx: memory beside an operand was written";
  }
  return NULL;
}

/// An entry of a table of random limbs.
static const char *check_select(const desk *d, unsigned long entries, urna_limb digit) {
  const urna_limb *table = part(&d->entries, entries * ROW);
  spoil(&d->r);
  urna_select(d->r.limbs, table, entries, digit);
  if (!holds(&d->r, table + digit * ROW)) return "select: another entry";
  if (!is_intact(&d->r)) return "select: memory beside the result was written";
  return NULL;
}

// The vector engine

static const char *wrong_block(
    const urna_limb *block, mpz_t *const a, mpz_t *const b, const modulus *m, const char *what) {
  const char *wrong = NULL;
  mpz_t r;
  mpz_init(r);
  for (int lane = 0; lane < LANES && wrong == NULL; lane++) {
    urna_limb row[VECTOR_ROW];
    for (int k = 0; k < VECTOR_ROW; k++) {
      row[k] = block[LANES * k + lane];
      if (row[k] > URNA_VECTOR_MASK) wrong = "vector: a limb of 2^52 or more";
    }
    mpz_import(r, VECTOR_ROW, -1, 8, 0, NAILS, row);
    if (wrong != NULL) break;
    if (mpz_cmp(r, m->twice) >= 0) wrong = "vector: a result is not below 2p";
    else if (!is_product(r, a[lane], b[lane], VECTOR_BITS, m)) wrong = what;
  }
  mpz_clear(r);
  return wrong;
}

/// Multiplies and squares eight numbers below 2p in every allowed way.
static const char *check_vector(
    const desk *d, const modulus *m, mpz_t a[LANES], mpz_t b[LANES]) {
  urna_limb x[BLOCK], y[BLOCK], product[BLOCK], square[BLOCK];
  const char *wrong;
  for (int lane = 0; lane < LANES; lane++) {
    write_lane(x, lane, a[lane]);
    write_lane(y, lane, b[lane]);
  }
  const guarded *first = &d->blocks[0], *second = &d->blocks[1], *result = &d->blocks[2];
  copy(&d->q, m->q);
  copy(first, x);
  copy(second, y);
  const urna_limb *q = d->q.limbs;
  urna_limb *r = result->limbs;

  spoil(result);
  urna_vector_multiply(r, first->limbs, second->limbs, q);
  if ((wrong = wrong_block(r, a, b, m, "vector: a wrong product"))) return wrong;
  memcpy(product, r, sizeof product);
  spoil(result);
  urna_vector_square(r, first->limbs, q);
  if ((wrong = wrong_block(r, a, a, m, "vector: a wrong square"))) return wrong;
  memcpy(square, r, sizeof square);
  spoil(result);
  urna_vector_multiply(r, first->limbs, first->limbs, q);
  // The product may be the other number below 2p, and is then that one below.
  urna_limb twin[BLOCK];
  memcpy(twin, r, sizeof twin);
  if (memcmp(twin, square, sizeof twin) != 0 &&
      (wrong = wrong_block(r, a, a, m, "vector: a wrong product where a is b"))) {
    return wrong;
  }
  if (!holds(first, x) || !holds(second, y)) return "vector: an operand was written";

  copy(result, x);
  urna_vector_multiply(r, r, second->limbs, q);
  if (!holds(result, product)) return "vector: a wrong product where r is a";
  copy(result, y);
  urna_vector_multiply(r, first->limbs, r, q);
  if (!holds(result, product)) return "vector: a wrong product where r is b";
  copy(result, x);
  urna_vector_multiply(r, r, r, q);
  if (!holds(result, twin)) return "vector: a wrong product where r is a and b";
  copy(result, x);
  urna_vector_square(r, r, q);
  if (!holds(result, square)) return "vector: a wrong square where r is a";

  if (!holds(first, x) || !holds(second, y) || !holds(&d->q, m->q)) {
    return "vector: an operand was written";
  }
  if (!is_intact(first) || !is_intact(second) || !is_intact(result) || !is_intact(&d->q)) {
    return "vector: memory beside an operand was written";
  }
  return NULL;
}

/// Rows to a block and back; the same row may stand in several lanes.
static const char *check_gather(const desk *d, const unsigned char rows_of_lanes[LANES]) {
  urna_limb *rows[LANES];
  const guarded *block = &d->blocks[2];
  for (int lane = 0; lane < LANES; lane++) {
    random_limbs(d->rows[lane].limbs, VECTOR_ROW);
    rows[lane] = d->rows[rows_of_lanes[lane] % LANES].limbs;
  }
  spoil(block);
  urna_vector_gather(block->limbs, rows);
  for (int lane = 0; lane < LANES; lane++) {
    for (int k = 0; k < VECTOR_ROW; k++) {
      if (block->limbs[LANES * k + lane] != rows[lane][k]) return "gather: another limb";
    }
  }
  return is_intact(block) ? NULL : "gather: memory beside the result was written";
}

static const char *check_scatter(const desk *d) {
  urna_limb *rows[LANES];
  const guarded *block = &d->blocks[2];
  random_limbs(block->limbs, BLOCK);
  for (int lane = 0; lane < LANES; lane++) {
    spoil(&d->rows[lane]);
    rows[lane] = d->rows[lane].limbs;
  }
  urna_vector_scatter(rows, block->limbs);
  for (int lane = 0; lane < LANES; lane++) {
    for (int k = 0; k < VECTOR_ROW; k++) {
      if (block->limbs[LANES * k + lane] != rows[lane][k]) return "scatter: another limb";
    }
    if (!is_intact(&d->rows[lane])) return "scatter: memory beside a row was written";
  }
  return NULL;
}

static const char *check_choices(const desk *d, const unsigned char choice[LANES]) {
  const urna_limb *choices[4];
  const guarded *result = &d->blocks[2];
  for (int k = 0; k < 4; k++) {
    random_limbs(d->choices[k].limbs, BLOCK);
    choices[k] = d->choices[k].limbs;
  }
  spoil(result);
  urna_vector_select(result->limbs, choices, choice);
  for (int k = 0; k < BLOCK; k++) {
    if (result->limbs[k] != choices[choice[k % LANES]][k]) return "vector select: another limb";
  }
  return is_intact(result) ? NULL : "vector select: memory beside the result was written";
}

/// Entries of a table of random limbs.
static const char *check_lookup(
    const desk *d, unsigned long groups, const urna_limb digits[LANES]) {
  const size_t entries = 16 * groups;
  const urna_limb *table = part(&d->table, entries * VECTOR_ROW);
  const guarded *result = &d->blocks[2];
  spoil(result);
  urna_vector_lookup(result->limbs, table, groups, digits);
  for (int k = 0; k < VECTOR_ROW; k++) {
    for (int lane = 0; lane < LANES; lane++) {
      if (result->limbs[LANES * k + lane] != table[entries * (size_t)k + digits[lane]]) {
        return "lookup: another entry";
      }
    }
  }
  return is_intact(result) ? NULL : "lookup: memory beside the result was written";
}

#endif
