/*
 * Remembers, for each file below UNSYNCED_DIR, what stood where it was written since its last fsync
 * or fdatasync, so that after a kill -9 these writes can be taken back: what a power cut may leave of
 * a disk that keeps its word. Preloaded into the gateway; see LostWrites.java.
 *
 * UNSYNCED_UNDO/<inode>.<generation> holds records, the oldest first: offset, length of what was
 * there, size of the file before (8 octets each, as this machine writes them), then what was there.
 * A sync begins a new generation, and removes the older ones when it has succeeded; what is written
 * meanwhile belongs to the new one, and is lost although the disk may have it. What is written to a
 * file that was opened with O_SYNC or O_DSYNC is synced. With UNSYNCED_LIES=1
 * a sync succeeds, and does nothing: the disk does not keep its word.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SLOTS 4096

static const char *dir, *undo;
static int lies;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct slot {
  ino_t inode;
  unsigned oldest, now;
  int fd;
} slots[SLOTS];

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void start(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  dir = getenv("UNSYNCED_DIR");
  undo = getenv("UNSYNCED_UNDO");
  lies = getenv("UNSYNCED_LIES") != NULL;
}

/* Whether it is one of the files; then what is known of it. */
static int is_ours(int fd, struct stat *st) {
  char link[64], path[4096];
  if (!dir || !undo || fd < 3 || fstat(fd, st) || !S_ISREG(st->st_mode)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return !strncmp(path, dir, strlen(dir));
}

static void name(char *to, size_t size, ino_t inode, unsigned generation) {
  snprintf(to, size, "%s/%lu.%u", undo, (unsigned long)inode, generation);
}

static struct slot *slot_of(ino_t inode) {
  for (unsigned i = 0; i < SLOTS; i++) {
    struct slot *s = &slots[(inode + i) % SLOTS];
    if (!s->inode) {
      s->inode = inode;
      s->fd = -1;
    }
    if (s->inode == inode) return s;
  }
  abort();
}

/* Under the lock, which the write itself holds too: the records are in the order of the writes. */
static void remember(int fd, struct stat *st, off_t at, size_t length) {
  struct slot *s = slot_of(st->st_ino);
  if (s->fd < 0) {
    char path[4096];
    name(path, sizeof path, s->inode, s->now);
    s->fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (s->fd < 0) abort();
  }
  size_t there = at >= st->st_size ? 0 : (size_t)(st->st_size - at);
  if (there > length) there = length;
  uint64_t head[3] = {(uint64_t)at, there, (uint64_t)st->st_size};
  char *record = malloc(sizeof head + there);
  if (!record) abort();
  memcpy(record, head, sizeof head);
  if (there) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    if (reader < 0 || pread(reader, record + sizeof head, there, at) != (ssize_t)there) abort();
    close(reader);
  }
  if (real_write(s->fd, record, sizeof head + there) != (ssize_t)(sizeof head + there)) abort();
  free(record);
}

static off_t here(int fd, struct stat *st) {
  return fcntl(fd, F_GETFL) & O_APPEND ? st->st_size : lseek(fd, 0, SEEK_CUR);
}

static size_t sum(const struct iovec *v, int n) {
  size_t all = 0;
  for (int i = 0; i < n; i++) all += v[i].iov_len;
  return all;
}

#define REMEMBERING(result, at, length, call)   \
  struct stat st;                               \
  if (!is_ours(fd, &st)) return call;           \
  if (!lies && fcntl(fd, F_GETFL) & O_DSYNC) return call; \
  pthread_mutex_lock(&lock);                    \
  fstat(fd, &st);                               \
  remember(fd, &st, at, length);                \
  result done = call;                           \
  int why = errno;                              \
  pthread_mutex_unlock(&lock);                  \
  errno = why;                                  \
  return done;

ssize_t write(int fd, const void *b, size_t n) {
  REMEMBERING(ssize_t, here(fd, &st), n, real_write(fd, b, n))
}

ssize_t pwrite64(int fd, const void *b, size_t n, off_t at) {
  REMEMBERING(ssize_t, at, n, real_pwrite(fd, b, n, at))
}

ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return pwrite64(fd, b, n, at); }

ssize_t writev(int fd, const struct iovec *v, int n) {
  REMEMBERING(ssize_t, here(fd, &st), sum(v, n), real_writev(fd, v, n))
}

ssize_t pwritev64(int fd, const struct iovec *v, int n, off_t at) {
  REMEMBERING(ssize_t, at, sum(v, n), real_pwritev(fd, v, n, at))
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at) { return pwritev64(fd, v, n, at); }

int ftruncate64(int fd, off_t size) {
  REMEMBERING(int, size, st.st_size > size ? (size_t)(st.st_size - size) : 0,
              real_ftruncate(fd, size))
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int sync_with(int fd, int (*real)(int)) {
  struct stat st;
  if (!is_ours(fd, &st)) return real(fd);
  if (lies) return 0;
  pthread_mutex_lock(&lock);
  struct slot *s = slot_of(st.st_ino);
  unsigned until = ++s->now;
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
  pthread_mutex_unlock(&lock);
  int done = real(fd);
  int why = errno;
  if (!done) {
    pthread_mutex_lock(&lock);
    for (; s->oldest < until; s->oldest++) {
      char path[4096];
      name(path, sizeof path, s->inode, s->oldest);
      unlink(path);
    }
    pthread_mutex_unlock(&lock);
  }
  errno = why;
  return done;
}

int fsync(int fd) { return sync_with(fd, real_fsync); }

int fdatasync(int fd) { return sync_with(fd, real_fdatasync); }
