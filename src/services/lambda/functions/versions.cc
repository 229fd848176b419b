// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/versions.h"

#include <fmt/format.h>

#include "services/lambda/functions/functions.h"
#include "services/lambda/invocations/event_settings.h"
#include "services/lambda/urls/function_url.h"

namespace mill::lambda {
namespace {

constexpr std::string_view prefix = "lambda/version/";

Result<void> check_code_hash(const std::optional<std::string>& wanted, const Function& function) {
    const std::string there = code_sha256_base64(function);
    if (!wanted || wanted->empty() || *wanted == there) return {};
    return fail("InvalidParameterValueException",
                fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). "
                            "Please try again with the CodeSHA256 in $LATEST.",
                            *wanted, there),
                400);
}

}  // namespace

std::string versions_prefix(const FunctionId& id) { return std::string(prefix) + id.text() + "/"; }

storage::Table::Entry version_row(const Function& version) {
    return {versions_prefix(version.id()) + version.version, wire::to_json(version)};
}

std::string content_of(const Function& function) {
    Function plain = function;
    plain.tags.clear();
    plain.last_modified.clear();
    plain.revision_id.clear();
    plain.build_id.clear();
    plain.published_content.clear();
    plain.last_version = 0;
    plain.reserved_concurrency.reset();
    return hex(sha256(wire::to_json(plain)));
}

Function next_version(const Function& latest, std::optional<std::string> description) {
    Function version = latest;
    version.published_content = content_of(latest);
    version.version = std::to_string(latest.last_version + 1);
    version.last_version = 0;
    version.tags.clear();  // of the function, not of a version
    version.reserved_concurrency.reset();
    if (description) version.description = *std::move(description);
    return version;
}

std::vector<std::string> rows_beside(const FunctionReference& qualified) {
    return {event_settings_row(qualified), policy_row(qualified), url_row(qualified)};
}

Result<void> check_revision(const std::optional<std::string>& wanted, const std::string& there) {
    if (!wanted || *wanted == there) return {};
    return fail("PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the "
                "GetFunction/GetAlias API to retrieve the latest Revision Id",
                412);
}

Result<void> Functions::load_versions(std::set<std::string>& used_code) {
    MILL_TRY(const auto rows, table_.scan(prefix));
    for (const auto& row : rows) {
        MILL_TRY(Function version, wire::from_json<Function>(row.value));
        add_blobs(version, used_code);
        const auto number = version_number(version.version);
        const auto function = functions_.find(version.id());
        if (!number || function == functions_.end())
            return fail("storage.corrupt", "A version without a function: " + row.key);
        function->second.versions[*number] = std::make_shared<const Function>(std::move(version));
    }
    return {};
}

FunctionPtr Functions::version_of(const Entry& entry, const std::string& qualifier) const {
    if (qualifier.empty() || qualifier == latest_version) return entry.latest;
    if (const auto alias = entry.aliases.find(qualifier); alias != entry.aliases.end())
        return version_of(entry, alias->second->version);
    const auto number = version_number(qualifier);
    const auto found = number ? entry.versions.find(*number) : entry.versions.end();
    return found == entry.versions.end() ? nullptr : found->second;
}

bool Functions::is_current(const Function& function) const {
    const Entry* entry = entry_of(function.id());
    const FunctionPtr now = entry ? version_of(*entry, function.version) : nullptr;
    return now && now->build_id == function.build_id;
}

std::vector<FunctionPtr> Functions::versions(const FunctionId& id) const {
    const Entry* entry = entry_of(id);
    if (!entry) return {};
    std::vector<FunctionPtr> all = {entry->latest};
    for (const auto& [number, version] : entry->versions) all.push_back(version);
    return all;
}

// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
FunctionPtr Functions::plan_version(Change& change, std::optional<std::string> description) const {
    const Entry* entry = entry_of(change.latest.id());
    Function version = next_version(change.latest, std::move(description));
    if (entry) {
        const auto last = entry->versions.find(change.latest.last_version);
        if (last != entry->versions.end() &&
            last->second->published_content == version.published_content)
            return last->second;
    }
    version.revision_id = machine::uuid_v4(machine_.entropy);
    version.build_id = machine::uuid_v4(machine_.entropy);
    ++change.latest.last_version;
    change.latest.revision_id = machine::uuid_v4(machine_.entropy);
    change.version = std::move(version);
    return nullptr;
}

Task<void> Functions::until_turn(FunctionId id) {
    while (turns_.taken.contains(id)) co_await turns_.given_back.wait();
}

Task<Result<FunctionPtr>> Functions::publish_version(FunctionId id, PublishVersionInput input) {
    co_await until_turn(id);
    const Turn turn(turns_, id);
    MILL_CO_TRY(const FunctionPtr latest, find({id, ""}));
    MILL_CO_CHECK(check_revision(input.revision_id, latest->revision_id));
    MILL_CO_CHECK(check_code_hash(input.code_sha256, *latest));
    Change change{.latest = *latest};
    if (FunctionPtr last = plan_version(change, std::move(input.description))) co_return last;
    co_return co_await carry_out(std::move(change));
}

Task<Result<void>> Functions::remove_version(FunctionId id, std::int64_t number) {
    co_await until_turn(id);
    const Turn turn(turns_, id);
    MILL_CO_CHECK(find({id, ""}));
    const std::string qualifier = std::to_string(number);
    if (!find({id, qualifier})) co_return Result<void>();
    std::string names;
    for (const AliasPtr& alias : aliases(id)) {
        if (alias->leads_to(qualifier)) names += (names.empty() ? "" : ", ") + alias->name;
    }
    if (!names.empty()) {
        co_return fail("ResourceConflictException",
                       fmt::format("Unable to delete version because the following aliases "
                                   "reference it: [{}]",
                                   names),
                       409);
    }
    storage::Table::Commit commit;
    commit.erases = rows_beside({id, qualifier});
    commit.erases.push_back(versions_prefix(id) + qualifier);
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    functions_.at(id).versions.erase(number);
    if (on_change_) on_change_(id);
    co_return Result<void>();
}

// All that goes with the function.
Result<std::vector<std::string>> Functions::rows_of(const FunctionId& id) const {
    std::vector<std::string> keys = {event_settings_row({id, ""}), policy_row({id, ""})};
    for (const std::string& beginning :
         {versions_prefix(id), aliases_prefix(id), event_settings_row({id, ""}) + "/",
          policy_row({id, ""}) + "/"}) {
        MILL_TRY(const auto rows, table_.scan(beginning));
        for (const auto& row : rows) keys.push_back(row.key);
    }
    MILL_TRY(const auto urls, url_rows(table_, id));
    keys.insert(keys.end(), urls.begin(), urls.end());
    return keys;
}

}  // namespace mill::lambda
