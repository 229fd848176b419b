// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "tests/crash/verdict.h"

namespace mill::crash {
namespace {

// Any signature will do on a loopback address.
constexpr const char* made_up_signature =
    "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024";
constexpr std::size_t chunk_bytes = 256 * 1024;

std::string head_of(std::uint16_t port, std::string_view target, std::string_view service,
                    std::string_view more, std::size_t bytes) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-amz-date: 20260101T000000Z\r\n"
        "authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature={}\r\n{}content-length: {}\r\n\r\n",
        target, port, service, made_up_signature, more, bytes);
}

// The value of a header; the name comes with its colon.
std::string_view header(std::string_view head, std::string_view name) {
    for (std::size_t at = 0; (at = head.find("\r\n", at)) != std::string_view::npos;) {
        at += 2;
        if (head.size() - at < name.size()) return {};
        if (::strncasecmp(head.data() + at, name.data(), name.size()) != 0) continue;
        const std::size_t from = at + name.size();
        return head.substr(from, head.find("\r\n", from) - from);
    }
    return {};
}

}  // namespace

std::optional<Reply> Connection::kinesis(std::string_view operation, std::string_view body) {
    const std::string more = fmt::format(
        "content-type: application/x-amz-json-1.1\r\nx-amz-target: Kinesis_20131202.{}\r\n",
        operation);
    return call(head_of(port_, "/", "kinesis", more, body.size()), body);
}

std::optional<Reply> Connection::lambda(std::string_view path, std::string_view body) {
    return call(head_of(port_, path, "lambda", "content-type: application/json\r\n", body.size()),
                body);
}

std::optional<Reply> Connection::call(std::string head, std::string_view body) {
    if (fd_ < 0 && !open()) return std::nullopt;
    if (send(head) && send(body)) {
        if (auto reply = receive()) return reply;
    }
    close();
    return std::nullopt;
}

bool Connection::open() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) give_up("no socket");
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port_)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
    close();
    return false;
}

void Connection::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    buffer_.clear();
}

bool Connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::optional<Reply> Connection::receive() {
    std::size_t wanted = 0;  // 0: the head is not complete
    std::size_t head_bytes = 0;
    while (wanted == 0 || buffer_.size() < wanted) {
        const std::size_t had = buffer_.size();
        buffer_.resize(had + chunk_bytes);
        const ssize_t count = ::recv(fd_, buffer_.data() + had, chunk_bytes, 0);
        buffer_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count <= 0) return std::nullopt;
        if (wanted > 0) continue;
        const auto end = buffer_.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        head_bytes = end + 4;
        const std::string_view length =
            header(std::string_view(buffer_).substr(0, end + 2), "content-length:");
        if (length.empty()) give_up("an answer without a Content-Length");
        wanted = head_bytes + std::strtoull(std::string(length).c_str(), nullptr, 10);
    }
    Reply reply{.status = std::atoi(buffer_.c_str() + std::string_view("HTTP/1.1 ").size()),
                .body = buffer_.substr(head_bytes, wanted - head_bytes)};
    buffer_.erase(0, wanted);
    return reply;
}

}  // namespace mill::crash
