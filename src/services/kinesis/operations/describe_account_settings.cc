// SPDX-License-Identifier: Apache-2.0
// DescribeAccountSettings: of the account in the region.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeAccountSettings.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

Task<Result<AccountSettings>> describe_account_settings(Kinesis& kinesis, Caller caller,
                                                        wire::NoInput) {
    MILL_CO_TRY(const AccountRow row, kinesis.account_row(caller.account, caller.region));
    co_return describe(row, kinesis.now());
}

}  // namespace

extern const wire::Operation describe_account_settings_operation;
const wire::Operation describe_account_settings_operation =
    wire::operation<&describe_account_settings>("DescribeAccountSettings");

}  // namespace mill::kinesis
