// SPDX-License-Identifier: Apache-2.0
// Connection: calls to the server under test over one blocking socket that is kept. No retries and
// no code of the server's: an answer is whole or it never came. One thread's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mill::crash {

struct Reply {
    int status = 0;
    std::string body;
};

class Connection {
  public:
    explicit Connection(std::uint16_t port) : port_(port) {}
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // An operation of Kinesis. Nothing: the server went away before it had answered.
    std::optional<Reply> kinesis(std::string_view operation, std::string_view body);
    std::optional<Reply> lambda(std::string_view path, std::string_view body);

  private:
    std::optional<Reply> call(std::string head, std::string_view body);
    bool open();
    void close();
    bool send(std::string_view bytes);
    std::optional<Reply> receive();

    std::uint16_t port_;
    int fd_ = -1;
    std::string buffer_;
};

}  // namespace mill::crash
