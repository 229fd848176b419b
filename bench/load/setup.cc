// SPDX-License-Identifier: Apache-2.0
#include "bench/load/setup.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "bench/load/answer_reader.h"
#include "bench/load/options.h"

namespace mill::bench {
namespace {

constexpr auto creation_poll = std::chrono::milliseconds(20);
constexpr int creation_polls_max = 1500;  // half a minute

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put <= 0) give_up("the server closed the connection of a set-up call");
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

}  // namespace

int connect_socket(std::uint16_t port, bool blocking) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) {
        give_up(fmt::format("cannot connect to 127.0.0.1:{}", port));
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!blocking) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

std::string_view text_member(std::string_view json, std::string_view name) {
    const std::string mark = fmt::format("\"{}\":", name);
    const std::size_t at = json.find(mark);
    if (at == std::string_view::npos) return {};
    std::size_t start = at + mark.size();
    if (start < json.size() && json[start] == ' ') ++start;  // Python's way to write JSON
    if (start >= json.size() || json[start] != '"') return {};
    ++start;
    return json.substr(start, json.find('"', start) - start);
}

SetupClient::Reply SetupClient::call(std::string_view operation, std::string body) const {
    const int fd = connect_socket(port_, true);
    auto request = writer_.kinesis(operation, std::move(body));
    write_all(fd, writer_.bytes(request));
    AnswerReader reader;
    const auto state = reader.receive(fd);
    ::close(fd);
    if (state != AnswerReader::State::complete) {
        give_up(fmt::format("no whole answer to {}", operation));
    }
    return {reader.answer().status, std::string(reader.answer().body)};
}

std::string SetupClient::kinesis(std::string_view operation, std::string body) const {
    Reply reply = call(operation, std::move(body));
    if (reply.status != 200) {
        give_up(fmt::format("{}: {} {}", operation, reply.status, reply.body.substr(0, 300)));
    }
    return std::move(reply.body);
}

void SetupClient::create_stream(const std::string& stream, int shards) const {
    const std::string name = fmt::format(R"({{"StreamName":"{}"}})", stream);
    if (call("DescribeStreamSummary", name).status != 200) {
        kinesis("CreateStream",
                fmt::format(R"({{"StreamName":"{}","ShardCount":{}}})", stream, shards));
    }
    for (int i = 0; i < creation_polls_max; ++i) {
        const Reply reply = call("DescribeStreamSummary", name);
        if (reply.status == 200 && text_member(reply.body, "StreamStatus") == "ACTIVE") return;
        std::this_thread::sleep_for(creation_poll);
    }
    give_up("the stream '" + stream + "' does not become ACTIVE");
}

std::vector<std::string> SetupClient::shards(const std::string& stream) const {
    const std::string body = kinesis("ListShards", fmt::format(R"({{"StreamName":"{}"}})", stream));
    std::vector<std::string> ids;
    std::string_view rest = body;
    while (true) {
        const std::string_view id = text_member(rest, "ShardId");
        if (id.empty()) return ids;
        ids.emplace_back(id);
        rest = rest.substr(static_cast<std::size_t>(id.data() - rest.data()));
    }
}

std::string SetupClient::iterator(const std::string& stream, const std::string& shard,
                                  std::string_view type) const {
    const std::string body =
        kinesis("GetShardIterator",
                fmt::format(R"({{"StreamName":"{}","ShardId":"{}","ShardIteratorType":"{}"}})",
                            stream, shard, type));
    return std::string(text_member(body, "ShardIterator"));
}

}  // namespace mill::bench
