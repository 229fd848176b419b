// SPDX-License-Identifier: Apache-2.0
// Subscription filters: what matches a pattern goes on to a function or a stream.
//
// A filter reads its group's log, from where it was made on, and keeps its place in the Table (keys
// "logs/subscription/..." and "logs/place/...") after each delivery: ingestion knows nothing of it,
// a slow destination holds one chunk of the log in memory, and a crash delivers that chunk again.
// A destination that is busy is tried again for a day; events that it can never take are passed
// over, and are lost to it. A group whose events come from the filter's own function is refused,
// also when the function turns to it later; circles of several functions are not found, as on AWS.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/logs/filter_pattern.h"
#include "services/logs/group.h"
#include "services/ports/log_destination.h"

namespace mill::logs {

using GroupPointer = std::shared_ptr<Group>;

struct SubscriptionRow {
    std::string name;
    std::string pattern;
    std::string destination_arn;
    std::optional<std::string> role_arn;
    std::string distribution = "ByLogStream";
    std::int64_t created_ms = 0;
    std::int64_t begin = 0;  // the first offset that it delivers

    static constexpr auto shape() {
        using R = SubscriptionRow;
        return wire::structure(
            "SubscriptionRow", wire::member<&R::name>("name"), wire::member<&R::pattern>("pattern"),
            wire::member<&R::destination_arn>("destination_arn"),
            wire::member<&R::role_arn>("role_arn"), wire::member<&R::distribution>("distribution"),
            wire::member<&R::created_ms>("created_ms"), wire::member<&R::begin>("begin"));
    }
};

// What one delivery holds, of one log stream: the gzip of
// {"messageType": "DATA_MESSAGE", "owner": …, "logEvents": […]}
struct LogMessage {
    std::string stream;
    std::string events;  // JSON, joined by commas
};

class Subscriptions {
  public:
    Subscriptions(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}
    Subscriptions(const Subscriptions&) = delete;
    Subscriptions& operator=(const Subscriptions&) = delete;

    // The filters that an earlier run has kept. They deliver after start().
    Result<void> recover(const GroupPointer& group);
    void start(ports::LogDestinations destinations);
    // Those of a group that is there again, since it could not be deleted.
    Result<void> resume(const GroupPointer& group);
    // Delivers no more. Destinations may go then.
    void stop() { scope_.clear(); }

    // By name.
    std::vector<SubscriptionRow> of(const Group& group) const;
    // InvalidParameterException; a stream is sent a control message.
    Task<Result<void>> test(GroupPointer group, SubscriptionRow row);
    // Makes or changes the filter of that name. LimitExceededException: two are there.
    Task<Result<void>> put(GroupPointer group, SubscriptionRow row);
    // ResourceNotFoundException
    Task<Result<void>> remove(GroupPointer group, std::string name);
    // Of a group that is deleted: the commit erases what is kept of its filters.
    void end(const Group& group, storage::Table::Commit& commit);

  private:
    struct Subscription {
        GroupPointer group;
        SubscriptionRow row;
        FilterPattern pattern;
        storage::Offset place = 0;
        bool is_new = true;  // not stored yet
        bool is_ended = false;
        bool is_failing = false;  // so that one failure is told once
    };
    using Pointer = std::shared_ptr<Subscription>;

    Pointer find(const Group& group, std::string_view name) const;
    void begin(Subscription subscription);
    void forget(const Pointer& subscription);
    Result<ports::LogDestination*> destination_of(const std::string& arn) const;
    Task<void> run(Pointer subscription);
    Task<Result<void>> deliver_chunk(Pointer subscription);
    std::vector<LogMessage> messages_in(const std::vector<storage::StoredBatch>& batches,
                                        const Subscription& subscription) const;
    Task<void> deliver(Pointer subscription, LogMessage message);
    Task<Result<void>> try_to_deliver(Pointer subscription, ports::LogDelivery delivery);
    void tell_failure(Subscription& subscription, const Error& error, bool is_final) const;
    Task<Bytes> zipped(std::string text);

    Machine& machine_;
    storage::Table& table_;
    ports::LogDestinations destinations_;
    std::map<std::string, std::vector<Pointer>, std::less<>> by_group_;  // by the group's id
    Scope scope_;
};

}  // namespace mill::logs
