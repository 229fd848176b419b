// SPDX-License-Identifier: Apache-2.0
// SSM: Parameter Store. Parameters have versions, labels and tags; what was put is durable when
// answered. A SecureString is kept as it is: Millrace has no keys and promises no cryptography. It
// is told in clear with WithDecryption only, else as a text that says nothing about it.
//
// Operations read, decide and begin their commit without suspending in between. Executor thread
// only.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "machine/machine.h"
#include "services/ports/parameter_store.h"
#include "services/ports/resource_provider.h"
#include "services/ssm/parameter.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::ssm {

// A version of a parameter, as a name in a request asked for it.
struct Found {
    Parameter parameter;
    Version version;
    Text selector;  // ":3", ":label", as asked
};

struct Draft {
    std::string name;
    std::string value;
    Text type, tier, data_type, key_id, description, allowed_pattern;
    Tags tags;
    bool overwrite = false;
};

class Ssm final : public ports::ResourceProvider, public ports::ParameterStore {
  public:
    static Result<std::unique_ptr<Ssm>> open(Machine& machine, storage::Engine& engine);
    wire::Service service();

    // The name that a request means, which gives it or its ARN. The ARNs of "/b" and of "b" are the
    // same: "/b" if there is no "b".
    Result<std::string> name_in(const Caller& caller, const std::string& text) const;
    // By name or ARN. ParameterNotFound.
    Result<Parameter> need(const Caller& caller, const std::string& text) const;
    // "name", "name:3", "name:label", or an ARN. ParameterNotFound, ParameterVersionNotFound.
    Result<Found> find(const Caller& caller, const std::string& text) const;
    // Those whose names begin with `prefix` and come after `after`, in order; until `take` says
    // false.
    Result<void> each(const Caller& caller, const std::string& prefix, const std::string& after,
                      const std::function<bool(Parameter)>& take) const;
    Result<std::vector<Version>> versions(const Parameter& parameter, std::int64_t after,
                                          std::size_t limit) const;

    Task<Result<Version>> put(Caller caller, Draft draft);
    Task<Result<void>> store(Parameter parameter);
    // All or none, with their versions.
    Task<Result<void>> remove_parameters(std::vector<Parameter> parameters);

    // ParameterStore
    Result<std::string> parameter_value(const Caller& caller,
                                        const std::string& name) const override;

    // ResourceProvider
    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Ssm(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}
    Result<std::optional<Parameter>> read(const Caller& caller, const std::string& name) const;
    Result<std::optional<Version>> read_version(const Parameter& parameter,
                                                std::int64_t number) const;

    Machine& machine_;
    storage::Table& table_;
};

std::span<const wire::Operation* const> operations();

}  // namespace mill::ssm
