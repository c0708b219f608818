package s3op

// serviceSpecs and bucketSpecs follow the S3 User Guide, Required permissions for
// Amazon S3 API operations, and the page of each operation in the API Reference.
var serviceSpecs = []*Spec{
	read(Service, "ListBuckets", "", "s3:ListAllMyBuckets").anyResource().neverAnonymous(accessDenied),
	read(Service, "ListDirectoryBuckets", "", "s3express:ListAllMyDirectoryBuckets").anyResource().neverAnonymous(accessDenied),
}

var bucketSpecs = concat(
	listSpecs,
	[]*Spec{
		write(Bucket, "PUT", "CreateBucket", "", "s3:CreateBucket").neverAnonymous(pleaseAuthenticate).also(createBucketExtras...),
		write(Bucket, "DELETE", "DeleteBucket", "", "s3:DeleteBucket").success(204),
	},
	configuration("acl", "BucketAcl", "BucketAcl", "", ""),
	configuration("policy", "BucketPolicy", "BucketPolicy", "", "s3:DeleteBucketPolicy"),
	[]*Spec{read(Bucket, "GetBucketPolicyStatus", "policyStatus", "s3:GetBucketPolicyStatus")},
	configuration("publicAccessBlock", "PublicAccessBlock", "BucketPublicAccessBlock", "BucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
	configuration("ownershipControls", "BucketOwnershipControls", "BucketOwnershipControls", "", "s3:PutBucketOwnershipControls"),
	configuration("versioning", "BucketVersioning", "BucketVersioning", "", ""),
	configuration("object-lock", "ObjectLockConfiguration", "BucketObjectLockConfiguration", "BucketObjectLockConfiguration", ""),
	configuration("encryption", "BucketEncryption", "EncryptionConfiguration", "EncryptionConfiguration", "s3:PutEncryptionConfiguration"),
	configuration("tagging", "BucketTagging", "BucketTagging", "", "s3:PutBucketTagging"),
	configuration("abac", "BucketAbac", "BucketAbac", "", ""),
	configuration("cors", "BucketCors", "BucketCORS", "", "s3:PutBucketCORS"),
	configuration("website", "BucketWebsite", "BucketWebsite", "", "s3:DeleteBucketWebsite"),
	lifecycleSpecs(),
	configuration("logging", "BucketLogging", "BucketLogging", "", ""),
	configuration("notification", "BucketNotificationConfiguration", "BucketNotification", "BucketNotification", ""),
	configuration("replication", "BucketReplication", "ReplicationConfiguration", "ReplicationConfiguration", "s3:PutReplicationConfiguration"),
	configuration("requestPayment", "BucketRequestPayment", "BucketRequestPayment", "", ""),
	configuration("accelerate", "BucketAccelerateConfiguration", "AccelerateConfiguration", "AccelerateConfiguration", ""),
	listedConfiguration("analytics", "Analytics"),
	listedConfiguration("inventory", "Inventory"),
	listedConfiguration("metrics", "Metrics"),
	listedConfiguration("intelligent-tiering", "IntelligentTiering"),
	metadataSpecs,
)

var listSpecs = []*Spec{
	read(Bucket, "HeadBucket", "", "s3:ListBucket").method("HEAD").acl("READ").accessPoint(),
	read(Bucket, "ListObjects", "", "s3:ListBucket").acl("READ").accessPoint().trait(lists),
	read(Bucket, "ListObjectsV2", "list-type", "s3:ListBucket").acl("READ").accessPoint().trait(lists),
	read(Bucket, "ListObjectVersions", "versions", "s3:ListBucketVersions").acl("READ").accessPoint().trait(lists),
	read(Bucket, "ListMultipartUploads", "uploads", "s3:ListBucketMultipartUploads").acl("READ").accessPoint(),
	read(Bucket, "GetBucketLocation", "location", "s3:GetBucketLocation").accessPoint(),
	read(Bucket, "CreateSession", "session", "s3express:CreateSession"),
}

// metadataSpecs are the operations on S3 Metadata tables. The current names and
// those of the first version of the API share their actions.
var metadataSpecs = []*Spec{
	read(Bucket, "GetBucketMetadataConfiguration", "metadataConfiguration", "s3:GetBucketMetadataTableConfiguration"),
	write(Bucket, "POST", "CreateBucketMetadataConfiguration", "metadataConfiguration", "s3:CreateBucketMetadataTableConfiguration").elsewhere(metadataTables...),
	write(Bucket, "DELETE", "DeleteBucketMetadataConfiguration", "metadataConfiguration", "s3:DeleteBucketMetadataTableConfiguration").success(204),
	read(Bucket, "GetBucketMetadataTableConfiguration", "metadataTable", "s3:GetBucketMetadataTableConfiguration"),
	write(Bucket, "POST", "CreateBucketMetadataTableConfiguration", "metadataTable", "s3:CreateBucketMetadataTableConfiguration").elsewhere("s3tables:CreateNamespace",
		"s3tables:CreateTable", "s3tables:GetTable", "s3tables:PutTablePolicy"),
	write(Bucket, "DELETE", "DeleteBucketMetadataTableConfiguration", "metadataTable", "s3:DeleteBucketMetadataTableConfiguration").success(204),
	write(Bucket, "PUT", "UpdateBucketMetadataInventoryTableConfiguration", "metadataInventoryTable", "s3:UpdateBucketMetadataInventoryTableConfiguration").elsewhere(metadataTables...),
	write(Bucket, "PUT", "UpdateBucketMetadataJournalTableConfiguration", "metadataJournalTable", "s3:UpdateBucketMetadataJournalTableConfiguration"),
	write(Bucket, "PUT", "UpdateBucketMetadataAnnotationTableConfiguration", "metadataAnnotationTable", "s3:UpdateBucketMetadataAnnotationTableConfiguration"),
}

var metadataTables = []string{"s3tables:CreateTableBucket", "s3tables:CreateNamespace", "s3tables:CreateTable", "s3tables:GetTable", "s3tables:PutTablePolicy",
	"s3tables:PutTableEncryption", "kms:DescribeKey"}

// configuration returns the operations on one sub-resource of a bucket: get, put,
// and delete where there is one. The actions are named after the setting; alias is
// the name that CloudTrail gives the operations where it differs.
func configuration(subresource, name, setting, alias, deleteAction string) []*Spec {
	get := read(Bucket, "Get"+name, subresource, "s3:Get"+setting)
	put := write(Bucket, "PUT", "Put"+name, subresource, "s3:Put"+setting)
	specs := []*Spec{get, put}
	if deleteAction != "" {
		specs = append(specs, write(Bucket, "DELETE", "Delete"+name, subresource, deleteAction).success(204))
	}
	if alias != "" {
		for _, s := range specs {
			s.Aliases = append(s.Aliases, verb(s.Name)+alias)
		}
	}
	return finish(name, specs)
}

// finish puts in what single settings have of their own.
func finish(name string, specs []*Spec) []*Spec {
	get, put := specs[0], specs[1]
	switch name {
	case "BucketAcl":
		get.acl("READ_ACP").accessPoint()
		put.acl("WRITE_ACP").neverAnonymous(pleaseAuthenticate)
	case "BucketPolicy":
		get.accessPoint()
		put.success(204)
	case "BucketTagging":
		put.success(204)
	case "BucketCors", "BucketNotificationConfiguration":
		get.accessPoint()
	case "BucketOwnershipControls":
		get.neverAnonymous("s3:GetBucketOwnershipControls does not support Anonymous requests!")
		for _, s := range specs[1:] {
			s.neverAnonymous("s3:PutBucketOwnershipControls does not support Anonymous requests!")
		}
	case "BucketReplication":
		put.elsewhere("iam:PassRole")
	}
	return specs
}

// lifecycleSpecs has a delete whose name lacks "Configuration".
func lifecycleSpecs() []*Spec {
	specs := configuration("lifecycle", "BucketLifecycleConfiguration", "LifecycleConfiguration", "BucketLifecycle", "")
	return append(specs, write(Bucket, "DELETE", "DeleteBucketLifecycle", "lifecycle", "s3:PutLifecycleConfiguration").alias("DeleteBucketLifecycleConfiguration").success(204))
}

// listedConfiguration returns the operations on a sub-resource of which a bucket
// has several, told apart by their id. Get and List share an action, and so do Put
// and Delete.
func listedConfiguration(subresource, kind string) []*Spec {
	getAction, putAction := "s3:Get"+kind+"Configuration", "s3:Put"+kind+"Configuration"
	name := "Bucket" + kind + "Configuration"
	return []*Spec{
		read(Bucket, "Get"+name, subresource, getAction).parameters("id"),
		read(Bucket, "List"+name+"s", subresource, getAction),
		write(Bucket, "PUT", "Put"+name, subresource, putAction).parameters("id"),
		write(Bucket, "DELETE", "Delete"+name, subresource, putAction).parameters("id").success(204),
	}
}
