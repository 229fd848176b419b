// SPDX-License-Identifier: Apache-2.0
// DescribeKey: what a key is.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
#include "services/kms/declarations.h"

namespace mill::kms {
namespace {

struct DescribeKeyInput {
    Text key;
    std::optional<std::vector<std::string>> grant_tokens;

    static constexpr auto shape() {
        using I = DescribeKeyInput;
        return wire::structure(
            "DescribeKeyRequest", key_member<&I::key>().required(),
            wire::member<&I::grant_tokens>("GrantTokens").length(0, 10).item_length(1, 8192));
    }
};

struct DescribeKeyOutput {
    KeyMetadata key;

    static constexpr auto shape() {
        return wire::structure("DescribeKeyResponse",
                               wire::member<&DescribeKeyOutput::key>("KeyMetadata"));
    }
};

Task<Result<DescribeKeyOutput>> describe_key(Kms& kms, Caller caller, DescribeKeyInput input) {
    MILL_CO_TRY(const Key key, kms.need(caller, *input.key, true));
    co_return DescribeKeyOutput{describe(key)};
}

}  // namespace

extern const wire::Operation describe_key_operation;
const wire::Operation describe_key_operation = wire::operation<&describe_key>("DescribeKey");

}  // namespace mill::kms
