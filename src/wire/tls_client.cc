// SPDX-License-Identifier: Apache-2.0
#include "wire/tls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/assert.h"

namespace mill::wire::tls {
namespace {

using machine::Connection;

constexpr std::size_t piece_bytes = 64 * 1024;

// Where distributions keep the certificates of authorities; the first that is there.
constexpr std::array host_bundles = {"/etc/ssl/certs/ca-certificates.crt",
                                     "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                     "/etc/ssl/cert.pem"};

template <auto function>
struct Free {
    template <class T>
    void operator()(T* object) const {
        function(object);
    }
};
using Ssl = std::unique_ptr<SSL, Free<SSL_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

// Why OpenSSL's last call failed. The certificate's own fault comes first: the rest follows from
// it.
std::string reason(const SSL* ssl) {
    const long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK)
        return std::string("the certificate is refused: ") + X509_verify_cert_error_string(verdict);
    const char* text = ERR_reason_error_string(ERR_peek_last_error());
    return text ? text : "the connection ended";
}

Failure no_certificates(const std::string& path, const std::string& what) {
    return fail("net.tls",
                "'" + path + "' holds " + what + "; it should be a file of certificates in PEM");
}

// Adds what the file holds. How many there were.
Result<std::size_t> add_certificates(machine::Files& files, const std::string& path,
                                     X509_STORE* store) {
    MILL_TRY(const Bytes pem, machine::read_file(files, path));
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    std::size_t count = 0;
    ERR_clear_error();
    while (const Certificate certificate{
        PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)}) {
        X509_STORE_add_cert(store, certificate.get());
        ++count;
    }
    const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (is_end && count > 0) return count;
    return no_certificates(path, is_end ? "no certificates" : "what is no certificate");
}

Result<std::shared_ptr<SSL_CTX>> make_context(machine::Files& files, const std::string& bundle) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    MILL_ASSERT(context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION));
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    X509_STORE* store = SSL_CTX_get_cert_store(context.get());
    // Whatever is in the files is trusted, an authority or one server's own certificate.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    for (const char* path : host_bundles) {
        if (files.exists(path) && add_certificates(files, path, store)) break;
    }
    if (!bundle.empty()) MILL_CHECK(add_certificates(files, bundle, store));
    return context;
}

// One connection. Outlives the Connection while a read or write is suspended.
struct Session {
    Session(std::unique_ptr<Connection> p, Ssl s) : plain(std::move(p)), ssl(std::move(s)) {
        SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    }
    std::unique_ptr<Connection> plain;
    Ssl ssl;
};
using SessionPointer = std::shared_ptr<Session>;

// Sends what OpenSSL has made.
Task<Result<void>> flush(SessionPointer session) {
    char* made = nullptr;
    BIO* bio = SSL_get_wbio(session->ssl.get());
    const long count = BIO_get_mem_data(bio, &made);
    if (count <= 0) co_return Result<void>();
    const Bytes bytes(made, static_cast<std::size_t>(count));
    MILL_ASSERT(BIO_reset(bio) == 1);
    co_return co_await session->plain->write(bytes);
}

// Gives OpenSSL what comes next; false at the end.
Task<Result<bool>> fill(SessionPointer session) {
    Bytes bytes(piece_bytes, '\0');
    MILL_CO_TRY(const std::size_t count, co_await session->plain->read(bytes.data(), bytes.size()));
    if (count == 0) co_return false;
    BIO_write(SSL_get_rbio(session->ssl.get()), bytes.data(), static_cast<int>(count));
    co_return true;
}

Task<Result<void>> shake_hands(SessionPointer session) {
    SSL* ssl = session->ssl.get();
    for (;;) {
        ERR_clear_error();
        const int done = SSL_do_handshake(ssl);
        const bool wants_more = SSL_get_error(ssl, done) == SSL_ERROR_WANT_READ;
        const std::string why = done == 1 || wants_more ? "" : reason(ssl);
        const auto flushed = co_await flush(session);  // a failure is told to the peer as well
        if (!why.empty()) co_return fail("net.tls", "no TLS: " + why);
        MILL_CO_CHECK(flushed);
        if (done == 1) co_return Result<void>();
        MILL_CO_TRY(const bool is_there, co_await fill(session));
        if (!is_there) co_return fail("net.tls", "no TLS: the peer ended the handshake");
    }
}

// Never sends: what OpenSSL wants to answer goes with the next write, so that a read and a write
// may be under way at once.
Task<Result<std::size_t>> read_from(SessionPointer session, char* to, std::size_t count) {
    SSL* ssl = session->ssl.get();
    for (;;) {
        ERR_clear_error();
        std::size_t got = 0;
        const int done = SSL_read_ex(ssl, to, count, &got);
        if (done == 1) co_return got;
        const int error = SSL_get_error(ssl, done);
        if (error == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
        if (error != SSL_ERROR_WANT_READ) co_return fail("net.tls", "TLS failed: " + reason(ssl));
        MILL_CO_TRY(const bool is_there, co_await fill(session));
        if (!is_there) co_return std::size_t{0};
    }
}

Task<Result<void>> write_to(SessionPointer session, BytesView bytes) {
    while (!bytes.empty()) {
        const BytesView piece = bytes.substr(0, piece_bytes);
        ERR_clear_error();
        std::size_t put = 0;
        if (SSL_write_ex(session->ssl.get(), piece.data(), piece.size(), &put) != 1)
            co_return fail("net.tls", "TLS failed: " + reason(session->ssl.get()));
        bytes.remove_prefix(put);
        MILL_CO_CHECK(co_await flush(session));
    }
    co_return Result<void>();
}

class SecureConnection final : public Connection {
  public:
    explicit SecureConnection(SessionPointer session) : session_(std::move(session)) {}
    ~SecureConnection() override { session_->plain->close(); }
    Task<Result<std::size_t>> read(char* to, std::size_t count) override {
        return read_from(session_, to, count);
    }
    Task<Result<void>> write(BytesView bytes) override { return write_to(session_, bytes); }
    void close() override { session_->plain->close(); }
    machine::Endpoint peer() const override { return session_->plain->peer(); }

  private:
    SessionPointer session_;
};

// Who must be at the other end, and when "now" is. A host name is also said in the greeting.
void expect(SSL* ssl, const std::string& name, WallTime now) {
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_time(wanted, epoch_ms(now) / 1000);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1) return;
    MILL_ASSERT(X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) == 1);
    SSL_set_tlsext_host_name(ssl, name.c_str());
}

}  // namespace

// Whoever waits for the one that loads is woken, also if that one is destroyed.
class Client::Loading {
  public:
    explicit Loading(Client& client) : client_(client) { client_.is_loading_ = true; }
    Loading(const Loading&) = delete;
    Loading& operator=(const Loading&) = delete;
    ~Loading() {
        client_.is_loading_ = false;
        client_.loaded_.notify_all();
    }

  private:
    Client& client_;
};

Task<Result<Client::Context>> Client::context() {
    while (is_loading_) co_await loaded_.wait();
    if (context_) co_return context_;
    const Loading loading(*this);
    const auto made = std::make_shared<Result<Context>>();
    co_await machine::offload(machine_.executor, [made, &files = machine_.files, bundle = bundle_] {
        *made = make_context(files, bundle);
    });
    if (*made) context_ = **made;
    co_return *made;
}

Task<Result<std::unique_ptr<Connection>>> Client::connect(machine::Endpoint to, std::string name) {
    MILL_CO_TRY(const Context context, co_await this->context());
    MILL_CO_TRY(auto plain, co_await machine_.network.connect(std::move(to)));
    SSL* ssl = SSL_new(context.get());
    MILL_ASSERT(ssl);
    SSL_set_connect_state(ssl);
    expect(ssl, name, machine_.clock.wall());
    co_return co_await secure(std::move(plain), ssl);
}

Result<void> check_bundle(machine::Files& files, const std::string& path) {
    MILL_TRY(const Bytes pem, machine::read_file(files, path));
    if (pem.contains("CERTIFICATE-----")) return {};
    return no_certificates(path, "no certificates");
}

Task<Result<std::unique_ptr<Connection>>> secure(std::unique_ptr<Connection> plain, SSL* ssl) {
    const auto session = std::make_shared<Session>(std::move(plain), Ssl(ssl));
    MILL_CO_CHECK(co_await shake_hands(session));
    co_return std::make_unique<SecureConnection>(session);
}

}  // namespace mill::wire::tls
