// SPDX-License-Identifier: Apache-2.0
// CloudWatch Logs: groups, streams, events. Takes functions' output through ports::LogSink.
//
// Owns the groups (Table, keys "logs/..."; one StreamLog each). Executor thread only. What an
// operation answers is durable before it does; functions' output is readable at once and durable
// soon after, so a crash loses the last of it. A group without a retention policy keeps its events
// for ever, as on AWS.
#pragma once

#include <map>
#include <memory>
#include <span>

#include "machine/machine.h"
#include "services/logs/group.h"
#include "services/logs/subscriptions.h"
#include "services/ports/log_sink.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::logs {

class Logs final : public ports::LogSink {
  public:
    static Result<std::unique_ptr<Logs>> open(Machine& machine, storage::Engine& engine);
    Logs(Machine& machine, storage::Engine& engine);
    ~Logs() override;
    wire::Service service();

    void append(const std::string& account, const std::string& region, const std::string& group,
                const std::string& stream, std::vector<ports::LogEvent> events) override;

    Machine& machine() { return machine_; }
    WallTime now() const { return machine_.clock.wall(); }
    LiveTails& tails() { return tails_; }
    Subscriptions& subscriptions() { return subscriptions_; }
    // ResourceNotFoundException "The specified log group does not exist."
    Result<GroupPointer> find_group(const Caller& caller, const std::string& name) const;
    // By name or by identifier (name or ARN): exactly one of them.
    Result<GroupPointer> find_group(const Caller& caller, const std::optional<std::string>& name,
                                    const std::optional<std::string>& identifier) const;
    // Of one account and region, by name, beginning after `after`.
    std::vector<GroupPointer> list_groups(const Caller& caller, const std::string& after) const;

    struct GroupSettings {
        std::optional<std::int64_t> retention_days;
        Tags tags;
    };
    Task<Result<void>> create_group(Caller caller, std::string name, GroupSettings settings);
    Task<Result<void>> delete_group(GroupPointer group);
    Task<Result<void>> create_stream(GroupPointer group, std::string name);
    // Once the destination has been tried. What came before is not for the filter.
    Task<Result<void>> subscribe(GroupPointer group, SubscriptionRow row);
    // Until everything that was changed in the group, or added to it, is durable.
    Task<Result<void>> save(GroupPointer group);

  private:
    Result<void> recover();
    Result<GroupPointer> open_group(GroupRow row, std::vector<StreamRow> streams);
    Result<GroupPointer> new_group(const std::string& account, const std::string& region,
                                   const std::string& name);
    void start_flush(const GroupPointer& group);
    Task<void> drop_log(std::string name);

    Machine& machine_;
    storage::LogStore& logs_;
    storage::Table& table_;
    LiveTails tails_;
    std::map<std::string, GroupPointer, std::less<>> groups_;  // by table key
    Subscriptions subscriptions_;
    Scope background_;
};

std::span<const wire::Operation* const> operations();

}  // namespace mill::logs
