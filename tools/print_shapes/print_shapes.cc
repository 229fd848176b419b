// SPDX-License-Identifier: Apache-2.0
// print_shapes: every operation that Millrace serves, with its input and output, as JSON on
// standard output. tools/model_check compares it with the service models that AWS publishes.
#include <cstdio>
#include <span>

#include "services/cloudformation/cloudformation.h"
#include "services/ecr/ecr.h"
#include "services/iam/iam.h"
#include "services/kinesis/kinesis.h"
#include "services/kms/kms.h"
#include "services/lambda/lambda.h"
#include "services/logs/logs.h"
#include "services/s3/s3.h"
#include "services/sns/sns.h"
#include "services/sqs/sqs.h"
#include "services/ssm/ssm.h"
#include "services/sts/sts.h"
#include "wire/operation.h"

namespace {

using namespace mill;

constexpr std::string_view kind_names[] = {"string",    "blob",     "boolean",   "integer", "real",
                                           "timestamp", "document", "structure", "list",    "map"};
constexpr std::string_view location_names[] = {"body",   "uri",     "query",
                                               "header", "payload", "status"};

// Two numbers, null where there is no bound; null if there is none at all.
wire::Value bounds(std::int64_t min, std::int64_t max) {
    if (min == wire::unbounded_below && max == wire::unbounded_above) return {};
    wire::Value pair = wire::Value::list();
    pair.push_back(min == wire::unbounded_below ? wire::Value() : wire::Value(min));
    pair.push_back(max == wire::unbounded_above ? wire::Value() : wire::Value(max));
    return pair;
}

wire::Value structure_value(const wire::Structure& structure);

wire::Value type_value(const wire::Type& type) {
    wire::Value out = wire::Value::map();
    out["kind"] = kind_names[static_cast<std::size_t>(type.kind)];
    if (type.element) out["element"] = type_value(*type.element);
    if (type.structure) out["structure"] = structure_value(*type.structure());
    return out;
}

wire::Value member_value(const wire::Member& member) {
    wire::Value out = type_value(*member.type);
    out["name"] = member.name;
    out["required"] = member.is_required;
    out["length"] = bounds(member.length_min, member.length_max);
    out["range"] = bounds(member.value_min, member.value_max);
    out["item_length"] = bounds(member.item_length_min, member.item_length_max);
    out["key_length"] = bounds(member.key_length_min, member.key_length_max);
    out["pattern"] = member.regex.empty() ? wire::Value() : wire::Value(member.regex);
    wire::Value& allowed = out["enum"] = wire::Value::list();
    for (const std::string_view value : member.allowed) allowed.push_back(value);
    out["location"] = location_names[static_cast<std::size_t>(member.location)];
    out["location_name"] = member.location_name;
    out["refused"] = member.is_refused() ? wire::Value(member.refusal_text()) : wire::Value();
    out["harmless"] = member.harmless;
    return out;
}

wire::Value structure_value(const wire::Structure& structure) {
    wire::Value out = wire::Value::map();
    out["name"] = structure.name;
    wire::Value& members = out["members"] = wire::Value::list();
    for (const wire::Member& member : structure.members) members.push_back(member_value(member));
    return out;
}

wire::Value operation_value(const wire::Operation& operation) {
    wire::Value http = wire::Value::map();
    http["method"] = operation.http.method;
    http["path"] = operation.http.path;
    http["status"] = operation.http.status;
    http["required_query"] = operation.http.required_query;
    wire::Value out = wire::Value::map();
    out["http"] = std::move(http);
    out["input"] = structure_value(*operation.input);
    out["output"] = structure_value(*operation.output);
    return out;
}

wire::Value roster_value(std::span<const wire::Operation* const> operations) {
    wire::Value out = wire::Value::map();
    for (const wire::Operation* operation : operations)
        out[operation->name] = operation_value(*operation);
    return out;
}

}  // namespace

int main() {
    wire::Value services = wire::Value::map();
    services["kinesis"] = roster_value(kinesis::operations());
    services["lambda"] = roster_value(lambda::operations());
    services["logs"] = roster_value(logs::operations());
    services["cloudformation"] = roster_value(cloudformation::operations());
    services["s3"] = roster_value(s3::operations());
    services["sqs"] = roster_value(sqs::operations());
    services["sns"] = roster_value(sns::operations());
    services["iam"] = roster_value(iam::operations());
    services["sts"] = roster_value(sts::operations());
    services["ssm"] = roster_value(ssm::operations());
    services["ecr"] = roster_value(ecr::operations());
    services["kms"] = roster_value(kms::operations());
    std::puts(wire::write_json_pretty(services).c_str());
}
