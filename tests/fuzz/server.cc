// SPDX-License-Identifier: Apache-2.0
// Requests to the whole server, over its connection: PutRecords and all other operations, in every
// protocol, with the tokens that it gave before. Each is answered; no answer is an internal
// failure, and JSON answers are JSON.
//
// An input is requests, each up to a NUL. Kinesis and Logs: "k PutRecords", a line feed, the body;
// CloudFormation: "c", a line feed, a form; Lambda and S3: "l POST /path?query", a line feed, the
// body; anything else goes to the connection as it is. '$' stands for the last token answered.
#include "app/mill.h"
#include "fuzz.h"
#include "sim/machine/sim_machine.h"
#include "wire/http_client.h"

namespace mill {
namespace {

using wire::http::Request;
using wire::http::Response;

const machine::Endpoint address{"127.0.0.1", 4566};
constexpr std::string_view token_names[] = {
    "NextShardIterator", "ShardIterator",     "NextToken", "nextToken",
    "nextForwardToken",  "nextBackwardToken", "Marker",    "UUID"};

std::string with_token(std::string_view text, const std::string& token) {
    std::string out;
    for (const char c : text) out += c == '$' ? token : std::string(1, c);
    return out;
}

void sign(Request& request, std::string_view service) {
    request.headers.set("host", "localhost:4566");
    request.headers.set("authorization", "AWS4-HMAC-SHA256 Credential=test/20231114/us-east-1/" +
                                             std::string(service) +
                                             "/aws4_request, SignedHeaders=host, Signature=0");
}

// Targets and header values of a client hold no blank and no line break.
std::string word(std::string_view text) {
    std::string out;
    for (const char c : text) out += c > ' ' && c < 0x7f ? c : '_';
    return out;
}

std::optional<Request> read_request(std::string_view text, const std::string& token) {
    if (text.size() < 2 || std::string_view("kmcls").find(text[0]) == std::string_view::npos)
        return std::nullopt;
    fuzz::Input input(text.substr(1));
    input.take(1);
    fuzz::Input line(input.until('\n'));
    Request request{.method = "POST", .target = "/", .body = with_token(input.rest(), token)};
    request.headers.set("content-type", "application/x-amz-json-1.1");
    switch (text[0]) {
        case 'k':
            request.headers.set("x-amz-target", "Kinesis_20131202." + word(line.rest()));
            sign(request, "kinesis");
            break;
        case 'm':
            request.headers.set("x-amz-target", "Logs_20140328." + word(line.rest()));
            sign(request, "logs");
            break;
        case 'c':
            request.headers.set("content-type", "application/x-www-form-urlencoded");
            sign(request, "cloudformation");
            break;
        default:
            request.method = word(line.until(' '));
            request.target = "/" + word(with_token(line.rest(), token));
            sign(request, text[0] == 'l' ? "lambda" : "s3");
    }
    return request;
}

class Server {
  public:
    Server() {
        app::Options options{.directory = "/data", .listen = {address}};
        mill_.emplace(sim_.machine(), *app::open_engine(sim_.machine(), "", true), options);
        MILL_ASSERT(mill_->start());
    }
    ~Server() {
        sim_.kill_software();
        mill_.reset();
        sim_.kill_software();
    }

    void take(std::string_view text) {
        auto request = read_request(text, token_);
        if (!request) return send_raw(text);
        const bool is_json = text[0] == 'k' || text[0] == 'm';
        auto answered =
            sim_.await(wire::http::exchange(sim_.outside().network, address, *std::move(request)));
        MILL_ASSERT(answered);
        expect_answer(*answered, is_json);
    }

  private:
    void expect_answer(const Response& response, bool is_json) {
        MILL_ASSERT(response.status >= 200 && response.status < 600 && response.status != 500);
        const auto body = wire::parse_json(response.body);
        MILL_ASSERT(body || !is_json || response.body.empty());
        if (!body) return;
        for (const std::string_view name : token_names) {
            if (std::string token = wire::text_of(*body, name); !token.empty()) token_ = token;
        }
    }
    void send_raw(std::string_view text) {
        auto connection = sim_.await(sim_.outside().network.connect(address));
        MILL_ASSERT(connection);
        (void)sim_.await((*connection)->write(text));
        sim_.run_for(std::chrono::milliseconds(100));
    }

    sim::SimMachine sim_{7};
    std::optional<app::Mill> mill_;
    std::string token_ = "token";
};

}  // namespace
}  // namespace mill

void mill::fuzz::run(std::string_view bytes) {
    constexpr int requests_max = 12;
    Input input(bytes);
    Server server;
    for (int i = 0; i < requests_max && !input.is_empty(); ++i) server.take(input.until('\0'));
}
