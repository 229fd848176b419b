// SPDX-License-Identifier: Apache-2.0
#include "services/s3/notifier.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/arn.h"
#include "wire/http.h"

namespace mill::s3 {
namespace {

const std::string event_rows = "s3/event/";
constexpr Duration retry_first = std::chrono::seconds(1), retry_max = std::chrono::minutes(1);

// As in a form: blanks are plusses.
std::string event_key(const std::string& key) {
    std::string out = wire::http::percent_encode(key, true);
    for (std::size_t at = out.find("%20"); at != std::string::npos; at = out.find("%20", at))
        out.replace(at, 3, "+");
    return out;
}

bool is_named(std::string_view name, std::string_view lower_case) {
    return std::ranges::equal(name, lower_case, [](char a, char b) { return (a | 0x20) == b; });
}

// Each configuration as (id, destination, events, filter).
template <class Visit>
void each_configuration(const Notifications& wanted, Visit visit) {
    for (const auto& one : wanted.lambda_function_configurations)
        visit(one.id, one.lambda_function_arn, one.events, one.filter);
    for (const auto& one : wanted.queue_configurations)
        visit(one.id, one.queue_arn, one.events, one.filter);
    for (const auto& one : wanted.topic_configurations)
        visit(one.id, one.topic_arn, one.events, one.filter);
}

std::string test_document(const std::string& bucket, WallTime now, const std::string& request_id) {
    wire::Value out = wire::Value::map();
    out["Service"] = "Amazon S3";
    out["Event"] = "s3:TestEvent";
    out["Time"] = iso8601_ms(now);
    out["Bucket"] = bucket;
    out["RequestId"] = request_id;
    return wire::write_json(out);
}

}  // namespace

bool wants(const std::vector<std::string>& events,
           const std::optional<NotificationConfigurationFilter>& filter, std::string_view event,
           std::string_view key) {
    const std::string name = "s3:" + std::string(event);
    const bool fits = std::ranges::any_of(events, [&](std::string_view pattern) {
        return pattern == name ||
               (pattern.ends_with('*') && name.starts_with(pattern.substr(0, pattern.size() - 1)));
    });
    if (!fits || !filter || !filter->key) return fits;
    return std::ranges::all_of(filter->key->filter_rules, [&](const FilterRule& rule) {
        const std::string value = rule.value.value_or("");
        return is_named(rule.name.value_or(""), "prefix") ? key.starts_with(value)
                                                          : key.ends_with(value);
    });
}

std::string event_document(const Notifier::Event& event, const Object& object,
                           const std::string& configuration, WallTime now,
                           const std::string& request_id) {
    wire::Value record = wire::Value::map();
    record["eventVersion"] = "2.1";
    record["eventSource"] = "aws:s3";
    record["awsRegion"] = event.region;
    record["eventTime"] = iso8601_ms(now);
    record["eventName"] = event.name;
    record["userIdentity"]["principalId"] = "AWS:" + event.account;
    record["requestParameters"]["sourceIPAddress"] = "127.0.0.1";
    record["responseElements"]["x-amz-request-id"] = request_id;
    wire::Value& s3 = record["s3"];
    s3["s3SchemaVersion"] = "1.0";
    s3["configurationId"] = configuration;
    s3["bucket"]["name"] = event.bucket;
    s3["bucket"]["ownerIdentity"]["principalId"] = event.account;
    s3["bucket"]["arn"] = "arn:aws:s3:::" + event.bucket;
    wire::Value& about = s3["object"];
    about["key"] = event_key(event.key);
    if (event.name.starts_with("ObjectCreated")) {
        about["size"] = object.size;
        std::string_view etag = object.etag;
        if (etag.size() >= 2) etag = etag.substr(1, etag.size() - 2);
        about["eTag"] = etag;
    }
    if (object.version_id) about["versionId"] = *object.version_id;
    about["sequencer"] = fmt::format("{:016X}", now.time_since_epoch().count());
    wire::Value out = wire::Value::map();
    out["Records"].push_back(std::move(record));
    return wire::write_json(out);
}

Result<Notifier::Told> Notifier::add(const Notifications& wanted, const Event& event,
                                     Objects::Change& change) {
    Told told;
    each_configuration(
        wanted, [&](const auto& id, const auto& arn, const auto& events, const auto& filter) {
            if (!wants(events, filter, event.name, event.key)) return;
            constexpr std::size_t digits = 16;
            const WallTime now = machine_.clock.wall();
            const std::string request_id = machine::random_hex(machine_.entropy, digits);
            std::string row =
                event_rows + fmt::format("{:016x}{}", now.time_since_epoch().count(), request_id);
            change.commit.puts.push_back(
                {row, wire::to_json(Row{*arn, event_document(event, *change.object, id.value_or(""),
                                                             now, request_id)})});
            told.push_back(std::move(row));
        });
    return told;
}

void Notifier::tell(const Objects::Change& committed, const Told& told) {
    for (const auto& put : committed.commit.puts) {
        if (std::ranges::find(told, put.key) == told.end()) continue;
        auto row = wire::from_json<Row>(put.value);
        if (row) queue({put.key, *std::move(row)});
    }
}

Result<void> Notifier::start(ports::EventInvoker& functions, ports::FailureDestinations others) {
    functions_ = &functions;
    others_ = std::move(others);
    MILL_TRY(auto rows, table_.scan(event_rows));
    for (auto& entry : rows) {
        MILL_TRY(Row row, wire::from_json<Row>(entry.value));
        queue({std::move(entry.key), std::move(row)});
    }
    return {};
}

void Notifier::queue(Waiting waiting) {
    const std::string destination = waiting.row.destination;
    const auto [at, is_new] = waiting_.try_emplace(destination);
    at->second.push_back(std::move(waiting));
    if (is_new) scope_.spawn(run(destination));
}

// Tells one destination until nothing waits for it.
Task<void> Notifier::run(std::string destination) {
    Duration pause = retry_first;
    while (!waiting_[destination].empty()) {
        const Waiting next = waiting_[destination].front();
        const auto delivered = co_await deliver(next.row);
        const bool is_final = !delivered && delivered.error().status / 100 == 4;
        if (!delivered) {
            machine_.log.warning("s3.notification_failed", {{"destination", destination},
                                                            {"error", delivered.error().message},
                                                            {"again", is_final ? "no" : "yes"}});
        }
        if (!delivered && !is_final) {
            co_await machine::sleep_until(machine_.timers, machine_.clock.now() + pause);
            pause = std::min(pause * 2, retry_max);
            continue;
        }
        pause = retry_first;
        waiting_[destination].pop_front();
        scope_.spawn(forget(next.key));
    }
    waiting_.erase(destination);
}

// The next one need not wait for it: an event whose row stays is told again after a restart.
Task<void> Notifier::forget(std::string row) {
    static_cast<void>(co_await table_.commit({.erases = {std::move(row)}}));
}

Task<Result<void>> Notifier::deliver(Row row) {
    const std::string service = model::parse_arn(row.destination).value_or(model::Arn{}).service;
    if (service == "lambda" && functions_)
        co_return co_await functions_->accept_event(
            {.function_arn = row.destination, .payload = std::move(row.document)});
    const auto other = others_.find(service);
    if (other == others_.end())
        co_return fail("InvalidArgument", row.destination + " is no destination", 400);
    co_return co_await other->second->deliver(
        {.destination_arn = row.destination, .document = std::move(row.document)});
}

Task<Result<void>> Notifier::test(Notifications wanted, std::string bucket) {
    std::vector<std::string> arns;
    each_configuration(wanted, [&](const auto&, const auto& arn, const auto&, const auto&) {
        arns.push_back(*arn);
    });
    constexpr std::size_t digits = 16;
    const std::string document =
        test_document(bucket, machine_.clock.wall(), machine::random_hex(machine_.entropy, digits));
    for (const std::string& arn : arns) MILL_CO_CHECK(co_await test_one(arn, document));
    co_return Result<void>();
}

// A function gets no test.
Task<Result<void>> Notifier::test_one(std::string arn, std::string document) {
    const std::string service = model::parse_arn(arn).value_or(model::Arn{}).service;
    if (service == "lambda") co_return Result<void>();
    const auto told = co_await deliver({arn, std::move(document)});
    if (told || told.error().status == 0) co_return told;
    co_return fail(
        "InvalidArgument",
        fmt::format("Unable to validate the following destination configurations: {}: {}", arn,
                    told.error().message),
        400);
}

}  // namespace mill::s3
