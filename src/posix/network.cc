// SPDX-License-Identifier: Apache-2.0
// Asio only says when a socket is ready; the bytes are moved here, by the coroutine that asked for
// them. So no buffer is ever in Asio's hands, and a coroutine may be destroyed at any time: its
// slot is then empty and nobody is resumed.
#include "posix/network.h"

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <coroutine>

namespace mill::posix {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using machine::Connection;
using machine::Endpoint;

Endpoint endpoint_of(const tcp::endpoint& at) { return {at.address().to_string(), at.port()}; }

Result<tcp::endpoint> address_of(const Endpoint& at) {
    error_code error;
    const auto address = boost::asio::ip::make_address(at.host, error);
    if (error) return fail("net", "'" + at.host + "' is not an IP address");
    return tcp::endpoint(address, at.port);
}

Failure closed() { return fail("net.closed", "the connection is closed"); }

struct Resume {
    std::coroutine_handle<> handle;
    error_code error;
    void operator()(const error_code& e) {
        error = e;
        if (handle) std::exchange(handle, nullptr).resume();
    }
};

// co_await Await(start): `start(slot)` begins an operation whose completion calls (*slot)(error).
template <class Start>
class Await {
  public:
    explicit Await(Start start) : start_(std::move(start)) {}
    Await(const Await&) = delete;
    Await& operator=(const Await&) = delete;
    ~Await() { slot_->handle = nullptr; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
        slot_->handle = handle;
        start_(slot_);
    }
    error_code await_resume() const noexcept { return slot_->error; }

  private:
    Start start_;
    std::shared_ptr<Resume> slot_ = std::make_shared<Resume>();
};

// Outlives the Connection while a read or write is suspended.
struct Stream {
    explicit Stream(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    Endpoint peer;
    unsigned eager_reads = 0;

    void close() {
        error_code ignored;
        socket.close(ignored);  // ends waits
    }
};

auto ready(const std::shared_ptr<Stream>& stream, tcp::socket::wait_type what) {
    return Await([stream, what](const std::shared_ptr<Resume>& slot) {
        stream->socket.async_wait(what, [slot](const error_code& error) { (*slot)(error); });
    });
}

// A peer that never lets the buffer run dry must not keep the executor to itself.
constexpr unsigned eager_reads_max = 16;

Task<Result<std::size_t>> read_from(std::shared_ptr<Stream> stream, char* to, std::size_t count) {
    if (++stream->eager_reads % eager_reads_max == 0 && stream->socket.is_open()) {
        co_await ready(stream, tcp::socket::wait_read);
    }
    while (stream->socket.is_open()) {
        const ssize_t got = ::recv(stream->socket.native_handle(), to, count, 0);
        if (got >= 0) co_return static_cast<std::size_t>(got);
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) break;
        co_await ready(stream, tcp::socket::wait_read);
    }
    co_return closed();
}

Task<Result<void>> write_to(std::shared_ptr<Stream> stream, BytesView bytes) {
    while (!bytes.empty()) {
        if (!stream->socket.is_open()) co_return closed();
        const ssize_t put =
            ::send(stream->socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(put));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) co_return closed();
        co_await ready(stream, tcp::socket::wait_write);
    }
    co_return Result<void>();
}

class TcpConnection final : public Connection {
  public:
    explicit TcpConnection(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
    ~TcpConnection() override { stream_->close(); }
    Task<Result<std::size_t>> read(char* to, std::size_t count) override {
        return read_from(stream_, to, count);
    }
    Task<Result<void>> write(BytesView bytes) override { return write_to(stream_, bytes); }
    void close() override { stream_->close(); }
    Endpoint peer() const override { return stream_->peer; }

  private:
    std::shared_ptr<Stream> stream_;
};

std::unique_ptr<Connection> connection_of(tcp::socket socket) {
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    const tcp::endpoint peer = socket.remote_endpoint(ignored);
    auto stream = std::make_shared<Stream>(std::move(socket));
    stream->peer = endpoint_of(peer);
    return std::make_unique<TcpConnection>(std::move(stream));
}

// Kept alive by the operation under way; ends when the listener is closed.
struct Accepting : std::enable_shared_from_this<Accepting> {
    Accepting(Reactor& reactor, machine::Network::Accept a, Log l)
        : acceptor(reactor), pause(reactor), accept(std::move(a)), log(std::move(l)) {}

    Result<void> open(const tcp::endpoint& at) {
        error_code error;
        acceptor.open(at.protocol(), error);
        if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error && at.address().is_v6()) {
            acceptor.set_option(boost::asio::ip::v6_only(true), error);
        }
        if (!error) acceptor.bind(at, error);
        if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
        if (!error) return {};
        const std::string where = endpoint_of(at).text();
        if (error == boost::asio::error::address_in_use) {
            return fail("net.in_use", where + " is in use by another program");
        }
        return fail("net", "cannot listen on " + where + ": " + error.message());
    }

    void next() {
        acceptor.async_accept(
            [self = shared_from_this()](const error_code& error, tcp::socket socket) {
                if (!self->acceptor.is_open()) return;
                if (error) return self->retry(error);
                self->accept(connection_of(std::move(socket)));
                if (self->acceptor.is_open()) self->next();
            });
    }

    // Out of descriptors or memory: the connection stays in the kernel's queue until some are free
    // again.
    void retry(const error_code& error) {
        if (!warned) log.warning("accept_failed", {{"reason", error.message()}});
        warned = true;
        pause.expires_after(std::chrono::milliseconds(50));
        pause.async_wait([self = shared_from_this()](const error_code&) {
            if (self->acceptor.is_open()) self->next();
        });
    }

    tcp::acceptor acceptor;
    boost::asio::steady_timer pause;
    machine::Network::Accept accept;
    Log log;
    bool warned = false;
};

class TcpListener final : public machine::Listener {
  public:
    explicit TcpListener(std::shared_ptr<Accepting> accepting) : accepting_(std::move(accepting)) {
        error_code ignored;
        local_ = endpoint_of(accepting_->acceptor.local_endpoint(ignored));
        accepting_->next();
    }
    ~TcpListener() override {
        error_code ignored;
        accepting_->acceptor.close(ignored);
        accepting_->pause.cancel();
    }
    Endpoint local() const override { return local_; }

  private:
    std::shared_ptr<Accepting> accepting_;
    Endpoint local_;
};

Task<Result<std::unique_ptr<Connection>>> connect_to(Reactor& reactor, Endpoint to) {
    MILL_CO_TRY(const tcp::endpoint address, address_of(to));
    auto socket = std::make_shared<tcp::socket>(reactor);
    const error_code error = co_await Await([socket, address](const std::shared_ptr<Resume>& slot) {
        socket->async_connect(address, [socket, slot](const error_code& e) { (*slot)(e); });
    });
    if (error == boost::asio::error::connection_refused) {
        co_return fail("net.refused", "nothing listens on " + to.text());
    }
    if (error) co_return fail("net", "cannot connect to " + to.text() + ": " + error.message());
    co_return connection_of(std::move(*socket));
}

class TcpNetwork final : public machine::Network {
  public:
    TcpNetwork(Reactor& reactor, Log log) : reactor_(reactor), log_(std::move(log)) {}

    Result<std::unique_ptr<machine::Listener>> listen(const Endpoint& at, Accept accept) override {
        MILL_TRY(const tcp::endpoint address, address_of(at));
        auto accepting = std::make_shared<Accepting>(reactor_, std::move(accept), log_);
        MILL_CHECK(accepting->open(address));
        return std::make_unique<TcpListener>(std::move(accepting));
    }
    Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to) override {
        return connect_to(reactor_, std::move(to));
    }

  private:
    Reactor& reactor_;
    Log log_;
};

}  // namespace

std::unique_ptr<machine::Network> make_network(Reactor& reactor, Log log) {
    return std::make_unique<TcpNetwork>(reactor, std::move(log));
}

}  // namespace mill::posix
