// Preloaded into a process: ends it with code 137 at its n-th fdatasync ($CRASH_AT_SYNC=n, counted from 1
// over all threads), `before` that sync or `after` it ($CRASH_WHEN, default after). Prints nothing.
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int fdatasync(int fd) {
    static atomic_long count;
    const char *at = getenv("CRASH_AT_SYNC"), *when = getenv("CRASH_WHEN");
    int now = at && atomic_fetch_add(&count, 1) + 1 == atol(at);
    if (now && when && !strcmp(when, "before")) _exit(137);
    int done = (int)syscall(SYS_fdatasync, fd);
    if (now) _exit(137);
    return done;
}
