// SPDX-License-Identifier: Apache-2.0
// The function behind the event source mapping of the crash test: reports the numbers of each batch
// to the test (sink.h), and returns once the test has them.
#include <arpa/inet.h>
#include <millrace/lambda.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace {

using millrace::json;

int connect_to_sink() {
    const char* port = std::getenv("SINK_PORT");
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port ? port : "0")));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    throw std::runtime_error("cannot reach the test");
}

void report(int sink, const json& event) {
    std::string line;
    for (const auto& record : millrace::kinesis_records(event)) {
        if (line.empty()) line = record.shard_id;
        line += " " + record.sequence_number;
    }
    line += "\n";
    char answer = 0;
    if (::send(sink, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()) ||
        ::recv(sink, &answer, 1, 0) != 1)
        throw std::runtime_error("the test did not take the report");
}

}  // namespace

int main() {
    int sink = -1;
    return millrace::run([&sink](const json& event, const millrace::Context&) -> json {
        if (sink < 0) sink = connect_to_sink();
        report(sink, event);
        return nullptr;
    });
}
