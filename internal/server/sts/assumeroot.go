package sts

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
)

// taskPolicies are what a session of AssumeRoot can be limited to, by the names
// of AWS's managed policies under arn:aws:iam::aws:policy/root-task/: the actions
// that are left, and whether they are for the root user's own credentials alone
// ("AWS managed policies for AWS Identity and Access Management", IAM User Guide).
var taskPolicies = map[string]struct {
	actions []string
	onRoot  bool
}{
	"S3UnlockBucketPolicy":        {[]string{"s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:ListAllMyBuckets"}, false},
	"SQSUnlockQueuePolicy":        {[]string{"sqs:SetQueueAttributes", "sqs:GetQueueAttributes", "sqs:ListQueues", "sqs:GetQueueUrl"}, false},
	"IAMCreateRootUserPassword":   {[]string{"iam:CreateLoginProfile", "iam:GetLoginProfile"}, true},
	"IAMAuditRootUserCredentials": {[]string{"iam:ListAccessKeys", "iam:ListSigningCertificates", "iam:GetLoginProfile", "iam:ListMFADevices", "iam:GetAccountSummary", "iam:GetUser", "iam:GetAccessKeyLastUsed"}, true},
	"IAMDeleteRootUserCredentials": {[]string{"iam:DeleteAccessKey", "iam:DeleteSigningCertificate", "iam:DeleteLoginProfile", "iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice",
		"iam:ListAccessKeys", "iam:ListSigningCertificates", "iam:GetLoginProfile", "iam:ListMFADevices", "iam:GetUser", "iam:GetAccessKeyLastUsed"}, true},
}

const taskPrefix = ":iam::aws:policy/root-task/"

// maxRootDuration is how long a session of AssumeRoot lasts at most, in seconds.
const maxRootDuration = 900

// rootTarget returns the account that a call names, by its id or its root user's
// ARN.
func rootTarget(in *sts.AssumeRootInput) iam.AccountID {
	if arn, ok := iam.ParseARN(*in.TargetPrincipal); ok && arn.Service == "iam" && arn.Resource == "root" {
		return arn.Account
	}
	return iam.AccountID(*in.TargetPrincipal)
}

func taskPolicy(in *sts.AssumeRootInput) (name, arn string) {
	arn = aws.ToString(in.TaskPolicyArn.Arn)
	_, name, _ = strings.Cut(arn, taskPrefix)
	return name, arn
}

func rootAccess(c *awsapi.Call, in *sts.AssumeRootInput) ([]awsapi.Check, error) {
	target := rootTarget(in)
	if !target.Valid() {
		return nil, c.Errorf("ValidationError", "%s is invalid", *in.TargetPrincipal)
	}
	_, arn := taskPolicy(in)
	return []awsapi.Check{{
		Action: "sts:AssumeRoot", Resource: "arn:" + c.Partition() + ":iam::" + string(target) + ":root", Keys: awsapi.Keys{}.Set("sts:TaskPolicyArn", arn),
	}}, nil
}

// assumeRoot is for identities of the management account, on its members. The
// session is the member's root user, limited to one task.
func assumeRoot(c *awsapi.Call, in *sts.AssumeRootInput) (*sts.AssumeRootOutput, error) {
	own, target := c.Account(), c.Estate.Accounts[rootTarget(in)]
	switch {
	case c.Principal().Kind == iam.RootUser:
		return nil, c.AccessDenied("Roles may not be assumed by root accounts.").Because("root users cannot call AssumeRoot; use an IAM user or a role of the management account")
	case own == nil || target == nil || own.Organization == nil || own.Organization != target.Organization,
		own.Organization.ManagementAccount != own.ID, target == own:
		return nil, c.AccessDenied("User: " + c.Caller.ARN + " is not authorized to perform: sts:AssumeRoot on resource: arn:" + c.Partition() + ":iam::" + string(rootTarget(in)) + ":root").
			Because("AssumeRoot is for the management account of an organization, on another account of it")
	case aws.ToInt32(in.DurationSeconds) > maxRootDuration:
		return nil, c.Errorf("ValidationError", "The requested DurationSeconds exceeds the maximum session duration of 900 seconds for AssumeRoot")
	}
	name, arn := taskPolicy(in)
	task, ok := taskPolicies[name]
	if !ok {
		return nil, c.Errorf("ValidationError", "The specified task policy %s is not valid", arn)
	}
	s := newSession(c, seconds(in.DurationSeconds, maxRootDuration))
	s.Account, s.Principal, s.UserID = target.ID, target.RootARN(), string(target.ID)
	s.Policies = []string{taskDocument(task.actions, task.onRoot)}
	s.Context = map[string]string{"aws:AssumedRoot": "true"}
	if c.Caller.Session != nil {
		s.SourceIdentity = c.Caller.Session.SourceIdentity
	}
	cred, err := credentials(c, s)
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRootOutput{Credentials: cred, SourceIdentity: optional(s.SourceIdentity)}, nil
}

// taskDocument is the session policy of a task. AWS's own documents deny what is
// not the task; a session policy has to allow it as well.
func taskDocument(actions []string, onRoot bool) string {
	list := `["` + strings.Join(actions, `","`) + `"]`
	document := `{"Version":"2012-10-17","Statement":[{"Sid":"AllowTask","Effect":"Allow","Action":"*","Resource":"*"},` +
		`{"Sid":"DenyAllOtherActionsOnAnyResource","Effect":"Deny","NotAction":` + list + `,"Resource":"*"}`
	if onRoot {
		list = strings.Replace(list, `"iam:GetAccountSummary",`, "", 1)
		document += `,{"Sid":"DenyCredentialsOfOthers","Effect":"Deny","Action":` + list + `,"NotResource":"arn:aws:iam::*:root"}`
	}
	return document + `]}`
}
