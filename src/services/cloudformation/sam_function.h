// SPDX-License-Identifier: Apache-2.0
// One AWS::Serverless::Function on its way to plain resources: the function, its role, version and
// alias, URL, destinations and events. Pure. Errors are reasons; sam_transform() puts them into
// AWS's words.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/value.h"

namespace mill::cloudformation {

// Of the resource in the template.
inline Failure sam_reason(std::string text) { return fail("sam", std::move(text)); }

// Values as templates write them.
inline wire::Value get_att(const std::string& id, std::string_view attribute) {
    return wire::Value::Map{{"Fn::GetAtt", wire::Value::List{id, attribute}}};
}
inline wire::Value statement(std::string_view action, wire::Value resource) {
    return wire::Value::Map{
        {"Action", action}, {"Effect", "Allow"}, {"Resource", std::move(resource)}};
}

// Of something that the resource makes: it is named in place of the resource.
constexpr std::string_view sam_made_error = "sam.made";

// The properties of AWS::Serverless::Function that Globals may have too.
std::vector<std::string_view> global_function_properties();

// "s3://bucket/key?versionId=v" and {Bucket, Key, Version} as the location of code or of a layer.
Result<wire::Value> s3_location(const wire::Value& uri, std::string_view property);
// As the translator names by content: 10 hex digits of compact JSON with sorted keys.
std::string content_hash(const wire::Value& value);

class FunctionTransform {
  public:
    // What functions change beside themselves: the buckets whose events they take, and what names
    // in the template come to mean: "F.Alias" → "FAliaslive".
    struct Shared {
        const wire::Value& resources;  // of the template
        std::map<std::string, wire::Value> buckets;
        std::map<std::string, std::string, std::less<>> renamed;
    };

    FunctionTransform(const std::string& id, const wire::Value& resource,
                      const wire::Value& properties, Shared& shared)
        : id_(id), resource_(resource), properties_(properties), shared_(shared) {}

    Result<wire::Value::Map> run();

  private:
    Result<void> check_names() const;
    wire::Value resource_of(std::string_view type, wire::Value properties) const;
    void add(std::string id, std::string_view type, wire::Value properties,
             std::string_view depends_on = {});
    Result<wire::Value> function_properties() const;
    wire::Value tags() const;
    wire::Value role_properties() const;
    void use_managed_policy(std::string_view name);
    void add_policy(std::string name, wire::Value document);
    void allow(std::string name, std::string_view action, wire::Value resource);
    Result<void> add_policies();
    Result<void> add_dead_letter_queue();

    // sam_publish.cc
    Result<void> add_alias(const wire::Value& function);
    Result<void> add_url();
    Result<void> add_invoke_config();
    Result<wire::Value> invoke_destination(const std::string& when, const wire::Value& given);

    // sam_events.cc
    Result<void> add_events();
    Result<void> add_event(const std::string& name, const wire::Value& event);
    Result<void> add_mapping(const std::string& id, std::string_view type,
                             const wire::Value& event);
    Result<wire::Value> destination(const std::string& id, const wire::Value& config);
    Result<void> add_rule(const std::string& id, bool is_schedule, const wire::Value& event);
    Result<void> add_subscription(const std::string& id, const wire::Value& event);
    Result<wire::Value> queue_between(const std::string& id, const wire::Value& topic,
                                      const wire::Value& config);
    Result<void> add_log_filter(const std::string& id, const wire::Value& event);
    Result<void> add_notification(const std::string& name, const wire::Value& event);
    void add_permission(const std::string& id, std::string_view principal, wire::Value source_arn);

    // What events call: the alias if there is one.
    wire::Value target_name() const;  // by Ref
    wire::Value target_arn() const;

    const std::string& id_;
    const wire::Value& resource_;
    const wire::Value& properties_;
    Shared& shared_;
    std::string alias_id_;
    wire::Value::Map made_;  // beside function and role
    wire::Value::List managed_policies_;
    wire::Value::List policies_;
    wire::Value dead_letter_target_;
};

}  // namespace mill::cloudformation
