// SPDX-License-Identifier: Apache-2.0
// Settings of a bucket: each is one document, put, read and deleted as a whole. A type T is one if
// it has, beside shape(), which is named as its document is:
//
//     static constexpr std::string_view query = "cors";  // its sub-resource, and its row's name
// and where it applies:
//     static constexpr bool is_payload = true;           // how the service model writes GetX
//     static T initial();                                // what a new bucket has
//     static Failure absent();                           // what GetX says when there is none
//     Result<void> prepare(const Bucket&, S3&);          // checks it, adds what AWS adds
#pragma once

#include "services/s3/declarations.h"

namespace mill::s3 {

Failure malformed_xml();

template <class T>
Result<std::optional<T>> find_setting(S3& s3, const std::string& bucket) {
    MILL_TRY(const auto kept, s3.setting(bucket, T::query));
    if (!kept) {
        if constexpr (requires { T::initial(); }) return std::optional<T>(T::initial());
        return std::optional<T>();
    }
    if (kept->empty()) return std::optional<T>();  // deleted
    MILL_TRY(T setting, wire::from_json<T>(*kept));
    return std::optional<T>(std::move(setting));
}

// For CloudFormation as well.
template <class T>
Task<Result<void>> store_setting(S3& s3, Bucket bucket, T setting) {
    if constexpr (requires { setting.prepare(bucket, s3); })
        MILL_CO_CHECK(setting.prepare(bucket, s3));
    co_return co_await s3.put_setting(bucket.name, std::string(T::query), wire::to_json(setting));
}
// Back to what a new bucket has.
template <class T>
Task<Result<void>> reset_setting(S3& s3, std::string bucket) {
    return s3.put_setting(std::move(bucket), std::string(T::query), std::nullopt);
}

template <class T>
struct PutSettingInput {
    std::string bucket;
    std::optional<std::string> expected_owner;
    std::optional<T> setting;
    static constexpr auto shape() {
        using I = PutSettingInput;
        return wire::structure("PutBucketSettingRequest", bucket_member<&I::bucket>(),
                               expected_owner_member<&I::expected_owner>(),
                               wire::member<&I::setting>(T::shape().name).required().payload());
    }
};

template <class T>
Task<Result<wire::Empty>> put_setting(S3& s3, Caller caller, PutSettingInput<T> input) {
    MILL_CO_TRY(Bucket bucket, s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_CHECK(co_await store_setting(s3, std::move(bucket), *std::move(input.setting)));
    co_return wire::Empty{};
}

struct SettingInput {
    std::string bucket;
    std::optional<std::string> expected_owner;
    static constexpr auto shape() {
        return wire::structure("BucketSettingRequest", bucket_member<&SettingInput::bucket>(),
                               expected_owner_member<&SettingInput::expected_owner>());
    }
};

template <class T>
struct SettingPayload {
    T setting;
    static constexpr auto shape() {
        return wire::structure("GetBucketSettingOutput",
                               wire::member<&SettingPayload::setting>(T::shape().name).payload());
    }
};
template <class T>
constexpr bool is_payload = requires { T::is_payload; };
template <class T>
using SettingOutput = std::conditional_t<is_payload<T>, SettingPayload<T>, T>;

template <class T>
Task<Result<SettingOutput<T>>> get_setting(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(auto setting, find_setting<T>(s3, input.bucket));
    if constexpr (requires { T::absent(); }) {
        if (!setting) co_return T::absent();
    }
    co_return SettingOutput<T>{*std::move(setting)};
}

template <class T>
Task<Result<wire::Empty>> delete_setting(S3& s3, Caller caller, SettingInput input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    std::optional<Bytes> none;
    // To have none is then something else than to have the initial one.
    if constexpr (requires { T::initial(), T::absent(); }) none.emplace();
    MILL_CO_CHECK(co_await s3.put_setting(input.bucket, std::string(T::query), std::move(none)));
    co_return wire::Empty{};
}

template <class T>
wire::Operation put_setting_operation(std::string_view name) {
    return wire::operation<&put_setting<T>>(
        name, {.method = "PUT", .path = "/{Bucket}", .required_query = T::query});
}
template <class T>
wire::Operation get_setting_operation(std::string_view name) {
    return wire::operation<&get_setting<T>>(
        name, {.method = "GET", .path = "/{Bucket}", .required_query = T::query});
}
template <class T>
wire::Operation delete_setting_operation(std::string_view name) {
    return wire::operation<&delete_setting<T>>(
        name, {.method = "DELETE", .path = "/{Bucket}", .status = 204, .required_query = T::query});
}

}  // namespace mill::s3
