// SPDX-License-Identifier: Apache-2.0
// ServerProcess: one `millrace serve`, started, killed and waited for by its own pid. Owned by one
// thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mill::crash {

using Milliseconds = std::chrono::duration<double, std::milli>;

class ServerProcess {
  public:
    // `program`: the binary. Its stderr is appended to `log`.
    ServerProcess(std::string program, std::string log);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    // Starts it on the data directory, on any free port of 127.0.0.1. Does not wait.
    void launch(const std::string& directory);
    // Until it says that it is ready; the port. 0: it ended, or said nothing for half a minute.
    std::uint16_t wait_until_ready();
    // SIGKILL, and waits until it is gone. The status of waitpid() if it had ended by itself.
    std::optional<int> kill();
    void ask_to_end();  // SIGTERM; does not wait
    int wait();         // until it ends by itself; the status of waitpid()
    bool is_running() const { return pid_ > 0; }

  private:
    std::string program_;
    std::string log_;
    pid_t pid_ = -1;
    int out_ = -1;  // its stdout
};

}  // namespace mill::crash
