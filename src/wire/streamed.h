// SPDX-License-Identifier: Apache-2.0
// Operations whose payload is larger than what may be held in memory: it is taken while it comes,
// and given while it goes.
//
//     Task<Result<PutObjectOutput>> put_object(S3&, Caller, PutObjectInput, http::IncomingBody&);
//     const wire::Operation put_object_operation =
//         wire::streamed_operation<&put_object>("PutObject", {.method = "PUT", ...});
//     const wire::StreamedOperation put_object_streamed =
//         wire::streamed<&put_object>(put_object_operation);
//
// The input has `std::optional<wire::Blob> body`, its payload: small ones come whole.
#pragma once

#include "wire/http.h"
#include "wire/operation.h"

namespace mill::wire {

// An output's payload: bytes, or if they are many who gives them. Then the output has a
// ContentLength.
struct OutgoingBody {
    Bytes bytes;
    std::shared_ptr<http::BodySource> source;
};
template <>
struct detail::TypeOf<OutgoingBody> {
    static constexpr Type type{.kind = Kind::blob};
};

struct StreamedOperation {
    const Operation* operation = nullptr;
    // As Operation::invoke, with the payload; a null one is in the input.
    Task<Result<Output>> (*invoke)(void* service, Caller caller, Input input,
                                   http::IncomingBody* body) = nullptr;
};

namespace detail {

template <class F>
struct StreamedSignature;
template <class Service, class In, class Out>
struct StreamedSignature<Task<Result<Out>> (*)(Service&, Caller, In, http::IncomingBody&)> {
    using ServiceType = Service;
    using Input = In;
    using OutputType = Out;
};

template <auto Handler>
Task<Result<Output>> invoke_streamed(void* service, Caller caller, Input raw,
                                     http::IncomingBody* body) {
    using S = StreamedSignature<decltype(Handler)>;
    typename S::Input input;
    MILL_CO_CHECK(decode_and_check(raw, input));
    http::WholeBody whole(input.body ? std::move(input.body->bytes) : Bytes());
    auto result = co_await Handler(*static_cast<typename S::ServiceType*>(service),
                                   std::move(caller), std::move(input), body ? *body : whole);
    if (!result) co_return std::unexpected(std::move(result).error());
    co_return Output{&wire::structure_of<typename S::OutputType>(),
                     std::make_shared<const typename S::OutputType>(*std::move(result))};
}

}  // namespace detail

template <auto Handler>
Operation streamed_operation(std::string_view name, HttpBinding http) {
    using S = detail::StreamedSignature<decltype(Handler)>;
    return Operation{name, http, &structure_of<typename S::Input>(),
                     &structure_of<typename S::OutputType>(),
                     [](void* service, Caller caller, Input input) {
                         return detail::invoke_streamed<Handler>(service, std::move(caller),
                                                                 std::move(input), nullptr);
                     }};
}

template <auto Handler>
StreamedOperation streamed(const Operation& operation) {
    return {&operation, &detail::invoke_streamed<Handler>};
}

}  // namespace mill::wire
