// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/crash/verdict.h"

namespace mill::crash {

Journal::Journal(const std::string& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (file_ < 0) give_up("cannot write " + path);
}

Journal::~Journal() { ::close(file_); }

void Journal::write(const std::string& lines) {
    if (::write(file_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
        give_up("the journal could not be written");
}

}  // namespace mill::crash
