// SPDX-License-Identifier: Apache-2.0
// One number at a time with MULX, ADCX and ADOX.

#include "CMontgomery.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stddef.h>
#include <string.h>

bool urna_mulx_available(void) {
  unsigned int a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const unsigned int bmi2 = 1U << 8, adx = 1U << 19;
  return (b & bmi2) != 0 && (b & adx) != 0;
}

enum { limbs = 64, half = 32, smallest = 16, block = 8 };

/* The short operand of `slide`, with the values that enter and leave it. */
struct strip {
  urna_limb digit[block];
  urna_limb start[block];
  urna_limb rounds; /* counted down to zero by `slide` */
  urna_limb carry;
  urna_limb zero;
  urna_limb top;
};
_Static_assert(
  offsetof(struct strip, start) == 64 && offsetof(struct strip, rounds) == 128
    && offsetof(struct strip, carry) == 136 && offsetof(struct strip, zero) == 144
    && offsetof(struct strip, top) == 152,
  "the assembly uses these offsets");

struct scratch {
  urna_limb product[2 * limbs];
  urna_limb work[3 * limbs];
  struct strip strip;
};

/* The same operation between r8 ... r15 and eight limbs of memory. */
#define FROM(OP, O, P)                                                                        \
  OP " " O "+0(" P "), %%r8\n" OP " " O "+8(" P "), %%r9\n"                                   \
  OP " " O "+16(" P "), %%r10\n" OP " " O "+24(" P "), %%r11\n"                               \
  OP " " O "+32(" P "), %%r12\n" OP " " O "+40(" P "), %%r13\n"                               \
  OP " " O "+48(" P "), %%r14\n" OP " " O "+56(" P "), %%r15\n"
#define INTO(OP, O, P)                                                                        \
  OP " %%r8, " O "+0(" P ")\n" OP " %%r9, " O "+8(" P ")\n"                                   \
  OP " %%r10, " O "+16(" P ")\n" OP " %%r11, " O "+24(" P ")\n"                               \
  OP " %%r12, " O "+32(" P ")\n" OP " %%r13, " O "+40(" P ")\n"                               \
  OP " %%r14, " O "+48(" P ")\n" OP " %%r15, " O "+56(" P ")\n"

/* One limb of the long operand times the eight limbs of the strip. The registers A..H hold
   the eight lowest limbs not yet written; A is finished here and comes back as the highest.
   (B^8 - 1) + (B - 1) + (B^8 - 1)(B - 1) = B^9 - 1, so the last limb never overflows. */
#define DEFINE_STEP                                                                           \
  ".macro urna_step o, a, b, c, d, e, f, g, h\n"                                              \
  "movq \\o(%%rsi), %%rdx\n"                                                                  \
  "testl %%eax, %%eax\n" /* clears both carry flags */                                        \
  "mulxq (%%rcx), %%rax, %%rbx\n"                                                             \
  "adcxq \\o(%%rdi), %%r\\a\n"                                                                \
  "adoxq %%rax, %%r\\a\n"                                                                     \
  "movq %%r\\a, \\o(%%rdi)\n"                                                                 \
  "adcxq %%rbx, %%r\\b\n"                                                                     \
  COLUMN("8", "b", "c") COLUMN("16", "c", "d") COLUMN("24", "d", "e")                         \
  COLUMN("32", "e", "f") COLUMN("40", "f", "g") COLUMN("48", "g", "h")                        \
  "mulxq 56(%%rcx), %%rax, %%r\\a\n"                                                          \
  "adoxq %%rax, %%r\\h\n"                                                                     \
  "adoxq 144(%%rcx), %%r\\a\n"                                                                \
  "adcq $0, %%r\\a\n"                                                                         \
  ".endm\n"
#define COLUMN(offset, low, high)                                                             \
  "mulxq " offset "(%%rcx), %%rax, %%rbx\n"                                                   \
  "adoxq %%rax, %%r\\" low "\n"                                                               \
  "adcxq %%rbx, %%r\\" high "\n"

/* sum[0 ..< 8 n + 8] += start + long * digit, where long has n = rounds times eight limbs.
   The old carry enters at limb 8 n, the new carry leaves above limb 8 n + 7. */
__attribute__((noinline)) static void slide(
  urna_limb *sum, const urna_limb *longer, struct strip *strip) {
  __asm__ volatile(
    DEFINE_STEP
    FROM("movq", "64", "%%rcx")
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
    INTO("adcq", "0", "%%rdi")
    "movl $0, %%eax\n"
    "adcq $0, %%rax\n"
    "movq %%rax, 136(%%rcx)\n"
    ".purgem urna_step\n"
    : "+&D"(sum), "+&S"(longer)
    : "c"(strip)
    : "rax", "rbx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory");
}

/* r = a + (b ^ mask) + carry over 8 n limbs, n > 0; returns the carry out. */
static inline urna_limb add(
  urna_limb *r, const urna_limb *a, const urna_limb *b, urna_limb mask, urna_limb carry, long n) {
#define LIMB(O, T)                                                                            \
  "adcq " O "(%[a]), " T "\n"                                                                 \
  "movq " T ", " O "(%[r])\n"
#define FLIP(O, T)                                                                            \
  "movq " O "(%[b]), " T "\n"                                                                 \
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

static const urna_limb zero[half];

/* r = |a - b| over n limbs; returns all ones if a < b, else 0. */
static inline urna_limb distance(urna_limb *r, const urna_limb *a, const urna_limb *b, int n) {
  const urna_limb carry = add(r, a, b, ~0UL, 1, n / block);
  const urna_limb mask = carry - 1;
  (void)add(r, zero, r, mask, mask & 1, n / block);
  return mask;
}

static inline void load(struct strip *strip, const urna_limb *digit, urna_limb rounds) {
  memcpy(strip->digit, digit, sizeof strip->digit);
  strip->rounds = rounds;
}

/* r[0 ..< 16] = the sum of a[i] a[j] 2^(64 (i + j)) over i < j < 8. A product with weight n
   is in register r8 + n % 8. */
static inline void triangle(urna_limb *r, const urna_limb *a) {
#define ROW(O) "movq " O "(%%rsi), %%rdx\n"                                                   \
  "testl %%eax, %%eax\n"
#define TERM(O, A, B)                                                                         \
  "mulxq " O "(%%rsi), %%rax, %%rbx\n"                                                        \
  "adcxq %%rax, %%r" A "\n"                                                                   \
  "adoxq %%rbx, %%r" B "\n"
#define END(A, B, X, O, Y, P)                                                                 \
  "mulxq 56(%%rsi), %%rax, %%r" B "\n"                                                        \
  "adcxq %%rax, %%r" A "\n"                                                                   \
  "movl $0, %%eax\n"                                                                          \
  "adoxq %%rax, %%r" B "\n"                                                                   \
  "adcq $0, %%r" B "\n"                                                                       \
  "movq %%r" X ", " O "(%%rdi)\n"                                                             \
  "movq %%r" Y ", " P "(%%rdi)\n"
  __asm__ volatile(
    "movq $0, (%%rdi)\n" "movq $0, 120(%%rdi)\n"
    ROW("0")
    "mulxq 8(%%rsi), %%r9, %%r10\n" "mulxq 16(%%rsi), %%rax, %%r11\n"
    "adcxq %%rax, %%r10\n" "mulxq 24(%%rsi), %%rax, %%r12\n"
    "adcxq %%rax, %%r11\n" "mulxq 32(%%rsi), %%rax, %%r13\n"
    "adcxq %%rax, %%r12\n" "mulxq 40(%%rsi), %%rax, %%r14\n"
    "adcxq %%rax, %%r13\n" "mulxq 48(%%rsi), %%rax, %%r15\n"
    "adcxq %%rax, %%r14\n"
    END("15", "8", "9", "8", "10", "16")
    ROW("8") TERM("16", "11", "12") TERM("24", "12", "13") TERM("32", "13", "14")
    TERM("40", "14", "15") TERM("48", "15", "8") END("8", "9", "11", "24", "12", "32")
    ROW("16") TERM("24", "13", "14") TERM("32", "14", "15") TERM("40", "15", "8")
    TERM("48", "8", "9") END("9", "10", "13", "40", "14", "48")
    ROW("24") TERM("32", "15", "8") TERM("40", "8", "9") TERM("48", "9", "10")
    END("10", "11", "15", "56", "8", "64")
    ROW("32") TERM("40", "9", "10") TERM("48", "10", "11") END("11", "12", "9", "72", "10", "80")
    ROW("40") TERM("48", "11", "12") END("12", "13", "11", "88", "12", "96")
    ROW("48") END("13", "14", "13", "104", "14", "112")
    :
    : "D"(r), "S"(a)
    : "rax", "rbx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory");
}

/* r[0 ..< 64] = a[0 ..< 32]^2: mixed products once, then doubled, and the squares added */
static void square_half(urna_limb *r, const urna_limb *a, struct strip *strip) {
  for (int i = 0; i < half; i += block) {
    triangle(r + 2 * i, a + i);
  }
  for (int i = 0; i < half - block; i += block) {
    load(strip, a + i, (urna_limb)(half / block - 1 - i / block));
    slide(r + 2 * i + block, a + i + block, strip);
  }
  (void)add(r + 56, r + 56, zero, 0, strip->carry, 1);
  strip->carry = 0;
  __asm__ volatile(
    "testl %%eax, %%eax\n"
    ".irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, "
    "23, 24, 25, 26, 27, 28, 29, 30, 31\n"
    "movq 8*\\i(%%rsi), %%rdx\n"
    "mulxq %%rdx, %%rax, %%rbx\n"
    "movq 16*\\i(%%rdi), %%r8\n"
    "movq 16*\\i+8(%%rdi), %%r9\n"
    "adcxq %%r8, %%r8\n"
    "adcxq %%r9, %%r9\n"
    "adoxq %%rax, %%r8\n"
    "adoxq %%rbx, %%r9\n"
    "movq %%r8, 16*\\i(%%rdi)\n"
    "movq %%r9, 16*\\i+8(%%rdi)\n"
    ".endr\n"
    :
    : "D"(r), "S"(a)
    : "rax", "rbx", "rdx", "r8", "r9", "cc", "memory");
}

/* r += x + y + (z ^ mask) over 8 n limbs. The three carries come and go as 0 or -1. */
static inline void add_three(
  urna_limb *r, const urna_limb *x, const urna_limb *y, const urna_limb *z, urna_limb mask,
  urna_limb carry[3], long n) {
#define CHAIN(K, P, O)                                                                        \
  "addq %[" K "], %[" K "]\n"                                                                 \
  "adcq " O "+0(%[" P "]), %%r8\n" "adcq " O "+8(%[" P "]), %%r9\n"                           \
  "adcq " O "+16(%[" P "]), %%r10\n" "adcq " O "+24(%[" P "]), %%r11\n"                       \
  "sbbq %[" K "], %[" K "]\n"
#define QUARTER(O)                                                                            \
  "movq " O "+0(%[z]), %%r8\n" "movq " O "+8(%[z]), %%r9\n"                                   \
  "movq " O "+16(%[z]), %%r10\n" "movq " O "+24(%[z]), %%r11\n"                               \
  "xorq %[mask], %%r8\n" "xorq %[mask], %%r9\n"                                               \
  "xorq %[mask], %%r10\n" "xorq %[mask], %%r11\n"                                             \
  CHAIN("i", "r", O) CHAIN("j", "x", O) CHAIN("k", "y", O)                                    \
  "movq %%r8, " O "+0(%[r])\n" "movq %%r9, " O "+8(%[r])\n"                                   \
  "movq %%r10, " O "+16(%[r])\n" "movq %%r11, " O "+24(%[r])\n"
  urna_limb i = carry[0], j = carry[1], k = carry[2];
  __asm__ volatile(
    "1:\n" QUARTER("0") QUARTER("32")
    "leaq 64(%[r]), %[r]\n"
    "leaq 64(%[x]), %[x]\n"
    "leaq 64(%[y]), %[y]\n"
    "leaq 64(%[z]), %[z]\n"
    "decq %[n]\n"
    "jnz 1b\n"
    : [r] "+&r"(r), [x] "+&r"(x), [y] "+&r"(y), [z] "+&r"(z), [n] "+&r"(n), [i] "+&r"(i),
      [j] "+&r"(j), [k] "+&r"(k)
    : [mask] "r"(mask)
    : "r8", "r9", "r10", "r11", "cc", "memory");
  carry[0] = i;
  carry[1] = j;
  carry[2] = k;
}

/* Karatsuba: t[n ...] += low + high -+ middle, where low and high are the 2 n limbs at t and
   at t + 2 n. `mask` is all ones to subtract the middle, 0 to add it; `copy` has n limbs. */
static inline void combine(
  urna_limb *t, urna_limb *middle, urna_limb *copy, urna_limb mask, int n) {
  urna_limb carry[3] = {mask, 0, 0};
  memcpy(copy, t + n, (size_t)n * sizeof *copy);
  add_three(t + n, t, t + 2 * n, middle, mask, carry, n / block);
  add_three(t + 2 * n, t + 3 * n, copy, middle + n, mask, carry, n / block);
  memset(copy, 0, (size_t)n * sizeof *copy);
  copy[0] = mask - carry[0] - carry[1] - carry[2];
  (void)add(t + 3 * n, t + 3 * n, copy, 0, 0, n / block);
}

/* r[0 ..< 2 n] = a[0 ..< n] * b[0 ..< n] by Karatsuba down to `smallest` limbs. The levels use
   2 n + n + ... limbs of `work`. */
static void karatsuba(
  urna_limb *r, const urna_limb *a, const urna_limb *b, urna_limb *work, struct strip *strip,
  int n) {
  if (n == smallest) {
    memset(r, 0, 2 * smallest * sizeof *r);
    for (int i = 0; i < smallest; i += block) {
      load(strip, a + i, smallest / block);
      slide(r + i, b, strip);
    }
    return;
  }
  const int h = n / 2;
  urna_limb *const left = work, *const right = work + h, *const middle = work + n;
  urna_limb *const next = work + 2 * n;
  const urna_limb mask = ~(distance(left, a, a + h, h) ^ distance(right, b, b + h, h));
  karatsuba(middle, left, right, next, strip, h);
  karatsuba(r, a, b, next, strip, h);
  karatsuba(r + n, a + h, b + h, next, strip, h);
  combine(r, middle, left, mask, h);
}

/* digit = start = low * -p^-1 mod 2^512 for the eight limbs of low. With p = 2^256 P - 1 the
   factor is 1 + 2^256 P, and `above` is P - 1. Also sets the number of rounds. */
static inline void quotient(struct strip *strip, const urna_limb *low, const urna_limb *above) {
#define HIGH(O, A, B)                                                                         \
  "mulxq " O "(%[above]), %%rax, %%rbx\n"                                                     \
  "adcxq %%rax, " A "\n"                                                                      \
  "adoxq %%rbx, " B "\n"
#define LAST(O)                                                                               \
  "imulq " O "(%[above]), %%rdx\n"                                                            \
  "addq %%rdx, %%r11\n"
#define BOTH(T, O, P)                                                                         \
  "movq " T ", " O "(%%rcx)\n"                                                                \
  "movq " T ", " P "(%%rcx)\n"
  __asm__ volatile(
    "movq (%[low]), %%rdx\n" "movq 8(%[low]), %%r12\n"
    "movq 16(%[low]), %%r13\n" "movq 24(%[low]), %%r14\n"
    "movq 32(%[low]), %%r8\n" "movq 40(%[low]), %%r9\n"
    "movq 48(%[low]), %%r10\n" "movq 56(%[low]), %%r11\n"
    BOTH("%%rdx", "0", "64") BOTH("%%r12", "8", "72")
    BOTH("%%r13", "16", "80") BOTH("%%r14", "24", "88")
    "addq %%rdx, %%r8\n" "adcq %%r12, %%r9\n"
    "adcq %%r13, %%r10\n" "adcq %%r14, %%r11\n"
    "xorl %%eax, %%eax\n"
    HIGH("0", "%%r8", "%%r9") HIGH("8", "%%r9", "%%r10")
    "mulxq 16(%[above]), %%rax, %%rbx\n" "adcxq %%rax, %%r10\n"
    "adcxq %%rbx, %%r11\n" "movl $0, %%eax\n"
    "adoxq %%rax, %%r11\n"
    LAST("24")
    "movq %%r12, %%rdx\n" "xorl %%eax, %%eax\n"
    HIGH("0", "%%r9", "%%r10")
    "mulxq 8(%[above]), %%rax, %%rbx\n" "adcxq %%rax, %%r10\n"
    "adcxq %%rbx, %%r11\n" "movl $0, %%eax\n"
    "adoxq %%rax, %%r11\n"
    LAST("16")
    "movq %%r13, %%rdx\n" "mulxq (%[above]), %%rax, %%rbx\n"
    "addq %%rax, %%r10\n" "adcq %%rbx, %%r11\n"
    LAST("8")
    "movq %%r14, %%rdx\n"
    LAST("0")
    BOTH("%%r8", "32", "96") BOTH("%%r9", "40", "104")
    BOTH("%%r10", "48", "112") BOTH("%%r11", "56", "120")
    "movq $7, 128(%%rcx)\n"
    :
    : [low] "D"(low), [above] "S"(above), "c"(strip)
    : "rax", "rbx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "cc", "memory");
}

/* t[0 ..< 12] += digit * (2^256 - 1) + top * 2^256 + carry * 2^512; clears the carry and puts
   the new carry out into top. */
static inline void finish(urna_limb *t, struct strip *strip) {
#define KEEP(OP) OP "q $0, 152(%%rcx)\n"
  __asm__ volatile(
    FROM("movq", "0", "%%rdi")
    "movq 64(%%rdi), %%rax\n" "movq 72(%%rdi), %%rbx\n"
    "movq 80(%%rdi), %%rdx\n" "xorl %%esi, %%esi\n"
    "subq 152(%%rcx), %%rsi\n" "movq 88(%%rdi), %%rsi\n"
    "movq $0, 152(%%rcx)\n" "adcq (%%rcx), %%r12\n"
    "adcq 8(%%rcx), %%r13\n" "adcq 16(%%rcx), %%r14\n"
    "adcq 24(%%rcx), %%r15\n" "adcq 32(%%rcx), %%rax\n"
    "adcq 40(%%rcx), %%rbx\n" "adcq 48(%%rcx), %%rdx\n"
    "adcq 56(%%rcx), %%rsi\n"
    KEEP("adc")
    "addq 136(%%rcx), %%rax\n" "adcq $0, %%rbx\n"
    "adcq $0, %%rdx\n" "adcq $0, %%rsi\n"
    KEEP("adc")
    "movq $0, 136(%%rcx)\n" "testl %%eax, %%eax\n"
    FROM("sbbq", "0", "%%rcx")
    "sbbq $0, %%rax\n" "sbbq $0, %%rbx\n"
    "sbbq $0, %%rdx\n" "sbbq $0, %%rsi\n"
    KEEP("sbb")
    INTO("movq", "0", "%%rdi")
    "movq %%rax, 64(%%rdi)\n" "movq %%rbx, 72(%%rdi)\n"
    "movq %%rdx, 80(%%rdi)\n" "movq %%rsi, 88(%%rdi)\n"
    :
    : "D"(t), "c"(strip)
    : "rax", "rbx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc",
      "memory");
}

/* r = product * 2^-4096 mod p. Each block adds q p for an eight-limb quotient q, where
   (product + q p) / 2^512 is taken from p = 2^256 (2^3840 - 2^3584 + M) - 1: the 56 limbs
   of M by multiplication, the rest by shifted copies of q. */
static void reduce(urna_limb *r, struct scratch *s, const urna_limb *p) {
  struct strip *strip = &s->strip;
  strip->top = 0;
  for (int i = 0; i < limbs; i += block) {
    quotient(strip, s->product + i, p + 4);
    slide(s->product + i + 4, p + 4, strip);
    finish(s->product + i + 60, strip);
  }
  const urna_limb *x = s->product + limbs;
  const urna_limb keep = strip->top - (1 - add(s->work, x, p, ~0UL, 1, 8));
  urna_limb mask = 0 - (keep >> 63);
  __asm__("" : "+r"(mask)); /* so that no branch is made of it */
  for (int i = 0; i < limbs; i++) {
    r[i] = (x[i] & mask) | (s->work[i] & ~mask);
  }
}

static inline void start(struct scratch *s) {
  memset(&s->strip, 0, sizeof s->strip);
}

static inline void wipe(struct scratch *s) {
  memset(s, 0, sizeof *s);
  __asm__ volatile("" : : "r"(s) : "memory");
}

void urna_mulx_multiply(
  urna_limb *r, const urna_limb *a, const urna_limb *b, const urna_limb *p) {
  struct scratch s;
  start(&s);
  karatsuba(s.product, a, b, s.work, &s.strip, limbs);
  reduce(r, &s, p);
  wipe(&s);
}

void urna_mulx_square(urna_limb *r, const urna_limb *a, const urna_limb *p) {
  struct scratch s;
  start(&s);
  urna_limb *const left = s.work, *const middle = s.work + limbs;
  (void)distance(left, a, a + half, half);
  square_half(middle, left, &s.strip);
  square_half(s.product, a, &s.strip);
  square_half(s.product + limbs, a + half, &s.strip);
  combine(s.product, middle, left, ~0UL, half);
  reduce(r, &s, p);
  wipe(&s);
}

#endif
