/*
 * Lets one process start no more threads, as a limit of its control group or of its user does. The file
 * THREADS holds two numbers (8 octets each, as this machine writes them): while the first is not 0 each
 * thread is refused with EAGAIN, and counted in the second. Preloaded into the gateway; see NoThreads.java.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

struct state {
  volatile int64_t refuse;
  int64_t refused;
};

static struct state none;
static struct state *state = &none;
static int (*real_pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

__attribute__((constructor)) static void start(void) {
  real_pthread_create = dlsym(RTLD_NEXT, "pthread_create");
  const char *path = getenv("THREADS");
  int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *at = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) state = at;
}

int pthread_create(pthread_t *restrict to, const pthread_attr_t *restrict how, void *(*run)(void *),
                   void *restrict with) {
  if (state->refuse) {
    __atomic_add_fetch(&state->refused, 1, __ATOMIC_RELAXED);
    return EAGAIN;
  }
  return real_pthread_create(to, how, run, with);
}
