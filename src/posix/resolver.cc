// SPDX-License-Identifier: Apache-2.0
// c-ares asks; the reactor tells it of its sockets and of the time. Nobody is resumed from within
// c-ares: whoever waits may destroy the lookup.
#include "posix/resolver.h"

#include <ares.h>
#include <arpa/inet.h>

#include <cctype>
#include <map>

#include "machine/signal.h"

namespace mill::posix {
namespace {

using Addresses = std::vector<std::string>;

std::string literal(const sockaddr& address) {
    const void* bytes =
        address.sa_family == AF_INET6
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
            : &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    char text[INET6_ADDRSTRLEN];
    return ::inet_ntop(address.sa_family, bytes, text, sizeof text) ? text : "";
}

// RFC 6761, 6.3: nobody is asked for these.
bool is_below_localhost(std::string name) {
    if (name.ends_with('.')) name.pop_back();
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name.ends_with(".localhost");
}

Result<void> initialize_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    if (status == ARES_SUCCESS) return {};
    return fail("net", "cannot look up names: " + std::string(ares_strerror(status)));
}

// One name that is being looked up. Destroying it ends that.
class Lookup {
  public:
    Lookup(Reactor& reactor, machine::Executor& executor, std::string name)
        : reactor_(reactor), name_(std::move(name)), alarm_(reactor), found_(executor) {}
    Lookup(const Lookup&) = delete;
    Lookup& operator=(const Lookup&) = delete;
    ~Lookup() {
        if (channel_) ares_destroy(channel_);  // closes the sockets, and calls on_found
    }

    Result<void> begin(const ResolverOptions& options) {
        MILL_CHECK(initialize_library());
        ares_options chosen{};
        chosen.timeout = static_cast<int>(options.patience.count());
        chosen.tries = options.tries;
        chosen.sock_state_cb = on_socket;
        chosen.sock_state_cb_data = this;
        int status = ares_init_options(
            &channel_, &chosen, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
        if (status == ARES_SUCCESS && !options.servers.empty())
            status = ares_set_servers_ports_csv(channel_, options.servers.c_str());
        if (status != ARES_SUCCESS) return failure(status);
        const ares_addrinfo_hints hints{
            .ai_flags = 0, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = 0};
        ares_getaddrinfo(channel_, name_.c_str(), nullptr, &hints, on_found, this);
        set_alarm();
        return {};
    }
    Task<Result<Addresses>> found() { return found_.take(); }

  private:
    struct Socket final : Reactor::Watcher {
        Socket(Lookup& l, int f) : lookup(l), fd(f) {}
        Socket(const Socket&) = delete;
        Socket& operator=(const Socket&) = delete;
        ~Socket() { watch(0); }
        void watch(std::uint32_t events) {
            if (is_watched) lookup.reactor_.forget(fd, *this);
            is_watched = events != 0 && lookup.reactor_.watch(fd, events, *this);
        }
        void on_ready(std::uint32_t events) override {
            constexpr std::uint32_t ends = EPOLLHUP | EPOLLERR;
            lookup.go_on(events & (EPOLLIN | ends) ? fd : ARES_SOCKET_BAD,
                         events & (EPOLLOUT | ends) ? fd : ARES_SOCKET_BAD);  // may destroy this
        }
        Lookup& lookup;
        const int fd;
        bool is_watched = false;
    };

    Failure failure(int status) const {
        return fail("net", "cannot find the address of '" + name_ + "': " + ares_strerror(status));
    }
    void go_on(int readable, int writable) {
        ares_process_fd(channel_, readable, writable);
        set_alarm();
    }
    void set_alarm() {
        timeval left;
        if (!ares_timeout(channel_, nullptr, &left)) return alarm_.cancel();
        constexpr std::chrono::milliseconds late{1};  // too early, c-ares would find nothing to do
        alarm_.set(Instant(std::chrono::steady_clock::now().time_since_epoch()) + late +
                       std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec),
                   [this] { go_on(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
    }
    // Neither way: it is about to be closed.
    static void on_socket(void* self, int fd, int readable, int writable) {
        Lookup& lookup = *static_cast<Lookup*>(self);
        if (!readable && !writable) {
            lookup.sockets_.erase(fd);
            return;
        }
        auto& socket = lookup.sockets_[fd];
        if (!socket) socket = std::make_unique<Socket>(lookup, fd);
        socket->watch((readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u));
    }
    static void on_found(void* self, int status, int, ares_addrinfo* result) {
        const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(
            result, &ares_freeaddrinfo);
        const Lookup& lookup = *static_cast<Lookup*>(self);
        Addresses addresses;
        for (const auto* node = result ? result->nodes : nullptr; node; node = node->ai_next)
            addresses.push_back(literal(*node->ai_addr));
        if (status == ARES_SUCCESS && !addresses.empty()) return lookup.found_.set(addresses);
        lookup.found_.set(lookup.failure(status == ARES_SUCCESS ? ARES_ENODATA : status));
    }

    Reactor& reactor_;
    const std::string name_;
    Reactor::Alarm alarm_;
    machine::OneShot<Result<Addresses>> found_;
    std::map<int, std::unique_ptr<Socket>> sockets_;
    ares_channel channel_ = nullptr;
};

}  // namespace

Task<Result<Addresses>> resolve(Reactor& reactor, machine::Executor& executor, std::string name,
                                ResolverOptions options) {
    if (is_below_localhost(name)) co_return Addresses{"127.0.0.1", "::1"};
    Lookup lookup(reactor, executor, std::move(name));
    MILL_CO_CHECK(lookup.begin(options));
    co_return co_await lookup.found();
}

}  // namespace mill::posix
