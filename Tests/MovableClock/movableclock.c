// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library (LD_PRELOAD), it lets a process see the time of day of a test: this machine's, and as
// many seconds more as a file says. All processes of a test share the file, and see at once that it changed. What
// measures durations (the monotonic clocks) stays what it is.
//
//   URNA_CLOCK    the file: the seconds, 8 bytes in the order of this machine
//
//   clang -shared -fPIC -o movableclock.so movableclock.c

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const _Atomic int64_t *shift;

// A process that cannot see the test's time must not go on with another.
__attribute__((constructor)) static void open_clock(void) {
  const char *path = getenv("URNA_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  void *memory = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) {
    perror("URNA_CLOCK");
    _exit(71);
  }
  close(file);
  shift = memory;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int status = (int)syscall(SYS_clock_gettime, clock, time);
  if (status == 0 && shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    time->tv_sec += *shift;
  return status;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
