// SPDX-License-Identifier: Apache-2.0
// An alias as it is kept in the Table ("lambda/alias/<account>/<region>/<function>/<name>") and as
// the API shows it: a name for a version, which may share invocations with one other.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "services/lambda/functions/function_name.h"
#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::lambda {

inline constexpr std::string_view alias_path =
    "/2015-03-31/functions/{FunctionName}/aliases/{Name}";
inline constexpr std::string_view alias_version_pattern = "(\\$LATEST(\\.PUBLISHED)?|[0-9]+)";

struct Alias {
    std::string account, region, function_name;
    std::string name;
    std::string version;  // a number, or $LATEST
    std::string description;
    std::map<std::string, double> weights;  // at most one: of another version, the share it gets
    std::string revision_id;                // new with each change

    static constexpr auto shape() {
        using A = Alias;
        using wire::member;
        return wire::structure(
            "Alias", member<&A::account>("Account"), member<&A::region>("Region"),
            member<&A::function_name>("FunctionName"), member<&A::name>("Name"),
            member<&A::version>("FunctionVersion"), member<&A::description>("Description"),
            member<&A::weights>("AdditionalVersionWeights"), member<&A::revision_id>("RevisionId"));
    }
    FunctionId function() const { return {account, region, function_name}; }
    std::string arn() const { return function().arn() + ":" + name; }
    bool leads_to(const std::string& number) const {
        return version == number || weights.contains(number);
    }
};
// Immutable; a change makes a new one.
using AliasPtr = std::shared_ptr<const Alias>;

struct AliasRouting {
    std::optional<std::map<std::string, double>> weights;
    static constexpr auto shape() {
        return wire::structure("AliasRoutingConfiguration",
                               wire::member<&AliasRouting::weights>("AdditionalVersionWeights"));
    }
};

struct CreateAliasInput {
    std::optional<std::string> function_name, name, version, description;
    std::optional<AliasRouting> routing;
    static constexpr auto shape() {
        using I = CreateAliasInput;
        using wire::member;
        return wire::structure("CreateAliasRequest",
                               member<&I::function_name>("FunctionName").required().uri(),
                               member<&I::name>("Name").required().length(1, 128),
                               member<&I::version>("FunctionVersion")
                                   .required()
                                   .length(1, 1024)
                                   .pattern(alias_version_pattern),
                               member<&I::description>("Description").length(0, 256),
                               member<&I::routing>("RoutingConfig"));
    }
};

struct UpdateAliasInput {
    std::optional<std::string> function_name, name, version, description, revision_id;
    std::optional<AliasRouting> routing;
    static constexpr auto shape() {
        using I = UpdateAliasInput;
        using wire::member;
        return wire::structure(
            "UpdateAliasRequest", member<&I::function_name>("FunctionName").required().uri(),
            member<&I::name>("Name").required().length(1, 128).uri(),
            member<&I::version>("FunctionVersion").length(1, 1024).pattern(alias_version_pattern),
            member<&I::description>("Description").length(0, 256),
            member<&I::routing>("RoutingConfig"), member<&I::revision_id>("RevisionId"));
    }
};

struct AliasReference {
    std::optional<std::string> function_name, name;
    static constexpr auto shape() {
        using I = AliasReference;
        using wire::member;
        return wire::structure("AliasRequest",
                               member<&I::function_name>("FunctionName").required().uri(),
                               member<&I::name>("Name").required().length(1, 128).uri());
    }
};

struct AliasConfiguration {
    std::string arn, name, version, description;
    std::optional<AliasRouting> routing;
    std::string revision_id;
    static constexpr auto shape() {
        using C = AliasConfiguration;
        using wire::member;
        return wire::structure(
            "AliasConfiguration", member<&C::arn>("AliasArn"), member<&C::name>("Name"),
            member<&C::version>("FunctionVersion"), member<&C::description>("Description"),
            member<&C::routing>("RoutingConfig"), member<&C::revision_id>("RevisionId"));
    }
};

AliasConfiguration describe(const Alias& alias);
std::string aliases_prefix(const FunctionId& function);
storage::Table::Entry alias_row(const Alias& alias);
// ValidationException unless it is a name: letters, digits, - and _, but not digits alone.
Result<void> check_alias_name(const std::string& name);
// What no look at the function's versions is needed for, in AWS's words. Pure.
Result<void> check_routing(const Alias& alias);
// Whether an invocation that draws `chance`, from 0 to less than 1, goes to the other version.
const std::string& version_for(const Alias& alias, double chance);

}  // namespace mill::lambda
