// SPDX-License-Identifier: Apache-2.0
#include "bench/load/answer_reader.h"

#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace mill::bench {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

void AnswerReader::reset() {
    filled_ = 0;
    head_bytes_ = 0;
    body_bytes_ = 0;
    chunked_ = false;
    answer_ = {};
}

AnswerReader::State AnswerReader::receive(int fd) {
    while (true) {
        const std::size_t wanted = head_bytes_ + body_bytes_;
        if (wanted > buffer_.size()) buffer_.resize(wanted);
        if (filled_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
        const ssize_t got = ::recv(fd, buffer_.data() + filled_, buffer_.size() - filled_, 0);
        if (got == 0) return State::closed;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno == EAGAIN ? State::incomplete : State::closed;
        filled_ += static_cast<std::size_t>(got);
        if (const State state = parse(); state != State::incomplete) return state;
    }
}

AnswerReader::State AnswerReader::parse() {
    if (head_bytes_ == 0) {
        const std::size_t end = std::string_view(buffer_.data(), filled_).find("\r\n\r\n");
        if (end == std::string_view::npos) return State::incomplete;
        if (!parse_head(end + 2)) return State::malformed;
        head_bytes_ = end + 4;
    }
    if (chunked_) return parse_chunks();
    if (filled_ < head_bytes_ + body_bytes_) return State::incomplete;
    answer_.body = std::string_view(buffer_).substr(head_bytes_, body_bytes_);
    return State::complete;
}

// `end`: behind the line feed of the last header.
bool AnswerReader::parse_head(std::size_t end) {
    const std::string_view head(buffer_.data(), end);
    if (!head.starts_with("HTTP/1.") || head.size() < 12) return false;
    answer_.keep_alive = head[7] == '1';
    std::from_chars(head.data() + 9, head.data() + 12, answer_.status);
    bool has_length = false;
    for (std::size_t at = head.find('\n') + 1; at < head.size();) {
        const std::size_t line_end = head.find('\n', at);
        const std::string_view line = head.substr(at, line_end - at);
        at = line_end + 1;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view name = line.substr(0, colon);
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
        while (!value.empty() && value.back() <= ' ') value.remove_suffix(1);
        if (same_name(name, "content-length")) {
            std::from_chars(value.data(), value.data() + value.size(), body_bytes_);
            has_length = true;
        } else if (same_name(name, "transfer-encoding")) {
            chunked_ = same_name(value, "chunked");
        } else if (same_name(name, "connection")) {
            answer_.keep_alive = !same_name(value, "close");
        }
    }
    return has_length || chunked_ || answer_.status == 204;
}

AnswerReader::State AnswerReader::parse_chunks() {
    const std::string_view all(buffer_.data(), filled_);
    unchunked_.clear();
    for (std::size_t at = head_bytes_; at < all.size();) {
        const std::size_t line_end = all.find("\r\n", at);
        if (line_end == std::string_view::npos) return State::incomplete;
        std::size_t bytes = 0;
        const auto [end, error] =
            std::from_chars(all.data() + at, all.data() + line_end, bytes, 16);
        if (error != std::errc()) return State::malformed;
        const std::size_t next = line_end + 2 + bytes + 2;
        if (next > all.size()) return State::incomplete;
        if (bytes == 0) {
            answer_.body = unchunked_;
            return State::complete;
        }
        unchunked_.append(all.substr(line_end + 2, bytes));
        at = next;
    }
    return State::incomplete;
}

}  // namespace mill::bench
