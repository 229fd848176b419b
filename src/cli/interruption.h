// SPDX-License-Identifier: Apache-2.0
// Verbs that run until Ctrl-C.
#pragma once

#include "cli/session.h"
#include "machine/signal.h"

namespace mill::cli {

// Notices SIGTERM and Ctrl-C as long as it lives.
class Interruption {
  public:
    explicit Interruption(Session& session) : changed(session.machine.executor), session_(session) {
        session_.on_terminate([this] {
            interrupted = true;
            changed.notify_all();
        });
    }
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    ~Interruption() {
        session_.on_terminate([] {});
    }

    machine::Signal changed;
    bool interrupted = false;

  private:
    Session& session_;
};

}  // namespace mill::cli
