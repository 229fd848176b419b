// SPDX-License-Identifier: Apache-2.0
// The reference server: how fast a durable put can be on this machine. One thread, epoll, HTTP/1.1
// with keep-alive. It looks at nothing but lengths: every request of a round (all sockets that
// epoll finds ready) goes with its whole body into one write to a file that is already filled with
// zeros, one fdatasync follows, then each is answered with fixed bytes. At the file's end it begins
// again at the front.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t read_step = 256 * 1024;
constexpr std::size_t pieces_max = 512;  // of one pwritev; IOV_MAX is 1024
constexpr int events_max = 1024;
// Users of epoll's data word that are no connection.
constexpr std::uint64_t listener_id = ~std::uint64_t{0};
constexpr std::uint64_t signal_id = listener_id - 1;

struct Options {
    std::uint16_t port = 0;
    std::string file = "reference.log";
    std::size_t file_mib = 256;
    std::size_t answer_records = 1;  // entries of the fixed answer: those of a PutRecords
    bool sync = true;
    bool store = true;
};

[[noreturn]] void give_up(const std::string& why) {
    fmt::print(stderr, "millrace-reference: {}\n", why);
    std::exit(1);
}

[[noreturn]] void give_up_errno(const std::string& what) {
    give_up(what + ": " + std::strerror(errno));
}

Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string name = words[i];
        if (name == "--no-sync") {
            options.sync = false;
            continue;
        }
        if (name == "--no-store") {
            options.store = false;
            continue;
        }
        const char* value = i + 1 < count ? words[++i] : nullptr;
        if (value && name == "--port") {
            options.port = static_cast<std::uint16_t>(std::atoi(value));
        } else if (value && name == "--file") {
            options.file = value;
        } else if (value && name == "--file-mib") {
            options.file_mib = std::strtoul(value, nullptr, 10);
        } else if (value && name == "--answer-records") {
            options.answer_records = std::strtoul(value, nullptr, 10);
        } else {
            fmt::print(
                "Usage: millrace-reference --port PORT [--file PATH] [--file-mib N] "
                "[--answer-records N] [--no-sync] [--no-store]\n");
            std::exit(name == "--help" ? 0 : 2);
        }
    }
    return options;
}

// As long as Kinesis' own: PutRecord's for 1, PutRecords' for more.
std::string fixed_answer(std::size_t records) {
    const std::string entry =
        R"("SequenceNumber":"49664000000000000000000000000000000000000000000000000002","ShardId":"shardId-000000000000")";
    std::string body = "{" + entry + "}";
    if (records > 1) {
        body = R"({"FailedRecordCount":0,"Records":[)";
        for (std::size_t i = 0; i < records; ++i) body += (i ? ",{" : "{") + entry + "}";
        body += "]}";
    }
    return fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
        "x-amzn-RequestId: 6d7a7b0e-5f3a-4a52-9d0e-0d5f0c6f5a11\r\nContent-Length: {}\r\n"
        "Connection: keep-alive\r\n\r\n{}",
        body.size(), body);
}

// Zero-written and synced, so that a put neither allocates nor changes the size.
class Log {
  public:
    explicit Log(const Options& options)
        : sync_(options.sync),
          bytes_(options.file_mib * 1024 * 1024),
          fd_(::open(options.file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
        if (fd_ < 0) give_up_errno("cannot open " + options.file);
        const std::string zeros(1024 * 1024, '\0');
        for (std::size_t at = 0; at < bytes_; at += zeros.size()) write({zeros});
        if (::fsync(fd_) != 0) give_up_errno("fsync");
        position_ = 0;
    }

    // All or the process ends: the answers promise that the bytes are there.
    void append(const std::vector<std::string_view>& pieces) {
        write(pieces);
        if (sync_ && ::fdatasync(fd_) != 0) give_up_errno("fdatasync");
    }

  private:
    void write(const std::vector<std::string_view>& pieces) {
        for (std::size_t first = 0; first < pieces.size(); first += pieces_max) {
            std::array<iovec, pieces_max> vectors;
            std::size_t count = 0;
            std::size_t total = 0;
            for (; count < pieces_max && first + count < pieces.size(); ++count) {
                const std::string_view piece = pieces[first + count];
                vectors[count] = {const_cast<char*>(piece.data()), piece.size()};
                total += piece.size();
            }
            if (position_ + total > bytes_) position_ = 0;
            if (total > bytes_) give_up("a round is larger than the file; see --file-mib");
            const ssize_t put = ::pwritev(fd_, vectors.data(), static_cast<int>(count),
                                          static_cast<off_t>(position_));
            if (put != static_cast<ssize_t>(total)) give_up_errno("pwritev");
            position_ += total;
        }
    }
    bool sync_;
    std::size_t bytes_;
    std::size_t position_ = 0;
    int fd_;
};

struct Connection {
    explicit Connection(int socket) : fd(socket) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { ::close(fd); }

    int fd;
    std::string in;
    std::size_t filled = 0;
    std::size_t taken = 0;   // bytes of `in` that are whole requests of this round
    std::size_t needed = 0;  // of the request under way; 0: its head is not whole
    std::string unsent;
};

// The length of the first request in `text`: head and body; 0 if the head is not whole.
std::size_t request_bytes(std::string_view text, std::size_t& head_bytes) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    head_bytes = end + 4;
    std::size_t body = 0;
    for (std::size_t at = text.find('\n') + 1; at < head_bytes - 2;) {
        const std::size_t line_end = text.find('\n', at);
        constexpr std::string_view name = "content-length:";
        if (line_end - at > name.size() &&
            ::strncasecmp(text.data() + at, name.data(), name.size()) == 0) {
            std::size_t digits = at + name.size();
            while (text[digits] == ' ') ++digits;
            std::from_chars(text.data() + digits, text.data() + line_end, body);
        }
        at = line_end + 1;
    }
    return head_bytes + body;
}

class Server {
  public:
    explicit Server(const Options& options);
    void run();

  private:
    void accept();
    bool read(Connection& c);  // false: it is closed
    void take_requests(Connection& c);
    void send(Connection& c);
    void close_later(Connection& c) { closing_.push_back(c.fd); }

    bool store_;
    Log log_;
    std::string answer_;
    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
    std::vector<std::string_view> bodies_;                  // of this round
    struct Due {
        Connection* connection;
        std::size_t answers;
    };
    std::vector<Due> due_;
    std::vector<int> closing_;
};

Server::Server(const Options& options)
    : store_(options.store), log_(options), answer_(fixed_answer(options.answer_records)) {
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, SOMAXCONN) != 0) {
        give_up_errno("cannot listen");
    }
    socklen_t length = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = listener_id}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);

    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    event = {.events = EPOLLIN, .data = {.u64 = signal_id}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, ::signalfd(-1, &signals, SFD_CLOEXEC), &event);
    fmt::print("ready on http://127.0.0.1:{}\n", ntohs(address.sin_port));
    std::fflush(stdout);
}

void Server::accept() {
    while (true) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const auto index = static_cast<std::size_t>(fd);
        if (connections_.size() <= index) connections_.resize(index + 1);
        connections_[index] = std::make_unique<Connection>(fd);
        epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                          .data = {.u64 = index}};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
}

bool Server::read(Connection& c) {
    while (true) {
        const std::size_t room = std::max(read_step, c.needed > c.filled ? c.needed - c.filled : 0);
        if (c.in.size() < c.filled + room / 2) c.in.resize(c.filled + room);
        const std::size_t space = c.in.size() - c.filled;
        const ssize_t got = ::recv(c.fd, c.in.data() + c.filled, space, 0);
        if (got == 0) return false;
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        c.filled += static_cast<std::size_t>(got);
        if (static_cast<std::size_t>(got) < space) return true;  // drained, most likely
    }
}

void Server::take_requests(Connection& c) {
    std::size_t answers = 0;
    while (true) {
        const std::string_view rest(c.in.data() + c.taken, c.filled - c.taken);
        if (c.needed > rest.size()) break;
        std::size_t head = 0;
        c.needed = request_bytes(rest, head);
        if (c.needed == 0 || c.needed > rest.size()) break;
        if (store_ && c.needed > head) bodies_.push_back(rest.substr(head, c.needed - head));
        c.taken += c.needed;
        c.needed = 0;
        ++answers;
    }
    if (answers) due_.push_back({&c, answers});
}

void Server::send(Connection& c) {
    while (!c.unsent.empty()) {
        const ssize_t put = ::send(c.fd, c.unsent.data(), c.unsent.size(), MSG_NOSIGNAL);
        if (put < 0) return;  // epoll tells when there is room, or that it is closed
        c.unsent.erase(0, static_cast<std::size_t>(put));
    }
}

void Server::run() {
    std::array<epoll_event, events_max> events;
    while (true) {
        const int count = ::epoll_wait(epoll_, events.data(), events_max, -1);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 == signal_id) return;
            if (event.data.u64 == listener_id) {
                accept();
                continue;
            }
            Connection& c = *connections_[event.data.u64];
            if (event.events & EPOLLOUT) send(c);
            if (!read(c)) close_later(c);
            take_requests(c);
        }
        if (!bodies_.empty()) log_.append(bodies_);
        bodies_.clear();
        for (const Due& due : due_) {
            Connection& c = *due.connection;
            // Straight from the fixed bytes; only what the socket does not take is kept.
            for (std::size_t i = 0; i < due.answers; ++i) {
                std::size_t sent = 0;
                if (c.unsent.empty()) {
                    const ssize_t put = ::send(c.fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
                    sent = put > 0 ? static_cast<std::size_t>(put) : 0;
                }
                c.unsent.append(answer_, sent);
            }
            c.filled -= c.taken;
            std::memmove(c.in.data(), c.in.data() + c.taken, c.filled);
            c.taken = 0;
        }
        due_.clear();
        for (int fd : closing_) connections_[static_cast<std::size_t>(fd)].reset();
        closing_.clear();
    }
}

}  // namespace

int main(int count, char** words) {
    Server(parse(count, words)).run();
    return 0;
}
