// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server, makes each write to a disk take some milliseconds more: the first four
// bytes of the file that SLOW_DISK names say how many, at any time. So a kill falls between two of
// them, and an answer that does not wait for its write is in the client's hands long before it
// (test_kill_services.py).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const volatile int* delay_ms;

__attribute__((constructor)) static void open_delay(void) {
    const char* path = getenv("SLOW_DISK");
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void* mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int), PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    if (mapped == MAP_FAILED) {
        fprintf(stderr, "slow_disk: SLOW_DISK names no file of four bytes\n");
        exit(1);
    }
    delay_ms = mapped;
}

static void dawdle(void) {
    const int ms = *delay_ms;
    const struct timespec delay = {ms / 1000, ms % 1000 * 1000000L};
    if (ms > 0) nanosleep(&delay, NULL);
}

#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

ssize_t pwrite(int fd, const void* from, size_t count, off_t offset) {
    dawdle();
    return NEXT(pwrite)(fd, from, count, offset);
}

ssize_t pwritev(int fd, const struct iovec* pieces, int count, off_t offset) {
    dawdle();
    return NEXT(pwritev)(fd, pieces, count, offset);
}

int rename(const char* from, const char* to) {
    dawdle();
    return NEXT(rename)(from, to);
}
