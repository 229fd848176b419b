// SPDX-License-Identifier: Apache-2.0
// Reads HTTP/1.1 answers from a socket: as little work as can be, since a load generator that is
// slower than the server measures itself. (src/wire's parser is for correctness, not for this.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mill::bench {

struct Answer {
    int status = 0;
    bool keep_alive = true;
    std::string_view body;  // until the next receive()
};

class AnswerReader {
  public:
    enum class State { incomplete, complete, closed, malformed };

    // Takes what the socket has. One answer at a time: the next request is sent after it.
    State receive(int fd);
    const Answer& answer() const { return answer_; }
    void reset();  // before the next answer

  private:
    State parse();
    bool parse_head(std::size_t end);
    State parse_chunks();

    std::string buffer_ = std::string(64 * 1024, '\0');
    std::size_t filled_ = 0;
    std::size_t head_bytes_ = 0;  // 0: the head is not complete
    std::size_t body_bytes_ = 0;
    bool chunked_ = false;
    std::string unchunked_;
    Answer answer_;
};

}  // namespace mill::bench
