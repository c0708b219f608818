package iam

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/iamdata"
)

// awsPolicy shows one of AWS's managed policies.
func awsPolicy(arn string, n uses) (types.Policy, bool) {
	edition, ok := iamdata.ManagedPolicyEdition(arn)
	if !ok {
		return types.Policy{}, false
	}
	id := sha256.Sum256([]byte(arn))
	return types.Policy{
		Arn: aws.String(arn), AttachmentCount: aws.Int32(int32(n.attached[arn])), PermissionsBoundaryUsageCount: aws.Int32(int32(n.boundaries[arn])),
		CreateDate: dataDate(edition.Created), UpdateDate: dataDate(edition.Updated), DefaultVersionId: aws.String(edition.Version), IsAttachable: true,
		Path: aws.String(pathOfARN(arn)), PolicyName: aws.String(arn[strings.LastIndexByte(arn, '/')+1:]),
		PolicyId: aws.String("ANPA" + base32.StdEncoding.EncodeToString(id[:])[:17]),
	}, true
}

// awsVersion shows the version of one of AWS's managed policies that is in force.
func awsVersion(arn string) (types.PolicyVersion, bool) {
	text, ok := iamdata.ManagedPolicy(arn)
	if !ok {
		return types.PolicyVersion{}, false
	}
	edition, _ := iamdata.ManagedPolicyEdition(arn)
	d, err := estate.ParseDocument(arn, text)
	if err != nil {
		return types.PolicyVersion{}, false
	}
	return types.PolicyVersion{VersionId: aws.String(edition.Version), IsDefaultVersion: true, CreateDate: dataDate(edition.Updated), Document: encoded(d)}, true
}

// dataDate reads a time of the generated data.
func dataDate(s string) *time.Time {
	t, _ := time.Parse(time.RFC3339, s)
	return date(t)
}
