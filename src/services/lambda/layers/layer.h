// SPDX-License-Identifier: Apache-2.0
// A version of a layer as it is kept in the Table
// ("lambda/layer-version/<account>/<region>/<name>/<version>"), and how callers name layers.
// Members may be added, never renamed.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/caller.h"
#include "wire/shape.h"

namespace mill::lambda {

struct LayerId {
    std::string account, region, name;
    std::string arn() const;
    std::string version_arn(std::int64_t version) const;
    std::string text() const { return account + "/" + region + "/" + name; }  // in table keys
    auto operator<=>(const LayerId&) const = default;
};

struct LayerReference {
    LayerId id;
    std::int64_t version = 0;
};

// By its name or its ARN; the shapes of the operations have checked which it is.
LayerId layer_of(const Caller& caller, std::string_view name_or_arn);
// Empty if the text is no ARN of a layer's version.
std::optional<LayerReference> parse_layer_version_arn(std::string_view arn);

// Who may use a version beside its own account. Kept and shown, not enforced: one machine's user is
// every account.
struct LayerStatement {
    std::string id, action, principal;
    std::optional<std::string> organization;

    static constexpr auto shape() {
        using S = LayerStatement;
        return wire::structure("LayerStatement", wire::member<&S::id>("Id"),
                               wire::member<&S::action>("Action"),
                               wire::member<&S::principal>("Principal"),
                               wire::member<&S::organization>("OrganizationId"));
    }
};

struct LayerVersion {
    std::string account, region, name;
    std::int64_t version = 0;
    std::string description, license;
    std::string created;  // "2026-01-12T15:37:17.123+0000"
    std::vector<std::string> runtimes, architectures;
    std::string code_sha256;  // hexadecimal: the blob's name
    std::int64_t code_bytes = 0;
    std::vector<LayerStatement> policy;
    std::string policy_revision;  // new with each change of the policy

    static constexpr auto shape() {
        using L = LayerVersion;
        using wire::member;
        return wire::structure(
            "LayerVersion", member<&L::account>("Account"), member<&L::region>("Region"),
            member<&L::name>("LayerName"), member<&L::version>("Version"),
            member<&L::description>("Description"), member<&L::license>("LicenseInfo"),
            member<&L::created>("CreatedDate"), member<&L::runtimes>("CompatibleRuntimes"),
            member<&L::architectures>("CompatibleArchitectures"),
            member<&L::code_sha256>("CodeSha256"), member<&L::code_bytes>("CodeSize"),
            member<&L::policy>("Policy"), member<&L::policy_revision>("PolicyRevision"));
    }
    LayerId id() const { return {account, region, name}; }
    std::string arn() const { return id().version_arn(version); }
};

// Immutable but for its policy, a change of which makes a new one.
using LayerVersionPtr = std::shared_ptr<const LayerVersion>;

}  // namespace mill::lambda
