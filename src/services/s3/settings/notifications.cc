// SPDX-License-Identifier: Apache-2.0
#include "services/s3/settings/notifications.h"

#include <set>

#include "model/arn.h"
#include "services/s3/notifier.h"

namespace mill::s3 {
namespace {

Failure invalid_argument(std::string message) {
    return fail("InvalidArgument", std::move(message), 400);
}

template <class Configuration>
Result<void> check(std::vector<Configuration>& all, std::optional<std::string> Configuration::* arn,
                   std::string_view service, std::set<std::string>& ids, S3& s3) {
    for (Configuration& one : all) {
        const std::string text = (one.*arn).value_or("");
        const auto parsed = model::parse_arn(text);
        if (!parsed || parsed->service != service)
            return invalid_argument("The ARN is not well formed: " + text);
        if (one.events.empty()) return malformed_xml();
        if (one.id.value_or("").empty()) one.id = s3.new_id();
        if (!ids.insert(*one.id).second)
            return invalid_argument("Configuration ids must be unique: " + *one.id);
        if (!one.filter || !one.filter->key) continue;
        for (const FilterRule& rule : one.filter->key->filter_rules) {
            if (!rule.name) return malformed_xml();
        }
    }
    return {};
}

}  // namespace

Result<void> Notifications::prepare(const Bucket& /*bucket*/, S3& s3) {
    if (event_bridge)
        return fail("NotImplemented",
                    "Millrace has no event bus: name a function, a queue or a topic.", 501);
    std::set<std::string> ids;
    MILL_CHECK(check(lambda_function_configurations,
                     &LambdaFunctionConfiguration::lambda_function_arn, "lambda", ids, s3));
    MILL_CHECK(check(queue_configurations, &QueueConfiguration::queue_arn, "sqs", ids, s3));
    return check(topic_configurations, &TopicConfiguration::topic_arn, "sns", ids, s3);
}

Task<Result<void>> store_notifications(S3& s3, Bucket bucket, Notifications wanted,
                                       bool is_tested) {
    MILL_CO_CHECK(wanted.prepare(bucket, s3));
    if (is_tested) MILL_CO_CHECK(co_await s3.notifier().test(wanted, bucket.name));
    co_return co_await s3.put_setting(bucket.name, std::string(Notifications::query),
                                      wire::to_json(wanted));
}

}  // namespace mill::s3
