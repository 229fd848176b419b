// SPDX-License-Identifier: Apache-2.0
// The reactor only says when a socket may be ready; the bytes are moved here, by the coroutine that
// asked for them. So no buffer is ever in another's hands, and a coroutine may be destroyed at any
// time: its place is then empty and nobody is resumed.
#include "posix/network.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <coroutine>
#include <cstring>
#include <system_error>

namespace mill::posix {
namespace {

using machine::Connection;
using machine::Endpoint;

std::string reason(int error) { return std::generic_category().message(error); }

struct Address {
    sockaddr_storage storage = {};
    socklen_t length = sizeof storage;
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    bool is_v6() const { return storage.ss_family == AF_INET6; }

    Endpoint endpoint() {
        char host[NI_MAXHOST];
        char port[NI_MAXSERV];
        if (::getnameinfo(get(), length, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
            return {};
        }
        return {host, static_cast<unsigned short>(std::atoi(port))};
    }
};

Result<Address> address_of(const Endpoint& at) {
    const addrinfo hints{.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    addrinfo* found = nullptr;
    if (::getaddrinfo(at.host.c_str(), std::to_string(at.port).c_str(), &hints, &found) != 0) {
        return fail("net", "'" + at.host + "' is not an IP address");
    }
    Address address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    ::freeaddrinfo(found);
    return address;
}

Descriptor open_socket(const Address& address) {
    return Descriptor(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void set_option(int fd, int level, int name) {
    const int on = 1;
    ::setsockopt(fd, level, name, &on, sizeof on);
}

Failure closed() { return fail("net.closed", "the connection is closed"); }

// A coroutine's place to wait in. Empty while nobody waits.
using Place = std::coroutine_handle<>;

void wake(Place& place) {
    if (place) std::exchange(place, nullptr).resume();
}

// co_await Wait(place): until the place is woken.
class Wait {
  public:
    explicit Wait(Place& place) : place_(place) {}
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() { place_ = nullptr; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { place_ = handle; }
    void await_resume() const noexcept {}

  private:
    Place& place_;
};

// A connected socket, registered once for changes either way. Outlives the Connection while a read
// or write is suspended.
class Stream final : public Reactor::Watcher, public std::enable_shared_from_this<Stream> {
  public:
    Stream(Reactor& reactor, Descriptor socket) : reactor_(reactor), socket_(std::move(socket)) {
        constexpr std::uint32_t changes = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        if (!reactor_.watch(socket_.get(), changes, *this)) socket_.reset();
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { close(); }

    int fd() const { return socket_.get(); }
    bool is_open() const { return bool(socket_); }
    void close() {
        if (!is_open()) return;
        reactor_.forget(fd(), *this);
        socket_.reset();
        if (reader_ || writer_) wake_soon();
    }

    void on_ready(std::uint32_t events) override {
        const auto self = shared_from_this();  // whoever is woken may let go of it
        constexpr std::uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
        if (events & ends) has_ended_ = true;
        if (events & (EPOLLIN | ends)) {
            is_readable_ = true;
            wake(reader_);
        }
        if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
            is_writable_ = true;
            wake(writer_);
        }
    }

    // As recv, and EAGAIN where it would find nothing.
    ssize_t receive(char* to, std::size_t count) {
        if (!is_readable_) return again();
        const ssize_t got = ::recv(fd(), to, count, 0);
        // Less than asked for: all there was. The next byte is a change, the end may be old news.
        if (got >= 0 && static_cast<std::size_t>(got) < count) is_readable_ = has_ended_;
        if (got < 0 && would_block()) is_readable_ = false;
        return got;
    }
    ssize_t send(BytesView bytes) {
        if (!is_writable_) return again();
        const ssize_t put = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put < 0 && would_block()) is_writable_ = false;
        return put;
    }
    static bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

    Wait readable() { return Wait(reader_); }
    Wait writable() { return Wait(writer_); }
    // A peer that never lets the buffer run dry must not keep the executor to itself.
    bool must_yield() { return ++eager_reads_ % eager_reads_max == 0; }
    Wait turn() {
        wake_soon();
        return Wait(reader_);
    }
    // Answers of a turn are sent one right after the other: a peer that has been woken for the
    // first is awake for the others, and waking costs the sender most of a send.
    Wait end_of_turn() {
        reactor_.post_last([self = shared_from_this()] { wake(self->writer_); });
        return Wait(writer_);
    }

  private:
    static constexpr unsigned eager_reads_max = 16;
    static ssize_t again() {
        errno = EAGAIN;
        return -1;
    }
    void wake_soon() {
        reactor_.post([self = weak_from_this().lock()] {
            if (!self) return;
            wake(self->reader_);
            wake(self->writer_);
        });
    }

    Reactor& reactor_;
    Descriptor socket_;
    Place reader_;
    Place writer_;
    bool is_readable_ = true;
    bool is_writable_ = true;
    bool has_ended_ = false;  // the peer has finished, or the connection is broken
    unsigned eager_reads_ = 0;
};

Task<Result<std::size_t>> read_from(std::shared_ptr<Stream> stream, char* to, std::size_t count) {
    if (stream->must_yield()) co_await stream->turn();
    while (stream->is_open()) {
        const ssize_t got = stream->receive(to, count);
        if (got >= 0) co_return static_cast<std::size_t>(got);
        if (errno == EINTR) continue;
        if (!Stream::would_block()) break;
        co_await stream->readable();
    }
    co_return closed();
}

Task<Result<void>> write_to(std::shared_ptr<Stream> stream, BytesView bytes) {
    co_await stream->end_of_turn();
    while (!bytes.empty()) {
        if (!stream->is_open()) co_return closed();
        const ssize_t put = stream->send(bytes);
        if (put >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(put));
            continue;
        }
        if (errno == EINTR) continue;
        if (!Stream::would_block()) co_return closed();
        co_await stream->writable();
    }
    co_return Result<void>();
}

class TcpConnection final : public Connection {
  public:
    explicit TcpConnection(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {
        set_option(stream_->fd(), IPPROTO_TCP, TCP_NODELAY);
        Address address;
        if (::getpeername(stream_->fd(), address.get(), &address.length) == 0) {
            peer_ = address.endpoint();
        }
    }
    ~TcpConnection() override { stream_->close(); }
    Task<Result<std::size_t>> read(char* to, std::size_t count) override {
        return read_from(stream_, to, count);
    }
    Task<Result<void>> write(BytesView bytes) override { return write_to(stream_, bytes); }
    void close() override { stream_->close(); }
    Endpoint peer() const override { return peer_; }

  private:
    std::shared_ptr<Stream> stream_;
    Endpoint peer_;
};

class TcpListener final : public machine::Listener, public Reactor::Watcher {
  public:
    TcpListener(Reactor& reactor, Descriptor socket, machine::Network::Accept accept, Log log)
        : reactor_(reactor),
          socket_(std::move(socket)),
          accept_(std::move(accept)),
          log_(std::move(log)),
          pause_(reactor) {
        Address address;
        if (::getsockname(socket_.get(), address.get(), &address.length) == 0) {
            local_ = address.endpoint();
        }
        listen();
    }
    TcpListener(const TcpListener&) = delete;
    TcpListener& operator=(const TcpListener&) = delete;
    ~TcpListener() override { reactor_.forget(socket_.get(), *this); }
    Endpoint local() const override { return local_; }

    void on_ready(std::uint32_t) override {
        const int fd = ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return refused(errno);
        auto stream = std::make_shared<Stream>(reactor_, Descriptor(fd));
        if (!stream->is_open()) return refused(ENOMEM);
        accept_(std::make_unique<TcpConnection>(std::move(stream)));  // may destroy this
    }

  private:
    void listen() {
        if (!reactor_.watch(socket_.get(), EPOLLIN, *this)) refused(errno);
    }
    // Out of descriptors or memory: the connection stays in the kernel's queue until some are free
    // again.
    void refused(int error) {
        const bool passes = error == EAGAIN || error == EWOULDBLOCK || error == EINTR ||
                            error == ECONNABORTED || error == EPROTO;
        if (passes) return;
        if (!warned_) log_.warning("accept_failed", {{"reason", reason(error)}});
        warned_ = true;
        reactor_.forget(socket_.get(), *this);
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        pause_.set(Instant(now + std::chrono::milliseconds(50)), [this] { listen(); });
    }

    Reactor& reactor_;
    Descriptor socket_;
    machine::Network::Accept accept_;
    Log log_;
    Reactor::Alarm pause_;
    Endpoint local_;
    bool warned_ = false;
};

Result<Descriptor> open_listener(const Endpoint& at) {
    MILL_TRY(Address address, address_of(at));
    Descriptor socket = open_socket(address);
    if (socket) set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR);
    if (socket && address.is_v6()) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
    if (socket && ::bind(socket.get(), address.get(), address.length) == 0 &&
        ::listen(socket.get(), SOMAXCONN) == 0) {
        return socket;
    }
    const int error = errno;
    const std::string where = at.text();
    if (error == EADDRINUSE) return fail("net.in_use", where + " is in use by another program");
    return fail("net", "cannot listen on " + where + ": " + reason(error));
}

Failure cannot_connect(const Endpoint& to, int error) {
    if (error == ECONNREFUSED) return fail("net.refused", "nothing listens on " + to.text());
    return fail("net", "cannot connect to " + to.text() + ": " + reason(error));
}

Task<Result<std::unique_ptr<Connection>>> connect_to(Reactor& reactor, Endpoint to) {
    MILL_CO_TRY(Address address, address_of(to));
    Descriptor socket = open_socket(address);
    if (!socket) co_return cannot_connect(to, errno);
    const int connected = ::connect(socket.get(), address.get(), address.length);
    if (connected < 0 && errno != EINPROGRESS) co_return cannot_connect(to, errno);
    const auto stream = std::make_shared<Stream>(reactor, std::move(socket));
    if (!stream->is_open()) co_return cannot_connect(to, ENOMEM);
    if (connected < 0) {
        co_await stream->writable();
        int error = 0;
        socklen_t length = sizeof error;
        ::getsockopt(stream->fd(), SOL_SOCKET, SO_ERROR, &error, &length);
        if (error != 0) co_return cannot_connect(to, error);
    }
    co_return std::make_unique<TcpConnection>(stream);
}

// To the first of the name's addresses that can be connected to.
Task<Result<std::unique_ptr<Connection>>> connect_by_name(Reactor& reactor,
                                                          machine::Executor& executor, Endpoint to,
                                                          ResolverOptions options) {
    MILL_CO_TRY(const auto addresses,
                co_await resolve(reactor, executor, to.host, std::move(options)));
    for (std::size_t i = 0;; ++i) {
        auto connection = co_await connect_to(reactor, {addresses[i], to.port});
        if (connection || i + 1 == addresses.size()) co_return connection;
    }
}

class TcpNetwork final : public machine::Network {
  public:
    TcpNetwork(Reactor& reactor, machine::Executor& executor, Log log, ResolverOptions options)
        : reactor_(reactor),
          executor_(executor),
          log_(std::move(log)),
          options_(std::move(options)) {}

    Result<std::unique_ptr<machine::Listener>> listen(const Endpoint& at, Accept accept) override {
        MILL_TRY(Descriptor socket, open_listener(at));
        return std::make_unique<TcpListener>(reactor_, std::move(socket), std::move(accept), log_);
    }
    Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to) override {
        if (!address_of(to)) return connect_by_name(reactor_, executor_, std::move(to), options_);
        return connect_to(reactor_, std::move(to));
    }

  private:
    Reactor& reactor_;
    machine::Executor& executor_;
    Log log_;
    ResolverOptions options_;
};

}  // namespace

std::unique_ptr<machine::Network> make_network(Reactor& reactor, machine::Executor& executor,
                                               Log log, ResolverOptions options) {
    return std::make_unique<TcpNetwork>(reactor, executor, std::move(log), std::move(options));
}

}  // namespace mill::posix
