// SPDX-License-Identifier: Apache-2.0
// The one access control list that there is: the owner has full control.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
#pragma once

#include "services/s3/declarations.h"

namespace mill::s3 {

// A grantee's type is an attribute, which no structure can say: the document is written here.
struct AclOutput {
    std::string document;
    std::string content_type = "application/xml";
    static constexpr auto shape() {
        return wire::structure(
            "GetAclOutput", wire::member<&AclOutput::document>("AccessControlPolicy").payload(),
            wire::member<&AclOutput::content_type>("ContentType").header("Content-Type"));
    }
};

inline AclOutput acl_of(const std::string& account) {
    const Owner owner = owner_of(account);
    const std::string names =
        "<ID>" + owner.id + "</ID><DisplayName>" + owner.display_name + "</DisplayName>";
    return {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner>" +
        names +
        "</Owner><AccessControlList><Grant><Grantee "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xsi:type=\"CanonicalUser\">" +
        names +
        "</Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>"
        "</AccessControlPolicy>"};
}

}  // namespace mill::s3
