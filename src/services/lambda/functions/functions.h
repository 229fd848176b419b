// SPDX-License-Identifier: Apache-2.0
// Functions: the catalogue, with the versions that were published and their aliases. All are in
// memory and, before a change is answered, in the Table. Competing changes of one function: while
// one is under way, updates get ResourceConflictException; publications and changes of aliases
// wait.
//
// Versions never change. Their code is the blob of the function they were made of, shared.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
#pragma once

#include <functional>
#include <map>
#include <set>

#include "machine/machine.h"
#include "services/lambda/functions/alias.h"
#include "services/lambda/functions/code_store.h"
#include "services/lambda/functions/function_shapes.h"
#include "services/lambda/functions/policy.h"
#include "services/lambda/functions/settings.h"
#include "services/ports/object_store.h"
#include "storage/stream_log.h"

namespace mill::lambda {

class Layers;

class Functions {
  public:
    // Called after a function or a version of it changed or went, and after an alias went.
    using OnChange = std::function<void(const FunctionId&)>;

    static Result<std::unique_ptr<Functions>> open(Machine& machine, storage::Table& table,
                                                   ports::ObjectStore& objects, CodeStore& code,
                                                   Layers& layers);
    void on_change(OnChange callback) { on_change_ = std::move(callback); }

    // $LATEST, or the version of the qualifier; of an alias the one it names first.
    // ResourceNotFoundException (404).
    Result<FunctionPtr> find(const FunctionReference& reference) const;
    // For one invocation: an alias that shares it among versions draws one.
    Result<FunctionPtr> resolve(const FunctionReference& reference) const;
    // Whether environments of it may go on: it is what it was, or a version that is there.
    bool is_current(const Function& function) const;
    // $LATEST, then the versions by number. Empty if there is no such function.
    std::vector<FunctionPtr> versions(const FunctionId& id) const;
    // By name, from `after` on, at most `limit`.
    std::vector<FunctionPtr> list(const Caller& caller, const std::string& after,
                                  std::size_t limit) const;

    // With Publish, these two answer the version.
    Task<Result<FunctionPtr>> create(Caller caller, CreateFunctionInput input);
    Task<Result<FunctionPtr>> update_code(Caller caller, UpdateFunctionCodeInput input);
    Task<Result<FunctionPtr>> update_configuration(Caller caller,
                                                   UpdateFunctionConfigurationInput input);
    Task<Result<FunctionPtr>> update_tags(FunctionId id, std::map<std::string, std::string> tags);
    // With all versions and aliases.
    Task<Result<void>> remove(FunctionId id);

    // The last version, if neither code nor configuration has changed since.
    Task<Result<FunctionPtr>> publish_version(FunctionId id, PublishVersionInput input);
    // One that is not there is a success.
    Task<Result<void>> remove_version(FunctionId id, std::int64_t number);

    AliasPtr find_alias(const FunctionId& id, const std::string& name) const;  // empty: none
    std::vector<AliasPtr> aliases(const FunctionId& id) const;                 // by name
    Task<Result<AliasPtr>> create_alias(FunctionId id, CreateAliasInput input);
    Task<Result<AliasPtr>> update_alias(FunctionId id, UpdateAliasInput input);
    // One that is not there is a success.
    Task<Result<void>> remove_alias(FunctionId id, std::string name);

    // Of a function, a version or an alias that must be there; not of $LATEST by that name.
    Task<Result<void>> add_permission(FunctionReference function, Statement statement,
                                      std::optional<std::string> revision_id);
    Task<Result<void>> remove_permission(FunctionReference function, std::string sid,
                                         std::optional<std::string> revision_id);

    // Reserved of the account's concurrency; none: the function shares what is not reserved.
    // InvalidParameterValueException if too little were left to the others.
    Task<Result<void>> reserve_concurrency(FunctionId id, std::optional<std::int64_t> reserved,
                                           std::int64_t concurrency_of_all);
    // Of all functions that have reserved some.
    const std::map<FunctionId, std::int64_t>& reserved() const { return reserved_; }

  private:
    struct Entry {
        FunctionPtr latest;
        std::map<std::int64_t, FunctionPtr> versions;
        std::map<std::string, AliasPtr> aliases;
    };
    // What one commit makes of a function.
    struct Change {
        Function latest;
        std::optional<Function> version = {};
        std::vector<std::string> erases = {};
    };
    struct Turns {
        std::set<FunctionId> taken;
        machine::Signal given_back;
    };
    // One change of a function at a time: held by the coroutine that makes it.
    class Turn {
      public:
        Turn(Turns& turns, FunctionId id)
            : turns_(turns), id_(std::move(id)), mine_(turns.taken.insert(id_).second) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            if (!mine_) return;
            turns_.taken.erase(id_);
            turns_.given_back.notify_all();
        }
        bool is_mine() const { return mine_; }

      private:
        Turns& turns_;
        FunctionId id_;
        bool mine_;
    };
    Functions(Machine& machine, storage::Table& table, ports::ObjectStore& objects, CodeStore& code)
        : machine_(machine),
          table_(table),
          objects_(objects),
          code_(code),
          turns_{.taken = {}, .given_back = machine::Signal(machine.executor)} {}
    Result<void> load();
    Task<Result<void>> fit_layers(Function function);
    Result<void> load_versions(std::set<std::string>& used_code);
    Result<void> load_aliases();
    Result<void> check_permission_target(const FunctionReference& function) const;
    void count_reserved(const Function& function);
    Result<void> check_reserved(const Function& function, std::int64_t concurrency_of_all) const;
    Result<void> check_alias(const Alias& alias) const;
    Task<Result<AliasPtr>> store_alias(Alias alias, std::vector<std::string> erases = {});
    const Entry* entry_of(const FunctionId& id) const;
    FunctionPtr version_of(const Entry& entry, const std::string& qualifier) const;
    // What is published: answers the version if there is one.
    Task<Result<FunctionPtr>> carry_out(Change change);
    void stamp(Function& function) const;
    // Adds the version that a publication makes, or returns the last one if it is the same.
    FunctionPtr plan_version(Change& change, std::optional<std::string> description) const;
    // Then the turn can be taken, before anybody else is resumed.
    Task<void> until_turn(FunctionId id);
    Result<std::vector<std::string>> rows_of(const FunctionId& id) const;

    Machine& machine_;
    storage::Table& table_;
    ports::ObjectStore& objects_;
    CodeStore& code_;
    Layers* layers_ = nullptr;
    std::map<FunctionId, Entry> functions_;
    std::map<FunctionId, std::int64_t> reserved_;
    Turns turns_;
    OnChange on_change_;
};

}  // namespace mill::lambda
