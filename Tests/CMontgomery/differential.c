// SPDX-License-Identifier: Apache-2.0
// Compares every function of CMontgomery.h with GMP's plain integers.
//
//   differential [--seed N] [COUNT]      COUNT random inputs per function (100000)

#include "reference.h"

static uint64_t seed = 1;
static unsigned long count = 100000;
static desk desks[2];
static mpz_t radix; // 2^4096

/// Reports the first failure with everything that repeats it.
static void demand(const char *wrong, unsigned long input, size_t number, mpz_t *a, mpz_t *b) {
  if (wrong == NULL) return;
  fprintf(stderr, "error: %s (seed %lu, input %lu)\n", wrong, (unsigned long)seed, input);
  for (size_t k = 0; k < number; k++) gmp_fprintf(stderr, "a = %Zx\nb = %Zx\n", a[k], b[k]);
  exit(1);
}

// Random numbers

static const urna_limb patterns[] = {0, ~0UL, 1, 1UL << 63, ~0UL - 1, ~0UL >> 1, 1UL << 51, 1UL << 52};

static urna_limb pattern(void) { return patterns[random_below(8)]; }

/// A number of up to 4097 bits, in one of several shapes, then below `bound`.
static void shape(mpz_t r, const mpz_t bound, const modulus *m) {
  urna_limb limbs[ROW + 1] = {0};
  // Runs end at limbs of 52 or of 64 bits.
  const bool short_limbs = random_below(2) != 0;
  const size_t nails = short_limbs ? NAILS : 0;
  const size_t used = ROW + 1; // 65 · 52 bits leave the top zero, and that is a shape as well
  urna_limb run = pattern();
  const unsigned kind = random_below(8), turns = 1 + random_below(12);
  for (size_t k = 0; k < used; k++) {
    switch (kind) {
    case 0: // limbs of one pattern, in long runs
      if (random_below(16) == 0) run = pattern();
      limbs[k] = run;
      break;
    case 1: // runs of patterns and of random limbs
      if (random_below(turns) == 0) run = random_below(3) ? pattern() : random_limb();
      limbs[k] = run;
      break;
    case 2: // few limbs that are not zero
      limbs[k] = random_below(16) == 0 ? random_limb() : 0;
      break;
    default: limbs[k] = random_limb();
    }
  }
  if (kind == 3) { // halves that are equal or nearly so
    memcpy(limbs + ROW / 2, limbs, ROW / 2 * sizeof *limbs);
    if (random_below(2)) limbs[random_below(ROW)] ^= 1UL << random_below(64);
  } else if (kind == 4) { // quarters
    for (size_t k = ROW / 4; k < ROW; k++) limbs[k] = limbs[k % (ROW / 4)];
    if (random_below(2)) limbs[random_below(ROW)] ^= 1UL << random_below(64);
  }
  limbs[ROW] &= 1;
  mpz_import(r, used, -1, 8, 0, kind < 3 ? nails : 0, limbs);
  if (kind == 5) { // close to 0, p, 2p or 2^4096
    mpz_tdiv_r_2exp(r, r, 1 + random_below(512));
    const unsigned place = random_below(4);
    if (place == 1) mpz_sub(r, m->p, r);
    if (place == 2) mpz_sub(r, m->twice, r);
    if (place == 3) mpz_add(r, m->p, r);
  }
  mpz_mod(r, r, bound);
}

/// Two numbers; now and then b is made so that a·b has a shape: the number that the reduction works
/// on in its low half, or the result.
static void shape_pair(mpz_t a, mpz_t b, const mpz_t bound, const modulus *m, mp_bitcnt_t bits) {
  shape(a, bound, m);
  shape(b, bound, m);
  const unsigned kind = random_below(64);
  if (kind == 0) {
    // The quotient's low 4096 bits become b: a·b = −b·p mod 2^4096.
    if (!mpz_invert(scratch_a, a, radix)) return;
    mpz_mul(b, b, m->p);
    mpz_neg(b, b);
    mpz_mul(b, b, scratch_a);
    mpz_tdiv_r_2exp(b, b, MULX_BITS);
    if (mpz_sgn(b) < 0) mpz_add(b, b, radix);
  } else if (kind == 1) {
    // The result becomes b.
    if (!mpz_invert(scratch_a, a, m->p)) return;
    mpz_mul_2exp(b, b, bits);
    mpz_mul(b, b, scratch_a);
  }
  mpz_mod(b, b, bound);
}

/// 0, 1, and what lies around p and the powers of two that the engines cut at.
enum { EDGES = 24 };

static void edges(mpz_t *r, const modulus *m) {
  for (int k = 0; k < EDGES; k++) mpz_set_ui(r[k], k < 3 ? (unsigned long)k : 1);
  static const mp_bitcnt_t powers[] = {52, 64, 208, 256, 512, 2048, 3840, 4095};
  for (int k = 0; k < 8; k++) {
    mpz_mul_2exp(r[3 + 2 * k], r[3 + 2 * k], powers[k]);
    mpz_sub_ui(r[4 + 2 * k], r[3 + 2 * k], 1);
  }
  mpz_sub_ui(r[19], m->p, 1);
  mpz_tdiv_q_2exp(r[20], m->p, 1);
  // Left to the vector engine, because they are not below p.
  mpz_set(r[21], m->p);
  mpz_add_ui(r[22], m->p, 1);
  mpz_sub_ui(r[23], m->twice, 1);
}
enum { EDGES_BELOW_P = 21 };

// The engines

static const modulus *any_modulus(void) {
  return &moduli[random_below(4) ? 0 : random_below(MODULI)];
}

static void test_mulx(mpz_t *a, mpz_t *b, mpz_t *edge) {
  for (int k = 0; k < 2 * MODULI; k++) {
    const modulus *m = &moduli[k / 2];
    edges(edge, m);
    for (int x = 0; x < EDGES_BELOW_P; x++) {
      for (int y = 0; y < EDGES_BELOW_P; y++) {
        demand(check_mulx(&desks[k & 1], m, edge[x], edge[y]), 0, 1, &edge[x], &edge[y]);
      }
    }
  }
  for (unsigned long input = 1; input <= count; input++) {
    const modulus *m = any_modulus();
    shape_pair(a[0], b[0], m->p, m, MULX_BITS);
    demand(check_mulx(&desks[input & 1], m, a[0], b[0]), input, 1, a, b);
  }
  printf("mulx: multiply and square agree on %lu inputs\n", count);
}

static void test_vector(mpz_t *a, mpz_t *b, mpz_t *edge) {
  for (int k = 0; k < 2 * MODULI; k++) {
    const modulus *m = &moduli[k / 2];
    edges(edge, m);
    for (int first = 0; first < EDGES * EDGES; first += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        mpz_set(a[lane], edge[(first + lane) / EDGES]);
        mpz_set(b[lane], edge[(first + lane) % EDGES]);
      }
      demand(check_vector(&desks[k & 1], m, a, b), 0, LANES, a, b);
    }
  }
  for (unsigned long input = 1; input <= count; input++) {
    const modulus *m = any_modulus();
    for (int lane = 0; lane < LANES; lane++) {
      shape_pair(a[lane], b[lane], m->twice, m, VECTOR_BITS);
    }
    demand(check_vector(&desks[input & 1], m, a, b), input, LANES, a, b);
  }
  printf("vector: multiply and square agree on %lu inputs of %d numbers\n", count, LANES);
}

static void test_vector_moves(void) {
  for (unsigned long input = 0; input < count; input++) {
    const desk *d = &desks[input & 1];
    unsigned char lanes[LANES], choice[LANES];
    urna_limb digits[LANES];
    const unsigned long groups = 1 + random_below(MAX_GROUPS);
    const unsigned repeated = random_below(4);
    // A table costs more than a look into it.
    if (input % 64 < 2) random_limbs(d->table.limbs, d->table.count);
    for (unsigned lane = 0; lane < LANES; lane++) {
      lanes[lane] = (unsigned char)(repeated ? lane : random_below(LANES));
      choice[lane] = (unsigned char)random_below(4);
      digits[lane] = random_below((unsigned)(16 * groups));
    }
    demand(check_gather(d, lanes), input, 0, NULL, NULL);
    demand(check_scatter(d), input, 0, NULL, NULL);
    demand(check_choices(d, choice), input, 0, NULL, NULL);
    demand(check_lookup(d, groups, digits), input, 0, NULL, NULL);
  }
  for (unsigned long groups = 1; groups <= MAX_GROUPS; groups++) {
    for (unsigned long digit = 0; digit < 16 * groups; digit++) {
      urna_limb digits[LANES];
      for (unsigned long lane = 0; lane < LANES; lane++) {
        digits[lane] = (digit + lane) % (16 * groups);
      }
      demand(check_lookup(&desks[digit & 1], groups, digits), digit, 0, NULL, NULL);
    }
  }
  printf("vector: gather, scatter, select and lookup agree on %lu inputs\n", count);
}

static void test_select(void) {
  for (int k = 0; k < 2; k++) random_limbs(desks[k].entries.limbs, desks[k].entries.count);
  for (unsigned long entries = 1; entries <= MAX_ENTRIES; entries *= 2) {
    for (unsigned long digit = 0; digit < entries; digit++) {
      demand(check_select(&desks[digit & 1], entries, digit), digit, 0, NULL, NULL);
    }
  }
  for (unsigned long input = 0; input < count; input++) {
    const desk *d = &desks[input & 1];
    if (input % 256 < 2) random_limbs(d->entries.limbs, d->entries.count);
    const unsigned entries = 1 + random_below(random_below(4) ? 64 : MAX_ENTRIES);
    demand(check_select(d, entries, random_below(entries)), input, 0, NULL, NULL);
  }
  printf("select: agrees on %lu inputs\n", count);
}

static unsigned long number(const char *text) {
  char *end;
  const unsigned long value = text == NULL ? 0 : strtoul(text, &end, 10);
  if (text == NULL || *text == 0 || *end != 0) {
    fprintf(stderr, "usage: differential [--seed N] [COUNT]\n");
    exit(2);
  }
  return value;
}

int main(int argc, char **argv) {
  for (int k = 1; k < argc; k++) {
    if (strcmp(argv[k], "--seed") == 0) {
      k += 1;
      seed = number(argv[k]);
    } else {
      count = number(argv[k]);
    }
  }
  printf("seed %lu\n", (unsigned long)seed);
  random_state = seed;
  prepare();
  for (int k = 0; k < 2; k++) desks[k] = make_desk(k != 0);
  mpz_init(radix);
  mpz_setbit(radix, MULX_BITS);
  static mpz_t a[LANES], b[LANES], edge[EDGES];
  for (int k = 0; k < LANES; k++) mpz_inits(a[k], b[k], NULL);
  for (int k = 0; k < EDGES; k++) mpz_init(edge[k]);

  test_select();
  if (urna_mulx_available()) {
    test_mulx(a, b, edge);
  } else {
    printf("mulx: skipped, because this processor lacks BMI2 or ADX\n");
  }
  if (urna_vector_available()) {
    test_vector_moves();
    test_vector(a, b, edge);
  } else {
    printf("vector: skipped, because this processor lacks AVX-512 IFMA\n");
  }
  return 0;
}
