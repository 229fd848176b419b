// SPDX-License-Identifier: Apache-2.0
// Users and groups under another name or path: what refers to them follows in the same commit.
#pragma once

#include "services/iam/policies.h"

namespace mill::iam {

// EntityAlreadyExists. The row and its attachments are in the commit.
template <class Row>
Result<void> rename(const Iam& iam, const std::string& account, Row& row, std::string_view resource,
                    const Text& name, const Text& path, storage::Table::Commit& commit) {
    const std::string old_name = row.name;
    const auto is_another = name && *name != old_name;
    if (is_another) {
        MILL_TRY(const auto known, iam.find<Row>(account, *name));
        if (known)
            return already_exists(
                fmt::format("{} with name {} already exists.", Row::title, *name));
        erase(commit, account, row);
        row.name = *name;
    }
    row.path = path.value_or(row.path);
    row.arn = arn_of(account, std::string(resource) + row.path + row.name);
    put(commit, account, row);
    if (!is_another) return {};
    const auto follow = [&](const std::string& policy, Use use) {
        commit.erases.push_back(use_row(account, policy, use, Row::kind, old_name));
        mark(commit, use_row(account, policy, use, Row::kind, row.name));
    };
    for (const std::string& policy : row.attached) follow(policy, Use::policy);
    if constexpr (requires { row.boundary; }) {
        if (row.boundary) follow(*row.boundary, Use::boundary);
    }
    return {};
}

}  // namespace mill::iam
