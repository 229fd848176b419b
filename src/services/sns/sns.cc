// SPDX-License-Identifier: Apache-2.0
#include "services/sns/sns.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/arn.h"

namespace mill::sns {
namespace {

constexpr std::size_t token_digits = 128;

bool is_http(std::string_view protocol) { return protocol == "http" || protocol == "https"; }

Attributes with_changes(Attributes attributes, const Attributes& changes) {
    for (const auto& [name, value] : changes) {
        if (value.empty()) {
            attributes.erase(name);
        } else {
            attributes.insert_or_assign(name, value);
        }
    }
    return attributes;
}

// What Millrace can deliver to.
Result<void> check_endpoint(const std::string& protocol, const std::string& endpoint,
                            bool is_fifo_topic) {
    const auto arn = model::parse_arn(endpoint);
    if (protocol == "sqs") {
        if (!arn || arn->service != "sqs") return invalid_parameter("SQS endpoint ARN");
        if (!is_fifo_topic && arn->resource.ends_with(".fifo")) {
            return invalid_parameter(
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to "
                "standard SNS topics");
        }
        return {};
    }
    if (is_fifo_topic)
        return invalid_parameter("Endpoint Reason: FIFO topics are delivered to queues only");
    if (protocol == "lambda") {
        if (arn && arn->service == "lambda") return {};
        return invalid_parameter("Lambda endpoint ARN");
    }
    if (is_http(protocol)) {
        if (!endpoint.starts_with(protocol + "://"))
            return invalid_parameter("Endpoint must match the specified protocol");
        if (parse_http_url(endpoint)) return {};
        return invalid_parameter(
            fmt::format("Endpoint Reason: Millrace delivers to {}://HOST[:PORT]/..., HOST "
                        "being a name or an IP address",
                        protocol));
    }
    return invalid_parameter(fmt::format(
        "Protocol Reason: Millrace delivers to sqs, lambda, http and https, not to '{}'",
        protocol));
}

}  // namespace

Sns::Sns(Machine& machine, storage::Engine& engine, ports::MessageQueue& queues,
         ports::EventInvoker& functions, std::string ca_bundle)
    : machine_(machine),
      table_(*engine.table),
      queues_(queues),
      functions_(functions),
      tls_(machine, std::move(ca_bundle)),
      changed_(machine.executor) {}

Sns::~Sns() = default;

Result<std::unique_ptr<Sns>> Sns::open(Machine& machine, storage::Engine& engine,
                                       ports::MessageQueue& queues, ports::EventInvoker& functions,
                                       std::string ca_bundle) {
    auto sns = std::make_unique<Sns>(machine, engine, queues, functions, std::move(ca_bundle));
    MILL_CHECK(sns->recover());
    return sns;
}

Result<void> Sns::recover() {
    MILL_TRY(const auto topics, table_.scan(topic_rows_prefix));
    for (const auto& entry : topics) {
        MILL_TRY(TopicRow row, wire::from_json<TopicRow>(entry.value));
        const std::string arn = row.arn();
        const std::int64_t next = row.numbers_reserved;
        topics_.emplace(arn,
                        std::make_shared<Topic>(Topic{.row = std::move(row), .next_number = next}));
    }
    MILL_TRY(const auto subscriptions, table_.scan(subscription_rows_prefix));
    for (const auto& entry : subscriptions) {
        MILL_TRY(SubscriptionRow row, wire::from_json<SubscriptionRow>(entry.value));
        const auto topic = topics_.find(row.topic_arn);
        if (topic == topics_.end()) continue;
        std::string arn = row.arn();
        topic->second->subscriptions.emplace(std::move(arn),
                                             std::make_shared<Subscription>(std::move(row)));
    }
    MILL_TRY(const auto deliveries, table_.scan(delivery_rows_prefix));
    for (const auto& entry : deliveries) {
        MILL_TRY(DeliveryRow row, wire::from_json<DeliveryRow>(entry.value));
        interrupted_.push_back(std::make_shared<DeliveryRow>(std::move(row)));
    }
    return {};
}

void Sns::start() {
    for (auto& row : std::exchange(interrupted_, {}))
        background_.spawn(run_delivery(std::move(row)));
}

wire::Service Sns::service() {
    return {.signing_name = "sns",
            .target_prefix = {},
            .protocol = wire::Protocol::query,
            .json_version = {},
            .api_version = "2010-03-31",
            .xml_namespace = "http://sns.amazonaws.com/doc/2010-03-31/",
            .operations = operations(),
            .instance = this};
}

Result<TopicPointer> Sns::find_topic(const std::string& arn) const {
    const auto found = topics_.find(arn);
    if (found != topics_.end()) return found->second;
    const auto parsed = model::parse_arn(arn);
    if (!parsed || parsed->service != "sns")
        return invalid_parameter("TopicArn Reason: An ARN must have at least 6 elements, not " +
                                 std::to_string(1 + std::ranges::count(arn, ':')));
    return topic_not_found();
}

std::vector<TopicPointer> Sns::list_topics(const Caller& caller, const std::string& after) const {
    const std::string prefix = model::arn_of(caller, "sns", "").text();
    std::vector<TopicPointer> found;
    for (auto at = topics_.upper_bound(std::max(prefix, after));
         at != topics_.end() && at->first.starts_with(prefix); ++at) {
        found.push_back(at->second);
    }
    return found;
}

Result<Sns::Found> Sns::find_subscription(const std::string& arn) const {
    const std::size_t colon = arn.rfind(':');
    if (!model::parse_arn(arn) || colon == std::string::npos)
        return invalid_parameter("SubscriptionArn Reason: An ARN must have at least 6 elements");
    const auto topic = topics_.find(std::string_view(arn).substr(0, colon));
    if (topic != topics_.end()) {
        const auto found = topic->second->subscriptions.find(arn);
        if (found != topic->second->subscriptions.end()) return Found{topic->second, found->second};
    }
    return fail("NotFound", "Subscription does not exist", 404);
}

std::vector<Sns::Found> Sns::list_subscriptions(const Caller& caller) const {
    std::vector<Found> found;
    for (const TopicPointer& topic : list_topics(caller, "")) {
        for (const auto& [arn, subscription] : topic->subscriptions)
            found.push_back({topic, subscription});
    }
    return found;
}

Task<Result<TopicPointer>> Sns::create_topic(Caller caller, std::string name, Attributes attributes,
                                             std::map<std::string, std::string> tags) {
    const auto fifo = attributes.find("FifoTopic");
    const bool is_fifo = fifo != attributes.end() && fifo->second == "true";
    if (!is_topic_name(name, is_fifo)) {
        co_return invalid_parameter(
            is_fifo ? "Topic Name Reason: Fifo Topic names must end with .fifo and must be made up "
                      "of only uppercase and lowercase ASCII letters, numbers, underscores, and "
                      "hyphens, and must be between 1 and 256 characters long."
                    : "Topic Name");
    }
    for (const auto& [attribute, value] : attributes)
        MILL_CO_CHECK(check_topic_attribute(attribute, value, is_fifo));
    TopicRow row{.account = caller.account, .region = caller.region, .name = std::move(name)};
    row.attributes = with_changes({}, attributes);
    row.tags = std::move(tags);
    const std::string arn = row.arn();
    if (const auto known = topics_.find(arn); known != topics_.end()) {
        const TopicPointer topic = known->second;
        while (topic->is_changing) co_await changed_.wait();
        if (topic->is_gone) co_return topic_not_found();
        for (const auto& [attribute, value] : row.attributes) {
            const auto theirs = topic->row.attributes.find(attribute);
            if (theirs != topic->row.attributes.end() && theirs->second == value) continue;
            co_return invalid_parameter(
                "Attributes Reason: Topic already exists with different attributes");
        }
        if (!row.tags.empty() && row.tags != topic->row.tags)
            co_return invalid_parameter("Tags Reason: Topic already exists with different tags");
        co_return topic;
    }
    const auto topic = std::make_shared<Topic>(Topic{.row = row, .is_changing = true});
    topics_.emplace(arn, topic);  // so that no second one is made meanwhile
    auto stored =
        co_await table_.commit({.puts = {{topic->row.table_key(), wire::to_json(topic->row)}}});
    topic->is_changing = false;
    topic->is_gone = !stored;
    if (!stored) topics_.erase(arn);
    changed_.notify_all();
    if (!stored) co_return std::unexpected(std::move(stored).error());
    co_return topic;
}

Task<Result<void>> Sns::delete_topic(TopicPointer topic) {
    while (topic->is_changing) co_await changed_.wait();
    if (topic->is_gone) co_return Result<void>();
    topic->is_changing = true;
    storage::Table::Commit commit{.erases = {topic->row.table_key()}};
    for (const auto& [arn, subscription] : topic->subscriptions)
        commit.erases.push_back(subscription->row.table_key());
    auto stored = co_await table_.commit(std::move(commit));
    topic->is_changing = false;
    topic->is_gone = stored.has_value();
    if (stored) topics_.erase(topic->row.arn());
    changed_.notify_all();
    co_return stored;
}

Task<Result<void>> Sns::change_topic(TopicPointer topic, Change change) {
    while (topic->is_changing) co_await changed_.wait();
    if (topic->is_gone) co_return topic_not_found();
    TopicRow row = topic->row;
    MILL_CO_CHECK(change(row));
    topic->is_changing = true;
    auto stored = co_await table_.commit({.puts = {{row.table_key(), wire::to_json(row)}}});
    topic->is_changing = false;
    if (stored) topic->row = std::move(row);
    changed_.notify_all();
    co_return stored;
}

Task<Result<SubscriptionPointer>> Sns::subscribe(Caller caller, TopicPointer topic,
                                                 std::string protocol, std::string endpoint,
                                                 Attributes attributes) {
    MILL_CO_CHECK(check_endpoint(protocol, endpoint, topic->row.is_fifo()));
    MILL_CO_CHECK(check_subscription_attributes(attributes));
    while (topic->is_changing) co_await changed_.wait();
    if (topic->is_gone) co_return topic_not_found();
    for (const auto& [arn, known] : topic->subscriptions) {
        if (known->row.protocol != protocol || known->row.endpoint != endpoint) continue;
        if (!attributes.empty() && with_changes({}, attributes) != known->row.attributes) {
            co_return invalid_parameter(
                "Attributes Reason: Subscription already exists with different attributes");
        }
        co_return known;
    }
    SubscriptionRow row{.topic_arn = topic->row.arn(),
                        .id = machine::uuid_v4(machine_.entropy),
                        .owner = caller.account,
                        .protocol = std::move(protocol),
                        .endpoint = std::move(endpoint),
                        .attributes = with_changes({}, attributes)};
    storage::Table::Commit commit;
    std::optional<DeliveryRow> asked;
    if (is_http(row.protocol)) {
        row.token = machine::random_hex(machine_.entropy, token_digits);
        asked = confirmation(row);
        commit.puts.push_back({asked->table_key(), wire::to_json(*asked)});
    }
    commit.puts.push_back({row.table_key(), wire::to_json(row)});
    topic->is_changing = true;
    auto stored = co_await table_.commit(std::move(commit));
    topic->is_changing = false;
    changed_.notify_all();
    if (!stored) co_return std::unexpected(std::move(stored).error());
    const auto subscription = std::make_shared<Subscription>(std::move(row));
    topic->subscriptions.emplace(subscription->row.arn(), subscription);
    if (asked) background_.spawn(run_delivery(std::make_shared<DeliveryRow>(*std::move(asked))));
    co_return subscription;
}

Task<Result<SubscriptionPointer>> Sns::confirm(TopicPointer topic, std::string token) {
    for (const auto& [arn, subscription] : topic->subscriptions) {
        if (subscription->row.token != token) continue;
        const Found found{topic, subscription};
        MILL_CO_CHECK(co_await change_subscription(found, [](SubscriptionRow& row) -> Result<void> {
            row.token.reset();
            return {};
        }));
        co_return found.subscription;
    }
    co_return invalid_parameter("Token");
}

Task<Result<void>> Sns::unsubscribe(Found found) {
    while (found.topic->is_changing) co_await changed_.wait();
    const std::string arn = found.subscription->row.arn();
    if (found.topic->is_gone || !found.topic->subscriptions.contains(arn)) co_return Result<void>();
    found.topic->is_changing = true;  // a change of it would write its row again
    auto stored = co_await table_.commit({.erases = {found.subscription->row.table_key()}});
    found.topic->is_changing = false;
    if (stored) {
        found.topic->subscriptions.erase(arn);
        ++found.topic->deleted_subscriptions;
    }
    changed_.notify_all();
    co_return stored;
}

Task<Result<void>> Sns::change_subscription(Found found, SubscriptionChange change) {
    while (found.topic->is_changing) co_await changed_.wait();
    if (found.topic->is_gone || !found.topic->subscriptions.contains(found.subscription->row.arn()))
        co_return fail("NotFound", "Subscription does not exist", 404);
    SubscriptionRow row = found.subscription->row;
    MILL_CO_CHECK(change(row));
    found.topic->is_changing = true;
    auto stored = co_await table_.commit({.puts = {{row.table_key(), wire::to_json(row)}}});
    found.topic->is_changing = false;
    if (stored) found.subscription->set_row(std::move(row));
    changed_.notify_all();
    co_return stored;
}

Task<Result<void>> Sns::deliver(ports::FailureNotice notice) {
    MILL_CO_TRY(const auto topic, find_topic(notice.destination_arn));
    if (topic->row.is_fifo())
        co_return invalid_parameter("TopicArn: a FIFO topic cannot be the destination of failures");
    MILL_CO_TRY(const auto published,
                co_await publish(topic, Message{.body = std::move(notice.document),
                                                .attributes = std::move(notice.attributes)}));
    static_cast<void>(published);
    co_return Result<void>();
}

}  // namespace mill::sns
