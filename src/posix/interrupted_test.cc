// SPDX-License-Identifier: Apache-2.0
// Signals and short transfers are nobody's business above posix/: system calls that a signal
// interrupts are made again, and what one call did not take or give is asked for again. The calls
// of this program are intercepted: its own definitions come before the C library's.
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>

#include "posix/files.h"
#include "posix/test_support.h"

namespace {

// How the next calls behave, while a test is on.
struct Interference {
    bool is_on = false;
    int interruptions = 0;  // before each call that goes through
    std::size_t bytes_max = ~std::size_t{};
    int left = 0;
    int interrupted = 0;
    int shortened = 0;

    // True if this call is to fail with EINTR.
    bool interrupts() {
        if (!is_on) return false;
        if (left > 0) {
            --left;
            ++interrupted;
            errno = EINTR;
            return true;
        }
        left = interruptions;
        return false;
    }
    std::size_t taken(std::size_t count) {
        if (!is_on || count <= bytes_max) return count;
        ++shortened;
        return bytes_max;
    }
};

// The functions below have no other way to know of the test.
Interference& interference() {
    static Interference one;
    return one;
}

template <class Function>
Function next_definition(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t pread(int fd, void* to, size_t count, off_t offset) {
    static const auto next = next_definition<ssize_t (*)(int, void*, size_t, off_t)>("pread");
    if (interference().interrupts()) return -1;
    return next(fd, to, interference().taken(count), offset);
}

ssize_t pwrite(int fd, const void* from, size_t count, off_t offset) {
    static const auto next =
        next_definition<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    if (interference().interrupts()) return -1;
    return next(fd, from, interference().taken(count), offset);
}

// As many bytes as one call may take, of the first piece that has any.
ssize_t pwritev(int fd, const iovec* pieces, int count, off_t offset) {
    static const auto next = next_definition<ssize_t (*)(int, const iovec*, int, off_t)>("pwritev");
    if (interference().interrupts()) return -1;
    if (!interference().is_on) return next(fd, pieces, count, offset);
    for (int i = 0; i < count; ++i) {
        if (pieces[i].iov_len == 0) continue;
        const iovec part{pieces[i].iov_base, interference().taken(pieces[i].iov_len)};
        return next(fd, &part, 1, offset);
    }
    return 0;
}

int fdatasync(int fd) {
    static const auto next = next_definition<int (*)(int)>("fdatasync");
    return interference().interrupts() ? -1 : next(fd);
}

int fsync(int fd) {
    static const auto next = next_definition<int (*)(int)>("fsync");
    return interference().interrupts() ? -1 : next(fd);
}

int ftruncate(int fd, off_t size) noexcept {
    static const auto next = next_definition<int (*)(int, off_t)>("ftruncate");
    return interference().interrupts() ? -1 : next(fd, size);
}

int flock(int fd, int how) noexcept {
    static const auto next = next_definition<int (*)(int, int)>("flock");
    return interference().interrupts() ? -1 : next(fd, how);
}

int open(const char* path, int flags, ...) {
    static const auto next = next_definition<int (*)(const char*, int, ...)>("open");
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return interference().interrupts() ? -1 : next(path, flags, mode);
}

}  // extern "C"

namespace mill::posix {
namespace {

using machine::Open;

struct Interrupted : testing::Test {
    ~Interrupted() override { interference() = {}; }
    static void begin(int interruptions, std::size_t bytes_max) {
        interference() = {.is_on = true,
                          .interruptions = interruptions,
                          .bytes_max = bytes_max,
                          .left = interruptions};
    }
    TemporaryDirectory directory;
    std::unique_ptr<machine::Files> files = make_files();
};

Bytes pattern(std::size_t count) {
    Bytes bytes(count, '\0');
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
    return bytes;
}

TEST_F(Interrupted, EveryOperationIsMadeAgain) {
    begin(3, ~std::size_t{});
    auto file = files->open(directory / "a", Open::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(0, "one"));
    const std::array<BytesView, 3> pieces = {"two", "", "three"};
    ASSERT_TRUE((*file)->write_at(3, pieces));
    ASSERT_TRUE((*file)->truncate(10));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(files->sync_directory(directory.path()));
    ASSERT_TRUE(files->lock(directory / "lock"));
    const auto bytes = machine::read_file(*files, directory / "a");
    ASSERT_TRUE(bytes) << bytes.error().message;
    EXPECT_EQ(*bytes, "onetwothre");
    EXPECT_GE(interference().interrupted, 3 * 8);
}

TEST_F(Interrupted, ShortTransfersAreGoneOnWith) {
    const Bytes whole = pattern(10'000);
    for (const std::size_t bytes_max : {1u, 7u, 4096u}) {
        begin(1, bytes_max);
        auto file = files->open(directory / std::to_string(bytes_max), Open::create);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write_at(0, BytesView(whole).substr(0, 3000)));
        const std::array<BytesView, 4> pieces = {BytesView(whole).substr(3000, 5), BytesView(),
                                                 BytesView(whole).substr(3005, 4500),
                                                 BytesView(whole).substr(7505)};
        ASSERT_TRUE((*file)->write_at(3000, pieces));
        EXPECT_EQ(machine::read_file(*files, directory / std::to_string(bytes_max)), whole);
        EXPECT_GT(interference().shortened, 2);
    }
}

}  // namespace
}  // namespace mill::posix
