// SPDX-License-Identifier: Apache-2.0
// Stacks as they are kept: one Table row per stack with its resources, one per event. The Stacks
// object owns them all.
//
// `row` is what the run of the stack works on, `durable` what has been committed: answers are made
// from the latter only. A row is written whole at every step, so a step costs the size of the
// stack's templates and properties. Deleted stacks are found by their ARN only and are forgotten
// after 90 days.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/caller.h"
#include "machine/machine.h"
#include "services/cloudformation/template.h"
#include "storage/stream_log.h"
#include "wire/shape.h"

namespace mill::cloudformation {

struct Tag {
    std::string key;
    std::string value;

    static constexpr auto shape() {
        return wire::structure("Tag", wire::member<&Tag::key>("Key").required().length(1, 128),
                               wire::member<&Tag::value>("Value").required().length(1, 256));
    }
    bool operator==(const Tag&) const = default;
};

struct StackOutput {
    std::string key;
    std::string value;
    std::optional<std::string> description;
    std::optional<std::string> export_name;

    static constexpr auto shape() {
        return wire::structure("Output", wire::member<&StackOutput::key>("OutputKey"),
                               wire::member<&StackOutput::value>("OutputValue"),
                               wire::member<&StackOutput::description>("Description"),
                               wire::member<&StackOutput::export_name>("ExportName"));
    }
};

// A resource of a stack. An empty status: not begun. CREATE_IN_PROGRESS without physical id: the
// intent to make it is recorded, with generated name and properties; a provider may have been asked
// already.
struct ResourceRow {
    std::string logical_id;
    std::string type;
    std::string physical_id;
    std::string status;
    std::optional<std::string> status_reason;
    WallTime updated;
    std::string generated_name;
    wire::Value properties;  // resolved; as they are now, or about to be for a creation
    wire::Value attributes;
    std::string deletion_policy;
    std::string update_replace_policy;
    std::vector<std::string> depends_on;
    bool replacing = false;  // an update that makes a new physical resource is under way;
                             // physical_id is still the old one
    bool unsettled = false;  // an update in place was begun and not confirmed

    static constexpr auto shape() {
        return wire::structure(
            "ResourceRow", wire::member<&ResourceRow::logical_id>("LogicalId"),
            wire::member<&ResourceRow::type>("Type"),
            wire::member<&ResourceRow::physical_id>("PhysicalId"),
            wire::member<&ResourceRow::status>("Status"),
            wire::member<&ResourceRow::status_reason>("StatusReason"),
            wire::member<&ResourceRow::updated>("Updated"),
            wire::member<&ResourceRow::generated_name>("GeneratedName"),
            wire::member<&ResourceRow::properties>("Properties"),
            wire::member<&ResourceRow::attributes>("Attributes"),
            wire::member<&ResourceRow::deletion_policy>("DeletionPolicy"),
            wire::member<&ResourceRow::update_replace_policy>("UpdateReplacePolicy"),
            wire::member<&ResourceRow::depends_on>("DependsOn"),
            wire::member<&ResourceRow::replacing>("Replacing"),
            wire::member<&ResourceRow::unsettled>("Unsettled"));
    }
};

// An export of another stack that a definition uses. Held from the moment the definition is stored:
// the exporting stack can neither drop nor change it.
struct Import {
    std::string name;
    std::optional<std::string> value;  // of the export, if there is one

    static constexpr auto shape() {
        return wire::structure("Import", wire::member<&Import::name>("Name"),
                               wire::member<&Import::value>("Value"));
    }
};

// What an update replaces, and what its rollback returns to.
struct Definition {
    std::string body;       // as given
    std::string processed;  // after transforms, JSON
    std::optional<std::string> description;
    std::vector<Parameter> parameters;
    std::vector<Tag> tags;
    std::vector<std::string> capabilities;
    std::vector<StackOutput> outputs;
    std::vector<Import> imports;
    std::vector<ResourceRow> resources;  // in the order of creation

    static constexpr auto shape() {
        return wire::structure("Definition", wire::member<&Definition::body>("Body"),
                               wire::member<&Definition::processed>("Processed"),
                               wire::member<&Definition::description>("Description"),
                               wire::member<&Definition::parameters>("Parameters"),
                               wire::member<&Definition::tags>("Tags"),
                               wire::member<&Definition::capabilities>("Capabilities"),
                               wire::member<&Definition::outputs>("Outputs"),
                               wire::member<&Definition::imports>("Imports"),
                               wire::member<&Definition::resources>("Resources"));
    }
};

struct StackRow {
    std::string stack_id;
    std::string name;
    std::string account;
    std::string region;
    std::string status;
    std::optional<std::string> status_reason;
    WallTime created;
    std::optional<WallTime> last_updated;
    std::optional<WallTime> deleted;
    std::string on_failure;         // ROLLBACK, DELETE, DO_NOTHING
    bool disable_rollback = false;  // of the operation under way, or of the last one
    bool is_cancelled = false;      // an update that is to be rolled back after its current step
    bool termination_protection = false;
    std::optional<std::string> client_request_token;
    std::optional<std::string> role_arn;
    std::optional<std::string> change_set_id;  // of the one executed last
    std::optional<std::string> parent_id;      // of a nested stack: the one whose resource it is,
    std::optional<std::string> root_id;        // and the one that is in no other
    std::optional<std::int64_t> timeout_minutes;  // of its creation
    std::vector<std::string> retain;              // logical ids that a deletion leaves alone
    Definition now;
    std::optional<Definition>
        previous;                      // during an update, and after one that was left as it failed
    std::vector<ResourceRow> cleanup;  // what an update leaves behind, removed at its end
    std::int64_t bases = 0;            // definitions that updates have begun from, so far
    std::int64_t updates = 0;          // begun so far
    // Of a nested stack: its template before the last update by its parent, and which one of the
    // parent's bases that update began from. What its URL leads to may be another one by now.
    std::optional<std::string> body_before;
    std::int64_t parent_base = 0;
    std::optional<std::int64_t> parent_update;  // which one of the parent's updates has begun it
    // Of a nested stack whose update takes it back to what was there before its parent's update:
    // the base that the update which is undone began from.
    std::optional<std::int64_t> undoes;
    std::int64_t events = 0;   // given so far
    WallTime last_event;       // the time of the last one
    std::int64_t version = 0;  // of this row

    static constexpr auto shape() {
        return wire::structure(
            "StackRow", wire::member<&StackRow::stack_id>("StackId"),
            wire::member<&StackRow::name>("Name"), wire::member<&StackRow::account>("Account"),
            wire::member<&StackRow::region>("Region"), wire::member<&StackRow::status>("Status"),
            wire::member<&StackRow::status_reason>("StatusReason"),
            wire::member<&StackRow::created>("Created"),
            wire::member<&StackRow::last_updated>("LastUpdated"),
            wire::member<&StackRow::deleted>("Deleted"),
            wire::member<&StackRow::on_failure>("OnFailure"),
            wire::member<&StackRow::disable_rollback>("DisableRollback"),
            wire::member<&StackRow::is_cancelled>("IsCancelled"),
            wire::member<&StackRow::termination_protection>("TerminationProtection"),
            wire::member<&StackRow::client_request_token>("ClientRequestToken"),
            wire::member<&StackRow::role_arn>("RoleARN"),
            wire::member<&StackRow::change_set_id>("ChangeSetId"),
            wire::member<&StackRow::parent_id>("ParentId"),
            wire::member<&StackRow::root_id>("RootId"),
            wire::member<&StackRow::timeout_minutes>("TimeoutInMinutes"),
            wire::member<&StackRow::retain>("Retain"), wire::member<&StackRow::now>("Now"),
            wire::member<&StackRow::previous>("Previous"),
            wire::member<&StackRow::cleanup>("Cleanup"), wire::member<&StackRow::bases>("Bases"),
            wire::member<&StackRow::updates>("Updates"),
            wire::member<&StackRow::body_before>("BodyBefore"),
            wire::member<&StackRow::parent_base>("ParentBase"),
            wire::member<&StackRow::parent_update>("ParentUpdate"),
            wire::member<&StackRow::undoes>("Undoes"), wire::member<&StackRow::events>("Events"),
            wire::member<&StackRow::last_event>("LastEvent"),
            wire::member<&StackRow::version>("Version"));
    }
};

struct StackEvent {
    std::string stack_id;
    std::string event_id;
    std::string stack_name;
    std::string logical_id;
    std::string physical_id;
    std::string type;
    WallTime timestamp;
    std::string status;
    std::optional<std::string> reason;
    std::optional<std::string> properties;
    std::optional<std::string> token;

    static constexpr auto shape() {
        return wire::structure("StackEvent", wire::member<&StackEvent::stack_id>("StackId"),
                               wire::member<&StackEvent::event_id>("EventId"),
                               wire::member<&StackEvent::stack_name>("StackName"),
                               wire::member<&StackEvent::logical_id>("LogicalResourceId"),
                               wire::member<&StackEvent::physical_id>("PhysicalResourceId"),
                               wire::member<&StackEvent::type>("ResourceType"),
                               wire::member<&StackEvent::timestamp>("Timestamp"),
                               wire::member<&StackEvent::status>("ResourceStatus"),
                               wire::member<&StackEvent::reason>("ResourceStatusReason"),
                               wire::member<&StackEvent::properties>("ResourceProperties"),
                               wire::member<&StackEvent::token>("ClientRequestToken"));
    }
};

struct Stack {
    StackRow row;
    std::shared_ptr<const StackRow> durable;
    bool running = false;  // a task of this process carries its operation on
};

// Whether a run of the stack has something to do. REVIEW_IN_PROGRESS waits for its user.
bool is_in_progress(std::string_view status);
// "<account>/<region>/<name>/<uuid>": all that a Table key needs of a stack.
std::string place_of(const StackRow& row);
std::string place_of_stack(std::string_view stack_id);
// Values of NoEcho parameters show as ****, wherever they went.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
void hide_no_echo(wire::Value& value, const std::vector<Parameter>& parameters);
ResourceRow* find_resource(std::vector<ResourceRow>& resources, std::string_view logical_id);
const ResourceRow* find_resource(const std::vector<ResourceRow>& resources,
                                 std::string_view logical_id);
// Whether the resource of that logical id is this very one, not one that replaces it.
bool has_same_resource(const std::vector<ResourceRow>& resources, const ResourceRow& resource);

class Stacks {
  public:
    Stacks(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}
    Stacks(const Stacks&) = delete;
    Stacks& operator=(const Stacks&) = delete;

    Result<void> load();
    // Of this caller's account and region, newest first; deleted ones too.
    std::vector<Stack*> of(const Caller& caller) const;
    std::vector<Stack*> all() const;
    // By name (not deleted) or ARN; nullptr if there is none.
    Stack* find(const Caller& caller, std::string_view name_or_id) const;
    // The name is taken from here on, though nothing shows before the first save(); drop() gives it
    // back.
    Stack& add(StackRow row);
    void drop(Stack& stack);

    // Commits the row as it is now together with the events that were noted since, and `also`. If
    // that fails the row is again as it is on storage.
    Task<Result<void>> save(Stack& stack, storage::Table::Commit also = {});
    // Commits what leaves the stacks as they are.
    Task<Result<void>> commit(storage::Table::Commit commit) {
        return table_.commit(std::move(commit));
    }
    void set_status(Stack& stack, std::string status, std::optional<std::string> reason = {});
    // Notes an event of the resource, with its state as it is; the next save() commits it.
    void set_status(Stack& stack, ResourceRow& resource, std::string status,
                    std::optional<std::string> reason = {});
    // Newest first: at most `limit` of those before event number `before`. `next` is where to go
    // on, 0 at the end.
    struct EventPage {
        std::vector<StackEvent> events;
        std::int64_t next = 0;
    };
    Result<EventPage> events(const StackRow& row, std::int64_t before, std::int64_t limit);
    // Forgets stacks that were deleted over 90 days ago.
    Task<Result<void>> purge();

  private:
    void note(Stack& stack, StackEvent event);
    void return_to_durable(Stack& stack);

    Machine& machine_;
    storage::Table& table_;
    std::map<std::string, std::unique_ptr<Stack>, std::less<>> stacks_;  // by ARN
    std::map<std::string, std::vector<storage::Table::Entry>>
        noted_;  // events to be committed, by ARN
};

}  // namespace mill::cloudformation
