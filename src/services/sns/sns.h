// SPDX-License-Identifier: Apache-2.0
// SNS: topics that tell queues, functions and HTTP(S) endpoints what is published.
//
// Owns topics, subscriptions and deliveries over HTTP (Table, keys "sns/..."). Executor thread
// only. A message has no store of its own: Publish is answered when every subscriber's queue, and
// Lambda's queue of events, has it, and what HTTP endpoints are to be told is in the table. A
// Publish that fails may have reached some of them. Messages of a FIFO topic reach a queue in the
// order of the calls; a repeated one is known for five minutes, after a restart by the queue.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "machine/machine.h"
#include "services/ports/event_invoker.h"
#include "services/ports/failure_destination.h"
#include "services/ports/message_queue.h"
#include "services/ports/resource_provider.h"
#include "services/sns/topic.h"
#include "storage/stream_log.h"
#include "wire/http.h"
#include "wire/operation.h"
#include "wire/tls_client.h"

namespace mill::sns {

struct Published {
    std::string message_id;
    std::optional<std::string> sequence_number;
};

class Sns final : public ports::FailureDestination, public ports::ResourceProvider {
  public:
    // `ca_bundle`: a file of certificates that HTTPS endpoints may have, beside those that the
    // host trusts.
    static Result<std::unique_ptr<Sns>> open(Machine& machine, storage::Engine& engine,
                                             ports::MessageQueue& queues,
                                             ports::EventInvoker& functions,
                                             std::string ca_bundle = {});
    Sns(Machine& machine, storage::Engine& engine, ports::MessageQueue& queues,
        ports::EventInvoker& functions, std::string ca_bundle);
    ~Sns() override;
    wire::Service service();
    // Where endpoints are asked to confirm and to unsubscribe.
    void set_endpoint_url(std::string url) { endpoint_url_ = std::move(url); }
    // Goes on with deliveries that a restart has interrupted.
    void start();

    machine::Executor& executor() { return machine_.executor; }
    // NotFound: "Topic does not exist".
    Result<TopicPointer> find_topic(const std::string& arn) const;
    // By ARN, beginning after `after`.
    std::vector<TopicPointer> list_topics(const Caller& caller, const std::string& after) const;
    struct Found {
        TopicPointer topic;
        SubscriptionPointer subscription;
    };
    // NotFound: "Subscription does not exist".
    Result<Found> find_subscription(const std::string& arn) const;
    std::vector<Found> list_subscriptions(const Caller& caller) const;

    Task<Result<TopicPointer>> create_topic(Caller caller, std::string name, Attributes attributes,
                                            std::map<std::string, std::string> tags);
    Task<Result<void>> delete_topic(TopicPointer topic);
    // Reads, changes and durably writes the row, one caller after the other.
    using Change = std::function<Result<void>(TopicRow&)>;
    Task<Result<void>> change_topic(TopicPointer topic, Change change);
    Task<Result<SubscriptionPointer>> subscribe(Caller caller, TopicPointer topic,
                                                std::string protocol, std::string endpoint,
                                                Attributes attributes);
    Task<Result<SubscriptionPointer>> confirm(TopicPointer topic, std::string token);
    Task<Result<void>> unsubscribe(Found found);
    using SubscriptionChange = std::function<Result<void>(SubscriptionRow&)>;
    Task<Result<void>> change_subscription(Found found, SubscriptionChange change);

    // Checked before. Its id, number and time are given here.
    Task<Result<Published>> publish(TopicPointer topic, Message message);

    // FailureDestination
    Task<Result<void>> deliver(ports::FailureNotice notice) override;

    // ResourceProvider
    std::span<const std::string_view> types() const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    using SharedMessage = std::shared_ptr<const Message>;
    struct Repeat;

    Result<void> recover();
    Task<Result<void>> number(TopicPointer topic, Message* message);
    Task<Result<void>> fan_out(TopicPointer topic, SharedMessage message);
    Task<Result<void>> tell(SubscriptionPointer to, SharedMessage message);
    Task<Result<void>> tell_queue(const SubscriptionRow& to, bool is_raw, SharedMessage message);
    Task<Result<void>> tell_function(const SubscriptionRow& to, SharedMessage message);
    Task<Result<void>> tell_endpoint(const SubscriptionRow& to, bool is_raw, SharedMessage message);
    Task<Result<void>> bury(std::string dead_letter_arn, std::string body, Error why);
    std::string unsubscribe_url(const std::string& subscription_arn) const;
    std::string signed_url(const std::string& action, const std::string& arn,
                           const std::string& parameters) const;

    Task<Result<void>> queue_delivery(DeliveryRow row);
    Task<void> run_delivery(std::shared_ptr<DeliveryRow> row);
    Task<Result<void>> attempt(std::shared_ptr<const DeliveryRow> row);
    Task<void> carry(std::shared_ptr<const DeliveryRow> row,
                     machine::OneShot<Result<wire::http::Response>> answered);
    DeliveryRow confirmation(const SubscriptionRow& subscription) const;

    Task<Result<ports::Resource>> create_topic_resource(ports::ResourceRequest request);
    Task<Result<ports::Resource>> create_subscription_resource(ports::ResourceRequest request);
    Task<Result<ports::Resource>> create_policy_resource(ports::ResourceRequest request);
    Task<Result<ports::Resource>> update_topic_resource(ports::ResourceRequest request,
                                                        wire::Value old_properties);
    Task<Result<ports::Resource>> update_subscription_resource(ports::ResourceRequest request,
                                                               std::string physical_id,
                                                               wire::Value old_properties);
    Task<Result<ports::Resource>> update_policy_resource(ports::ResourceRequest request,
                                                         std::string physical_id,
                                                         wire::Value old_properties);
    Task<Result<void>> subscribe_listed(Caller caller, TopicPointer topic, wire::Value properties);

    Machine& machine_;
    storage::Table& table_;
    ports::MessageQueue& queues_;
    ports::EventInvoker& functions_;
    wire::tls::Client tls_;
    std::string endpoint_url_ = "http://127.0.0.1:4566";
    std::map<std::string, TopicPointer, std::less<>> topics_;                // by ARN
    std::map<std::string, std::shared_ptr<Repeat>, std::less<>> published_;  // FIFO
    std::deque<std::pair<Instant, std::string>> published_until_;
    std::vector<std::shared_ptr<DeliveryRow>> interrupted_;
    machine::Signal changed_;
    Scope background_;
};

std::span<const wire::Operation* const> operations();

Failure invalid_parameter(std::string_view what);  // "Invalid parameter: ..."
Failure topic_not_found();

// The parts of an endpoint's URL, http or https.
struct HttpUrl {
    bool is_secure = false;
    machine::Endpoint endpoint;
    std::string name;  // for the certificate: without port and brackets
    std::string host;  // as written, for the header
    std::string target;
};
std::optional<HttpUrl> parse_http_url(const std::string& url);

// How long after its n-th failed attempt (from 1) a delivery is tried again; empty: no more.
std::optional<Duration> retry_delay(const std::string& delivery_policy, std::int64_t attempts);

// What a client may set. InvalidParameter.
Result<void> check_topic_attribute(const std::string& name, const std::string& value, bool is_fifo);
Result<void> check_subscription_attributes(const Attributes& attributes);
bool is_topic_name(std::string_view name, bool is_fifo);

}  // namespace mill::sns
