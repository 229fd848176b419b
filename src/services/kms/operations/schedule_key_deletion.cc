// SPDX-License-Identifier: Apache-2.0
// ScheduleKeyDeletion: the key goes after 7 to 30 days.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

constexpr std::int64_t days_default = 30, days_min = 7;

struct ScheduleKeyDeletionInput {
    Text key;
    std::optional<std::int64_t> days;

    static constexpr auto shape() {
        using I = ScheduleKeyDeletionInput;
        return wire::structure("ScheduleKeyDeletionRequest", key_member<&I::key>().required(),
                               wire::member<&I::days>("PendingWindowInDays").range(1, 365));
    }
};

struct ScheduleKeyDeletionOutput {
    std::string key;
    WallTime deletion;
    std::string state = "PendingDeletion";
    std::int64_t days = days_default;

    static constexpr auto shape() {
        using O = ScheduleKeyDeletionOutput;
        return wire::structure("ScheduleKeyDeletionResponse", wire::member<&O::key>("KeyId"),
                               wire::member<&O::deletion>("DeletionDate"),
                               wire::member<&O::state>("KeyState"),
                               wire::member<&O::days>("PendingWindowInDays"));
    }
};

Task<Result<ScheduleKeyDeletionOutput>> schedule_key_deletion(Kms& kms, Caller caller,
                                                              ScheduleKeyDeletionInput input) {
    const std::int64_t days = input.days.value_or(days_default);
    if (days < days_min || days > days_default) {
        co_return fail("ValidationException",
                       fmt::format("PendingWindowInDays must be between {} and {} inclusive.",
                                   days_min, days_default),
                       400);
    }
    MILL_CO_TRY(Key key, kms.need_living(caller, *input.key));
    key.deletion = kms.now() + std::chrono::days(days);
    MILL_CO_CHECK(co_await kms.store(key));
    co_return ScheduleKeyDeletionOutput{.key = key.arn(), .deletion = *key.deletion, .days = days};
}

}  // namespace

extern const wire::Operation schedule_key_deletion_operation;
const wire::Operation schedule_key_deletion_operation =
    wire::operation<&schedule_key_deletion>("ScheduleKeyDeletion");

}  // namespace mill::kms
