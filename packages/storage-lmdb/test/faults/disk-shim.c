/*
 * A disk between a process and the kernel, for LD_PRELOAD: it fails, shortens or delays calls, and records what the disk was told.
 *
 *   FLOTILLA_DISK_UNDER        the directory whose files it looks at; everything else passes untouched
 *   FLOTILLA_DISK_TRACE        the file that the records are appended to
 *   FLOTILLA_DISK_FAULT        EIO, ENOSPC, short or delay; no fault where absent
 *   FLOTILLA_DISK_FAULT_FILE   what the path of the file ends with
 *   FLOTILLA_DISK_FAULT_CALL   write, sync or truncate
 *   FLOTILLA_DISK_FAULT_AT     the first such call that is hit, from 1
 *   FLOTILLA_DISK_FAULT_COUNT  how many calls are hit from there on
 *   FLOTILLA_DISK_FAULT_PER_MILLE, FLOTILLA_DISK_FAULT_SEED   instead of AT and COUNT: chance and seed
 *   FLOTILLA_DISK_DELAY_US     how long a delay lasts
 *
 * A record is a struct record and `length` bytes. A write is recorded before it happens: a power cut in the midst of it leaves as
 * much or as little as one right before. What makes things durable (a sync, a write through O_DSYNC) is recorded when it begins
 * and when it has ended. Lines to stdout are recorded before they leave.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct record {
  uint8_t kind; /* W write, T truncate, S sync, D sync of a directory, E end, C create, M create directory, R rename, U unlink, P print, F fault */
  uint8_t flag; /* of W: ends durable; of E: succeeded */
  uint16_t unused;
  uint32_t length;
  uint64_t inode;
  uint64_t offset; /* of T: the size */
  uint64_t call;
};

enum { WRITE, SYNC, TRUNCATE };
enum { NONE, FAIL, SHORT, DELAY };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *under, *faulted_file;
static int trace = -1, fault_kind = NONE, fault_errno, fault_call;
static long fault_at, fault_count, per_mille, delay_us, matching;
static uint64_t calls, random_state;

static long number(const char *name, long absent) {
  const char *value = getenv(name);
  return value ? atol(value) : absent;
}

__attribute__((constructor)) static void configure(void) {
  const char *file = getenv("FLOTILLA_DISK_TRACE"), *kind = getenv("FLOTILLA_DISK_FAULT"), *call = getenv("FLOTILLA_DISK_FAULT_CALL");
  under = getenv("FLOTILLA_DISK_UNDER");
  if (file) trace = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  faulted_file = getenv("FLOTILLA_DISK_FAULT_FILE");
  if (kind && call && faulted_file) {
    fault_kind = !strcmp(kind, "short") ? SHORT : !strcmp(kind, "delay") ? DELAY : FAIL;
    fault_errno = !strcmp(kind, "ENOSPC") ? ENOSPC : EIO;
    fault_call = !strcmp(call, "sync") ? SYNC : !strcmp(call, "truncate") ? TRUNCATE : WRITE;
  }
  fault_at = number("FLOTILLA_DISK_FAULT_AT", 1);
  fault_count = number("FLOTILLA_DISK_FAULT_COUNT", 1);
  per_mille = number("FLOTILLA_DISK_FAULT_PER_MILLE", 0);
  random_state = (uint64_t)number("FLOTILLA_DISK_FAULT_SEED", 1) * 0x9e3779b97f4a7c15u + 1;
  delay_us = number("FLOTILLA_DISK_DELAY_US", 1000);
}

static void all(const void *bytes, size_t length) {
  for (const char *at = bytes; length > 0;) {
    ssize_t written = syscall(SYS_write, trace, at, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) abort();
    at += written;
    length -= written;
  }
}

static uint64_t append(int kind, int flag, uint64_t inode, uint64_t offset, uint64_t call, const struct iovec *parts, int count) {
  int error = errno;
  struct record record = {.kind = kind, .flag = flag, .inode = inode, .offset = offset};
  for (int i = 0; i < count; i++) record.length += parts[i].iov_len;
  pthread_mutex_lock(&lock);
  record.call = call ? call : ++calls;
  if (trace >= 0) {
    all(&record, sizeof record);
    for (int i = 0; i < count; i++) all(parts[i].iov_base, parts[i].iov_len);
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return record.call;
}

static uint64_t append_text(int kind, uint64_t inode, const char *text, size_t length) {
  struct iovec part = {(void *)text, length};
  return append(kind, 0, inode, 0, 0, &part, 1);
}

static int beneath(const char *path) {
  size_t length = under ? strlen(under) : 0;
  return length > 0 && !strncmp(path, under, length) && (path[length] == '/' || path[length] == 0);
}

/* Whether a descriptor is one that we look at; then its path is in `path`. */
static int watched(int fd, char path[PATH_MAX]) {
  char link[64];
  int error = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = under ? readlink(link, path, PATH_MAX - 1) : -1;
  errno = error;
  if (length < 0) return 0;
  path[length] = 0;
  return beneath(path);
}

static uint64_t inode_of(int fd, int *is_directory) {
  struct stat about;
  if (fstat(fd, &about)) return 0;
  if (is_directory) *is_directory = S_ISDIR(about.st_mode);
  return about.st_ino;
}

/* The fault that hits this call, if any. Delays are over when it returns. */
static int hit(int call, const char *path) {
  size_t length = strlen(path), end = faulted_file ? strlen(faulted_file) : 0;
  if (fault_kind == NONE || call != fault_call || length < end || strcmp(path + length - end, faulted_file)) return NONE;
  pthread_mutex_lock(&lock);
  long nth = ++matching;
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  int chosen = per_mille ? (long)((random_state >> 33) % 1000) < per_mille : nth >= fault_at && nth < fault_at + fault_count;
  pthread_mutex_unlock(&lock);
  if (!chosen) return NONE;
  append_text('F', 0, path, length);
  if (fault_kind == DELAY) usleep(delay_us);
  if (fault_kind == FAIL) errno = fault_errno;
  return fault_kind;
}

static int real_sync(int fd, const char *name) {
  int (*real)(int) = dlsym(RTLD_NEXT, name);
  char path[PATH_MAX];
  if (!watched(fd, path)) return real(fd);
  int is_directory = 0;
  uint64_t inode = inode_of(fd, &is_directory);
  uint64_t call = append_text(is_directory ? 'D' : 'S', inode, path, strlen(path));
  int result = hit(SYNC, path) == FAIL ? -1 : real(fd);
  append('E', result == 0, inode, 0, call, NULL, 0);
  return result;
}

int fsync(int fd) { return real_sync(fd, "fsync"); }
int fdatasync(int fd) { return real_sync(fd, "fdatasync"); }

static ssize_t real_write(int fd, const struct iovec *parts, int count, off_t at) {
  if (count == 1) return at < 0 ? syscall(SYS_write, fd, parts->iov_base, parts->iov_len) : syscall(SYS_pwrite64, fd, parts->iov_base, parts->iov_len, at);
  return at < 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, at, 0);
}

/* All kinds of writes; `at` is negative where the position is the descriptor's. */
static ssize_t written(int fd, const struct iovec *parts, int count, off_t at) {
  char path[PATH_MAX];
  if (fd == STDOUT_FILENO) append('P', 0, 0, 0, 0, parts, count);
  if (fd <= STDERR_FILENO || !watched(fd, path)) return real_write(fd, parts, count, at);
  int flags = fcntl(fd, F_GETFL), durable = (flags & O_DSYNC) != 0;
  struct stat about;
  off_t position = at >= 0 ? at : flags & O_APPEND && !fstat(fd, &about) ? about.st_size : lseek(fd, 0, SEEK_CUR);
  uint64_t inode = inode_of(fd, NULL);
  uint64_t call = append('W', durable, inode, position, 0, parts, count);
  ssize_t result;
  switch (hit(WRITE, path)) {
    case FAIL: result = -1; break;
    case SHORT: {
      size_t length = 0;
      for (int i = 0; i < count; i++) length += parts[i].iov_len;
      struct iovec half = {parts->iov_base, parts->iov_len < length ? parts->iov_len : length / 2};
      result = half.iov_len ? real_write(fd, &half, 1, at) : 0;
      break;
    }
    default: result = real_write(fd, parts, count, at);
  }
  if (durable) append('E', result >= 0, inode, 0, call, NULL, 0);
  return result;
}

static ssize_t written_once(int fd, const void *bytes, size_t length, off_t at) {
  struct iovec part = {(void *)bytes, length};
  return written(fd, &part, 1, at);
}

ssize_t write(int fd, const void *bytes, size_t length) { return written_once(fd, bytes, length, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return written_once(fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return written_once(fd, bytes, length, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return written(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return written(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return written(fd, parts, count, at); }

static int truncated(int fd, off_t size) {
  char path[PATH_MAX];
  if (!watched(fd, path)) return syscall(SYS_ftruncate, fd, size);
  if (hit(TRUNCATE, path) == FAIL) return -1;
  append('T', 0, inode_of(fd, NULL), size, 0, NULL, 0);
  return syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size) { return truncated(fd, size); }
int ftruncate64(int fd, off64_t size) { return truncated(fd, size); }

int msync(void *address, size_t length, int flags) {
  /* Nothing is written through a map: whoever did would be seen here, and stopped. */
  const char text[] = "msync";
  append_text('F', 0, text, sizeof text - 1);
  return syscall(SYS_msync, address, length, flags);
}

static int opened(int directory, const char *path, int flags, mode_t mode) {
  int is_new = flags & O_CREAT && beneath(path) && access(path, F_OK) != 0;
  int fd = syscall(SYS_openat, directory, path, flags, mode);
  if (fd < 0 || !beneath(path)) return fd;
  if (is_new) append_text('C', inode_of(fd, NULL), path, strlen(path));
  else if (flags & O_TRUNC) append('T', 0, inode_of(fd, NULL), 0, 0, NULL, 0);
  return fd;
}

#define MODE_OF(flags, mode) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list more; \
    va_start(more, flags); \
    mode = va_arg(more, mode_t); \
    va_end(more); \
  }

int open(const char *path, int flags, ...) { MODE_OF(flags, mode) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags, mode) return opened(AT_FDCWD, path, flags, mode); }
int openat(int directory, const char *path, int flags, ...) { MODE_OF(flags, mode) return opened(directory, path, flags, mode); }
int openat64(int directory, const char *path, int flags, ...) { MODE_OF(flags, mode) return opened(directory, path, flags, mode); }

int rename(const char *from, const char *to) {
  int result = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (result == 0 && beneath(to)) {
    struct iovec names[] = {{(void *)from, strlen(from) + 1}, {(void *)to, strlen(to)}};
    append('R', 0, 0, 0, 0, names, 2);
  }
  return result;
}

int mkdir(const char *path, mode_t mode) {
  int result = syscall(SYS_mkdirat, AT_FDCWD, path, mode);
  if (result == 0 && beneath(path)) append_text('M', 0, path, strlen(path));
  return result;
}

int unlink(const char *path) {
  int result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0 && beneath(path)) append_text('U', 0, path, strlen(path));
  return result;
}
