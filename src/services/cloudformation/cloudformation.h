// SPDX-License-Identifier: Apache-2.0
// CloudFormation: stacks from templates, with the SAM transform. Resources are made by the
// services' ResourceProviders.
//
// Owns the stacks (Table, keys "cloudformation/...", see stack.h) and the tasks that carry their
// operations on. An operation that changes a stack answers once its order is durable; the work goes
// on in a task, and start() takes up what a crash has interrupted. Executor thread only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.h"
#include "services/cloudformation/change_set.h"
#include "services/cloudformation/includes.h"
#include "services/cloudformation/nested_stacks.h"
#include "services/cloudformation/own_resources.h"
#include "services/cloudformation/stack.h"
#include "services/cloudformation/stack_runner.h"
#include "services/ports/object_store.h"
#include "services/ports/parameter_store.h"
#include "services/ports/resource_provider.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::cloudformation {

struct Options {
    // Resources of unknown types become placeholders; else their templates are refused.
    bool record_unsupported = false;
};

// A template with what it includes.
struct TemplateText {
    std::string body;
    Snippets snippets = {};
};

class CloudFormation {
  public:
    static Result<std::unique_ptr<CloudFormation>> open(
        Machine& machine, storage::Engine& engine, std::vector<ports::ResourceProvider*> providers,
        ports::ObjectStore& objects, Options options = {});
    ~CloudFormation();
    CloudFormation(const CloudFormation&) = delete;
    CloudFormation& operator=(const CloudFormation&) = delete;
    wire::Service service();
    // Where the values of parameters of the type AWS::SSM::Parameter::Value are. Outlives this.
    void set_parameter_store(const ports::ParameterStore& store) { parameter_store_ = &store; }
    const ports::ParameterStore* parameter_store() const { return parameter_store_; }
    // Takes up operations that a crash interrupted. After open(), before the gateway listens.
    void start();

    // For the operations.
    Machine& machine() { return machine_; }
    Stacks& stacks() { return stacks_; }
    ChangeSets& change_sets() { return change_sets_; }
    // As it is on storage; nullptr if there is none.
    std::shared_ptr<const StackRow> find(const Caller& caller, std::string_view name_or_id) const;
    // "Stack with id X does not exist".
    Result<std::shared_ptr<const StackRow>> existing(const Caller& caller,
                                                     std::string_view name_or_id) const;
    // The text of TemplateBody, or of the object that TemplateURL names.
    Task<Result<std::string>> template_text(std::optional<std::string> body,
                                            std::optional<std::string> url);
    // With what it includes, read anew. `row` has the stack's names, and the parameters of its last
    // update.
    Task<Result<TemplateText>> with_snippets(StackRow row, std::string text,
                                             std::vector<GivenParameter> given);
    // The template after its transforms, checked, with all its types known; one whose transforms
    // need the values of parameters is left as it is. The capabilities are not looked at.
    Result<wire::Value> outlined(std::string_view text) const;
    // A template with transforms needs CAPABILITY_AUTO_EXPAND, unless a change set shows what comes
    // of them first.
    Result<void> check_expansion(std::string_view text,
                                 const std::vector<std::string>& capabilities) const;
    std::span<const std::string_view> create_only(std::string_view type) const;
    // Fills row.now from a template's text and row.now.capabilities; `previous` are the parameters
    // of the last update.
    Result<void> define(StackRow& row, TemplateText text, const std::vector<GivenParameter>& given,
                        const std::vector<Parameter>& previous) const;
    // Carries on what the stack's status says, unless a task does so already.
    void launch(Stack& stack);
    // Until nothing is under way in the stack of that ARN, or it is gone.
    Task<void> settled(Caller caller, std::string stack_id);

  private:
    CloudFormation(Machine& machine, storage::Table& table,
                   std::vector<ports::ResourceProvider*> providers, ports::ObjectStore& objects,
                   Options options);
    Result<wire::Value> processed(wire::Value document, const Snippets& snippets,
                                  const References& parameters) const;
    Result<void> check_types(const wire::Value& document) const;
    Result<void> check_policies(const wire::Value& document) const;
    Result<void> resolve_stored(StackRow& row) const;
    Task<void> purge();
    Task<void> carry_on(Stack& stack);

    Machine& machine_;
    ports::ObjectStore& objects_;
    const ports::ParameterStore* parameter_store_ = nullptr;
    const Options options_;
    OwnResources own_;
    NestedStacks nested_;
    StackRunner::Providers providers_;
    Stacks stacks_;
    ChangeSets change_sets_;
    StackRunner runner_;
    machine::Signal run_ended_;
    Scope scope_;
};

std::span<const wire::Operation* const> operations();

}  // namespace mill::cloudformation
