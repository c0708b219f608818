package s3

import "github.com/why403/why403/internal/server/document"

// Parts that schemas share: the filter of objects by prefix and tags, and what every
// kind of notification has.
const (
	tagFilter = `  Filter ?
    Prefix ?
    Tag ?
      Key
      Value
    And ?
      Prefix ?
      Tag *
        Key
        Value
`
	eventsAndFilter = `    Event +
    Filter ?
      S3Key ?
        FilterRule *
          Name
          Value
`
)

// The schemas of bucket configurations, as the pages of their Put operations in
// the Amazon S3 API Reference have them.
var (
	encryptionSchema = document.MustSchema(`
ServerSideEncryptionConfiguration
  Rule
    ApplyServerSideEncryptionByDefault ?
      SSEAlgorithm = AES256 aws:kms aws:kms:dsse
      KMSMasterKeyID ?
    BucketKeyEnabled ? bool
    BlockedEncryptionTypes ?
      EncryptionType * = NONE SSE-C
`)
	requestPaymentSchema = document.MustSchema(`
RequestPaymentConfiguration
  Payer = BucketOwner Requester
`)
	accelerateSchema = document.MustSchema(`
AccelerateConfiguration
  Status ? = Enabled Suspended
`)
	abacSchema = document.MustSchema(`
AbacStatus
  Status ? = Enabled Disabled
`)
	corsSchema = document.MustSchema(`
CORSConfiguration
  CORSRule 1..100
    ID ?
    AllowedHeader *
    AllowedMethod +
    AllowedOrigin +
    ExposeHeader *
    MaxAgeSeconds ? int
`)
	loggingSchema = document.MustSchema(`
BucketLoggingStatus
  LoggingEnabled ?
    TargetBucket
    TargetGrants ?
      Grant *
        Grantee
          DisplayName ?
          EmailAddress ?
          ID ?
          URI ?
        Permission = FULL_CONTROL READ WRITE READ_ACP
    TargetObjectKeyFormat ?
      PartitionedPrefix ?
        PartitionDateSource ? = EventTime DeliveryTime
      SimplePrefix ? {}
    TargetPrefix
`)
	websiteSchema = document.MustSchema(`
WebsiteConfiguration
  ErrorDocument ?
    Key
  IndexDocument ?
    Suffix
  RedirectAllRequestsTo ?
    HostName
    Protocol ?
  RoutingRules ?
    RoutingRule 1..50
      Condition ?
        HttpErrorCodeReturnedEquals ?
        KeyPrefixEquals ?
      Redirect
        HostName ?
        HttpRedirectCode ?
        Protocol ?
        ReplaceKeyPrefixWith ?
        ReplaceKeyWith ?
`)
	lifecycleSchema = document.MustSchema(`
LifecycleConfiguration
  Rule 1..1000
    ID ?
    Prefix ?
    Filter ?
      Prefix ?
      Tag ?
        Key
        Value
      ObjectSizeGreaterThan ? int
      ObjectSizeLessThan ? int
      And ?
        Prefix ?
        Tag *
          Key
          Value
        ObjectSizeGreaterThan ? int
        ObjectSizeLessThan ? int
    Status = Enabled Disabled
    Expiration ?
      Date ? date
      Days ? int
      ExpiredObjectDeleteMarker ? bool
    Transition *
      Date ? date
      Days ? int
      StorageClass = GLACIER STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING DEEP_ARCHIVE GLACIER_IR
    NoncurrentVersionExpiration ?
      NoncurrentDays ? int
      NewerNoncurrentVersions ? int
    NoncurrentVersionTransition *
      NoncurrentDays ? int
      NewerNoncurrentVersions ? int
      StorageClass = GLACIER STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING DEEP_ARCHIVE GLACIER_IR
    AbortIncompleteMultipartUpload ?
      DaysAfterInitiation ? int
`)
	replicationSchema = document.MustSchema(`
ReplicationConfiguration
  Role
  Rule 1..1000
    ID ?
    Priority ? int
    Prefix ?
    Filter ?
      Prefix ?
      Tag ?
        Key
        Value
      And ?
        Prefix ?
        Tag *
          Key
          Value
    Status = Enabled Disabled
    SourceSelectionCriteria ?
      ReplicaModifications ?
        Status = Enabled Disabled
      SseKmsEncryptedObjects ?
        Status = Enabled Disabled
    ExistingObjectReplication ?
      Status = Enabled Disabled
    Destination
      AccessControlTranslation ?
        Owner = Destination
      Account ?
      Bucket
      EncryptionConfiguration ?
        ReplicaKmsKeyID ?
      Metrics ?
        EventThreshold ?
          Minutes ? int
        Status = Enabled Disabled
      ReplicationTime ?
        Status = Enabled Disabled
        Time
          Minutes ? int
      StorageClass ? = STANDARD REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER DEEP_ARCHIVE GLACIER_IR OUTPOSTS
    DeleteMarkerReplication ?
      Status ? = Enabled Disabled
`)
	notificationSchema = document.MustSchema(`
NotificationConfiguration
  TopicConfiguration *
    Id ?
    Topic
` + eventsAndFilter + `  QueueConfiguration *
    Id ?
    Queue
` + eventsAndFilter + `  CloudFunctionConfiguration *
    Id ?
    CloudFunction
` + eventsAndFilter + `  EventBridgeConfiguration ? {}
`)
	inventorySchema = document.MustSchema(`
InventoryConfiguration
  Id
  IsEnabled bool
  Destination
    S3BucketDestination
      AccountId ?
      Bucket
      Encryption ?
        SSE-S3 ? {}
        SSE-KMS ?
          KeyId
      Format = CSV ORC Parquet
      Prefix ?
  Filter ?
    Prefix
  IncludedObjectVersions = All Current
  OptionalFields ?
    Field * = Size LastModifiedDate StorageClass ETag IsMultipartUploaded ReplicationStatus EncryptionStatus ObjectLockRetainUntilDate ObjectLockMode ObjectLockLegalHoldStatus IntelligentTieringAccessTier BucketKeyStatus ChecksumAlgorithm ObjectAccessControlList ObjectOwner LifecycleExpirationDate
  Schedule
    Frequency = Daily Weekly
`)
	analyticsSchema = document.MustSchema(`
AnalyticsConfiguration
  Id
` + tagFilter + `  StorageClassAnalysis
    DataExport ?
      OutputSchemaVersion = V_1
      Destination
        S3BucketDestination
          Format = CSV
          BucketAccountId ?
          Bucket
          Prefix ?
`)
	metricsSchema = document.MustSchema(`
MetricsConfiguration
  Id
  Filter ?
    Prefix ?
    Tag ?
      Key
      Value
    AccessPointArn ?
    And ?
      Prefix ?
      Tag *
        Key
        Value
      AccessPointArn ?
`)
	intelligentTieringSchema = document.MustSchema(`
IntelligentTieringConfiguration
  Id
` + tagFilter + `  Status = Enabled Disabled
  Tiering 1..2
    AccessTier = ARCHIVE_ACCESS DEEP_ARCHIVE_ACCESS
    Days int
`)
)
