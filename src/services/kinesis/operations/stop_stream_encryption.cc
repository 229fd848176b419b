// SPDX-License-Identifier: Apache-2.0
// StopStreamEncryption.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StopStreamEncryption.html
#include "services/kinesis/descriptions.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

struct StopStreamEncryptionInput {
    std::optional<std::string> encryption_type;
    std::optional<std::string> key_id;
    std::optional<std::string> stream_name;
    std::optional<std::string> stream_arn;

    static constexpr auto shape() {
        using I = StopStreamEncryptionInput;
        return wire::structure("StopStreamEncryptionInput",
                               encryption_type_member<&I::encryption_type>(),
                               key_id_member<&I::key_id>(), stream_name_member<&I::stream_name>(),
                               stream_arn_member<&I::stream_arn>());
    }
};

Task<Result<wire::Empty>> stop_stream_encryption(Kinesis& kinesis, Caller caller,
                                                 StopStreamEncryptionInput input) {
    MILL_CO_TRY(auto stream, kinesis.find_stream(caller, input.stream_name, input.stream_arn));
    if (*input.encryption_type != "KMS") {
        co_return invalid_argument("EncryptionType must be KMS to stop encryption.");
    }
    MILL_CO_CHECK(co_await kinesis.update_encryption(std::move(stream), "NONE"));
    co_return wire::Empty{};
}

}  // namespace

extern const wire::Operation stop_stream_encryption_operation;
const wire::Operation stop_stream_encryption_operation =
    wire::operation<&stop_stream_encryption>("StopStreamEncryption");

}  // namespace mill::kinesis
