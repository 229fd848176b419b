# SPDX-License-Identifier: Apache-2.0
"""Where Millrace differs from AWS's models, and why that is right."""

# Services that have every operation and every error of AWS's.
COMPLETE = ["kinesis"]

# What somebody is building: no failure while it is missing, and nothing to take out when it lands.
UNDER_WAY = []

# Why a difference is right, and where: patterns of fnmatch over "service.Operation.input.Member: aspect".
EXCEPTIONS = {
    # Inputs.
    "reserved by AWS: 'not implemented', accepted and ignored there as well": [
        "kinesis.*.input.StreamId: missing"],
    "read-only on AWS: clients echo what DescribeStacks answered, it sets nothing": [
        "cloudformation.*.input.Parameters[[]].ResolvedValue: missing"],
    "in the service's documentation, not in its model": [
        "cloudformation.*.input.StackName: length", "cloudformation.*.input.StackName: pattern",
        "cloudformation.*.input.TemplateBody: length"],
    "a parameter without a key means nothing": [
        "cloudformation.*.input.Parameters[[]].ParameterKey: required"],
    "parse_function_name() checks names, ARNs and qualifiers, and knows that a name has 64 characters": [
        "lambda.*.input.FunctionName: length", "lambda.*.input.FunctionName: pattern",
        "lambda.*.input.Qualifier: length", "lambda.*.input.Qualifier: pattern"],
    "more than 900 s and 10240 MB are for capacity providers, which are refused": [
        "lambda.*.input.Timeout: range", "lambda.*.input.MemorySize: range"],
    "runtime_kind() tells unknown, retired and missing runtimes apart": ["lambda.*.input.Runtime: enum"],
    "the pattern looks behind, which RE2 cannot; no bucket has a name that it would exclude": [
        "lambda.*S3Bucket: pattern"],
    "check_routing() says what is wrong with keys and weights, as AWS does": [
        "lambda.*.AdditionalVersionWeights: key length", "lambda.*.AdditionalVersionWeights: key pattern",
        "lambda.*.AdditionalVersionWeights: value range"],
    "of CloudFormation's handler of versions, whom no client of Lambda hears": [
        "lambda.error.AlreadyExistsException: unknown"],
    "the pattern looks ahead, which RE2 cannot: check_alias_name()": ["lambda.*Alias.input.Name: pattern"],
    "create_bucket.cc compares it with the region of the signature": [
        "s3.CreateBucket.input.CreateBucketConfiguration.LocationConstraint: enum"],
    "one member takes all x-amz-checksum- headers: CRC32, CRC32C, CRC64NVME, SHA1 and SHA256 are verified, others refused": [
        "s3.*.input.Checksum[CMSX]*: missing", "s3.*.Checksums: unknown", "s3.*Object.output.Checksum[CMSX]*: missing",
        "s3.UploadPart.input.ChecksumAlgorithm: missing", "s3.PutObject.input.ChecksumAlgorithm: missing",
        "s3.UploadPart.output.Checksum[CMSX]*: missing"],
    "checksums that are refused, so there are none to be told or compared": [
        "s3.*.Checksum*MD5: missing", "s3.*.ChecksumSHA512: missing", "s3.*.ChecksumXXHASH*: missing"],
    "checked_algorithm() names those that there are": [
        "s3.CopyObject.input.ChecksumAlgorithm: enum", "s3.CreateMultipartUpload.input.ChecksumAlgorithm: enum"],
    "choose_encryption() refuses others in S3's own error": ["s3.*.input.ServerSideEncryption: enum"],
    "check_acl() refuses others by name": ["s3.*.input.ACL: enum"],
    "a list of names in one header: asked_attributes() reads and checks it": [
        "s3.GetObjectAttributes.input.ObjectAttributes: kind"],
    "parse_copy_source() says what is wrong, as AWS does": ["s3.*.input.CopySource: pattern"],
    "of the framing of the body, which says which checksum follows it": ["s3.*.input.Trailer: unknown"],
    "HTTP's own: the framing of the request and of the answer": [
        "s3.*.input.ContentSHA256: unknown", "s3.*.input.DecodedContentLength: unknown",
        "s3.*Object.output.StatusCode: unknown",
        "lambda.DeleteFunction.output.StatusCode: missing"],
    "headers that AWS sends with every invocation, outside the model": [
        "lambda.Invoke.output.RequestId: unknown", "lambda.Invoke.output.TraceId: unknown"],
    "of documents, whose Content-MD5 protocol_xml.cc verifies; the newer checksums of them are not": [
        "s3.Put*.input.ContentMD5: missing", "s3.Put*.input.ChecksumAlgorithm: missing",
        "s3.DeleteObjects.input.ChecksumAlgorithm: missing"],
    "nobody is charged, and who says so has no effect": [
        "s3.GetBucketAccelerateConfiguration.input.RequestPayer: missing"],
    "no bucket asks for a second factor, and policies are not enforced": [
        "s3.PutBucketVersioning.input.MFA: missing", "s3.PutBucketPolicy.input.ConfirmRemoveSelfBucketAccess: missing"],
    "there is one storage class: transitions move nothing": ["s3.*.TransitionDefaultMinimumObjectSize: missing"],
    "without it there is nothing to put": [
        "s3.PutBucketLifecycleConfiguration.input.LifecycleConfiguration: required"],
    "204 until 2025, which every SDK takes": ["lambda.DeleteFunction: status"],
    "SQS says InvalidAttributeName for another name": [
        "sqs.*.input.AttributeNames: enum", "sqs.ReceiveMessage.input.MessageSystemAttributeNames: enum",
        "sqs.*.input.Attributes: key enum", "sqs.*.MessageSystemAttributes: key enum"],
    "a name that breaks it is the name of nothing, and told so": [
        "logs.StartLiveTail.input.log*: item pattern",
        "cloudformation.ContinueUpdateRollback.input.ResourcesToSkip: item pattern"],
    "tags of log groups may have other characters": [
        "logs.*.input.tags: key pattern", "logs.*.input.tags: value pattern", "logs.UntagResource.input.tagKeys: item pattern"],
    "settings.cc tells names of variables that are reserved from those that are none": [
        "lambda.*.input.Environment.Variables: key pattern"],
    "Layers::resolve() tells what is no ARN of a layer from what is not there": [
        "lambda.*.input.Layers: item pattern"],
    "check_cors() refuses the line breaks that '.*' does not match": [
        "lambda.*FunctionUrlConfig.input.Cors.*: item pattern"],
    "a name with other characters is nobody's": [
        "logs.DescribeLogGroups.input.logGroupIdentifiers: item pattern",
        "logs.FilterLogEvents.input.logStreamNames: item pattern"],
    "users' names have 64 characters at most; some operations of AWS's take 128, ours all": [
        "iam.*.input.UserName: length"],
    "a key that breaks it is nobody's, and told so by changing nothing": [
        "iam.*.input.TagKeys: item pattern", "ssm.RemoveTagsFromResource.input.TagKeys: item pattern",
        "sts.AssumeRole.input.TransitiveTagKeys: item pattern"],
    "a name or an account that breaks it has no repository": [
        "ecr.DescribeRepositories.input.repositoryNames: item pattern",
        "ecr.GetAuthorizationToken.input.registryIds: item pattern"],
    # Errors.
    "no key is asked: encryption is a state of the stream": [
        "kinesis.error.KMS*: missing", "kinesis.SubscribeToShard.output.EventStream.KMS*: missing"],
    "nobody is kept out: policies are kept, not enforced": ["kinesis.error.AccessDeniedException: missing"],
    "a fault of the server, told as one so that SDKs try again": ["kinesis.error.InternalFailureException: status"],
    "SQS keeps the status that the code had under Query": [
        "sqs.error.OverLimit: status", "sqs.error.ReceiptHandleIsInvalid: status", "sqs.error.ResourceNotFoundException: status"],
    "errors that all services of AWS share, or what CloudFormation is told of a resource": [
        "sqs.error.AlreadyExists: unknown", "sqs.error.InvalidParameterValueException: unknown",
        "sqs.error.MissingRequiredParameterException: unknown", "sqs.error.ValidationException: unknown",
        "sns.error.AlreadyExists: unknown"],
    "never answered: what an endpoint's URL is read with": ["sns.error.sns.url: unknown"],
    "what the Query services call a violation of a shape, and what CloudFormation hears of a resource": [
        "cloudformation.error.ValidationError: unknown", "iam.error.ValidationError: unknown",
        "lambda.error.ValidationError: unknown"],
    "what CloudWatch Logs tells of the destination of a subscription filter": [
        "kinesis.error.InvalidParameterException: unknown", "lambda.error.InvalidParameterException: unknown"],
    "what AWS's framework answers before the service is asked": [
        "lambda.error.ValidationException: unknown", "lambda.error.RequestEntityTooLargeException: unknown"],
    "S3's errors are in its documentation, few in its model": ["s3.error.*: unknown"],
    "errors that all services of AWS share": [
        "sts.error.AccessDenied: unknown", "sts.error.ExpiredToken: unknown", "sts.error.ValidationError: unknown",
        "kms.error.ValidationException: unknown"],
    # Outputs.
    "keys have no material, are in one region and are rotated by nobody": [
        "kms.*.KeyMetadata.ValidTo: missing", "kms.*.KeyMetadata.CloudHsmClusterId: missing",
        "kms.*.KeyMetadata.ExpirationModel: missing", "kms.*.KeyMetadata.SigningAlgorithms: missing",
        "kms.*.KeyMetadata.KeyAgreementAlgorithms: missing", "kms.*.KeyMetadata.MultiRegionConfiguration: missing",
        "kms.*.KeyMetadata.PendingDeletionWindowInDays: missing", "kms.*.KeyMetadata.MacAlgorithms: missing",
        "kms.*.KeyMetadata.XksKeyConfiguration: missing", "kms.*.KeyMetadata.CurrentKeyMaterialId: missing",
        "kms.GetKeyRotationStatus.output.NextRotationDate: missing",
        "kms.GetKeyRotationStatus.output.OnDemandRotationStartDate: missing"],
    "there is no console to log in to": ["iam.*.PasswordLastUsed: missing"],
    "no drift is looked for": [
        "cloudformation.DescribeChangeSet.output.Changes[[]].ResourceChange.PreviousDeploymentContext: missing",
        "cloudformation.DescribeChangeSet.output.Changes[[]].ResourceChange.ResourceDrift*: missing",
        "cloudformation.DescribeChangeSet.output.Changes[[]].ResourceChange.Details[[]].Target.*ValueFrom: missing",
        "cloudformation.DescribeChangeSet.output.Changes[[]].ResourceChange.Details[[]].Target.Drift*: missing",
        "cloudformation.DescribeChangeSet.output.StackDriftStatus: missing"],
    "nothing is imported, and unknown types are refused": [
        "cloudformation.GetTemplateSummary.output.ResourceIdentifierSummaries: missing",
        "cloudformation.GetTemplateSummary.output.Warnings: missing"],
    "a template is looked at before the answer, not by validations that leave events": [
        "cloudformation.DescribeEvents.output.*.Validation*: missing", "cloudformation.DescribeEvents.output.*.StartTime: missing",
        "cloudformation.DescribeEvents.output.*.EndTime: missing"],
    "no repository has an image": ["ecr.DescribeImages.output.*: missing", "ecr.ListImages.output.nextToken: missing"],
    "headers of every answer of AWS's; here they must be the invocation's own": [
        "lambda.Invoke.output.RequestId: unknown", "lambda.Invoke.output.TraceId: unknown"],
    "reserved by AWS": ["kinesis.*.output*.StreamId: missing"],
    "answered about what is refused: encrypted filters, durable functions, images, keys, signatures, replicas": [
        "lambda.*.FilterCriteriaError: missing", "lambda.*.DurableExecutionArn: missing",
        "lambda.*.ImageConfigResponse: missing", "lambda.*.Signing*: missing", "lambda.*.MasterArn: missing",
        "lambda.*ImageUri: missing", "lambda.*.Error: missing", "lambda.*.TagsError: missing"],
    "the zip is not reachable by URL": [
        "lambda.GetFunction.output.Code.Location: missing", "lambda.*LayerVersion*.output.Content.Location: missing"],
    "one shape for all of them; there it is absent": [
        "lambda.CreateFunctionUrlConfig.output.LastModifiedTime: unknown"],
    "how AWS computes it is not published": ["lambda.*.ConfigSha256: missing"],
    "no hooks, modules, drift detection or operation ids": [
        "cloudformation.*.Hook*: missing",
        "cloudformation.*.ModuleInfo: missing",
        "cloudformation.*.LastCheckTimestamp: missing",
        "cloudformation.*.LastOperations: missing", "cloudformation.*.DetailedStatus: missing"],
    "no resource has a description of its own; parameters show values only": [
        "cloudformation.DescribeStackResource*.Description: missing",
        "cloudformation.*.output.*.UsePreviousValue: missing"],
    "the configuration is empty, as it is refused": ["cloudformation.*.RollbackConfiguration.*: missing"],
    "log groups have no data protection, inherit nothing and take no bearer tokens": [
        "logs.*.dataProtectionStatus: missing", "logs.*.inheritedProperties: missing",
        "logs.*.bearerTokenAuthenticationEnabled: missing"],
    "entities are refused": ["logs.PutLogEvents.output.rejectedEntityInfo: missing"],
    "nobody is charged": ["s3.*.RequestCharged: missing"],
    "headers that S3 sends for locks, archives and replication only, or to say when a lifecycle ends something": [
        "s3.*Object*.output.DeleteMarker: missing", "s3.*.ReplicationStatus: missing", "s3.*.Restore*: missing",
        "s3.*.Expiration: missing", "s3.*.Abort*: missing", "s3.*.ArchiveStatus: missing",
        "s3.*.MissingMeta: missing"],
    "of directory buckets": ["s3.*.BucketArn: missing", "s3.HeadBucket.output.BucketLocation*: missing"],
    "there is none: clients are told so": [
        "s3.GetBucketReplication.output.*: missing", "s3.GetBucketWebsite.output.*: missing",
        "s3.GetObjectLockConfiguration.output.*: missing"],
    "a grantee's type is an attribute: acl.h writes the document": [
        "s3.Get*Acl.output.*: missing", "s3.Get*Acl.output.*: unknown"],
    "the payload is a document as it was put": ["s3.GetBucketPolicy.output.ContentType: unknown"],
    "the root element is the text: get_bucket_location.cc writes the document": [
        "s3.GetBucketLocation.output.ContentType: unknown", "s3.GetBucketLocation.output.LocationConstraint: location"],
    "GetObject and HeadObject share a shape; an answer to HEAD has no body": ["s3.HeadObject.output.Body: unknown"],
}
