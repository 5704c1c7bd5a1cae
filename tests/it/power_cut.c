// Preloaded into a process: writes down, in order, every change it makes to files below $CUT_DIR and every
// sync, into $CUT_LOG. tests/it/power_cut.rs rebuilds from that what a disk would hold after a power cut.
// With $CUT_FAIL_SYNC=n the n-th fdatasync fails with EIO and syncs nothing, and so do all after it.
//
// It sees calls through the C library: open, pwrite, write, ftruncate, rename, unlink, fsync, fdatasync. It does
// not see memory maps or io_uring; sled uses neither. sync_file_range is left alone, as it promises nothing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; // a change and its record are one step
static const char *dir;
static int journal = -1;
static long fail_from = -1, syncs = 0;

__attribute__((constructor)) static void start(void) {
    const char *log = getenv("CUT_LOG"), *fail = getenv("CUT_FAIL_SYNC");
    dir = getenv("CUT_DIR");
    if (fail) fail_from = atol(fail);
    if (dir && log) journal = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

// kind, offset, length of name, length of bytes; then name and bytes.
static void note(char kind, const char *name, uint64_t at, const void *bytes, size_t len) {
    struct __attribute__((packed)) { char kind; uint64_t at; uint32_t name, len; } head =
        { kind, at, (uint32_t)strlen(name), (uint32_t)len };
    struct iovec parts[3] = { { &head, sizeof head }, { (void *)name, head.name }, { (void *)bytes, len } };
    if (syscall(SYS_writev, journal, parts, 3) != (ssize_t)(sizeof head + head.name + len)) _exit(97);
}

// The part of a path below $CUT_DIR ("" for itself), or NULL.
static const char *below(const char *path) {
    size_t n = dir ? strlen(dir) : 0;
    if (journal < 0 || strncmp(path, dir, n) || (path[n] && path[n] != '/')) return NULL;
    return path[n] ? path + n + 1 : path + n;
}

static const char *name_of(int fd, char *path) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = journal < 0 ? -1 : readlink(link, path, PATH_MAX - 1);
    if (n < 0) return NULL;
    path[n] = 0;
    return below(path);
}

// 'C' is a new file's name: it can be on the disk before anything is written into the file.
static int open_of(const char *path, int flags, mode_t mode) {
    const char *name = flags & O_CREAT ? below(path) : NULL;
    if (!name) return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&turn);
    int is_new = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
    int fd = syscall(SYS_openat, AT_FDCWD, path, flags, mode), error = errno;
    if (fd >= 0 && is_new) note('C', name, 0, "", 0);
    pthread_mutex_unlock(&turn);
    errno = error;
    return fd;
}
static mode_t mode_of(int flags, va_list rest) { return flags & O_CREAT ? va_arg(rest, mode_t) : 0; }
int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_of(path, flags | O_LARGEFILE, mode);
}
int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_of(path, flags, mode);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at) {
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    if (!name) return syscall(SYS_pwrite64, fd, bytes, len, at);
    pthread_mutex_lock(&turn);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, len, at);
    int error = errno;
    if (done > 0) note('W', name, at, bytes, done);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at) { return pwrite64(fd, bytes, len, at); }

ssize_t write(int fd, const void *bytes, size_t len) {
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    if (!name) return syscall(SYS_write, fd, bytes, len);
    pthread_mutex_lock(&turn);
    ssize_t done = syscall(SYS_write, fd, bytes, len);
    int error = errno;
    if (done > 0) note('W', name, syscall(SYS_lseek, fd, 0, SEEK_CUR) - done, bytes, done);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

int ftruncate64(int fd, off64_t len) {
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    if (!name) return syscall(SYS_ftruncate, fd, len);
    pthread_mutex_lock(&turn);
    int done = syscall(SYS_ftruncate, fd, len), error = errno;
    if (!done) note('T', name, len, "", 0);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}
int ftruncate(int fd, off_t len) { return ftruncate64(fd, len); }

// 'F' is fsync, 'S' is fdatasync, 'D' is a directory's. The disk itself is not needed: the journal is the disk.
static int sync_of(int fd, long call, char kind) {
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    if (!name) return syscall(call, fd);
    struct stat about;
    pthread_mutex_lock(&turn);
    int failed = kind == 'S' && fail_from > 0 && ++syncs >= fail_from;
    if (!failed) note(!fstat(fd, &about) && S_ISDIR(about.st_mode) ? 'D' : kind, name, 0, "", 0);
    pthread_mutex_unlock(&turn);
    if (failed) errno = EIO;
    return failed ? -1 : 0;
}
int fsync(int fd) { return sync_of(fd, SYS_fsync, 'F'); }
int fdatasync(int fd) { return sync_of(fd, SYS_fdatasync, 'S'); }

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&turn);
    int done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0), error = errno;
    if (!done && below(from) && below(to)) note('R', below(from), 0, below(to), strlen(below(to)));
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

int unlink(const char *path) {
    pthread_mutex_lock(&turn);
    int done = syscall(SYS_unlinkat, AT_FDCWD, path, 0), error = errno;
    if (!done && below(path)) note('U', below(path), 0, "", 0);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}
