// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library (LD_PRELOAD) into a proxy: names that end in .urna.invalid are 127.0.0.1 to it, and to
// nobody else. So whoever reaches such a name has let the proxy look it up.
//
//   clang -shared -fPIC -o testnames.so testnames.c

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  static const char end[] = ".urna.invalid";
  size_t length = name ? strlen(name) : 0;
  if (length >= sizeof end && strcmp(name + length - (sizeof end - 1), end) == 0) name = "127.0.0.1";
  return ((__typeof__(&getaddrinfo))dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hints, found);
}
