// SPDX-License-Identifier: Apache-2.0
// Functions: the catalogue. Every function is in memory and, before a change is answered, in the
// Table. Competing changes of one function: while one is under way the others get
// ResourceConflictException.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "machine/machine.h"
#include "services/lambda/functions/code_store.h"
#include "services/lambda/functions/function_shapes.h"
#include "services/lambda/functions/settings.h"
#include "services/ports/object_store.h"
#include "storage/stream_log.h"

namespace mill::lambda {

class Layers;

class Functions {
  public:
    // Called after a function changed or went; `now` is empty in the latter case.
    using OnChange = std::function<void(const FunctionId&, const FunctionPtr& now)>;

    static Result<std::unique_ptr<Functions>> open(Machine& machine, storage::Table& table,
                                                   ports::ObjectStore& objects, CodeStore& code,
                                                   Layers& layers);
    void on_change(OnChange callback) { on_change_ = std::move(callback); }

    // ResourceNotFoundException (404), also for qualifiers other than $LATEST: there are no
    // versions or aliases.
    Result<FunctionPtr> find(const FunctionReference& reference) const;
    // By name, from `after` on, at most `limit`.
    std::vector<FunctionPtr> list(const Caller& caller, const std::string& after,
                                  std::size_t limit) const;

    Task<Result<FunctionPtr>> create(Caller caller, CreateFunctionInput input);
    Task<Result<FunctionPtr>> update_code(Caller caller, UpdateFunctionCodeInput input);
    Task<Result<FunctionPtr>> update_configuration(Caller caller,
                                                   UpdateFunctionConfigurationInput input);
    Task<Result<FunctionPtr>> update_tags(FunctionId id, std::map<std::string, std::string> tags);
    Task<Result<void>> remove(FunctionReference reference);

  private:
    // One change of a function at a time: held by the coroutine that makes it.
    class Turn {
      public:
        Turn(std::set<FunctionId>& taken, FunctionId id)
            : taken_(&taken), id_(std::move(id)), mine_(taken.insert(id_).second) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            if (mine_) taken_->erase(id_);
        }
        bool is_mine() const { return mine_; }

      private:
        std::set<FunctionId>* taken_;
        FunctionId id_;
        bool mine_;
    };
    Functions(Machine& machine, storage::Table& table, ports::ObjectStore& objects, CodeStore& code)
        : machine_(machine), table_(table), objects_(objects), code_(code) {}
    Result<void> load();
    Task<Result<void>> fit_layers(Function function);
    Task<Result<FunctionPtr>> replace(Function changed);
    void stamp(Function& function) const;

    Machine& machine_;
    storage::Table& table_;
    ports::ObjectStore& objects_;
    CodeStore& code_;
    Layers* layers_ = nullptr;
    std::map<FunctionId, FunctionPtr> functions_;
    std::set<FunctionId> changing_;
    OnChange on_change_;
};

}  // namespace mill::lambda
