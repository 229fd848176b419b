// SPDX-License-Identifier: Apache-2.0
// Says on stderr how far something has come: first after a second, then every five.
#pragma once

#include "cli/session.h"

namespace mill::cli {

class ProgressLines {
  public:
    // "copying": what is being done.
    ProgressLines(Session& session, std::string what)
        : session_(session),
          what_(std::move(what)),
          next_(session.machine.clock.now() + std::chrono::seconds(1)) {}

    // Bytes; a total of 0 is not known.
    void at(std::uint64_t done, std::uint64_t total);

  private:
    Session& session_;
    const std::string what_;
    Instant next_;
};

}  // namespace mill::cli
