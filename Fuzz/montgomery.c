// SPDX-License-Identifier: Apache-2.0
// The functions of CMontgomery.h on operands that a fuzzer writes, beside GMP's plain integers.
//
// An input is: what to call, which modulus, then operands as runs of limbs. A byte says what a run
// holds and how long it is, so that a short input reaches long carries.

#include "reference.h"

static const uint8_t *bytes;
static size_t left;

static unsigned byte(void) {
  if (left == 0) return 0;
  left -= 1;
  return *bytes++;
}

static urna_limb eight_bytes(void) {
  urna_limb limb = 0;
  for (int k = 0; k < 8; k++) limb = limb << 8 | byte();
  return limb;
}

/// A number below `bound`.
static void operand(mpz_t r, const mpz_t bound, const modulus *m, const mpz_t other) {
  urna_limb limbs[VECTOR_ROW] = {0}, others[VECTOR_ROW] = {0};
  const unsigned how = byte();
  const bool is_short = how & 1; // limbs of 52 bits
  const size_t nails = is_short ? NAILS : 0;
  const size_t count = is_short ? VECTOR_ROW - 1 : ROW + 1;
  mpz_export(others, NULL, -1, 8, 0, nails, other);
  for (size_t k = 0; k < count;) {
    const unsigned run = byte();
    urna_limb limb = 0;
    switch (run % 8) {
    case 1: limb = ~0UL; break;
    case 2: limb = 1; break;
    case 3: limb = ~1UL; break;
    case 4: limb = 1UL << (is_short ? 51 : 63); break;
    case 5: limb = eight_bytes(); break;
    case 6: limb = byte(); break;
    default: break;
    }
    // A run that is not counted goes to the end, and so does an input that is used up.
    const size_t end = run / 8 == 0 ? count : k + run / 8;
    for (; k < end && k < count; k++) limbs[k] = run % 8 == 7 ? others[k] : limb;
  }
  mpz_import(r, count, -1, 8, 0, nails, limbs);
  mpz_tdiv_r_2exp(r, r, MULX_BITS + 1);
  if (how & 2) mpz_sub(r, m->p, r);
  if (how & 4) mpz_sub(r, m->twice, r);
  mpz_mod(r, r, bound);
}

static void demand(const char *wrong) {
  if (wrong == NULL) return;
  fprintf(stderr, "error: %s\n", wrong);
  abort();
}

static unsigned long mulx_calls, vector_calls, other_calls;

static void report(void) {
  fprintf(stderr, "inputs: %lu mulx, %lu vector, %lu others\n", mulx_calls, vector_calls, other_calls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static bool is_ready;
  static desk desks[2];
  static mpz_t a[LANES], b[LANES];
  if (!is_ready) {
    is_ready = true;
    atexit(report);
    random_state = 1; // two moduli and the tables come from here, the same in every run
    prepare();
    for (int k = 0; k < 2; k++) {
      desks[k] = make_desk(k != 0);
      random_limbs(desks[k].entries.limbs, desks[k].entries.count);
      random_limbs(desks[k].table.limbs, desks[k].table.count);
    }
    for (int k = 0; k < LANES; k++) mpz_inits(a[k], b[k], NULL);
    fprintf(stderr, "engines: %s %s\n", urna_mulx_available() ? "mulx" : "(no mulx)",
            urna_vector_available() ? "vector" : "(no vector)");
  }
  bytes = data;
  left = size;
  random_state = size;
  const unsigned what = byte();
  const desk *d = &desks[what & 1];
  const modulus *m = &moduli[byte() % MODULI];
  switch (what / 2 % 8) {
  case 0: case 1: case 2:
    if (!urna_mulx_available()) break;
    operand(a[0], m->p, m, m->p);
    operand(b[0], m->p, m, a[0]);
    mulx_calls += 1;
    demand(check_mulx(d, m, a[0], b[0]));
    break;
  case 3: case 4: case 5:
    if (!urna_vector_available()) break;
    for (int lane = 0; lane < LANES; lane++) {
      operand(a[lane], m->twice, m, lane == 0 ? m->p : a[lane - 1]);
      operand(b[lane], m->twice, m, a[lane]);
    }
    vector_calls += 1;
    demand(check_vector(d, m, a, b));
    break;
  case 6: {
    other_calls += 1;
    const unsigned long entries = 1 + byte() % MAX_ENTRIES;
    demand(check_select(d, entries, byte() % entries));
    break;
  }
  default: {
    if (!urna_vector_available()) break;
    other_calls += 1;
    const unsigned long groups = 1 + byte() % MAX_GROUPS;
    urna_limb digits[LANES];
    unsigned char lanes[LANES], choice[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      digits[lane] = byte() % (16 * groups);
      lanes[lane] = (unsigned char)(byte() % LANES);
      choice[lane] = (unsigned char)(byte() % 4);
    }
    demand(check_gather(d, lanes));
    demand(check_scatter(d));
    demand(check_choices(d, choice));
    demand(check_lookup(d, groups, digits));
  }
  }
  return 0;
}
