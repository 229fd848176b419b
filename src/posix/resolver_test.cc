// SPDX-License-Identifier: Apache-2.0
#include "posix/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "posix/executor.h"
#include "posix/network.h"
#include "posix/test_support.h"

namespace mill::posix {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Addresses = Result<std::vector<std::string>>;
using Connected = Result<std::unique_ptr<machine::Connection>>;

// A DNS server on the loopback that knows one name, by IPv4, or stays silent.
class NameServer final : public Reactor::Watcher {
  public:
    explicit NameServer(Reactor& reactor)
        : reactor_(reactor), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        auto* address = reinterpret_cast<sockaddr*>(&at);
        MILL_ASSERT(::bind(socket_.get(), address, size) == 0);
        MILL_ASSERT(::getsockname(socket_.get(), address, &size) == 0);
        port_ = ntohs(at.sin_port);
        MILL_ASSERT(reactor_.watch(socket_.get(), EPOLLIN, *this));
    }
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;
    ~NameServer() { reactor_.forget(socket_.get(), *this); }

    ResolverOptions options() const {
        return {.servers = "127.0.0.1:" + std::to_string(port_), .patience = 50ms, .tries = 2};
    }
    void on_ready(std::uint32_t) override {
        char buffer[512];
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto* address = reinterpret_cast<sockaddr*>(&from);
        const ssize_t got = ::recvfrom(socket_.get(), buffer, sizeof buffer, 0, address, &size);
        MILL_ASSERT(got > 0);
        ++asked;
        if (on_asked) on_asked();
        if (is_silent) return;
        const std::string answer = answer_to(std::string(buffer, static_cast<std::size_t>(got)));
        MILL_ASSERT(::sendto(socket_.get(), answer.data(), answer.size(), 0, address, size) > 0);
    }

    bool is_silent = false;
    std::string known = "hooks";           // the first label of the name
    std::vector<std::uint32_t> addresses;  // of it
    int asked = 0;
    std::function<void()> on_asked;

  private:
    // RFC 1035, 4.1: the question again, and the addresses if they are asked for.
    std::string answer_to(const std::string& query) const {
        constexpr std::size_t header = 12;
        const std::size_t name_end = query.find('\0', header);
        std::string answer = query.substr(0, name_end + 5);
        const auto length = static_cast<std::size_t>(query.at(header));
        const bool is_known = query.substr(header + 1, length) == known;
        const bool wants_v4 = query.at(name_end + 2) == 1;
        answer[2] = '\x81';
        answer[3] = is_known ? '\x80' : '\x83';
        answer.replace(6, 6, 6, '\0');
        if (!is_known || !wants_v4) return answer;
        answer[7] = static_cast<char>(addresses.size());
        for (const std::uint32_t address : addresses) {
            answer += std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12);
            for (int shift = 24; shift >= 0; shift -= 8)
                answer += static_cast<char>(address >> shift);
        }
        return answer;
    }

    Reactor& reactor_;
    Descriptor socket_;
    unsigned short port_ = 0;
};

struct Resolving : testing::Test {
    Reactor reactor;
    std::unique_ptr<machine::Executor> executor = make_executor(reactor);
    NameServer server{reactor};

    template <class T>
    Task<void> keep_and_stop(Task<T> task, std::optional<T>& result) {
        result.emplace(co_await std::move(task));
        reactor.stop();
    }
    template <class T>
    T finish(Task<T> task) {
        std::optional<T> result;
        Scope scope;
        reactor.restart();
        scope.spawn(keep_and_stop(std::move(task), result));
        reactor.run();
        return *std::move(result);
    }
    std::vector<std::string> addresses_of(const std::string& name) {
        const Addresses found = finish(lookup(name));
        EXPECT_TRUE(found) << found.error().message;
        return found.value_or(std::vector<std::string>());
    }
    Task<Addresses> lookup(std::string name) {
        return resolve(reactor, *executor, std::move(name), server.options());
    }
};

TEST_F(Resolving, LocalhostIsFoundWithoutAskingAServer) {
    EXPECT_THAT(addresses_of("localhost"), Contains("127.0.0.1"));  // of /etc/hosts
    for (const std::string name : {"app.localhost", "a.b.LOCALHOST."})
        EXPECT_THAT(addresses_of(name), ElementsAre("127.0.0.1", "::1"));
    EXPECT_EQ(server.asked, 0);
}

TEST_F(Resolving, AServersAddressesAreFoundInItsOrder) {
    server.addresses = {0x7f000009, 0x7f000001};
    EXPECT_THAT(addresses_of("hooks.example."), ElementsAre("127.0.0.9", "127.0.0.1"));
    EXPECT_GE(server.asked, 1);
}

TEST_F(Resolving, ANameThatNobodyKnowsOrThatIsNoneFailsWithWords) {
    const auto unknown = finish(lookup("x.invalid."));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, "net");
    EXPECT_THAT(unknown.error().message, HasSubstr("cannot find the address of 'x.invalid.': "));
    EXPECT_THAT(unknown.error().message, HasSubstr("not found"));
    for (const std::string& name : {std::string(), std::string(300, 'x'), std::string("a..b")})
        EXPECT_EQ(finish(lookup(name)).error().code, "net") << name;
}

TEST_F(Resolving, ANameWithoutAddressesFails) {
    EXPECT_EQ(finish(lookup("hooks.example.")).error().code, "net");
}

TEST_F(Resolving, AServerThatNeverAnswersIsGivenUpAndHoldsNobodyUp) {
    server.is_silent = true;
    int worked = 0;
    server.on_asked = [&] { executor->offload([] {}, [&worked] { ++worked; }); };
    const auto found = finish(lookup("hooks.example."));
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr("Timeout"));
    EXPECT_GE(server.asked, 2);
    EXPECT_GE(worked, 2);
}

Task<void> note_end(Task<Addresses> task, bool& ended) {
    static_cast<void>(co_await std::move(task));
    ended = true;
}

TEST_F(Resolving, ALookupThatIsDestroyedWhileItWaitsResumesNobody) {
    server.is_silent = true;
    server.addresses = {0x7f000001};
    bool ended = false;
    {
        Scope scope;
        scope.spawn(note_end(lookup("hooks.example."), ended));
        server.on_asked = [this] { reactor.stop(); };
        reactor.restart();
        reactor.run();
    }
    server.on_asked = nullptr;
    server.is_silent = false;
    EXPECT_TRUE(finish(lookup("hooks.example.")));
    EXPECT_FALSE(ended);
}

TEST_F(Resolving, ConnectionsGoToTheFirstAddressThatTakesThem) {
    const auto network =
        make_network(reactor, *executor, Log(LogLevel::error, {}), server.options());
    machine::Endpoint to;
    {
        std::unique_ptr<machine::Connection> accepted;
        const auto listener = *network->listen(
            {"127.0.0.1", 0}, [&](std::unique_ptr<machine::Connection> connection) {
                accepted = std::move(connection);
            });
        to = {"hooks.example.", listener->local().port};
        server.addresses = {0x7f000009, 0x7f000001};  // nobody listens on the first
        const auto connected = finish<Connected>(network->connect(to));
        ASSERT_TRUE(connected);
        EXPECT_EQ((*connected)->peer(), listener->local());
    }
    EXPECT_EQ(finish<Connected>(network->connect(to)).error().code, "net.refused");
    EXPECT_EQ(finish<Connected>(network->connect({"x.invalid.", 80})).error().code, "net");
}

}  // namespace
}  // namespace mill::posix
