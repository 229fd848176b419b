// SPDX-License-Identifier: Apache-2.0
// Topics, subscriptions, and deliveries over HTTP, as rows of the Table.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "services/sns/filter_policy.h"
#include "wire/shape.h"

namespace mill::sns {

constexpr std::string_view topic_rows_prefix = "sns/topic/";
constexpr std::string_view subscription_rows_prefix = "sns/subscription/";
constexpr std::string_view delivery_rows_prefix = "sns/delivery/";

using Attributes = std::map<std::string, std::string>;

// Members may be added, never renamed: older stores are read.
struct TopicRow {
    std::string account;
    std::string region;
    std::string name;
    Attributes attributes;  // those that were set
    std::map<std::string, std::string> tags;
    std::int64_t numbers_reserved = 0;  // of messages of a FIFO topic: none beyond was given

    std::string arn() const { return "arn:aws:sns:" + region + ":" + account + ":" + name; }
    std::string table_key() const {
        return std::string(topic_rows_prefix) + account + "/" + region + "/" + name;
    }
    bool is_fifo() const { return name.ends_with(".fifo"); }

    static constexpr auto shape() {
        using R = TopicRow;
        return wire::structure(
            "TopicRow", wire::member<&R::account>("account"), wire::member<&R::region>("region"),
            wire::member<&R::name>("name"), wire::member<&R::attributes>("attributes"),
            wire::member<&R::tags>("tags"), wire::member<&R::numbers_reserved>("numbers_reserved"));
    }
};

struct SubscriptionRow {
    std::string topic_arn;
    std::string id;  // a UUID
    std::string owner;
    std::string protocol;
    std::string endpoint;
    std::optional<std::string> token;  // until it is confirmed
    Attributes attributes;             // those that were set

    std::string arn() const { return topic_arn + ":" + id; }
    std::string table_key() const { return std::string(subscription_rows_prefix) + arn(); }
    bool is_pending() const { return token.has_value(); }

    static constexpr auto shape() {
        using R = SubscriptionRow;
        return wire::structure(
            "SubscriptionRow", wire::member<&R::topic_arn>("topic_arn"), wire::member<&R::id>("id"),
            wire::member<&R::owner>("owner"), wire::member<&R::protocol>("protocol"),
            wire::member<&R::endpoint>("endpoint"), wire::member<&R::token>("token"),
            wire::member<&R::attributes>("attributes"));
    }
};

// One message on its way to one HTTP endpoint.
struct DeliveryRow {
    std::string id;
    std::string subscription_arn;
    std::string topic_arn;
    std::string url;
    std::string type;  // Notification, SubscriptionConfirmation
    std::string message_id;
    std::string body;
    bool is_raw = false;
    std::int64_t attempts = 0;
    std::int64_t due_ms = 0;

    std::string table_key() const { return std::string(delivery_rows_prefix) + id; }

    static constexpr auto shape() {
        using R = DeliveryRow;
        return wire::structure(
            "DeliveryRow", wire::member<&R::id>("id"),
            wire::member<&R::subscription_arn>("subscription_arn"),
            wire::member<&R::topic_arn>("topic_arn"), wire::member<&R::url>("url"),
            wire::member<&R::type>("type"), wire::member<&R::message_id>("message_id"),
            wire::member<&R::body>("body"), wire::member<&R::is_raw>("is_raw"),
            wire::member<&R::attempts>("attempts"), wire::member<&R::due_ms>("due_ms"));
    }
};

// A subscription and what its attributes say.
struct Subscription {
    explicit Subscription(SubscriptionRow r) : row(std::move(r)) { read_attributes(); }
    void set_row(SubscriptionRow r) {
        row = std::move(r);
        read_attributes();
    }
    void read_attributes();

    SubscriptionRow row;
    std::optional<FilterPolicy> filter;
    bool filters_body = false;
    bool is_raw = false;
    std::string dead_letter_arn;
};
using SubscriptionPointer = std::shared_ptr<Subscription>;

struct Topic {
    TopicRow row;
    std::map<std::string, SubscriptionPointer, std::less<>> subscriptions = {};  // by ARN
    std::int64_t next_number = 0;                                                // FIFO
    std::int64_t deleted_subscriptions = 0;
    bool is_changing = false;
    bool is_gone = false;
};
using TopicPointer = std::shared_ptr<Topic>;

}  // namespace mill::sns
