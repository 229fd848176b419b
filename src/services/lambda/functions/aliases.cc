// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "services/lambda/functions/functions.h"
#include "services/lambda/functions/versions.h"

namespace mill::lambda {
namespace {

constexpr std::string_view prefix = "lambda/alias/";

// As Java prints a double: 2.0, 0.25.
std::string number_text(double number) {
    std::string text = fmt::format("{}", number);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

Failure bad_weight(const std::string& version, double weight, std::string_view constraint) {
    return fail("ValidationException",
                fmt::format("1 validation error detected: Value '{{{}={}}}' at "
                            "'routingConfig.additionalVersionWeights' failed to satisfy "
                            "constraint: {}",
                            version, number_text(weight), constraint),
                400);
}

Failure invalid(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}

std::map<std::string, double> weights_in(const std::optional<AliasRouting>& routing) {
    return routing && routing->weights ? *routing->weights : std::map<std::string, double>();
}

}  // namespace

std::string aliases_prefix(const FunctionId& function) {
    return std::string(prefix) + function.text() + "/";
}

storage::Table::Entry alias_row(const Alias& alias) {
    return {aliases_prefix(alias.function()) + alias.name, wire::to_json(alias)};
}

AliasConfiguration describe(const Alias& alias) {
    AliasConfiguration out{.arn = alias.arn(),
                           .name = alias.name,
                           .version = alias.version,
                           .description = alias.description,
                           .revision_id = alias.revision_id};
    if (!alias.weights.empty()) out.routing.emplace().weights = alias.weights;
    return out;
}

Result<void> check_alias_name(const std::string& name) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto may_be = [&](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_';
    };
    if (std::ranges::all_of(name, may_be) && !std::ranges::all_of(name, is_digit)) return {};
    return fail("ValidationException",
                fmt::format("1 validation error detected: Value '{}' at 'name' failed to satisfy "
                            "constraint: Member must satisfy regular expression pattern: "
                            "(?!^[0-9]+$)([a-zA-Z0-9-_]+)",
                            name),
                400);
}

Result<void> check_routing(const Alias& alias) {
    for (const auto& [version, weight] : alias.weights) {
        if (!(weight >= 0 && weight <= 1)) {
            return bad_weight(version, weight,
                              "Map value must satisfy constraint: [Member must have value less "
                              "than or equal to 1.0, Member must have value greater than or equal "
                              "to 0.0, Member must not be null]");
        }
        if (!version_number(version)) {
            return bad_weight(
                version, weight,
                "Map keys must satisfy constraint: [Member must have length less "
                "than or equal to 1024, Member must have length greater than or "
                "equal to 1, Member must satisfy regular expression pattern: [0-9]+]");
        }
    }
    if (alias.weights.size() > 1)
        return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
    if (alias.weights.contains(alias.version)) {
        return invalid(
            fmt::format("Invalid function version {0}. Function version {0} is already included in "
                        "routing configuration.",
                        alias.version));
    }
    if (!alias.weights.empty() && alias.version == latest_version)
        return invalid("$LATEST is not supported for an alias pointing to more than 1 version");
    return {};
}

const std::string& version_for(const Alias& alias, double chance) {
    if (alias.weights.empty()) return alias.version;
    const auto& [other, weight] = *alias.weights.begin();
    return chance < weight ? other : alias.version;
}

Result<void> Functions::load_aliases() {
    MILL_TRY(const auto rows, table_.scan(prefix));
    for (const auto& row : rows) {
        MILL_TRY(Alias alias, wire::from_json<Alias>(row.value));
        const auto function = functions_.find(alias.function());
        if (function == functions_.end())
            return fail("storage.corrupt", "An alias without a function: " + row.key);
        auto shared = std::make_shared<const Alias>(std::move(alias));
        function->second.aliases[shared->name] = std::move(shared);
    }
    return {};
}

Result<FunctionPtr> Functions::resolve(const FunctionReference& reference) const {
    const AliasPtr alias = find_alias(reference.id, reference.qualifier);
    if (!alias || alias->weights.empty()) return find(reference);
    return find({reference.id, version_for(*alias, machine::random_unit(machine_.entropy))});
}

AliasPtr Functions::find_alias(const FunctionId& id, const std::string& name) const {
    const Entry* entry = entry_of(id);
    if (!entry) return nullptr;
    const auto found = entry->aliases.find(name);
    return found == entry->aliases.end() ? nullptr : found->second;
}

std::vector<AliasPtr> Functions::aliases(const FunctionId& id) const {
    std::vector<AliasPtr> all;
    if (const Entry* entry = entry_of(id)) {
        for (const auto& [name, alias] : entry->aliases) all.push_back(alias);
    }
    return all;
}

Result<void> Functions::check_alias(const Alias& alias) const {
    MILL_CHECK(check_routing(alias));
    MILL_CHECK(find({alias.function(), alias.version}));
    for (const auto& [version, weight] : alias.weights)
        MILL_CHECK(find({alias.function(), version}));
    return {};
}

Task<Result<AliasPtr>> Functions::store_alias(Alias alias, std::vector<std::string> erases) {
    alias.revision_id = machine::uuid_v4(machine_.entropy);
    storage::Table::Commit commit;
    commit.puts = {alias_row(alias)};
    commit.erases = std::move(erases);
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    auto shared = std::make_shared<const Alias>(std::move(alias));
    functions_.at(shared->function()).aliases[shared->name] = shared;
    co_return shared;
}

Task<Result<AliasPtr>> Functions::create_alias(FunctionId id, CreateAliasInput input) {
    co_await until_turn(id);
    const Turn turn(turns_, id);
    Alias alias{.account = id.account,
                .region = id.region,
                .function_name = id.name,
                .name = *std::move(input.name),
                .version = *std::move(input.version),
                .description = std::move(input.description).value_or(""),
                .weights = weights_in(input.routing)};
    MILL_CO_CHECK(check_alias_name(alias.name));
    MILL_CO_CHECK(find({id, alias.version}));
    if (find_alias(id, alias.name)) {
        co_return fail("ResourceConflictException", "Alias already exists: " + alias.arn(), 409);
    }
    MILL_CO_CHECK(check_alias(alias));
    // What was put while an alias of this name went.
    std::vector<std::string> stale = rows_beside({id, alias.name});
    co_return co_await store_alias(std::move(alias), std::move(stale));
}

Task<Result<AliasPtr>> Functions::update_alias(FunctionId id, UpdateAliasInput input) {
    co_await until_turn(id);
    const Turn turn(turns_, id);
    const AliasPtr old = find_alias(id, *input.name);
    if (!old) {
        co_return fail("ResourceNotFoundException",
                       "Alias not found: " + FunctionReference{id, *input.name}.arn(), 404);
    }
    MILL_CO_CHECK(check_revision(input.revision_id, old->revision_id));
    Alias changed = *old;
    if (input.version) changed.version = *std::move(input.version);
    if (input.description) changed.description = *std::move(input.description);
    if (input.routing) changed.weights = weights_in(input.routing);
    MILL_CO_CHECK(check_alias(changed));
    co_return co_await store_alias(std::move(changed));
}

Task<Result<void>> Functions::remove_alias(FunctionId id, std::string name) {
    co_await until_turn(id);
    const Turn turn(turns_, id);
    if (!find_alias(id, name)) co_return Result<void>();
    storage::Table::Commit commit;
    commit.erases = rows_beside({id, name});
    commit.erases.push_back(aliases_prefix(id) + name);
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    functions_.at(id).aliases.erase(name);
    if (on_change_) on_change_(id);
    co_return Result<void>();
}

}  // namespace mill::lambda
