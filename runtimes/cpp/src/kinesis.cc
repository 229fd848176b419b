// SPDX-License-Identifier: Apache-2.0
#include "millrace/kinesis.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "base/bytes.h"
#include "connection.h"
#include "wire/sigv4.h"

namespace millrace {
namespace {

using json = nlohmann::json;
using mill::wire::http::Request;
using mill::wire::http::Response;

constexpr int attempts_max = 3;
constexpr std::chrono::seconds request_timeout{30};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string first_of(std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (std::string value = variable(name); !value.empty()) return value;
    }
    return "";
}

Url endpoint(const std::string& region) {
    const std::string given = first_of({"AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL"});
    return parse_url(given.empty() ? "https://kinesis." + region + ".amazonaws.com" : given);
}

bool worth_retrying(int status, const std::string& code) {
    return status >= 500 || code == "ProvisionedThroughputExceededException" ||
           code == "ThrottlingException" || code == "LimitExceededException";
}

void back_off(int attempt) {
    static thread_local std::minstd_rand random(
        static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count()));
    std::uniform_int_distribution<int> ms(0, 50 << attempt);
    std::this_thread::sleep_for(std::chrono::milliseconds(ms(random)));
}

}  // namespace

struct Kinesis::State {
    std::string region;
    mill::wire::Credentials credentials;
    HttpConnection connection;

    json call(const std::string& operation, const json& input);
    Response send_once(const std::string& operation, const std::string& body);
};

Kinesis::Kinesis() {
    const std::string region = first_of({"AWS_REGION", "AWS_DEFAULT_REGION"});
    if (region.empty()) throw KinesisError("MissingRegion", "AWS_REGION is not set");
    mill::wire::Credentials credentials{.access_key = variable("AWS_ACCESS_KEY_ID"),
                                        .secret_key = variable("AWS_SECRET_ACCESS_KEY"),
                                        .session_token = variable("AWS_SESSION_TOKEN")};
    if (credentials.access_key.empty())
        throw KinesisError("MissingCredentials", "AWS_ACCESS_KEY_ID is not set");
    state_.reset(new State{region, std::move(credentials),
                           HttpConnection(endpoint(region), request_timeout)});
}

Kinesis::~Kinesis() = default;
Kinesis::Kinesis(Kinesis&&) noexcept = default;
Kinesis& Kinesis::operator=(Kinesis&&) noexcept = default;

Response Kinesis::State::send_once(const std::string& operation, const std::string& body) {
    Request request{.method = "POST", .target = "/", .body = body};
    request.headers.set("host", connection.url().authority);
    request.headers.set("content-type", "application/x-amz-json-1.1");
    request.headers.set("x-amz-target", "Kinesis_20131202." + operation);
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    mill::wire::sign(request, credentials, region, "kinesis", now);
    return connection.send(std::move(request));
}

json Kinesis::State::call(const std::string& operation, const json& input) {
    const std::string body = input.dump(-1, ' ', false, json::error_handler_t::replace);
    for (int attempt = 1;; ++attempt) {
        std::string code = "ConnectionError";
        std::string message;
        int status = 500;
        try {
            const Response response = send_once(operation, body);
            status = response.status;
            json answer = json::parse(response.body, nullptr, false);
            if (status == 200 && !answer.is_discarded()) return answer;
            if (answer.is_object()) {
                code = answer.value("__type", "UnknownError");
                code = code.substr(code.find('#') + 1);
                message = answer.value("message", answer.value("Message", ""));
            } else {
                code = "UnknownError";
                message = "HTTP status " + std::to_string(status);
            }
        } catch (const ConnectionError& error) {
            message = error.what();
        }
        if (attempt == attempts_max || !worth_retrying(status, code))
            throw KinesisError(code, message);
        back_off(attempt);
    }
}

PutRecordResult Kinesis::put_record(const std::string& stream, const std::string& partition_key,
                                    const std::string& data) {
    const json answer = state_->call("PutRecord", {{"StreamName", stream},
                                                   {"PartitionKey", partition_key},
                                                   {"Data", mill::base64_encode(data)}});
    return {.shard_id = answer.value("ShardId", ""),
            .sequence_number = answer.value("SequenceNumber", "")};
}

std::vector<PutRecordResult> Kinesis::put_records(const std::string& stream,
                                                  const std::vector<PutRecordEntry>& records) {
    json entries = json::array();
    for (const PutRecordEntry& record : records) {
        entries.push_back(
            {{"PartitionKey", record.partition_key}, {"Data", mill::base64_encode(record.data)}});
    }
    const json answer =
        state_->call("PutRecords", {{"StreamName", stream}, {"Records", std::move(entries)}});
    std::vector<PutRecordResult> results;
    for (const json& item : answer.at("Records")) {
        results.push_back({.shard_id = item.value("ShardId", ""),
                           .sequence_number = item.value("SequenceNumber", ""),
                           .error_code = item.value("ErrorCode", ""),
                           .error_message = item.value("ErrorMessage", "")});
    }
    return results;
}

}  // namespace millrace
