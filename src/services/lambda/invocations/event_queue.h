// SPDX-License-Identifier: Apache-2.0
// EventQueue: asynchronous invocations (InvocationType Event). An event is a row
// "lambda/event/<request id>" before it is accepted, until the function took it or its attempts are
// used up and the destinations of its function know; after a crash it is delivered again. What
// destinations are to be told is in the row before they are told it.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
#pragma once

#include "services/lambda/functions/functions.h"
#include "services/lambda/invocations/event_settings.h"
#include "services/lambda/invocations/invocations.h"
#include "services/ports/failure_destination.h"

namespace mill::lambda {

// A document on its way to a destination.
struct Outgoing {
    std::string destination_arn, document, object_key;
    std::optional<DeadLetter> dead_letter = {};  // the document is the event then

    static constexpr auto shape() {
        using O = Outgoing;
        return wire::structure("Outgoing", wire::member<&O::destination_arn>("DestinationArn"),
                               wire::member<&O::document>("Document"),
                               wire::member<&O::object_key>("ObjectKey"),
                               wire::member<&O::dead_letter>("DeadLetter"));
    }
};

struct QueuedEvent {
    std::string request_id;
    std::string function_arn;  // as invoked
    wire::Blob payload;        // none once there is something outgoing
    std::string client_context;
    std::int64_t attempts = 0;  // that ran and failed
    WallTime accepted;
    WallTime due;
    std::vector<Outgoing> outgoing;  // of an event that is done with

    static constexpr auto shape() {
        using Q = QueuedEvent;
        return wire::structure(
            "QueuedEvent", wire::member<&Q::request_id>("RequestId"),
            wire::member<&Q::function_arn>("FunctionArn"), wire::member<&Q::payload>("Payload"),
            wire::member<&Q::client_context>("ClientContext"),
            wire::member<&Q::attempts>("Attempts"), wire::member<&Q::accepted>("Accepted"),
            wire::member<&Q::due>("Due"), wire::member<&Q::outgoing>("Outgoing"));
    }
};

// What becomes of an event after an attempt. Pure.
struct EventVerdict {
    bool finished = true;
    std::int64_t attempts = 0;
    Duration wait{};  // before the next attempt
    std::string_view condition = "Success";
};
// `ran`: the function ran; `failed`: with an error, or it could not run (throttled, our own error).
EventVerdict judge_event(const QueuedEvent& event, bool ran, bool failed,
                         std::int64_t refusals_in_a_row, WallTime now,
                         const EventSettings& settings = {});

class EventQueue {
  public:
    EventQueue(Machine& machine, storage::Table& table, Functions& functions,
               Invocations& invocations)
        : machine_(machine),
          table_(table),
          functions_(functions),
          invocations_(invocations),
          changed_(machine.executor) {}
    // Before start().
    void set_destinations(ports::FailureDestinations destinations) {
        destinations_ = std::move(destinations);
    }
    // Delivers what earlier runs accepted.
    Result<void> start();
    // Durable when done: the request id.
    Task<Result<std::string>> accept(Invocation invocation);
    // Begins no more attempts; waits for those under way, until the deadline.
    Task<void> stop(Instant deadline);
    void end_tasks() { tasks_.clear(); }

  private:
    // What a delivery remembers from one step to the next.
    struct Delivery {
        std::string request_id;
        std::int64_t refusals = 0;              // in a row
        std::optional<QueuedEvent> ended = {};  // judged, but its row does not say so yet
    };
    Task<void> deliver(std::string request_id, Instant due);
    // One attempt and what follows from it: when to try again, or nothing if the event is done
    // with.
    Task<std::optional<Instant>> attempt_and_judge(Delivery* delivery);
    Task<Result<ports::InvokeOutcome>> attempt(QueuedEvent event, bool* ran);
    Result<EventSettings> settings_of(const QueuedEvent& event);
    bool is_shut_off(const QueuedEvent& event) const;
    Task<std::optional<Instant>> wait_for_next(QueuedEvent event, EventVerdict verdict, bool ran,
                                               Delivery* delivery);
    Task<std::optional<Instant>> conclude(QueuedEvent event, EndOfEvent end, EventSettings settings,
                                          Delivery* delivery);
    // Who is to be told of it.
    std::vector<Outgoing> outgoing_of(EndOfEvent end, const EventSettings& settings);
    Task<std::optional<Instant>> keep_end(Delivery* delivery);
    Task<std::optional<Instant>> tell_destinations(QueuedEvent event, Delivery* delivery);
    Task<Result<void>> tell(Outgoing outgoing);
    Task<Result<void>> store(const QueuedEvent& event);
    Task<void> forget(std::string request_id);
    Result<std::optional<QueuedEvent>> load(const std::string& request_id);

    Machine& machine_;
    storage::Table& table_;
    Functions& functions_;
    Invocations& invocations_;
    ports::FailureDestinations destinations_;
    machine::Signal changed_;
    std::size_t attempts_running_ = 0;
    bool stopping_ = false;
    Scope tasks_;  // last: its tasks use everything above
};

}  // namespace mill::lambda
