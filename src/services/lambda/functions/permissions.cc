// SPDX-License-Identifier: Apache-2.0
// What belongs to a function beside its versions: permissions and reserved concurrency.
#include <fmt/format.h>

#include "services/lambda/functions/concurrency.h"
#include "services/lambda/functions/functions.h"

namespace mill::lambda {

Result<void> Functions::check_permission_target(const FunctionReference& function) const {
    if (function.qualifier == latest_version) {
        return fail("InvalidParameterValueException",
                    "We currently do not support adding policies for $LATEST.", 400);
    }
    if (find(function)) return {};
    const bool is_alias = !function.qualifier.empty() && !version_number(function.qualifier) &&
                          function.qualifier.find('$') == std::string::npos;
    if (!is_alias) return std::unexpected(function_not_found(function.arn()));
    return fail("ResourceNotFoundException", "Cannot find alias arn: " + function.arn(), 404);
}

Task<Result<void>> Functions::add_permission(FunctionReference function, Statement statement,
                                             std::optional<std::string> revision_id) {
    MILL_CO_CHECK(check_permission_target(function));
    co_return co_await add_statement(table_, machine_.entropy, std::move(function),
                                     std::move(statement), std::move(revision_id));
}

Task<Result<void>> Functions::remove_permission(FunctionReference function, std::string sid,
                                                std::optional<std::string> revision_id) {
    if (!find({function.id, ""})) {
        co_return fail("ResourceNotFoundException", "No policy found for: " + function.arn(), 404);
    }
    MILL_CO_CHECK(check_permission_target(function));
    co_return co_await remove_statement(table_, machine_.entropy, std::move(function),
                                        std::move(sid), std::move(revision_id));
}

void Functions::count_reserved(const Function& function) {
    if (function.reserved_concurrency) {
        reserved_[function.id()] = *function.reserved_concurrency;
    } else {
        reserved_.erase(function.id());
    }
}

Result<void> Functions::check_reserved(const Function& function,
                                       std::int64_t concurrency_of_all) const {
    std::int64_t left = concurrency_of_all - unreserved_min;
    for (const auto& [id, reserved] : reserved_) {
        if (id != function.id()) left -= reserved;
    }
    if (function.reserved_concurrency.value_or(0) <= left) return {};
    return fail("InvalidParameterValueException",
                fmt::format("Specified ReservedConcurrentExecutions for function decreases "
                            "account's UnreservedConcurrentExecution below its minimum value of "
                            "[{}].",
                            unreserved_min),
                400);
}

Task<Result<void>> Functions::reserve_concurrency(FunctionId id,
                                                  std::optional<std::int64_t> reserved,
                                                  std::int64_t concurrency_of_all) {
    co_await until_turn(id);
    const Turn turn(turns_, id);
    MILL_CO_TRY(const FunctionPtr old, find({id, std::string(latest_version)}));
    Function changed = *old;
    changed.reserved_concurrency = reserved;
    if (reserved.value_or(0) > old->reserved_concurrency.value_or(0)) {
        MILL_CO_CHECK(check_reserved(changed, concurrency_of_all));
        count_reserved(changed);  // who reserves before this is durable must not get it too
    }
    const auto stored = co_await carry_out({.latest = std::move(changed)});
    if (!stored) count_reserved(*old);
    MILL_CO_CHECK(stored);
    co_return Result<void>();
}

}  // namespace mill::lambda
