// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <nss.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <mutex>

namespace millrace {
namespace {

// Where distributions keep the certificates that OpenSSL's built-in path (Debian's) does not cover;
// the second is Amazon Linux 2023's.
constexpr std::array certificate_files = {"/etc/ssl/certs/ca-certificates.crt",
                                          "/etc/pki/tls/certs/ca-bundle.crt"};

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

std::string openssl_reason() {
    const unsigned long code = ERR_get_error();
    if (code == 0) return "connection closed";
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

// A static program must not load name-service modules of another libc: files and dns are built in.
void use_builtin_name_service() {
    static std::once_flag once;
    std::call_once(once, [] { __nss_configure_lookup("hosts", "files dns"); });
}

}  // namespace

Url parse_url(const std::string& text) {
    Url url;
    std::string rest = text;
    if (rest.starts_with("https://")) {
        url.tls = true;
        rest.erase(0, 8);
    } else if (rest.starts_with("http://")) {
        rest.erase(0, 7);
    } else {
        throw std::invalid_argument("'" + text + "' is not an http:// or https:// URL");
    }
    url.authority = rest.substr(0, rest.find('/'));
    const std::size_t bracket = url.authority.rfind(']');
    const std::size_t colon = url.authority.find(':', bracket == std::string::npos ? 0 : bracket);
    url.host = url.authority.substr(0, colon);
    url.port =
        colon == std::string::npos ? (url.tls ? "443" : "80") : url.authority.substr(colon + 1);
    if (url.host.starts_with('[')) url.host = url.host.substr(1, url.host.size() - 2);
    if (url.host.empty()) throw std::invalid_argument("'" + text + "' names no host");
    return url;
}

struct HttpConnection::State {
    std::unique_ptr<SSL_CTX, FreeContext> context;
    std::unique_ptr<BIO, FreeBio> bio;
};

HttpConnection::HttpConnection(Url url, std::chrono::seconds timeout)
    : url_(std::move(url)), timeout_(timeout), state_(std::make_unique<State>()) {
    use_builtin_name_service();
}

HttpConnection::~HttpConnection() = default;

void HttpConnection::open() {
    state_->bio.reset();
    if (url_.tls) {
        if (!state_->context) {
            state_->context.reset(SSL_CTX_new(TLS_client_method()));
            SSL_CTX_set_verify(state_->context.get(), SSL_VERIFY_PEER, nullptr);
            SSL_CTX_set_default_verify_paths(state_->context.get());
            for (const char* file : certificate_files) {
                if (access(file, R_OK) == 0) SSL_CTX_load_verify_file(state_->context.get(), file);
            }
            ERR_clear_error();
        }
        state_->bio.reset(BIO_new_ssl_connect(state_->context.get()));
        SSL* ssl = nullptr;
        BIO_get_ssl(state_->bio.get(), &ssl);
        SSL_set_tlsext_host_name(ssl, url_.host.c_str());
        SSL_set1_host(ssl, url_.host.c_str());
        BIO_set_conn_hostname(state_->bio.get(), url_.host.c_str());
    } else {
        state_->bio.reset(BIO_new(BIO_s_connect()));
        BIO_set_conn_hostname(state_->bio.get(), url_.host.c_str());
    }
    BIO_set_conn_port(state_->bio.get(), url_.port.c_str());
    if (BIO_do_connect(state_->bio.get()) != 1) {
        state_->bio.reset();
        throw ConnectionError("cannot connect to " + url_.authority + ": " + openssl_reason());
    }
    int socket = -1;
    BIO_get_fd(state_->bio.get(), &socket);
    if (timeout_.count() > 0) {
        const timeval limit{.tv_sec = timeout_.count(), .tv_usec = 0};
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
}

mill::wire::http::Response HttpConnection::exchange(const std::string& bytes, bool head) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const int count = BIO_write(state_->bio.get(), bytes.data() + sent,
                                    static_cast<int>(bytes.size() - sent));
        if (count <= 0)
            throw ConnectionError("sending to " + url_.authority + " failed: " + openssl_reason());
        sent += static_cast<std::size_t>(count);
    }
    mill::wire::http::ResponseParser parser(head);
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        if (auto response = parser.take()) {
            if (response->headers.get("connection") == "close") state_->bio.reset();
            return *std::move(response);
        }
        const int count =
            BIO_read(state_->bio.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (count <= 0) {
            parser.finish();
            if (auto response = parser.take()) {
                state_->bio.reset();
                return *std::move(response);
            }
            throw ConnectionError("no answer from " + url_.authority + ": " + openssl_reason());
        }
        if (auto fed = parser.feed({buffer.data(), static_cast<std::size_t>(count)}); !fed) {
            throw ConnectionError(url_.authority + " does not speak HTTP: " + fed.error().message);
        }
    }
}

mill::wire::http::Response HttpConnection::send(mill::wire::http::Request request) {
    request.headers.set("host", url_.authority);
    const std::string bytes = mill::wire::http::serialize(request);
    const bool kept = state_->bio != nullptr;
    try {
        if (!kept) open();
        return exchange(bytes, request.method == "HEAD");
    } catch (const ConnectionError&) {
        state_->bio.reset();
        if (!kept) throw;
    }
    // The peer closed the kept connection while it was idle.
    try {
        open();
        return exchange(bytes, request.method == "HEAD");
    } catch (const ConnectionError&) {
        state_->bio.reset();
        throw;
    }
}

}  // namespace millrace
