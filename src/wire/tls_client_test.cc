// SPDX-License-Identifier: Apache-2.0
// TLS on the simulated machine, against servers with certificates made here.
#include "wire/tls_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "sim/machine/sim_machine.h"

namespace mill::wire::tls {
namespace {

using namespace std::chrono_literals;
using machine::Connection;
using testing::HasSubstr;

const std::string bundle = "/bundle.pem";

struct Identity {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;
    std::string pem;
};

// Signed by itself, for `names` ("DNS:a,IP:::1"), valid for a day from `from`.
Identity make_identity(const std::string& names, WallTime from) {
    Identity made{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}, ""};
    X509* certificate = made.certificate.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate), epoch_ms(from) / 1000);
    ASN1_TIME_set(X509_getm_notAfter(certificate), epoch_ms(from) / 1000 + 24 * 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, made.key.get());
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate, made.key.get(), EVP_sha256());
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    made.pem.assign(text, static_cast<std::size_t>(size));
    BIO_free(bio);
    return made;
}

struct TlsClient : testing::Test {
    // What a server outside does with each connection.
    using Serve = Task<void> (*)(TlsClient&, std::unique_ptr<Connection>);
    machine::Endpoint listen(Serve serve) {
        auto bound = sim.outside().network.listen(
            {"127.0.0.1", 0}, [this, serve](std::unique_ptr<Connection> connection) {
                scope.spawn(serve(*this, std::move(connection)));
            });
        listener = *std::move(bound);
        return listener->local();
    }
    Task<Result<std::unique_ptr<Connection>>> accept(std::unique_ptr<Connection> plain) {
        SSL* ssl = SSL_new(server_context.get());
        SSL_use_certificate(ssl, identity.certificate.get());
        SSL_use_PrivateKey(ssl, identity.key.get());
        SSL_set_accept_state(ssl);
        return secure(std::move(plain), ssl);
    }
    static Task<void> echo(TlsClient& test, std::unique_ptr<Connection> plain) {
        auto connection = co_await test.accept(std::move(plain));
        test.outcome = connection ? "shaken" : connection.error().message;
        if (!connection) co_return;
        char buffer[5000];
        for (;;) {
            const auto count = co_await (*connection)->read(buffer, sizeof buffer);
            if (!count || *count == 0) break;
            static_cast<void>(co_await (*connection)->write(BytesView(buffer, *count)));
        }
    }
    static Task<void> answer_in_the_clear(TlsClient&, std::unique_ptr<Connection> plain) {
        static_cast<void>(co_await plain->write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    }
    static Task<void> hang_up(TlsClient&, std::unique_ptr<Connection> plain) {
        char byte = 0;
        static_cast<void>(co_await plain->read(&byte, 1));
    }
    static Task<void> read_all(Connection& from, std::size_t count, std::string* got) {
        char buffer[3000];
        while (got->size() < count) {
            const auto read = co_await from.read(buffer, sizeof buffer);
            if (!read || *read == 0) co_return;
            got->append(buffer, *read);
        }
    }

    void trust(const std::string& pem) {
        ASSERT_TRUE(machine::write_file_durably(sim.machine().files, bundle, pem));
    }
    Result<std::unique_ptr<Connection>> connect(const machine::Endpoint& to,
                                                const std::string& name) {
        return sim.await(client.connect(to, name));
    }
    std::string refusal(Serve serve, const std::string& name) {
        const auto connection = connect(listen(serve), name);
        if (connection) return "connected";
        EXPECT_EQ(connection.error().code, "net.tls");
        return connection.error().message;
    }

    sim::SimMachine sim{1};
    Identity identity = make_identity("DNS:localhost,IP:127.0.0.1", sim.machine().clock.wall());
    std::shared_ptr<SSL_CTX> server_context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
    Client client{sim.machine(), bundle};
    std::string outcome;
    std::unique_ptr<machine::Listener> listener;
    Scope scope;
};

TEST_F(TlsClient, CarriesBytesBothWaysAtOnce) {
    trust(identity.pem);
    for (const char* name : {"localhost", "127.0.0.1"}) {
        auto connection = connect(listen(echo), name);
        ASSERT_TRUE(connection) << connection.error().message;
        std::string sent;
        for (int i = 0; i < 300'000; ++i) sent += static_cast<char>('a' + i * 7 % 26);
        std::string got;
        Scope reading;
        reading.spawn(read_all(**connection, sent.size(), &got));
        ASSERT_TRUE(sim.await((*connection)->write(sent)));
        sim.run_for(5s);
        EXPECT_TRUE(got == sent) << got.size();
    }
}

TEST_F(TlsClient, TakesTheEndWithoutAFarewellForTheEnd) {
    trust(identity.pem);
    auto connection =
        connect(listen([](TlsClient& test, std::unique_ptr<Connection> plain) -> Task<void> {
                    auto accepted = co_await test.accept(std::move(plain));
                    static_cast<void>(co_await (*accepted)->write("that was all"));
                }),
                "localhost");
    ASSERT_TRUE(connection) << connection.error().message;
    std::string got;
    sim.run_task(read_all(**connection, 100, &got));
    EXPECT_EQ(got, "that was all");
}

TEST_F(TlsClient, RefusesWhomNobodyTrusts) {
    trust(make_identity("DNS:localhost", sim.machine().clock.wall()).pem);
    EXPECT_EQ(refusal(echo, "localhost"),
              "no TLS: the certificate is refused: self-signed certificate");
    sim.run_for(1s);
    EXPECT_THAT(outcome, HasSubstr("alert"));  // the server is told
}

TEST_F(TlsClient, RefusesACertificateForAnother) {
    trust(identity.pem);
    EXPECT_THAT(refusal(echo, "example.localhost"), HasSubstr("hostname mismatch"));
    EXPECT_THAT(refusal(echo, "127.0.0.2"), HasSubstr("IP address mismatch"));
}

TEST_F(TlsClient, RefusesACertificateOutOfItsTime) {
    trust(identity.pem);
    sim.run_for(25h);
    EXPECT_THAT(refusal(echo, "localhost"), HasSubstr("certificate has expired"));
    sim.step_wall_clock(-48h);
    EXPECT_THAT(refusal(echo, "localhost"), HasSubstr("certificate is not yet valid"));
}

TEST_F(TlsClient, RefusesOldVersions) {
    trust(identity.pem);
    SSL_CTX_set_security_level(server_context.get(), 0);
    SSL_CTX_set_min_proto_version(server_context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(server_context.get(), TLS1_1_VERSION);
    EXPECT_THAT(refusal(echo, "localhost"), HasSubstr("no TLS: "));
    SSL_CTX_set_max_proto_version(server_context.get(), TLS1_2_VERSION);
    EXPECT_EQ(refusal(echo, "localhost"), "connected");
}

TEST_F(TlsClient, RefusesWhatIsNoTls) {
    trust(identity.pem);
    EXPECT_THAT(refusal(answer_in_the_clear, "localhost"), HasSubstr("no TLS: "));
    EXPECT_EQ(refusal(hang_up, "localhost"), "no TLS: the peer ended the handshake");
}

TEST_F(TlsClient, CanBeDroppedAtAnyMoment) {
    trust(identity.pem);
    const auto to = listen(echo);
    for (int steps = 0; steps < 60; ++steps) {
        Scope dropped;
        bool is_done = false;
        dropped.spawn([](Client& c, machine::Endpoint at, bool* done) -> Task<void> {
            static_cast<void>(co_await c.connect(std::move(at), "localhost"));
            *done = true;
        }(client, to, &is_done));
        static_cast<void>(sim.run_until([] { return false; }, static_cast<std::uint64_t>(steps)));
    }
    EXPECT_TRUE(connect(to, "localhost"));
}

TEST_F(TlsClient, NamesABundleThatIsNone) {
    EXPECT_THAT(check_bundle(sim.machine().files, bundle).error().message, HasSubstr(bundle));
    trust("no certificate");
    EXPECT_THAT(check_bundle(sim.machine().files, bundle).error().message,
                HasSubstr("holds no certificates"));
    trust(identity.pem.substr(0, 100) + identity.pem.substr(150));
    EXPECT_TRUE(check_bundle(sim.machine().files, bundle));
    EXPECT_THAT(refusal(echo, "localhost"), HasSubstr("holds what is no certificate"));
    trust(identity.pem + identity.pem);
    EXPECT_EQ(refusal(echo, "localhost"), "connected");
}

}  // namespace
}  // namespace mill::wire::tls
