// Preloaded into a process: ends it with code 137 at its n-th fdatasync ($CRASH_AT_SYNC=n, counted from 1
// over all threads), `before` that sync or `after` it ($CRASH_WHEN, default after). Prints nothing; appends
// one byte for each sync begun to the file $SYNC_LOG, if it is named.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(const char *log) {
    int fd = log ? open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0 && write(fd, "s", 1) != 1) _exit(138);
    if (fd >= 0) close(fd);
}

int fdatasync(int fd) {
    static atomic_long count;
    const char *at = getenv("CRASH_AT_SYNC"), *when = getenv("CRASH_WHEN");
    note(getenv("SYNC_LOG"));
    int now = at && atomic_fetch_add(&count, 1) + 1 == atol(at);
    if (now && when && !strcmp(when, "before")) _exit(137);
    int done = (int)syscall(SYS_fdatasync, fd);
    if (now) _exit(137);
    return done;
}
