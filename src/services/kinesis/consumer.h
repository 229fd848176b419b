// SPDX-License-Identifier: Apache-2.0
// Consumer: one that reads a stream by SubscribeToShard, registered by name.
//
// One row of the Table each, under its stream's id: a later stream of the same name has none of
// them. Erased together with the stream, in one commit.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "wire/shape.h"

namespace mill::kinesis {

// Members may be added, never renamed: older stores are read.
struct ConsumerRow {
    std::string stream_id;
    std::string stream_arn;
    std::string name;
    std::string status;  // CREATING, ACTIVE, DELETING
    std::int64_t created_ms = 0;
    std::map<std::string, std::string> tags;
    std::string policy;  // JSON; empty: none

    WallTime created() const { return from_epoch_ms(created_ms); }
    std::string arn() const {
        return stream_arn + "/consumer/" + name + ":" + std::to_string(created_ms / 1000);
    }
    std::string table_key() const;

    static constexpr auto shape() {
        using R = ConsumerRow;
        return wire::structure("ConsumerRow", wire::member<&R::stream_id>("stream_id"),
                               wire::member<&R::stream_arn>("stream_arn"),
                               wire::member<&R::name>("name"), wire::member<&R::status>("status"),
                               wire::member<&R::created_ms>("created_ms"),
                               wire::member<&R::tags>("tags"), wire::member<&R::policy>("policy"));
    }
};

constexpr std::string_view consumer_rows_prefix = "kinesis/consumer/";

class Subscription;

struct Consumer {
    ConsumerRow row;
    bool is_gone = false;  // erased from the table
    // Those that go on, by the shard's index: one for each shard.
    std::map<std::uint32_t, Subscription*> subscriptions = {};
};
using ConsumerPointer = std::shared_ptr<Consumer>;

// What answers say of one.
struct ConsumerSummary {
    std::string consumer_name;
    std::string consumer_arn;
    std::string consumer_status;
    WallTime consumer_creation_timestamp;

    static constexpr auto shape() {
        using C = ConsumerSummary;
        return wire::structure(
            "Consumer", wire::member<&C::consumer_name>("ConsumerName"),
            wire::member<&C::consumer_arn>("ConsumerARN"),
            wire::member<&C::consumer_status>("ConsumerStatus"),
            wire::member<&C::consumer_creation_timestamp>("ConsumerCreationTimestamp"));
    }
};

inline ConsumerSummary describe(const ConsumerRow& row) {
    return {row.name, row.arn(), row.status, row.created()};
}

}  // namespace mill::kinesis
