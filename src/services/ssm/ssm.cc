// SPDX-License-Identifier: Apache-2.0
#include "services/ssm/ssm.h"

#include <fmt/format.h>

#include "services/ssm/rules.h"

namespace mill::ssm {
namespace {

std::string parameters_prefix(const Caller& caller) {
    return fmt::format("ssm/parameter/{}/{}/", caller.account, caller.region);
}
std::string row_of(const Parameter& parameter) {
    return fmt::format("ssm/parameter/{}/{}/{}", parameter.account, parameter.region,
                       parameter.name);
}
// A name has no blanks.
std::string versions_prefix(const Parameter& parameter) {
    return fmt::format("ssm/version/{}/{}/{} ", parameter.account, parameter.region,
                       parameter.name);
}
std::string row_of(const Parameter& parameter, std::int64_t version) {
    return fmt::format("{}{:010}", versions_prefix(parameter), version);
}

Failure not_found() { return fail("ParameterNotFound", "", 400); }
Failure version_not_found(std::string_view selector, const std::string& name) {
    return fail("ParameterVersionNotFound",
                fmt::format("Systems Manager could not find version {} of {}. Verify the version "
                            "and try again.",
                            selector, name),
                400);
}

}  // namespace

Result<std::unique_ptr<Ssm>> Ssm::open(Machine& machine, storage::Engine& engine) {
    return std::unique_ptr<Ssm>(new Ssm(machine, *engine.table));
}

wire::Service Ssm::service() {
    return {.signing_name = "ssm",
            .target_prefix = "AmazonSSM",
            .protocol = wire::Protocol::aws_json,
            .json_version = "1.1",
            .api_version = "2014-11-06",
            .xml_namespace = {},
            .operations = operations(),
            .instance = this};
}

Result<std::optional<Parameter>> Ssm::read(const Caller& caller, const std::string& name) const {
    MILL_TRY(const auto row, table_.get(parameters_prefix(caller) + name));
    if (!row) return std::optional<Parameter>();
    MILL_TRY(Parameter parameter, wire::from_json<Parameter>(*row));
    return std::optional<Parameter>(std::move(parameter));
}

Result<std::string> Ssm::name_in(const Caller& caller, const std::string& text) const {
    std::string name = plain_name(text);
    if (name == text || name.starts_with('/')) return name;
    const std::string bare = name.substr(0, name.find(':'));
    MILL_TRY(const auto plain, read(caller, bare));
    if (plain) return name;
    MILL_TRY(const auto rooted, read(caller, "/" + bare));
    return rooted ? "/" + name : name;
}

Result<Parameter> Ssm::need(const Caller& caller, const std::string& text) const {
    MILL_TRY(const std::string name, name_in(caller, text));
    MILL_TRY(auto parameter, read(caller, name));
    if (!parameter) return not_found();
    return *std::move(parameter);
}

Result<std::optional<Version>> Ssm::read_version(const Parameter& parameter,
                                                 std::int64_t number) const {
    MILL_TRY(const auto row, table_.get(row_of(parameter, number)));
    if (!row) return std::optional<Version>();
    MILL_TRY(Version version, wire::from_json<Version>(*row));
    return std::optional<Version>(std::move(version));
}

Result<Found> Ssm::find(const Caller& caller, const std::string& text) const {
    MILL_TRY(std::string name, name_in(caller, text));
    const std::size_t colon = name.find(':');
    const std::string selector = colon == name.npos ? "" : name.substr(colon + 1);
    name.resize(std::min(colon, name.size()));
    MILL_TRY(Parameter parameter, need(caller, name));
    if (colon == std::string::npos) {
        Version now = parameter.now;
        return Found{std::move(parameter), std::move(now), std::nullopt};
    }
    std::optional<std::int64_t> number = number_in(selector);
    if (!number) {
        const auto label = parameter.labels.find(selector);
        if (label == parameter.labels.end()) return version_not_found(selector, name);
        number = label->second;
    }
    MILL_TRY(auto version, read_version(parameter, *number));
    if (!version) return version_not_found(selector, name);
    return Found{std::move(parameter), *std::move(version), ":" + selector};
}

Result<void> Ssm::each(const Caller& caller, const std::string& prefix, const std::string& after,
                       const std::function<bool(Parameter)>& take) const {
    constexpr std::size_t at_once = 64;
    const std::string all = parameters_prefix(caller);
    for (std::string last = after.empty() ? "" : all + after;;) {
        MILL_TRY(const auto rows, table_.scan(all + prefix, last, at_once));
        if (rows.empty()) return {};
        last = rows.back().key;
        for (const auto& row : rows) {
            MILL_TRY(Parameter parameter, wire::from_json<Parameter>(row.value));
            if (!take(std::move(parameter))) return {};
        }
    }
}

Result<std::vector<Version>> Ssm::versions(const Parameter& parameter, std::int64_t after,
                                           std::size_t limit) const {
    MILL_TRY(const auto rows,
             table_.scan(versions_prefix(parameter), row_of(parameter, after), limit));
    std::vector<Version> found;
    for (const auto& row : rows) {
        MILL_TRY(Version version, wire::from_json<Version>(row.value));
        found.push_back(std::move(version));
    }
    return found;
}

Task<Result<Version>> Ssm::put(Caller caller, Draft draft) {
    MILL_CO_TRY(auto before, read(caller, draft.name));
    if (!before) MILL_CO_CHECK(check_new_name(draft.name));
    if (before && !draft.overwrite) {
        co_return fail("ParameterAlreadyExists",
                       "The parameter already exists. To overwrite this value, set the overwrite "
                       "option in the request to true.",
                       400);
    }
    MILL_CO_TRY(Version version, next_version(draft, before ? &*before : nullptr));
    version.modified = machine_.clock.wall();
    version.user = "arn:aws:iam::" + caller.account + ":root";
    Parameter parameter = before ? *std::move(before)
                                 : Parameter{.account = caller.account,
                                             .region = caller.region,
                                             .name = draft.name,
                                             .tags = std::move(draft.tags)};
    MILL_CO_CHECK(check_tags(parameter.tags));
    parameter.now = version;
    storage::Table::Commit commit;
    if (version.number - parameter.oldest >= versions_max) {
        for (const auto& [label, number] : parameter.labels) {
            if (number != parameter.oldest) continue;
            co_return fail(
                "ParameterMaxVersionLimitExceeded",
                fmt::format("You attempted to create a new version of {} by calling the "
                            "PutParameter API with the overwrite flag. Version {}, the oldest "
                            "version, can't be deleted because it has a label associated with it. "
                            "Move the label to another version of the parameter, and try again.",
                            parameter.name, number),
                400);
        }
        commit.erases.push_back(row_of(parameter, parameter.oldest++));
    }
    commit.puts = {{row_of(parameter), wire::to_json(parameter)},
                   {row_of(parameter, version.number), wire::to_json(version)}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    co_return version;
}

Task<Result<void>> Ssm::store(Parameter parameter) {
    storage::Table::Commit commit;
    commit.puts = {{row_of(parameter), wire::to_json(parameter)}};
    co_return co_await table_.commit(std::move(commit));
}

Task<Result<void>> Ssm::remove_parameters(std::vector<Parameter> parameters) {
    storage::Table::Commit commit;
    for (const Parameter& parameter : parameters) {
        commit.erases.push_back(row_of(parameter));
        for (std::int64_t number = parameter.oldest; number <= parameter.now.number; ++number)
            commit.erases.push_back(row_of(parameter, number));
    }
    co_return co_await table_.commit(std::move(commit));
}

Result<std::string> Ssm::parameter_value(const Caller& caller, const std::string& name) const {
    MILL_TRY(Found found, find(caller, name));
    if (found.version.type != "SecureString") return std::move(found.version.value);
    return fail("UnsupportedParameterType",
                fmt::format("{} is a SecureString, which templates cannot read", name), 400);
}

}  // namespace mill::ssm
