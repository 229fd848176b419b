// SPDX-License-Identifier: Apache-2.0
#include "sim/world/client.h"

#include "wire/http_client.h"
#include "wire/sigv4.h"

namespace mill::sim {
namespace {

using wire::Value;
using wire::http::Request;
using wire::http::Response;

constexpr int polls_max = 1000;
constexpr Duration poll_pause = std::chrono::milliseconds(50);

// A zip of one executable file, "bootstrap".
constexpr const char* function_zip =
    "UEsDBBQAAAAAAAAAIVwdnfsECgAAAAoAAAAJAAAAYm9vdHN0cmFwIyEvYmluL3NoClBLAQIUAxQAAAAAAAAAIVwdnfsECg"
    "AAAAoAAAAJAAAAAAAA"
    "AAAAAADtgQAAAABib290c3RyYXBQSwUGAAAAAAEAAQA3AAAAMQAAAAAA";

// {"__type": "ns#Name", "message": ...} or the header of the REST services.
Failure answered_error(const Response& response) {
    const auto body = wire::parse_json(response.body);
    std::string code = response.headers.get("x-amzn-errortype");
    std::string message = response.body;
    if (body) {
        if (code.empty()) code = wire::text_of(*body, "__type");
        message = wire::text_of(*body, "message", wire::text_of(*body, "Message", response.body));
    }
    code = code.substr(0, code.find(':'));
    if (const auto hash = code.find('#'); hash != std::string::npos) code = code.substr(hash + 1);
    return fail(code.empty() ? "http." + std::to_string(response.status) : code, message,
                response.status);
}

// application/x-www-form-urlencoded: everything but letters and digits as %XX.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
            encoded += c;
        } else {
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

std::string text_between(const std::string& text, std::string_view before, std::string_view after) {
    const auto begin = text.find(before);
    if (begin == std::string::npos) return "";
    const auto from = begin + before.size();
    return text.substr(from, text.find(after, from) - from);
}

// Seconds with a fraction.
WallTime arrival_of(const Value& record) {
    const Value* at = record.find("ApproximateArrivalTimestamp");
    if (at && at->integer()) return from_epoch_ms(*at->integer() * 1000);
    const double seconds = at && at->real() ? *at->real() : 0;
    return from_epoch_ms(static_cast<std::int64_t>(seconds * 1000 + 0.5));
}

PutAnswer put_answer(const Value& answer) {
    return {.shard_id = wire::text_of(answer, "ShardId"),
            .sequence_number = wire::text_of(answer, "SequenceNumber")};
}

}  // namespace

Task<void> Client::pause() {
    co_await machine::sleep_until(machine_.timers, machine_.clock.now() + poll_pause);
}

void Client::sign(Request& request, const std::string& service) const {
    request.headers.set("host", server_.text());
    wire::sign(request, {.access_key = "test", .secret_key = "test"}, "us-east-1", service,
               machine_.clock.wall());
}

Task<Result<Response>> Client::exchange(std::string service, Request request) {
    sign(request, service);
    return wire::http::exchange(machine_.network, server_, std::move(request));
}

Task<Result<Value>> Client::send(std::string service, Request request) {
    MILL_CO_TRY(const Response response, co_await exchange(std::move(service), std::move(request)));
    if (response.status >= 300) co_return answered_error(response);
    if (response.body.empty()) co_return Value::map();
    co_return wire::parse_json(response.body);
}

Request Client::json_request(std::string target, const Value& input) const {
    Request request{.method = "POST", .target = "/", .body = wire::write_json(input)};
    request.headers.set("content-type", "application/x-amz-json-1.1");
    request.headers.set("x-amz-target", std::move(target));
    return request;
}

Task<Result<Value>> Client::call(std::string service, std::string target, Value input) {
    return send(std::move(service), json_request(std::move(target), input));
}

Task<Result<std::unique_ptr<EventReader>>> Client::open_events(std::string service,
                                                               std::string target, Value input) {
    Request request = json_request(std::move(target), input);
    sign(request, service);
    MILL_CO_TRY(auto connection, co_await machine_.network.connect(server_));
    auto events = std::make_unique<EventReader>(std::move(connection));
    MILL_CO_TRY(const auto answer, co_await events->begin(std::move(request)));
    if (answer) co_return answered_error(*answer);
    co_return std::move(events);
}

Task<Result<Bytes>> Client::call_cloudformation(
    std::string action, std::vector<std::pair<std::string, std::string>> parameters) {
    return call_query("cloudformation", "2010-05-15", std::move(action), std::move(parameters));
}

Task<Result<Bytes>> Client::call_query(
    std::string service, std::string version, std::string action,
    std::vector<std::pair<std::string, std::string>> parameters) {
    Request request{.method = "POST", .target = "/", .body = "Action=" + action};
    request.body += "&Version=" + version;
    for (const auto& [name, value] : parameters)
        request.body += "&" + name + "=" + percent_encoded(value);
    request.headers.set("content-type", "application/x-www-form-urlencoded");
    MILL_CO_TRY(Response response, co_await exchange(std::move(service), std::move(request)));
    if (response.status < 300) co_return std::move(response.body);
    co_return fail(text_between(response.body, "<Code>", "</Code>"),
                   text_between(response.body, "<Message>", "</Message>"), response.status);
}

Task<Result<Value>> Client::call_lambda(std::string method, std::string path, Value input) {
    Request request{.method = std::move(method), .target = std::move(path)};
    if (!input.is_null()) {
        request.body = wire::write_json(input);
        request.headers.set("content-type", "application/json");
    }
    return send("lambda", std::move(request));
}

Task<Result<void>> Client::request_stream(std::string name, std::int64_t shards) {
    Value input = Value::map();
    input["StreamName"] = std::move(name);
    input["ShardCount"] = shards;
    MILL_CO_CHECK(co_await call("kinesis", "Kinesis_20131202.CreateStream", std::move(input)));
    co_return Result<void>{};
}

Task<Result<void>> Client::create_stream(std::string name, std::int64_t shards) {
    MILL_CO_CHECK(co_await request_stream(name, shards));
    for (int polls = 0; polls < polls_max; ++polls) {
        Value question = Value::map();
        question["StreamName"] = name;
        MILL_CO_TRY(const Value answer,
                    co_await call("kinesis", "Kinesis_20131202.DescribeStreamSummary",
                                  std::move(question)));
        const Value* summary = answer.find("StreamDescriptionSummary");
        if (summary && wire::text_of(*summary, "StreamStatus") == "ACTIVE")
            co_return Result<void>{};
        co_await pause();
    }
    co_return fail("sim.timeout", "stream " + name + " does not become ACTIVE");
}

Task<Result<std::string>> Client::stream_arn(std::string name) {
    Value question = Value::map();
    question["StreamName"] = name;
    MILL_CO_TRY(
        const Value answer,
        co_await call("kinesis", "Kinesis_20131202.DescribeStreamSummary", std::move(question)));
    const Value* summary = answer.find("StreamDescriptionSummary");
    co_return summary ? wire::text_of(*summary, "StreamARN") : std::string();
}

Task<Result<PutAnswer>> Client::put(std::string stream, std::string key, Bytes data) {
    Value input = Value::map();
    input["StreamName"] = std::move(stream);
    input["PartitionKey"] = std::move(key);
    input["Data"] = base64_encode(data);
    MILL_CO_TRY(const Value answer,
                co_await call("kinesis", "Kinesis_20131202.PutRecord", std::move(input)));
    co_return put_answer(answer);
}

Task<Result<std::vector<std::optional<PutAnswer>>>> Client::put_all(
    std::string stream, std::vector<KeyedRecord> records) {
    Value input = Value::map();
    input["StreamName"] = std::move(stream);
    for (KeyedRecord& record : records) {
        Value entry = Value::map();
        entry["PartitionKey"] = std::move(record.partition_key);
        entry["Data"] = base64_encode(record.data);
        input["Records"].push_back(std::move(entry));
    }
    MILL_CO_TRY(const Value answer,
                co_await call("kinesis", "Kinesis_20131202.PutRecords", std::move(input)));
    std::vector<std::optional<PutAnswer>> placed;
    for (const Value& entry : wire::list_of(answer, "Records")) {
        placed.push_back(entry.find("ErrorCode") ? std::nullopt : std::optional(put_answer(entry)));
    }
    co_return placed;
}

Task<Result<void>> Client::read_shard(std::string stream, std::string shard_id,
                                      std::vector<StoredRecord>* into) {
    Value question = Value::map();
    question["StreamName"] = stream;
    question["ShardId"] = shard_id;
    question["ShardIteratorType"] = "TRIM_HORIZON";
    MILL_CO_TRY(Value answer,
                co_await call("kinesis", "Kinesis_20131202.GetShardIterator", std::move(question)));
    std::string iterator = wire::text_of(answer, "ShardIterator");
    for (int polls = 0; polls < polls_max && !iterator.empty(); ++polls) {
        Value input = Value::map();
        input["ShardIterator"] = std::move(iterator);
        MILL_CO_TRY(answer,
                    co_await call("kinesis", "Kinesis_20131202.GetRecords", std::move(input)));
        for (const Value& record : wire::list_of(answer, "Records")) {
            MILL_CO_TRY(Bytes data, base64_decode(wire::text_of(record, "Data")));
            into->push_back({.shard_id = shard_id,
                             .sequence_number = wire::text_of(record, "SequenceNumber"),
                             .partition_key = wire::text_of(record, "PartitionKey"),
                             .data = std::move(data),
                             .arrival = arrival_of(record)});
        }
        const Value* behind = answer.find("MillisBehindLatest");
        if (behind && behind->integer() && *behind->integer() == 0) co_return Result<void>{};
        iterator = wire::text_of(answer, "NextShardIterator");
    }
    co_return Result<void>{};
}

Task<Result<std::vector<StoredRecord>>> Client::shard_records(std::string stream,
                                                              std::string shard_id) {
    std::vector<StoredRecord> found;
    MILL_CO_CHECK(co_await read_shard(std::move(stream), std::move(shard_id), &found));
    co_return found;
}

Task<Result<std::vector<std::string>>> Client::shard_ids(std::string stream) {
    Value question = Value::map();
    question["StreamName"] = std::move(stream);
    MILL_CO_TRY(const Value answer,
                co_await call("kinesis", "Kinesis_20131202.ListShards", std::move(question)));
    std::vector<std::string> ids;
    for (const Value& shard : wire::list_of(answer, "Shards"))
        ids.push_back(wire::text_of(shard, "ShardId"));
    co_return ids;
}

Task<Result<std::vector<StoredRecord>>> Client::records(std::string stream) {
    MILL_CO_TRY(const auto ids, co_await shard_ids(stream));
    std::vector<StoredRecord> found;
    for (const std::string& id : ids) MILL_CO_CHECK(co_await read_shard(stream, id, &found));
    co_return found;
}

Task<Result<void>> Client::back_up(std::string to, wire::Credentials root_key) {
    Request request{.method = "POST",
                    .target = "/_millrace/backup?to=" + wire::http::percent_encode(to)};
    request.headers.set("host", server_.text());
    wire::sign(request, root_key, "us-east-1", "millrace", machine_.clock.wall());
    MILL_CO_TRY(const Response response,
                co_await wire::http::exchange(machine_.network, server_, std::move(request)));
    if (response.status == 200) co_return Result<void>{};
    co_return fail("http." + std::to_string(response.status), response.body, response.status);
}

Task<Result<std::vector<std::string>>> Client::stream_names() {
    MILL_CO_TRY(const Value answer,
                co_await call("kinesis", "Kinesis_20131202.ListStreams", Value::map()));
    std::vector<std::string> names;
    for (const Value& name : wire::list_of(answer, "StreamNames")) {
        if (name.string()) names.push_back(*name.string());
    }
    co_return names;
}

Task<Result<void>> Client::delete_stream(std::string name) {
    Value input = Value::map();
    input["StreamName"] = std::move(name);
    MILL_CO_CHECK(co_await call("kinesis", "Kinesis_20131202.DeleteStream", std::move(input)));
    co_return Result<void>{};
}

Task<Result<void>> Client::request_function(std::string name, std::int64_t timeout_seconds) {
    Value input = Value::map();
    input["FunctionName"] = name;
    input["Runtime"] = "provided.al2023";
    input["Role"] = "arn:aws:iam::000000000000:role/sim";
    input["Handler"] = "bootstrap";
    input["Timeout"] = timeout_seconds;
    input["Code"]["ZipFile"] = function_zip;
    MILL_CO_CHECK(co_await call_lambda("POST", "/2015-03-31/functions", std::move(input)));
    co_return Result<void>{};
}

Task<Result<void>> Client::create_function(std::string name, std::int64_t timeout_seconds) {
    MILL_CO_CHECK(co_await request_function(name, timeout_seconds));
    const std::string path = "/2015-03-31/functions/" + name + "/configuration";
    for (int polls = 0; polls < polls_max; ++polls) {
        MILL_CO_TRY(const Value answer, co_await call_lambda("GET", path, {}));
        if (wire::text_of(answer, "State") == "Active") co_return Result<void>{};
        co_await pause();
    }
    co_return fail("sim.timeout", "function " + name + " does not become Active");
}

Task<Result<Bytes>> Client::invoke(std::string function, Bytes payload) {
    Request request{.method = "POST",
                    .target = "/2015-03-31/functions/" + function + "/invocations",
                    .body = std::move(payload)};
    MILL_CO_TRY(Response response, co_await exchange("lambda", std::move(request)));
    if (response.status >= 300) co_return answered_error(response);
    if (response.headers.find("x-amz-function-error"))
        co_return fail("sim.function_error", response.body);
    co_return std::move(response.body);
}

Task<Result<std::string>> Client::create_mapping(std::string function, std::string stream,
                                                 MappingSettings settings) {
    std::string arn = std::move(settings.source_arn);
    if (arn.empty()) {
        MILL_CO_TRY(arn, co_await stream_arn(std::move(stream)));
    }
    Value input = Value::map();
    input["EventSourceArn"] = std::move(arn);
    input["FunctionName"] = std::move(function);
    input["StartingPosition"] = std::move(settings.starting_position);
    input["BatchSize"] = settings.batch_size;
    input["MaximumBatchingWindowInSeconds"] = settings.window_seconds;
    input["ParallelizationFactor"] = settings.parallelization;
    for (auto& [name, value] : *settings.more.members()) input[name] = std::move(value);
    MILL_CO_TRY(
        const Value answer,
        co_await call_lambda("POST", "/2015-03-31/event-source-mappings", std::move(input)));
    co_return wire::text_of(answer, "UUID");
}

Task<Result<std::string>> Client::register_consumer(std::string stream, std::string name) {
    Value input = Value::map();
    MILL_CO_TRY(input["StreamARN"], co_await stream_arn(std::move(stream)));
    input["ConsumerName"] = std::move(name);
    MILL_CO_TRY(
        const Value answer,
        co_await call("kinesis", "Kinesis_20131202.RegisterStreamConsumer", std::move(input)));
    const Value* consumer = answer.find("Consumer");
    co_return consumer ? wire::text_of(*consumer, "ConsumerARN") : std::string();
}

Task<Result<Value>> Client::ask_mapping(std::string method, std::string path) {
    Request request{.method = std::move(method), .target = "/_millrace/mappings/" + path};
    request.headers.set("host", server_.text());
    MILL_CO_TRY(const Response response,
                co_await wire::http::exchange(machine_.network, server_, std::move(request)));
    if (response.status == 200) co_return wire::parse_json(response.body);
    co_return fail("http." + std::to_string(response.status), response.body, response.status);
}

Task<Result<void>> Client::rewind_mapping(std::string uuid, std::string to) {
    MILL_CO_CHECK(
        co_await ask_mapping("POST", uuid + "/rewind?to=" + wire::http::percent_encode(to)));
    co_return Result<void>{};
}

Task<Result<Value>> Client::replay_failed(std::string uuid) {
    return ask_mapping("POST", uuid + "/replay-failed");
}

Task<Result<Value>> Client::show_mapping(std::string uuid) { return ask_mapping("GET", uuid); }

Task<Result<void>> Client::create_bucket(std::string name) {
    MILL_CO_TRY(const Response response,
                co_await exchange("s3", {.method = "PUT", .target = "/" + name}));
    if (response.status < 300) co_return Result<void>{};
    co_return fail("http." + std::to_string(response.status), response.body, response.status);
}

Task<Result<std::vector<Bytes>>> Client::objects(std::string bucket) {
    std::vector<Bytes> bodies;
    std::string after;
    for (bool is_truncated = true; is_truncated;) {
        const std::string page = "/" + bucket + "?list-type=2" +
                                 (after.empty() ? "" : "&start-after=") + percent_encoded(after);
        MILL_CO_TRY(const Response listing,
                    co_await exchange("s3", {.method = "GET", .target = page}));
        if (listing.status >= 300) co_return fail("sim.s3", listing.body, listing.status);
        is_truncated = text_between(listing.body, "<IsTruncated>", "<") == "true";
        constexpr std::string_view begin = "<Key>";
        for (std::size_t at = 0; (at = listing.body.find(begin, at)) != std::string::npos;) {
            at += begin.size();
            after = listing.body.substr(at, listing.body.find('<', at) - at);
            MILL_CO_TRY(
                Response object,
                co_await exchange("s3", {.method = "GET", .target = "/" + bucket + "/" + after}));
            if (object.status >= 300) co_return fail("sim.s3", object.body, object.status);
            bodies.push_back(std::move(object.body));
        }
    }
    co_return bodies;
}

Task<Result<std::string>> Client::mapping_status(std::string uuid) {
    MILL_CO_TRY(const Value answer,
                co_await call_lambda("GET", "/2015-03-31/event-source-mappings/" + uuid, {}));
    co_return wire::text_of(answer, "State") + ": " + wire::text_of(answer, "LastProcessingResult");
}

}  // namespace mill::sim
