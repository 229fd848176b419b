// SPDX-License-Identifier: Apache-2.0
// Operations whose answer is made while what it tells becomes durable, and is held back until then:
// so the executor has something to do while the disk writes.
//
//     Task<Result<wire::Held<PutRecordOutput>>> put_record(Kinesis&, Caller, PutRecordInput);
//     const wire::Operation put_record_operation = wire::held_operation<&put_record>("PutRecord");
//     const wire::HeldOperation put_record_held = wire::held<&put_record>(put_record_operation);
#pragma once

#include "wire/operation.h"

namespace mill::wire {

enum class Told { came_true, has_changed };

template <class T>
struct Held {
    using Type = T;
    std::shared_ptr<const T> output;
    // Until it may be sent. Its error is the answer instead. Where parts of it may fail alone, the
    // task changes `output`, of which it keeps a pointer, and says so: the answer is made again.
    Task<Result<Told>> durable;
};

struct HeldOutput {
    Output output;
    Task<Result<Told>> durable;
};

struct HeldOperation {
    const Operation* operation = nullptr;
    // As Operation::invoke, which waits itself.
    Task<Result<HeldOutput>> (*invoke)(void* service, Caller caller, Input input) = nullptr;
};

namespace detail {

template <auto Handler>
using HeldType = typename Signature<decltype(Handler)>::OutputType::Type;

template <auto Handler>
Task<Result<HeldOutput>> invoke_held(void* service, Caller caller, Input raw) {
    using S = Signature<decltype(Handler)>;
    typename S::Input input;
    MILL_CO_CHECK(decode_and_check(raw, input));
    auto result = co_await Handler(*static_cast<typename S::ServiceType*>(service),
                                   std::move(caller), std::move(input));
    if (!result) co_return std::unexpected(std::move(result).error());
    co_return HeldOutput{{&wire::structure_of<HeldType<Handler>>(), std::move(result->output)},
                         std::move(result->durable)};
}

template <auto Handler>
Task<Result<Output>> invoke_and_wait(void* service, Caller caller, Input input) {
    MILL_CO_TRY(auto held,
                co_await invoke_held<Handler>(service, std::move(caller), std::move(input)));
    MILL_CO_CHECK(co_await std::move(held.durable));
    co_return std::move(held.output);
}

}  // namespace detail

template <auto Handler>
Operation held_operation(std::string_view name, HttpBinding http = {}) {
    using S = detail::Signature<decltype(Handler)>;
    return Operation{name, http, &structure_of<typename S::Input>(),
                     &structure_of<detail::HeldType<Handler>>(), &detail::invoke_and_wait<Handler>};
}

template <auto Handler>
HeldOperation held(const Operation& operation) {
    return {&operation, &detail::invoke_held<Handler>};
}

}  // namespace mill::wire
