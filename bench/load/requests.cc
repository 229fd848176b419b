// SPDX-License-Identifier: Apache-2.0
#include "bench/load/requests.h"

#include <fmt/format.h>

#include <chrono>

#include "base/bytes.h"
#include "wire/sigv4.h"

namespace mill::bench {
namespace {

constexpr std::string_view region = "us-east-1";
constexpr std::string_view access_key = "AKIDEXAMPLEEXAMPLE00";
constexpr std::string_view made_up_signature =
    "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024";

std::string_view service_of(const wire::http::Request& request) {
    return request.target == "/" ? "kinesis" : "lambda";
}

}  // namespace

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

RequestWriter::RequestWriter(std::uint16_t port, bool sign) : port_(port), sign_(sign) {}

wire::http::Request RequestWriter::request(std::string target, std::string_view service) const {
    wire::http::Request request{.method = "POST", .target = std::move(target)};
    request.headers.set("host", fmt::format("127.0.0.1:{}", port_));
    request.headers.set("user-agent", "millrace-load");
    request.headers.set("accept-encoding", "identity");
    if (sign_) return request;
    request.headers.set("x-amz-date", "20260101T000000Z");
    request.headers.set(
        "authorization",
        fmt::format("AWS4-HMAC-SHA256 Credential={}/20260101/{}/{}/aws4_request, SignedHeaders="
                    "accept-encoding;content-type;host;x-amz-date;x-amz-target, Signature={}",
                    access_key, region, service, made_up_signature));
    return request;
}

wire::http::Request RequestWriter::kinesis(std::string_view operation, std::string body) const {
    wire::http::Request r = request("/", "kinesis");
    r.headers.set("content-type", "application/x-amz-json-1.1");
    r.headers.set("x-amz-target", fmt::format("Kinesis_20131202.{}", operation));
    r.body = std::move(body);
    return r;
}

wire::http::Request RequestWriter::invoke(std::string_view function, std::string body) const {
    wire::http::Request r =
        request(fmt::format("/2015-03-31/functions/{}/invocations", function), "lambda");
    r.headers.set("content-type", "application/json");
    r.body = std::move(body);
    return r;
}

std::string RequestWriter::bytes(wire::http::Request& request) const {
    if (sign_) {
        static const wire::Credentials credentials{.access_key = std::string(access_key),
                                                   .secret_key = "example-secret"};
        const WallTime now =
            std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now());
        request.headers.erase("authorization");
        wire::sign(request, credentials, region, service_of(request), now);
    }
    return wire::http::serialize(request);
}

std::string RecordSource::data(std::size_t bytes) {
    std::string out(bytes, '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
}

std::string RecordSource::key() { return fmt::format("{:016x}", random_()); }

std::string put_record_body(const std::string& stream, const std::string& key,
                            std::string_view data) {
    return fmt::format(R"({{"StreamName":"{}","Data":"{}","PartitionKey":"{}"}})", stream,
                       base64_encode(data), key);
}

std::string put_records_body(const std::string& stream, std::size_t count, std::size_t bytes,
                             RecordSource& source) {
    std::string body = R"({"Records":[)";
    for (std::size_t i = 0; i < count; ++i) {
        body += fmt::format(R"({}{{"Data":"{}","PartitionKey":"{}"}})", i ? "," : "",
                            base64_encode(source.data(bytes)), source.key());
    }
    return body + fmt::format(R"(],"StreamName":"{}"}})", stream);
}

std::string get_records_body(std::string_view iterator, std::size_t limit) {
    return fmt::format(R"({{"ShardIterator":"{}","Limit":{}}})", iterator, limit);
}

}  // namespace mill::bench
