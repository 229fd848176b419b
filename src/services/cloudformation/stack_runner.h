// SPDX-License-Identifier: Apache-2.0
// StackRunner carries a stack's operation on until its status is final: creation, rollback,
// deletion, update.
//
// The status says what is to be done next, and every step is committed before the next begins, so a
// run that a crash interrupted is taken up by calling run() again. Before a provider is asked to
// make a resource, the intent is committed with the resource's generated name; only then does
// "already exists" from the provider mean that it is ours. Resources are made one after the other,
// in dependency order, and removed in the opposite order.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.h"
#include "services/cloudformation/plan.h"
#include "services/cloudformation/stack.h"
#include "services/ports/resource_provider.h"

namespace mill::cloudformation {

class StackRunner {
  public:
    using Providers =
        std::map<std::string, ports::ResourceProvider*, std::less<>>;  // by resource type

    // `placeholders` makes the resources of all other types.
    // `store`: where the parameters of dynamic references are, if it is set by then.
    StackRunner(Machine& machine, Stacks& stacks, const Providers& providers,
                ports::ResourceProvider& placeholders, const ports::ParameterStore* const& store)
        : machine_(machine),
          stacks_(stacks),
          providers_(providers),
          placeholders_(placeholders),
          store_(store) {}

    // Returns when nothing is under way any more, or storage has failed. One run of a stack at a
    // time.
    Task<void> run(Stack& stack);

    // Of an update: the definition goes back at once; what has been changed is unsettled, what has
    // been made is to be cleaned up.
    static void turn_back(StackRow& row);

  private:
    // Empty: done. An error: the provider's or the template's, which the resource's status tells
    // already. Failures of storage are the outer Result's.
    using Outcome = std::optional<Error>;
    enum class Where { resources, cleanup };

    Task<Result<void>> step(Stack& stack);
    Task<Result<void>> create(Stack& stack);
    Task<Result<void>> fail_creation(Stack& stack, std::string reason);
    Task<Result<void>> remove_all(Stack& stack);
    Task<Result<void>> update(Stack& stack);
    Task<Result<void>> fail_update(Stack& stack, std::string reason);
    Task<Result<void>> roll_update_back(Stack& stack);
    Task<Result<void>> clean_up(Stack& stack, std::string final_status);

    Task<Result<Outcome>> create_resource(Stack& stack, const Plan& plan, std::string id);
    Task<Result<Outcome>> update_resource(Stack& stack, const Plan& plan, std::string id);
    Task<Result<Outcome>> replace_resource(Stack& stack, wire::Value properties, std::string id,
                                           bool resumed);
    Task<Result<Outcome>> restore_resource(Stack& stack, std::string id);
    Task<Result<Outcome>> remove_resource(Stack& stack, Where where, std::string id, bool retain);
    Task<Result<void>> empty_cleanup(Stack& stack);
    // What an update has replaced or dropped is to be cleaned up, in the order in which it was
    // made.
    static void leave_behind(StackRow& row);

    // Makes the resource, or finds the one that an interrupted run has made.
    Task<Result<ports::Resource>> obtain(ports::ResourceRequest request, bool resumed);
    Task<Result<Outcome>> failed(Stack& stack, Where where, std::string id, std::string status,
                                 Error error);

    // Of a nested stack: its ARN, from when it is begun on.
    std::string begun_id(const StackRow& row, const ResourceRow& resource) const;
    ports::ResourceProvider& provider_of(std::string_view type) const;
    ports::ResourceRequest request_for(const StackRow& row, const ResourceRow& resource,
                                       wire::Value properties) const;
    std::string generated_name(const StackRow& row, const ResourceRow& resource) const;
    std::string handler_message(const Error& error) const;
    Result<std::vector<StackOutput>> outputs_of(const Plan& plan, const StackRow& row) const;
    // Cleanup may hold several of one logical id: it is emptied from its end.
    static ResourceRow* entry(StackRow& row, Where where, std::string_view id) {
        return where == Where::resources ? find_resource(row.now.resources, id)
                                         : &row.cleanup.back();
    }

    Machine& machine_;
    Stacks& stacks_;
    const Providers& providers_;
    ports::ResourceProvider& placeholders_;
    const ports::ParameterStore* const& store_;
};

}  // namespace mill::cloudformation
