// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library (LD_PRELOAD), it numbers the calls of a process by which others could see that it
// came further: those that change files, and those that connect and send. It writes each into a log, and ends the
// process by SIGKILL just before the one that it is told. Threads share the numbers, unlike those of strace.
//
//   URNA_KILL_LOG    the log: a line for each call with number, name, and what it is about
//   URNA_KILL_AT     the number of the call that does not happen any more; 0 for none
//   URNA_KILL_ARMED  a file; calls count only while it is there
//
//   clang -shared -fPIC -o killswitch.so killswitch.c

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count, log_file = -1;

// Counts a call, or ends here. errno stays what it was.
static void reach(const char *call, const char *about) {
  const char *log = getenv("URNA_KILL_LOG"), *armed = getenv("URNA_KILL_ARMED");
  int before = errno;
  if (log && (!armed || syscall(SYS_faccessat, AT_FDCWD, armed, F_OK) == 0)) {
    pthread_mutex_lock(&lock);
    if (log_file < 0)
      log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char line[512];
    const char *at = getenv("URNA_KILL_AT");
    int length = snprintf(line, sizeof line, "%d %s %.400s\n", ++count, call, about);
    syscall(SYS_write, log_file, line, length);
    if (at && atoi(at) == count)
      for (;;) syscall(SYS_kill, getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
  }
  errno = before;
}

// The last part of what a descriptor is open on. Pipes, timers and events are nobody's business, and this
// process's own output is not either.
static int is_seen(int number, char *about, size_t size) {
  struct stat status;
  int before = errno;
  int known = number > 2 && fstat(number, &status) == 0;
  if (known && S_ISSOCK(status.st_mode)) {
    snprintf(about, size, "socket");
  } else if (known && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
    char link[64], path[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", number);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    const char *name = strrchr(path, '/');
    snprintf(about, size, "%s", name ? name + 1 : path);
  } else {
    known = 0;
  }
  errno = before;
  return known;
}

static void reach_number(const char *call, int number) {
  char about[256];
  if (is_seen(number, about, sizeof about)) reach(call, about);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ON_NUMBER(type, name, parameters, arguments, number) \
  type name parameters {                                     \
    reach_number(#name, number);                             \
    return NEXT(name) arguments;                             \
  }
#define ON_PATH(type, name, parameters, arguments, path) \
  type name parameters {                                 \
    reach(#name, path);                                  \
    return NEXT(name) arguments;                         \
  }

ON_NUMBER(ssize_t, write, (int f, const void *b, size_t n), (f, b, n), f)
ON_NUMBER(ssize_t, writev, (int f, const struct iovec *v, int n), (f, v, n), f)
ON_NUMBER(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o), f)
ON_NUMBER(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o), f)
ON_NUMBER(ssize_t, send, (int f, const void *b, size_t n, int g), (f, b, n, g), f)
ON_NUMBER(ssize_t, sendto, (int f, const void *b, size_t n, int g, const struct sockaddr *a, socklen_t l),
          (f, b, n, g, a, l), f)
ON_NUMBER(ssize_t, sendmsg, (int f, const struct msghdr *m, int g), (f, m, g), f)
ON_NUMBER(int, fsync, (int f), (f), f)
ON_NUMBER(int, fdatasync, (int f), (f), f)
ON_NUMBER(int, ftruncate, (int f, off_t n), (f, n), f)
ON_NUMBER(int, ftruncate64, (int f, off64_t n), (f, n), f)
ON_PATH(int, rename, (const char *a, const char *b), (a, b), b)
ON_PATH(int, renameat, (int f, const char *a, int g, const char *b), (f, a, g, b), b)
ON_PATH(int, renameat2, (int f, const char *a, int g, const char *b, unsigned h), (f, a, g, b, h), b)
ON_PATH(int, link, (const char *a, const char *b), (a, b), b)
ON_PATH(int, linkat, (int f, const char *a, int g, const char *b, int h), (f, a, g, b, h), b)
ON_PATH(int, unlink, (const char *a), (a), a)
ON_PATH(int, unlinkat, (int f, const char *a, int g), (f, a, g), a)

int connect(int number, const struct sockaddr *address, socklen_t length) {
  char about[64];
  snprintf(about, sizeof about, "family %d", address->sa_family);
  if (address->sa_family == AF_INET) {
    const struct sockaddr_in *in = (const void *)address;
    char text[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
    snprintf(about, sizeof about, "%s:%d", text, ntohs(in->sin_port));
  }
  reach("connect", about);
  return NEXT(connect)(number, address, length);
}

// Files that are made or emptied.
#define ON_OPEN(name, parameters, arguments)                  \
  int name parameters {                                       \
    mode_t mode = 0;                                          \
    if (flags & (O_CREAT | O_TRUNC)) {                        \
      va_list rest;                                           \
      va_start(rest, flags);                                  \
      mode = va_arg(rest, mode_t);                            \
      va_end(rest);                                           \
      reach(#name, strrchr(path, '/') ? strrchr(path, '/') + 1 : path); \
    }                                                         \
    return NEXT(name) arguments;                              \
  }
ON_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
ON_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
ON_OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
ON_OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
