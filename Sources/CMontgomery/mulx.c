// SPDX-License-Identifier: Apache-2.0
#include "CMontgomery.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <string.h>

bool urna_mulx_available(void) {
  unsigned int a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    return 0;
  }
  const unsigned int bmi2 = 1U << 8, adx = 1U << 19;
  return (b & bmi2) != 0 && (b & adx) != 0;
}

enum { limbs = 64, half = 32, block = 8 };

/* The short operand of `slide`, with the values that enter and leave it. */
struct strip {
  urna_limb digit[block];
  urna_limb start[block];
  urna_limb rounds; /* counted down to zero by `slide` */
  urna_limb carry;
};

struct scratch {
  urna_limb product[2 * limbs];
  urna_limb middle[limbs];
  urna_limb left[half];
  urna_limb right[half];
  struct strip strip;
};

/* One limb of the long operand times the eight limbs of the strip. The registers A..H hold
   the eight lowest limbs not yet written; A is finished here and comes back as the highest.
   (B^8 - 1) + (B - 1) + (B^8 - 1)(B - 1) = B^9 - 1, so the last limb never overflows. */
#define DEFINE_STEP                                                                           \
  ".macro urna_step o, a, b, c, d, e, f, g, h\n"                                              \
  "movq \\o(%%rsi), %%rdx\n"                                                                  \
  "xorl %%eax, %%eax\n" /* clears both carry flags */                                         \
  "mulxq (%%rcx), %%rax, %%rbx\n"                                                             \
  "adoxq \\o(%%rdi), %%r\\a\n"                                                                \
  "adcxq %%rax, %%r\\a\n"                                                                     \
  "movq %%r\\a, \\o(%%rdi)\n"                                                                 \
  "adoxq %%rbx, %%r\\b\n"                                                                     \
  COLUMN("8", "b", "c") COLUMN("16", "c", "d") COLUMN("24", "d", "e")                         \
  COLUMN("32", "e", "f") COLUMN("40", "f", "g") COLUMN("48", "g", "h")                        \
  "mulxq 56(%%rcx), %%rax, %%r\\a\n"                                                          \
  "adcxq %%rax, %%r\\h\n"                                                                     \
  "movl $0, %%eax\n"                                                                          \
  "adcxq %%rax, %%r\\a\n"                                                                     \
  "adoxq %%rax, %%r\\a\n"                                                                     \
  ".endm\n"
#define COLUMN(offset, low, high)                                                             \
  "mulxq " offset "(%%rcx), %%rax, %%rbx\n"                                                   \
  "adcxq %%rax, %%r\\" low "\n"                                                               \
  "adoxq %%rbx, %%r\\" high "\n"

/* sum[0 ..< 8 n + 8] += start + long * digit, where long has n = rounds times eight limbs.
   The old carry enters at limb 8 n, the new carry leaves above limb 8 n + 7. */
__attribute__((noinline)) static void slide(urna_limb *sum, const urna_limb *longer, struct strip *strip) {
  __asm__ volatile(
    DEFINE_STEP
    "movq 64(%%rcx), %%r8\n"
    "movq 72(%%rcx), %%r9\n"
    "movq 80(%%rcx), %%r10\n"
    "movq 88(%%rcx), %%r11\n"
    "movq 96(%%rcx), %%r12\n"
    "movq 104(%%rcx), %%r13\n"
    "movq 112(%%rcx), %%r14\n"
    "movq 120(%%rcx), %%r15\n"
    ".p2align 5\n"
    "1:\n"
    "urna_step 0, 8, 9, 10, 11, 12, 13, 14, 15\n"
    "urna_step 8, 9, 10, 11, 12, 13, 14, 15, 8\n"
    "urna_step 16, 10, 11, 12, 13, 14, 15, 8, 9\n"
    "urna_step 24, 11, 12, 13, 14, 15, 8, 9, 10\n"
    "urna_step 32, 12, 13, 14, 15, 8, 9, 10, 11\n"
    "urna_step 40, 13, 14, 15, 8, 9, 10, 11, 12\n"
    "urna_step 48, 14, 15, 8, 9, 10, 11, 12, 13\n"
    "urna_step 56, 15, 8, 9, 10, 11, 12, 13, 14\n"
    "leaq 64(%%rsi), %%rsi\n"
    "leaq 64(%%rdi), %%rdi\n"
    "decq 128(%%rcx)\n"
    "jnz 1b\n"
    "xorl %%eax, %%eax\n"
    "subq 136(%%rcx), %%rax\n" /* the old carry as the carry flag */
    "adcq %%r8, (%%rdi)\n"
    "adcq %%r9, 8(%%rdi)\n"
    "adcq %%r10, 16(%%rdi)\n"
    "adcq %%r11, 24(%%rdi)\n"
    "adcq %%r12, 32(%%rdi)\n"
    "adcq %%r13, 40(%%rdi)\n"
    "adcq %%r14, 48(%%rdi)\n"
    "adcq %%r15, 56(%%rdi)\n"
    "movl $0, %%eax\n"
    "adcq $0, %%rax\n"
    "movq %%rax, 136(%%rcx)\n"
    ".purgem urna_step\n"
    : "+&D"(sum), "+&S"(longer)
    : "c"(strip)
    : "rax", "rbx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory");
}

/* r = a + (b ^ mask) + carry over 8 n limbs; returns the carry out. */
static inline urna_limb add(
  urna_limb *r, const urna_limb *a, const urna_limb *b, urna_limb mask, urna_limb carry, long n) {
#define LIMB(O, T)                                                                            \
  "adcq " O "(%[a]), " T "\n"                                                               \
  "movq " T ", " O "(%[r])\n"
#define FLIP(O, T)                                                                            \
  "movq " O "(%[b]), " T "\n"                                                               \
  "xorq %[mask], " T "\n"
  __asm__ volatile(
    "negq %[c]\n"
    "1:\n"
    FLIP("0", "%%r8") FLIP("8", "%%r9") FLIP("16", "%%r10") FLIP("24", "%%r11")
    "addq %[c], %[c]\n"
    LIMB("0", "%%r8") LIMB("8", "%%r9") LIMB("16", "%%r10") LIMB("24", "%%r11")
    "sbbq %[c], %[c]\n"
    FLIP("32", "%%r8") FLIP("40", "%%r9") FLIP("48", "%%r10") FLIP("56", "%%r11")
    "addq %[c], %[c]\n"
    LIMB("32", "%%r8") LIMB("40", "%%r9") LIMB("48", "%%r10") LIMB("56", "%%r11")
    "sbbq %[c], %[c]\n"
    "leaq 64(%[a]), %[a]\n"
    "leaq 64(%[b]), %[b]\n"
    "leaq 64(%[r]), %[r]\n"
    "decq %[n]\n"
    "jnz 1b\n"
    "negq %[c]\n"
    : [r] "+&r"(r), [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(carry), [n] "+&r"(n)
    : [mask] "r"(mask)
    : "r8", "r9", "r10", "r11", "cc", "memory");
  return carry;
}

static const urna_limb zero[limbs];

/* r = |a - b| over 32 limbs; returns all ones if a < b, else 0. */
static inline urna_limb distance(urna_limb *r, const urna_limb *a, const urna_limb *b) {
  const urna_limb carry = add(r, a, b, ~0UL, 1, half / block);
  const urna_limb mask = carry - 1;
  (void)add(r, zero, r, mask, mask & 1, half / block);
  return mask;
}

static inline void load(struct strip *strip, const urna_limb *digit, urna_limb rounds) {
  memcpy(strip->digit, digit, sizeof strip->digit);
  strip->rounds = rounds;
}

/* r[0 ..< 64] = a[0 ..< 32] * b[0 ..< 32] */
static void multiply_half(
  urna_limb *r, const urna_limb *a, const urna_limb *b, struct strip *strip) {
  memset(r, 0, limbs * sizeof *r);
  for (int i = 0; i < half; i += block) {
    load(strip, a + i, half / block);
    slide(r + i, b, strip);
  }
}

/* Karatsuba: product += (low + high -+ middle) * 2^2048, where low and high are the two
   halves of product. `mask` is all ones to subtract the middle, 0 to add it. */
static void combine(struct scratch *s, urna_limb mask) {
  urna_limb *t = s->product;
  urna_limb *h = s->left;
  const urna_limb c = add(h, t + 32, t + 64, 0, 0, 4);
  urna_limb k = add(t + 32, t, h, 0, 0, 4);
  k = add(t + 64, t + 96, h, 0, k + 0, 4);
  k += c;
  /* carry c also belongs at limb 64 */
  s->right[0] = c;
  memset(s->right + 1, 0, 31 * sizeof *s->right);
  k += add(t + 64, t + 64, s->right, 0, 0, 4);
  k += add(t + 32, t + 32, s->middle, mask, mask & 1, 8);
  k -= mask & 1;
  s->right[0] = k;
  (void)add(t + 96, t + 96, s->right, 0, 0, 4);
}

static void reduce(urna_limb *r, struct scratch *s, const urna_limb *p) {
  __extension__ typedef unsigned __int128 wide;
  struct strip *strip = &s->strip;
  urna_limb top = 0;
  for (int i = 0; i < limbs; i += block) {
    urna_limb *t = s->product + i;
    /* q = t * -p^-1 mod 2^512 = t + 2^256 * t * (p / 2^256 + 1) */
    urna_limb q[8];
    memcpy(q, t, sizeof q);
    urna_limb k = 0;
    for (int j = 0; j < 4; j++) { wide w = (wide)q[4 + j] + t[j] + k; q[4 + j] = (urna_limb)w; k = (urna_limb)(w >> 64); }
    for (int x = 0; x < 4; x++) {
      k = 0;
      for (int y = 0; x + y < 4; y++) {
        wide w = (wide)t[x] * p[4 + y] + q[4 + x + y] + k;
        q[4 + x + y] = (urna_limb)w; k = (urna_limb)(w >> 64);
      }
    }
    load(strip, q, 7);
    memcpy(strip->start, q, sizeof q);
    strip->carry = 0;
    slide(t + 4, p + 4, strip);
    urna_limb c[12] = {0};
    c[8] = strip->carry;
    /* tail */
    urna_limb b = 0; urna_limb cc = 0;
    for (int j = 0; j < 12; j++) {
      wide w = (wide)t[60 + j] + c[j] + cc + (j >= 4 ? q[j - 4] : 0) + (j == 4 ? top : 0);
      cc = (urna_limb)(w >> 64);
      urna_limb v = (urna_limb)w;
      wide u = (wide)v - (j < 8 ? q[j] : 0) - b;
      b = (urna_limb)(u >> 64) & 1;
      t[60 + j] = (urna_limb)u;
    }
    top = cc - b;
  }
  const urna_limb *x = s->product + limbs;
  const urna_limb keep = top - (1 - add(s->middle, x, p, ~0UL, 1, 8));
  const urna_limb mask = 0 - (keep >> 63);
  for (int i = 0; i < limbs; i++) {
    r[i] = (x[i] & mask) | (s->middle[i] & ~mask);
  }
}

static inline void wipe(struct scratch *s) {
  memset(s, 0, sizeof *s);
  __asm__ volatile("" : : "r"(s) : "memory");
}

void urna_mulx_multiply(
  urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *p) {
  struct scratch s;
  memset(s.strip.start, 0, sizeof s.strip.start);
  s.strip.carry = 0;
  const urna_limb mask = ~(distance(s.left, a, a + half) ^ distance(s.right, b, b + half));
  multiply_half(s.middle, s.left, s.right, &s.strip);
  multiply_half(s.product, a, b, &s.strip);
  multiply_half(s.product + limbs, a + half, b + half, &s.strip);
  combine(&s, mask);
  reduce(r, &s, p);
  wipe(&s);
}

void urna_mulx_square(urna_limb *r, const urna_limb *a, const urna_limb *p) {
  urna_mulx_multiply(r, a, a, p);
}

#else

bool urna_mulx_available(void) {
  return 0;
}

#endif
