// SPDX-License-Identifier: Apache-2.0
// Deliveries over HTTP and HTTPS: tried again as the delivery policy says, also after a restart,
// and at least once; a certificate that is refused is a failure as any other. What never arrives
// goes to the subscription's dead-letter queue.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "services/sns/sns.h"
#include "wire/http_client.h"

namespace mill::sns {
namespace {

constexpr std::chrono::seconds answer_max{15};       // with connecting and the handshake of TLS
constexpr std::uint64_t answer_bytes_max = 1 << 20;  // its status is all that counts
constexpr std::chrono::seconds store_retry_delay{1};

std::int64_t number_in(const wire::Value* policy, std::string_view name, std::int64_t otherwise) {
    const wire::Value* value = policy ? policy->find(name) : nullptr;
    return value && value->integer() ? *value->integer() : otherwise;
}

// Where the port of "[::1]:80" begins, with its colon; the end if there is none.
std::size_t port_place(const std::string& host) {
    const std::size_t bracket = host.rfind(']'), colon = host.rfind(':');
    const bool has_port =
        colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    return has_port ? colon : host.size();
}

bool is_host_name(std::string_view name) {
    constexpr std::size_t longest = 253;
    const auto fits = [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '_' || c == '.';
    };
    return name.size() <= longest && !name.empty() && !name.starts_with('.') &&
           !name.contains("..") && std::ranges::all_of(name, fits);
}

// "[::1]:80", "localhost", "hooks.example.com"
std::optional<machine::Endpoint> endpoint_of(const std::string& host, unsigned short port) {
    const std::size_t end = port_place(host);
    const bool is_v6 = host.starts_with('[') && host.find(']') + 1 == end && host.find(':') < end;
    if (!is_v6 && !is_host_name(host.substr(0, end))) return std::nullopt;
    auto endpoint =
        machine::parse_endpoint(end < host.size() ? host : host + ":" + std::to_string(port));
    if (!endpoint) return std::nullopt;
    return *std::move(endpoint);
}

}  // namespace

std::optional<HttpUrl> parse_http_url(const std::string& url) {
    constexpr std::string_view plain = "http://", secure = "https://";
    constexpr unsigned short plain_port = 80, secure_port = 443;
    const bool is_secure = url.starts_with(secure);
    if (!is_secure && !url.starts_with(plain)) return std::nullopt;
    const std::string rest = url.substr(is_secure ? secure.size() : plain.size());
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    HttpUrl parsed{.is_secure = is_secure, .host = rest.substr(0, end), .target = rest.substr(end)};
    if (!parsed.target.starts_with('/')) parsed.target.insert(0, "/");
    const bool is_clean = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f; });
    const auto endpoint = endpoint_of(parsed.host, is_secure ? secure_port : plain_port);
    if (!endpoint || !is_clean || parsed.host.contains('@')) return std::nullopt;
    parsed.endpoint = *endpoint;
    parsed.name = parsed.host.substr(0, port_place(parsed.host));
    if (parsed.name.starts_with('[')) parsed.name = endpoint->host;
    return parsed;
}

std::optional<Duration> retry_delay(const std::string& delivery_policy, std::int64_t attempts) {
    const auto policy = wire::parse_json(delivery_policy);
    const wire::Value* retry = policy ? policy->find("healthyRetryPolicy") : nullptr;
    constexpr std::int64_t delay_default = 20, retries_default = 3;
    const std::int64_t retries = number_in(retry, "numRetries", retries_default);
    if (attempts > retries) return std::nullopt;
    const std::int64_t least = number_in(retry, "minDelayTarget", delay_default);
    const std::int64_t most = std::max(least, number_in(retry, "maxDelayTarget", delay_default));
    const std::int64_t at_once = number_in(retry, "numNoDelayRetries", 0);
    const std::int64_t at_least = number_in(retry, "numMinDelayRetries", 0);
    const std::int64_t at_most = number_in(retry, "numMaxDelayRetries", 0);
    if (attempts <= at_once) return Duration::zero();
    if (attempts <= at_once + at_least) return std::chrono::seconds(least);
    if (attempts > retries - at_most) return std::chrono::seconds(most);
    const std::int64_t steps = retries - at_once - at_least - at_most;
    const double part = steps <= 1 ? 0
                                   : static_cast<double>(attempts - at_once - at_least - 1) /
                                         static_cast<double>(steps - 1);
    const std::string backoff = retry ? wire::text_of(*retry, "backoffFunction") : "";
    const bool is_exponential = backoff == "exponential" || backoff == "geometric";
    const auto span = static_cast<double>(most - least);
    const double seconds = static_cast<double>(least) +
                           (is_exponential ? (std::exp2(part * 4) - 1) / 15 * span : part * span);
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

Task<Result<void>> Sns::queue_delivery(DeliveryRow row) {
    row.due_ms = epoch_ms(machine_.clock.wall());
    const auto shared = std::make_shared<DeliveryRow>(std::move(row));
    MILL_CO_CHECK(
        co_await table_.commit({.puts = {{shared->table_key(), wire::to_json(*shared)}}}));
    background_.spawn(run_delivery(shared));
    co_return Result<void>();
}

Task<void> Sns::carry(std::shared_ptr<const DeliveryRow> row,
                      machine::OneShot<Result<wire::http::Response>> answered) {
    const auto url = parse_http_url(row->url);
    if (!url) {
        answered.set(fail("sns.url", "the endpoint is no URL", 400));
        co_return;
    }
    wire::http::Request request{.method = "POST", .target = url->target, .body = row->body};
    request.headers.set("host", url->host);
    request.headers.set("content-type", "text/plain; charset=UTF-8");
    request.headers.set("user-agent", "Amazon Simple Notification Service Agent");
    request.headers.set("x-amz-sns-message-type", row->type);
    request.headers.set("x-amz-sns-message-id", row->message_id);
    request.headers.set("x-amz-sns-topic-arn", row->topic_arn);
    if (row->type == "Notification")
        request.headers.set("x-amz-sns-subscription-arn", row->subscription_arn);
    if (row->is_raw) request.headers.set("x-amz-sns-rawdelivery", "true");
    auto connection = url->is_secure ? co_await tls_.connect(url->endpoint, url->name)
                                     : co_await machine_.network.connect(url->endpoint);
    if (!connection) {
        answered.set(std::unexpected(std::move(connection).error()));
        co_return;
    }
    answered.set(co_await wire::http::exchange(**connection, std::move(request), answer_bytes_max));
}

// Errors with a status are for good.
Task<Result<void>> Sns::attempt(std::shared_ptr<const DeliveryRow> row) {
    machine::OneShot<Result<wire::http::Response>> answered(machine_.executor);
    Scope carrying;
    carrying.spawn(carry(row, answered));
    const auto answer =
        co_await answered.take_until(machine_.timers, machine_.clock.now() + answer_max);
    if (!answer) co_return fail("net.timeout", "no answer in time");
    if (!*answer) co_return std::unexpected(answer->error());
    constexpr int too_many = 429;
    const int status = (*answer)->status;
    if (status >= 200 && status < 300) co_return Result<void>();
    const std::string text = fmt::format("the endpoint answered {}", status);
    if (status >= 400 && status < 500 && status != too_many)
        co_return fail("sns.refused", text, status);
    co_return fail("sns.failed", text);
}

Task<void> Sns::run_delivery(std::shared_ptr<DeliveryRow> row) {
    for (;;) {
        const auto left = from_epoch_ms(row->due_ms) - machine_.clock.wall();
        if (left > Duration::zero())
            co_await machine::sleep_until(machine_.timers, machine_.clock.now() + left);
        const auto found = find_subscription(row->subscription_arn);
        if (!found) break;  // it has been taken back
        const SubscriptionPointer subscription = found->subscription;
        const auto done = co_await attempt(row);
        if (done) break;
        ++row->attempts;
        const auto policy = subscription->row.attributes.find("DeliveryPolicy");
        const auto delay = retry_delay(
            policy == subscription->row.attributes.end() ? "" : policy->second, row->attempts);
        if (done.error().status != 0 || !delay) {
            if (row->type == "Notification") {
                while (!co_await bury(subscription->dead_letter_arn, row->body, done.error())) {
                    co_await machine::sleep_until(machine_.timers,
                                                  machine_.clock.now() + store_retry_delay);
                }
            } else {
                machine_.log.warning("sns.confirmation_failed",
                                     {{"error", done.error().code + ": " + done.error().message},
                                      {"endpoint", row->url}});
            }
            break;
        }
        row->due_ms = epoch_ms(machine_.clock.wall() +
                               std::chrono::duration_cast<std::chrono::milliseconds>(*delay));
        // If this is lost the delivery is tried once more than was meant.
        static_cast<void>(
            co_await table_.commit({.puts = {{row->table_key(), wire::to_json(*row)}}}));
    }
    while (!co_await table_.commit({.erases = {row->table_key()}}))
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + store_retry_delay);
}

}  // namespace mill::sns
