// SPDX-License-Identifier: Apache-2.0
// What can be done alike to roles, users and groups: inline policies, attached policies, and to
// roles and users, tags and boundaries. Operations are these templates over Role, User and Group.
#pragma once

#include <fmt/format.h>

#include "services/iam/declarations.h"
#include "wire/http.h"

namespace mill::iam {

constexpr std::size_t attached_max = 10;

template <class Row, auto Pointer>
constexpr wire::Member principal_member() {
    return name_member<Pointer>(Row::name_member, Row::name_length_max).required();
}

template <class Row>
struct PrincipalInput {
    Text name;
    static constexpr auto shape() {
        return wire::structure("PrincipalRequest", principal_member<Row, &PrincipalInput::name>());
    }
};
template <class Row>
struct PrincipalPageInput {
    Text name, marker;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        using I = PrincipalPageInput;
        return wire::structure("PrincipalListRequest", principal_member<Row, &I::name>(),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};

// Inline policies.
template <class Row>
struct InlinePolicyInput {
    Text name, policy;
    static constexpr auto shape() {
        using I = InlinePolicyInput;
        return wire::structure("InlinePolicyRequest", principal_member<Row, &I::name>(),
                               name_member<&I::policy>("PolicyName").required());
    }
};
template <class Row>
struct PutInlinePolicyInput {
    Text name, policy, document;
    static constexpr auto shape() {
        using I = PutInlinePolicyInput;
        return wire::structure("PutInlinePolicyRequest", principal_member<Row, &I::name>(),
                               name_member<&I::policy>("PolicyName").required(),
                               document_member<&I::document>());
    }
};
template <class Row>
struct InlinePolicyOutput {
    std::string name, policy, document;
    static constexpr auto shape() {
        using O = InlinePolicyOutput;
        return wire::structure("GetInlinePolicyResponse", wire::member<&O::name>(Row::name_member),
                               wire::member<&O::policy>("PolicyName"),
                               wire::member<&O::document>("PolicyDocument"));
    }
};
struct PolicyNamesOutput {
    std::vector<std::string> names;
    bool is_truncated = false;
    Text marker;
    static constexpr auto shape() {
        using O = PolicyNamesOutput;
        return wire::structure("ListPoliciesResponse", wire::member<&O::names>("PolicyNames"),
                               wire::member<&O::is_truncated>("IsTruncated"),
                               wire::member<&O::marker>("Marker"));
    }
};

// MalformedPolicyDocument, LimitExceeded.
template <class Row>
Result<void> set_inline_policy(Row& row, const std::string& policy, const std::string& document) {
    MILL_CHECK(check_document(document, PolicyKind::identity));
    row.policies.insert_or_assign(policy, document);
    std::size_t bytes = 0;
    for (const auto& [name, text] : row.policies) {
        bytes += static_cast<std::size_t>(std::ranges::count_if(
            text, [](char c) { return c != ' ' && c != '\n' && c != '\t' && c != '\r'; }));
    }
    if (bytes <= Row::inline_bytes_max) return {};
    return limit_exceeded(fmt::format("Maximum policy size of {} bytes exceeded for {} {}",
                                      Row::inline_bytes_max, Row::kind, row.name));
}

template <class Row>
Task<Result<void>> store(Iam& iam, std::string account, Row row) {
    storage::Table::Commit commit;
    put(commit, account, row);
    co_return co_await iam.commit(std::move(commit));
}

template <class Row>
Failure no_inline_policy(const std::string& policy) {
    return no_such_entity(
        fmt::format("The {} policy with name {} cannot be found.", Row::kind, policy));
}

template <class Row>
Task<Result<wire::Empty>> put_inline_policy(Iam& iam, Caller caller,
                                            PutInlinePolicyInput<Row> input) {
    MILL_CO_TRY(Row row, iam.need<Row>(caller.account, *input.name));
    MILL_CO_CHECK(set_inline_policy(row, *input.policy, *input.document));
    MILL_CO_CHECK(co_await store(iam, caller.account, std::move(row)));
    co_return wire::Empty{};
}

template <class Row>
Task<Result<InlinePolicyOutput<Row>>> get_inline_policy(Iam& iam, Caller caller,
                                                        InlinePolicyInput<Row> input) {
    MILL_CO_TRY(const Row row, iam.need<Row>(caller.account, *input.name));
    const auto found = row.policies.find(*input.policy);
    if (found == row.policies.end()) co_return no_inline_policy<Row>(*input.policy);
    co_return InlinePolicyOutput<Row>{row.name, found->first,
                                      wire::http::percent_encode(found->second)};
}

template <class Row>
Task<Result<wire::Empty>> delete_inline_policy(Iam& iam, Caller caller,
                                               InlinePolicyInput<Row> input) {
    MILL_CO_TRY(Row row, iam.need<Row>(caller.account, *input.name));
    if (row.policies.erase(*input.policy) == 0) co_return no_inline_policy<Row>(*input.policy);
    MILL_CO_CHECK(co_await store(iam, caller.account, std::move(row)));
    co_return wire::Empty{};
}

template <class Row>
Task<Result<PolicyNamesOutput>> list_inline_policies(Iam& iam, Caller caller,
                                                     PrincipalPageInput<Row> input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const Row row, iam.need<Row>(caller.account, *input.name));
    PolicyNamesOutput output;
    for (const auto& [name, document] : row.policies) output.names.push_back(name);
    output.names = cut_page(std::move(output.names), page, std::identity(), &output.is_truncated,
                            &output.marker);
    co_return output;
}

// Managed policies.
template <class Row>
struct AttachmentInput {
    Text name, arn;
    static constexpr auto shape() {
        using I = AttachmentInput;
        return wire::structure("AttachmentRequest", principal_member<Row, &I::name>(),
                               arn_member<&I::arn>().required());
    }
};
template <class Row>
struct AttachedInput {
    Text name, path_prefix, marker;
    std::optional<std::int64_t> max_items;
    static constexpr auto shape() {
        using I = AttachedInput;
        return wire::structure("ListAttachedPoliciesRequest", principal_member<Row, &I::name>(),
                               policy_path_member<&I::path_prefix>("PathPrefix"),
                               marker_member<&I::marker>(), max_items_member<&I::max_items>());
    }
};
struct AttachedPolicy {
    std::string name, arn;
    static constexpr auto shape() {
        return wire::structure("AttachedPolicy", wire::member<&AttachedPolicy::name>("PolicyName"),
                               wire::member<&AttachedPolicy::arn>("PolicyArn"));
    }
};
struct AttachedOutput {
    std::vector<AttachedPolicy> policies;
    bool is_truncated = false;
    Text marker;
    static constexpr auto shape() {
        using O = AttachedOutput;
        return wire::structure(
            "ListAttachedPoliciesResponse", wire::member<&O::policies>("AttachedPolicies"),
            wire::member<&O::is_truncated>("IsTruncated"), wire::member<&O::marker>("Marker"));
    }
};

// NoSuchEntity, InvalidInput: no policy that could be attached.
Result<void> check_attachable(const Iam& iam, const std::string& account, const std::string& arn);

// Attached before is no error. LimitExceeded.
template <class Row>
Result<void> attach(const Iam& iam, const std::string& account, Row& row, const std::string& arn,
                    storage::Table::Commit& commit) {
    MILL_CHECK(check_attachable(iam, account, arn));
    if (std::ranges::find(row.attached, arn) != row.attached.end()) return {};
    if (row.attached.size() >= attached_max) {
        return limit_exceeded(
            fmt::format("Cannot exceed quota for {}: {}", Row::policies_quota, attached_max));
    }
    row.attached.push_back(arn);
    mark(commit, use_row(account, arn, Use::policy, Row::kind, row.name));
    return {};
}
// Whether it was attached.
template <class Row>
bool detach(const std::string& account, Row& row, const std::string& arn,
            storage::Table::Commit& commit) {
    commit.erases.push_back(use_row(account, arn, Use::policy, Row::kind, row.name));
    return std::erase(row.attached, arn) > 0;
}

template <class Row>
Task<Result<wire::Empty>> attach_policy(Iam& iam, Caller caller, AttachmentInput<Row> input) {
    MILL_CO_TRY(Row row, iam.need<Row>(caller.account, *input.name));
    storage::Table::Commit commit;
    MILL_CO_CHECK(attach(iam, caller.account, row, *input.arn, commit));
    put(commit, caller.account, row);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

template <class Row>
Task<Result<wire::Empty>> detach_policy(Iam& iam, Caller caller, AttachmentInput<Row> input) {
    MILL_CO_TRY(Row row, iam.need<Row>(caller.account, *input.name));
    storage::Table::Commit commit;
    if (!detach(caller.account, row, *input.arn, commit))
        co_return no_such_entity(fmt::format("Policy {} was not found.", *input.arn));
    put(commit, caller.account, row);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

template <class Row>
Task<Result<AttachedOutput>> list_attached_policies(Iam& iam, Caller caller,
                                                    AttachedInput<Row> input) {
    MILL_CO_TRY(const PageRequest page, page_request(input.marker, input.max_items));
    MILL_CO_TRY(const Row row, iam.need<Row>(caller.account, *input.name));
    AttachedOutput output;
    for (const std::string& arn : row.attached) {
        const std::string path = arn.substr(arn.find('/'));  // "/service-role/Name"
        if (!path.starts_with(input.path_prefix.value_or("/"))) continue;
        output.policies.push_back({path.substr(path.rfind('/') + 1), arn});
    }
    output.policies = cut_page(std::move(output.policies), page, &AttachedPolicy::arn,
                               &output.is_truncated, &output.marker);
    co_return output;
}

// Boundaries, of roles and users.
template <class Row>
struct BoundaryInput {
    Text name, arn;
    static constexpr auto shape() {
        using I = BoundaryInput;
        return wire::structure("PutPermissionsBoundaryRequest", principal_member<Row, &I::name>(),
                               arn_member<&I::arn>("PermissionsBoundary").required());
    }
};
// None takes it away. NoSuchEntity, InvalidInput.
template <class Row>
Result<void> set_boundary(const Iam& iam, const std::string& account, Row& row, const Text& arn,
                          storage::Table::Commit& commit) {
    if (arn) MILL_CHECK(check_attachable(iam, account, *arn));
    if (row.boundary)
        commit.erases.push_back(
            use_row(account, *row.boundary, Use::boundary, Row::kind, row.name));
    row.boundary = arn;
    if (!arn) return {};
    std::string used = use_row(account, *arn, Use::boundary, Row::kind, row.name);
    std::erase(commit.erases, used);
    mark(commit, std::move(used));
    return {};
}
template <class Row>
Task<Result<wire::Empty>> put_boundary(Iam& iam, Caller caller, BoundaryInput<Row> input) {
    MILL_CO_TRY(Row row, iam.need<Row>(caller.account, *input.name));
    storage::Table::Commit commit;
    MILL_CO_CHECK(set_boundary(iam, caller.account, row, input.arn, commit));
    put(commit, caller.account, row);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}
template <class Row>
Task<Result<wire::Empty>> delete_boundary(Iam& iam, Caller caller, PrincipalInput<Row> input) {
    MILL_CO_TRY(Row row, iam.need<Row>(caller.account, *input.name));
    if (!row.boundary) {
        co_return no_such_entity(
            fmt::format("{} {} does not have a permissions boundary.", Row::title, row.name));
    }
    storage::Table::Commit commit;
    MILL_CO_CHECK(set_boundary(iam, caller.account, row, std::nullopt, commit));
    put(commit, caller.account, row);
    MILL_CO_CHECK(co_await iam.commit(std::move(commit)));
    co_return wire::Empty{};
}

// DeleteConflict while it has policies.
template <class Row>
Result<void> check_bare(const Row& row) {
    if (!row.attached.empty())
        return delete_conflict("Cannot delete entity, must detach all policies first.");
    if (!row.policies.empty())
        return delete_conflict("Cannot delete entity, must delete policies first.");
    return {};
}

}  // namespace mill::iam
