// SPDX-License-Identifier: Apache-2.0
// What publishing versions needs to decide: what counts as unchanged, what a version keeps. Pure.
#pragma once

#include "services/lambda/functions/function.h"
#include "storage/stream_log.h"

namespace mill::lambda {

// Of the rows of all versions of the function.
std::string versions_prefix(const FunctionId& id);
storage::Table::Entry version_row(const Function& version);

// The same for the same code and configuration, whatever their history.
std::string content_of(const Function& function);
// The version that a publication of this $LATEST makes. Its ids and time are those of $LATEST.
Function next_version(const Function& latest, std::optional<std::string> description);

// The rows that are put beside a version or an alias, and go with it.
std::vector<std::string> rows_beside(const FunctionReference& qualified);

// PreconditionFailedException unless they are the same; none is no wish.
Result<void> check_revision(const std::optional<std::string>& wanted, const std::string& there);

}  // namespace mill::lambda
