// SPDX-License-Identifier: Apache-2.0
#include "posix/begun_write.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace mill::posix {

BegunWrite::~BegunWrite() {
    if (context_ != 0) ::syscall(SYS_io_destroy, context_);
}

bool BegunWrite::begin(int fd, std::uint64_t offset, BytesView bytes) {
    if (context_ == 0 && is_possible_) is_possible_ = ::syscall(SYS_io_setup, 1, &context_) == 0;
    if (!is_possible_) return false;
    iocb request = {};
    request.aio_lio_opcode = IOCB_CMD_PWRITE;
    request.aio_fildes = static_cast<std::uint32_t>(fd);
    request.aio_buf = reinterpret_cast<std::uintptr_t>(bytes.data());
    request.aio_nbytes = bytes.size();
    request.aio_offset = static_cast<std::int64_t>(offset);
    iocb* requests[] = {&request};
    is_under_way_ = ::syscall(SYS_io_submit, context_, 1, requests) == 1;
    return is_under_way_;
}

ssize_t BegunWrite::end() {
    io_event event = {};
    while (::syscall(SYS_io_getevents, context_, 1, 1, &event, nullptr) != 1) {
        if (errno != EINTR) return -errno;
    }
    is_under_way_ = false;
    return static_cast<ssize_t>(event.res);
}

}  // namespace mill::posix
