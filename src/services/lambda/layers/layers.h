// SPDX-License-Identifier: Apache-2.0
// Layers: the catalogue of their versions. Every version is in memory and, before a change is
// answered, in the Table, its zip in the CodeStore. A number is never given twice, also after its
// version was deleted. Functions keep what they use of a version, so that it may be deleted.
#pragma once

#include <map>
#include <set>

#include "services/lambda/functions/code_store.h"
#include "services/lambda/functions/function.h"
#include "services/lambda/layers/layer_shapes.h"
#include "services/ports/object_store.h"
#include "storage/stream_log.h"

namespace mill::lambda {

class Layers {
  public:
    static Result<std::unique_ptr<Layers>> open(Machine& machine, storage::Table& table,
                                                ports::ObjectStore& objects, CodeStore& code);

    // The blobs of all versions.
    void add_blobs(std::set<std::string>& used) const;
    Task<Result<LayerVersionPtr>> publish(LayerId id, PublishLayerVersionInput input);
    // InvalidParameterValueException below 1, ResourceNotFoundException.
    Result<LayerVersionPtr> find(const LayerReference& reference) const;
    // The newest first, below `before`.
    std::vector<LayerVersionPtr> versions(const LayerId& id, std::int64_t before,
                                          const LayerFilter& filter, std::size_t limit) const;
    // Of each layer the newest version that the filter takes, by name, from `after` on.
    std::vector<LayerVersionPtr> newest(const Caller& caller, const std::string& after,
                                        const LayerFilter& filter, std::size_t limit) const;
    // Of all versions of the account's layers in the region.
    std::int64_t bytes(const Caller& caller) const;
    // A version that is gone already is a success.
    Task<Result<void>> remove(LayerReference reference);
    // ResourceConflictException: there is a statement of that id. PreconditionFailedException
    // unless the policy's revision is the one given.
    Task<Result<LayerVersionPtr>> add_statement(LayerReference reference, LayerStatement statement,
                                                std::optional<std::string> revision);
    // ResourceNotFoundException: there is none.
    Task<Result<void>> remove_statement(LayerReference reference, std::string id,
                                        std::optional<std::string> revision);
    // What a function of this caller keeps of the layers that it names, in their order.
    Result<std::vector<FunctionLayer>> resolve(const Caller& caller,
                                               const std::vector<std::string>& arns) const;

  private:
    struct Layer {
        std::int64_t last_version = 0;
        std::map<std::int64_t, LayerVersionPtr> versions;
    };
    Layers(Machine& machine, storage::Table& table, ports::ObjectStore& objects, CodeStore& code)
        : machine_(machine), table_(table), objects_(objects), code_(code) {}
    Result<void> load();
    Result<Bytes> row_of(const LayerReference& reference) const;
    Task<Result<LayerVersionPtr>> change_policy(LayerVersion changed, Bytes before);
    const LayerVersionPtr* lookup(const LayerReference& reference) const;

    Machine& machine_;
    storage::Table& table_;
    ports::ObjectStore& objects_;
    CodeStore& code_;
    std::map<LayerId, Layer> layers_;
};

// InvalidParameterValueException.
Error layer_version_missing(const std::string& arn);

}  // namespace mill::lambda
