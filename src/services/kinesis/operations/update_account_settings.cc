// SPDX-License-Identifier: Apache-2.0
// UpdateAccountSettings: begins or ends the commitment to a minimum of throughput. It costs nothing
// here; with it a stream may have more consumers, and streams on demand warm throughput.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateAccountSettings.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

inline constexpr std::array<std::string_view, 2> statuses = {"ENABLED", "DISABLED"};

struct CommitmentInput {
    std::optional<std::string> status;

    static constexpr auto shape() {
        return wire::structure(
            "MinimumThroughputBillingCommitmentInput",
            wire::member<&CommitmentInput::status>("Status").required().one_of(statuses));
    }
};

struct UpdateAccountSettingsInput {
    std::optional<CommitmentInput> commitment;

    static constexpr auto shape() {
        return wire::structure("UpdateAccountSettingsInput",
                               wire::member<&UpdateAccountSettingsInput::commitment>(
                                   "MinimumThroughputBillingCommitment")
                                   .required());
    }
};

Task<Result<AccountSettings>> update_account_settings(Kinesis& kinesis, Caller caller,
                                                      UpdateAccountSettingsInput input) {
    const bool is_enabled = *input.commitment->status == "ENABLED";
    MILL_CO_TRY(const AccountRow row,
                co_await kinesis.set_commitment(std::move(caller), is_enabled));
    co_return describe(row, kinesis.now());
}

}  // namespace

extern const wire::Operation update_account_settings_operation;
const wire::Operation update_account_settings_operation =
    wire::operation<&update_account_settings>("UpdateAccountSettings");

}  // namespace mill::kinesis
