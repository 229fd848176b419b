// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/exports.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <span>

namespace mill::cloudformation {

namespace {

Failure invalid(std::string text) { return fail("ValidationError", std::move(text), 400); }

bool uses(const Definition& definition, std::string_view name) {
    return std::ranges::find(definition.imports, name, &Import::name) != definition.imports.end();
}

std::vector<const StackRow*> living(const Stacks& stacks, const std::string& account,
                                    const std::string& region) {
    std::vector<const StackRow*> rows;
    for (const Stack* stack : stacks.all()) {
        const StackRow& row = stack->row;
        if (!row.deleted && row.account == account && row.region == region) rows.push_back(&row);
    }
    return rows;
}

// "A", "A and B", "A, B and C"
std::string listed(const std::vector<std::string>& names) {
    if (names.size() == 1) return names.front();
    return fmt::format("{} and {}", fmt::join(std::span(names).first(names.size() - 1), ", "),
                       names.back());
}

Result<void> check_names(const Stacks& stacks, const StackRow& row,
                         const std::vector<StackOutput>& outputs) {
    std::map<std::string_view, std::string_view> taken;
    for (const StackRow* other : living(stacks, row.account, row.region)) {
        if (other->stack_id == row.stack_id) continue;
        for (const StackOutput& output : other->now.outputs) {
            if (output.export_name) taken[*output.export_name] = other->name;
        }
    }
    std::map<std::string_view, std::string_view> own;
    for (const StackOutput& output : outputs) {
        if (!output.export_name) continue;
        if (!own.emplace(*output.export_name, output.value).second) {
            return invalid(
                fmt::format("Template format error: Output {} is malformed. Export "
                            "names must be unique within the stack.",
                            output.key));
        }
        if (const auto other = taken.find(*output.export_name); other != taken.end()) {
            return invalid(fmt::format("Export with name {} is already exported by stack {}.",
                                       *output.export_name, other->second));
        }
    }
    return {};
}

}  // namespace

Result<void> resolve_imports(const Stacks& stacks, StackRow& row) {
    std::map<std::string_view, const std::string*> exported;
    for (const StackRow* other : living(stacks, row.account, row.region)) {
        if (other->status == "DELETE_IN_PROGRESS") continue;  // it would be gone in a moment
        for (const StackOutput& output : other->now.outputs) {
            if (output.export_name) exported[*output.export_name] = &output.value;
        }
    }
    for (Import& import : row.now.imports) {
        const auto found = exported.find(import.name);
        if (found == exported.end())
            return invalid(fmt::format("No export named {} found", import.name));
        import.value = *found->second;
    }
    return {};
}

std::vector<std::string> importers_of(const Stacks& stacks, const std::string& account,
                                      const std::string& region, std::string_view name) {
    std::vector<std::string> names;
    for (const StackRow* row : living(stacks, account, region)) {
        if (uses(row->now, name) || (row->previous && uses(*row->previous, name)))
            names.push_back(row->name);
    }
    std::ranges::sort(names);
    return names;
}

Result<void> check_unused(const Stacks& stacks, const StackRow& row) {
    for (const StackOutput& output : row.now.outputs) {
        if (!output.export_name) continue;
        const auto users = importers_of(stacks, row.account, row.region, *output.export_name);
        if (users.empty()) continue;
        return invalid(
            fmt::format("Delete canceled. Cannot delete export {} as it is in use by {}.",
                        *output.export_name, listed(users)));
    }
    return {};
}

Result<void> check_exports(const Stacks& stacks, const StackRow& row,
                           const std::vector<StackOutput>& outputs) {
    MILL_CHECK(check_names(stacks, row, outputs));
    if (!row.previous) return {};
    for (const StackOutput& old : row.previous->outputs) {
        if (!old.export_name) continue;
        const auto kept = std::ranges::find(outputs, old.export_name, &StackOutput::export_name);
        if (kept != outputs.end() && kept->value == old.value) continue;
        const auto users = importers_of(stacks, row.account, row.region, *old.export_name);
        if (users.empty()) continue;
        return invalid(fmt::format("Export {} cannot be {} as it is in use by {}", *old.export_name,
                                   kept == outputs.end() ? "deleted" : "updated", listed(users)));
    }
    return {};
}

}  // namespace mill::cloudformation
