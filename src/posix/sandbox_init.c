// SPDX-License-Identifier: Apache-2.0
// The first process of a function's sandbox: sets limits, runs the function's program, reaps what it leaves behind, and
// reports how it ended: bubblewrap alone cannot tell "exit status 137" from "signal: killed". Built static and carried
// inside the millrace binary (sandbox_image.cc); runs from a memfd.
//
// Usage: sandbox_init PLAN_FD STATUS_FD. The plan is `struct header` followed by NUL-terminated strings: the directory,
// the arguments, the environment. The report is `struct report`; none is written when this process is killed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct header {
    uint32_t argument_count;
    uint32_t environment_count;
    uint64_t open_files_max;
    uint64_t processes_max;
};

struct report {
    int64_t wait_status;
    int64_t peak_memory_bytes;
};

static char** take_strings(char** at, uint32_t count) {
    char** list = calloc((size_t)count + 1, sizeof(char*));
    for (uint32_t i = 0; list && i < count; ++i) {
        list[i] = *at;
        *at += strlen(*at) + 1;
    }
    return list;
}

static void limit(int what, uint64_t value) {
    struct rlimit now;
    if (getrlimit(what, &now) != 0) return;
    if (now.rlim_max == RLIM_INFINITY || value < now.rlim_max) now.rlim_max = value;
    now.rlim_cur = now.rlim_max;
    setrlimit(what, &now);
}

static void run(char* plan) {
    const struct header* header = (const struct header*)plan;
    char* at = plan + sizeof *header;
    const char* directory = at;
    at += strlen(at) + 1;
    char** arguments = take_strings(&at, header->argument_count);
    char** environment = take_strings(&at, header->environment_count);
    if (!arguments || !environment) _exit(127);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    umask(022);
    if (chdir(directory) != 0) {
        dprintf(2, "chdir %s: %s\n", directory, strerror(errno));
        _exit(127);
    }
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, header->open_files_max);
    // Counted per user and user namespace: in a namespace of its own it bounds this sandbox only.
    if (header->processes_max) limit(RLIMIT_NPROC, header->processes_max);
    execve(arguments[0], arguments, environment);
    dprintf(2, "fork/exec %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int plan_fd = atoi(argv[1]);
    const int status_fd = atoi(argv[2]);
    struct stat size;
    if (fstat(plan_fd, &size) != 0) return 2;
    char* plan = mmap(NULL, (size_t)size.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, plan_fd, 0);
    if (plan == MAP_FAILED) return 2;
    const pid_t child = fork();
    if (child < 0) return 2;
    if (child == 0) run(plan);
    close(1);  // whoever reads the output sees its end when the function's own processes are gone
    close(2);
    while (1) {
        struct rusage usage;
        int status = 0;
        const pid_t ended = wait4(-1, &status, 0, &usage);
        if (ended < 0 && errno != EINTR) return 2;
        if (ended != child) continue;
        const struct report report = {status, (int64_t)usage.ru_maxrss * 1024};
        return write(status_fd, &report, sizeof report) == sizeof report ? 0 : 2;
    }
}
