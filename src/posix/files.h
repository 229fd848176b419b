// SPDX-License-Identifier: Apache-2.0
// Files on the host's file system. Inside posix/ only.
#pragma once

#include <memory>

#include "machine/files.h"

namespace mill::posix {

// Without `syncs` nothing is forced to the disk: for what is thrown away with the process.
std::unique_ptr<machine::Files> make_files(bool syncs = true);

// An open descriptor, closed when it goes.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { reset(); }
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release();
    void reset();

  private:
    int fd_ = -1;
};

// What errno says, as an Error that names what was done and to which path: "cannot open '/x': No
// such file or directory".
Failure io_failure(int error, const std::string& verb, const std::string& path);

}  // namespace mill::posix
