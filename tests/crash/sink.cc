// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <utility>

#include "tests/crash/verdict.h"

namespace mill::crash {
namespace {

Batch batch_of(const std::string& line) {
    std::istringstream words(line);
    Batch batch;
    words >> batch.shard;
    for (std::string number; words >> number;) batch.numbers.push_back(std::move(number));
    return batch;
}

}  // namespace

Sink::Sink() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, length) < 0 || ::listen(listener_, 16) < 0 ||
        ::getsockname(listener_, plain, &length) < 0)
        give_up("no listener for the consumer's reports");
    port_ = ntohs(address.sin_port);
    accepting_ = std::jthread([this] { accept_all(); });
}

Sink::~Sink() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    for (const Caller& caller : callers_) ::shutdown(caller.fd, SHUT_RDWR);
    for (Caller& caller : callers_) {
        caller.thread.join();
        ::close(caller.fd);
    }
    ::close(listener_);
}

void Sink::accept_all() {
    while (!ending_) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        callers_.push_back({.fd = fd, .thread = std::jthread([this, fd] { serve(fd); })});
    }
}

void Sink::serve(int fd) {
    std::string text;
    char bytes[65536];
    for (ssize_t count = 0; (count = ::recv(fd, bytes, sizeof bytes, 0)) > 0;) {
        text.append(bytes, static_cast<std::size_t>(count));
        for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos;) {
            {
                const std::lock_guard lock(mutex_);
                batches_.push_back(batch_of(text.substr(0, end)));
            }
            came_.notify_all();
            text.erase(0, end + 1);
            if (::send(fd, "k", 1, MSG_NOSIGNAL) != 1) return;
        }
    }
}

std::vector<Batch> Sink::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(batches_, {});
}

std::vector<Batch> Sink::wait() {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::milliseconds(50), [this] { return !batches_.empty(); });
    return std::exchange(batches_, {});
}

}  // namespace mill::crash
