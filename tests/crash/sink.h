// SPDX-License-Identifier: Apache-2.0
// Sink: where the consumer function reports each batch before it returns: a TCP listener of this
// process, which no kill of the server touches. A report is a line "shard number number ...",
// answered by a byte once it is kept.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/crash/history.h"

namespace mill::crash {

class Sink {
  public:
    Sink();
    ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    std::uint16_t port() const { return port_; }
    // What has come since the last call.
    std::vector<Batch> take();
    // The same, but waits a little while if nothing has come.
    std::vector<Batch> wait();

  private:
    struct Caller {
        int fd = -1;
        std::jthread thread;
    };
    void accept_all();
    void serve(int fd);

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_ = false;
    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<Batch> batches_;
    std::list<Caller> callers_;  // the accepting thread's, and the destructor's after it
    std::jthread accepting_;
};

}  // namespace mill::crash
