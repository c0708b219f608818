package s3op

// objectSpecs are the operations on objects (S3 User Guide, Required permissions
// for Amazon S3 API operations, object operations).
var objectSpecs = concat(readSpecs, objectSettingSpecs, uploadSpecs, deleteSpecs, multipartSpecs, otherObjectSpecs, annotationSpecs)

var readSpecs = []*Spec{
	read(Object, "GetObject", "", "s3:GetObject").version("s3:GetObjectVersion").acl("READ").accessPoint().kms(decryptStored("")),
	// The User Guide asks for kms:Decrypt on HEAD only with checksum mode on.
	read(Object, "HeadObject", "", "s3:GetObject").method("HEAD").version("s3:GetObjectVersion").acl("READ").accessPoint().kms(decryptForChecksum),
	// The User Guide's table lists the first action alone; the API Reference's page wants both.
	read(Object, "GetObjectAttributes", "attributes", "s3:GetObject").version("s3:GetObjectVersion").accessPoint().kms(decryptStored("")).
		also(Conditional{Action: "s3:GetObjectAttributes", VersionAction: "s3:GetObjectVersionAttributes"}),
}

// objectSettingSpecs are ACL, tags and Object Lock of an object. Retention and
// legal hold have no actions of their own for versions.
var objectSettingSpecs = []*Spec{
	read(Object, "GetObjectAcl", "acl", "s3:GetObjectAcl").version("s3:GetObjectVersionAcl").acl("READ_ACP").accessPoint(),
	write(Object, "PUT", "PutObjectAcl", "acl", "s3:PutObjectAcl").version("s3:PutObjectVersionAcl").acl("WRITE_ACP").accessPoint().neverAnonymous(pleaseAuthenticate),
	read(Object, "GetObjectTagging", "tagging", "s3:GetObjectTagging").version("s3:GetObjectVersionTagging").accessPoint(),
	write(Object, "PUT", "PutObjectTagging", "tagging", "s3:PutObjectTagging").version("s3:PutObjectVersionTagging").accessPoint().trait(tagsInBody),
	write(Object, "DELETE", "DeleteObjectTagging", "tagging", "s3:DeleteObjectTagging").version("s3:DeleteObjectVersionTagging").accessPoint().success(204),
	read(Object, "GetObjectRetention", "retention", "s3:GetObjectRetention").accessPoint(),
	write(Object, "PUT", "PutObjectRetention", "retention", "s3:PutObjectRetention").accessPoint().also(bypassGovernance),
	read(Object, "GetObjectLegalHold", "legal-hold", "s3:GetObjectLegalHold").accessPoint(),
	write(Object, "PUT", "PutObjectLegalHold", "legal-hold", "s3:PutObjectLegalHold").accessPoint(),
	// The User Guide says s3:GetObject, the Service Authorization Reference has an
	// action of its own, which is followed here: it is the narrower grant.
	read(Object, "GetObjectTorrent", "torrent", "s3:GetObjectTorrent").version("s3:GetObjectVersionTorrent"),
}

var uploadSpecs = []*Spec{
	write(Object, "PUT", "PutObject", "", "s3:PutObject").aclOnBucket("WRITE").accessPoint().trait(creates).also(uploadExtras...).also(getForIfMatch).kms(generateDataKey),
	write(Object, "POST", "PostObject", "", "s3:PutObject").aclOnBucket("WRITE").trait(creates | formUpload).success(204).also(uploadExtras...).kms(generateDataKey).
		page("https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html"),
	write(Object, "PUT", "CopyObject", "", "s3:PutObject").source().aclOnBucket("WRITE").accessPoint().trait(creates|copiesTags).neverAnonymous("Anonymous users cannot copy objects. Please authenticate.").
		also(copyExtras...).also(getForIfMatch).kms(decryptSource, generateDataKey),
}

var deleteSpecs = []*Spec{
	write(Object, "DELETE", "DeleteObject", "", "s3:DeleteObject").version("s3:DeleteObjectVersion").aclOnBucket("WRITE").accessPoint().success(204).also(bypassGovernanceOfVersion, getForIfMatchOfDelete),
	write(Bucket, "POST", "DeleteObjects", "delete", "s3:DeleteObject").version("s3:DeleteObjectVersion").acl("WRITE").accessPoint().trait(deletesAll).also(bypassGovernanceOfVersion),
}

// multipartSpecs follow the S3 User Guide, Multipart upload API and permissions.
// For parts that page asks for kms:Decrypt and the table of required permissions
// for kms:GenerateDataKey; both are asked for here.
var multipartSpecs = []*Spec{
	write(Object, "POST", "CreateMultipartUpload", "uploads", "s3:PutObject").alias("InitiateMultipartUpload").aclOnBucket("WRITE").accessPoint().trait(createsNot).
		neverAnonymous("Anonymous users cannot initiate multipart uploads. Please authenticate.").also(uploadExtras...).kms(generateDataKey),
	write(Object, "PUT", "UploadPart", "uploadId", "s3:PutObject").parameters("partNumber").aclOnBucket("WRITE").accessPoint().trait(createsNot|ofUpload).kms(generateDataKey, decryptUpload),
	write(Object, "PUT", "UploadPartCopy", "uploadId", "s3:PutObject").parameters("partNumber").source().aclOnBucket("WRITE").accessPoint().trait(createsNot|ofUpload).
		neverAnonymous(accessDenied).kms(decryptSource, generateDataKey, decryptUpload),
	write(Object, "POST", "CompleteMultipartUpload", "uploadId", "s3:PutObject").aclOnBucket("WRITE").accessPoint().trait(creates | ofUpload).also(getForIfMatch).kms(decryptUpload),
	write(Object, "DELETE", "AbortMultipartUpload", "uploadId", "s3:AbortMultipartUpload").accessPoint().defaultAllowed().success(204),
	read(Object, "ListParts", "uploadId", "s3:ListMultipartUploadParts").accessPoint().defaultAllowed().kms(decryptUpload),
}

var otherObjectSpecs = []*Spec{
	write(Object, "POST", "RestoreObject", "restore", "s3:RestoreObject").accessPoint().success(202),
	read(Object, "SelectObjectContent", "select", "s3:GetObject").method("POST").parameters("select-type").acl("READ").neverAnonymous(pleaseAuthenticate).kms(decryptStored("")),
	write(Object, "PUT", "UpdateObjectEncryption", "encryption", "s3:UpdateObjectEncryption").accessPoint().also(Conditional{Action: "s3:PutObject"}).kms(reEncrypt...).
		elsewhere("organizations:DescribeAccount"),
	write(Object, "PUT", "RenameObject", "renameObject", "s3express:CreateSession"),
	write(Service, "POST", "WriteGetObjectResponse", "", "s3-object-lambda:WriteGetObjectResponse").neverAnonymous(accessDenied),
	read(Object, "OptionsObject", "", "").method("OPTIONS").alias("PreflightRequest").page("https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html"),
}

// annotationSpecs share one sub-resource; a name tells one annotation from all.
var annotationSpecs = []*Spec{
	read(Object, "GetObjectAnnotation", "annotation", "s3:GetObjectAnnotation").version("s3:GetObjectVersionAnnotation").parameters("annotationName").accessPoint().trait(annotation),
	read(Object, "ListObjectAnnotations", "annotation", "s3:ListObjectAnnotations").version("s3:ListObjectVersionAnnotations").accessPoint().trait(annotation),
	write(Object, "PUT", "PutObjectAnnotation", "annotation", "s3:PutObjectAnnotation").version("s3:PutObjectVersionAnnotation").parameters("annotationName").accessPoint().trait(annotation),
	write(Object, "DELETE", "DeleteObjectAnnotation", "annotation", "s3:DeleteObjectAnnotation").version("s3:DeleteObjectVersionAnnotation").parameters("annotationName").accessPoint().trait(annotation).success(204),
}
