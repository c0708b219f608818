package iam

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/oidc"
)

// The actions of IAM are called as its operations ("Actions, resources, and
// condition keys for AWS Identity and Access Management", Service Authorization
// Reference). The functions here tell the resource.

func check(c *awsapi.Call, in any, resource string, keys awsapi.Keys) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "iam:" + c.Operation, Resource: resource, Keys: passedKeys(c, in, keys)}}, nil
}

// passedKeys adds the condition keys for what an input passes.
func passedKeys(c *awsapi.Call, in any, keys awsapi.Keys) awsapi.Keys {
	keys = keys.RequestTags(tagMap(member[[]types.Tag](in, "Tags"))).List("aws:TagKeys", member[[]string](in, "TagKeys"))
	if boundary := text(in, "PermissionsBoundary"); boundary != "" {
		keys = keys.Set("iam:PermissionsBoundary", boundary)
	}
	if strings.HasPrefix(c.Operation, "Attach") || strings.HasPrefix(c.Operation, "Detach") {
		keys = keys.Set("iam:PolicyARN", text(in, "PolicyArn"))
	}
	return keys.Set("iam:AWSServiceName", text(in, "AWSServiceName"))
}

func tagMap(tags []types.Tag) map[string]string {
	m := map[string]string{}
	for _, t := range tags {
		if t.Key != nil && t.Value != nil {
			m[*t.Key] = *t.Value
		}
	}
	return m
}

// onEntity is an operation on one entity, be it there or not.
func onEntity(c *awsapi.Call, in any, kind, name string) ([]awsapi.Check, error) {
	e, err := find(c, c.World(), kind, name)
	if err != nil {
		path := "/"
		if p := text(in, "Path"); p != "" {
			path = p
		}
		return check(c, in, arnOf(c, kind, path, name), nil)
	}
	var keys awsapi.Keys
	if e.tags != nil {
		keys = keys.ResourceTags("iam", *e.tags)
	}
	if e.boundary != nil && *e.boundary != "" {
		keys = keys.Set("iam:PermissionsBoundary", managedARN(c, *e.boundary))
	}
	return check(c, in, e.arn(c), keys)
}

func onUser[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	given := pointer(in, "UserName")
	if forRoot(c, given) {
		return check(c, in, c.Caller.ARN, nil)
	}
	name, err := userName(c, given)
	if err != nil {
		return nil, err
	}
	return onEntity(c, in, "user", name)
}

func onGroup[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	return onEntity(c, in, "group", text(in, "GroupName"))
}

func onRole[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	return onEntity(c, in, "role", text(in, "RoleName"))
}

// onRenamed is the renaming or moving of a user or group, which needs the permission
// on what it is and on what it becomes ("Renaming an IAM user" and "Renaming an IAM
// user group", IAM User Guide).
func onRenamed[In any](kind, member string) func(*awsapi.Call, *In) ([]awsapi.Check, error) {
	return func(c *awsapi.Call, in *In) ([]awsapi.Check, error) {
		name := text(in, member)
		checks, err := onEntity(c, in, kind, name)
		e, missing := find(c, c.World(), kind, name)
		if err != nil || missing != nil {
			return checks, err
		}
		becomes := *e
		if path := pointer(in, "NewPath"); path != nil {
			becomes.path = *path
		}
		if to := pointer(in, "New"+member); to != nil {
			becomes.name = *to
		}
		if becomes.arn(c) != e.arn(c) {
			target := checks[0]
			target.Resource = becomes.arn(c)
			checks = append(checks, target)
		}
		return checks, nil
	}
}

// onPolicy is an operation on a managed policy that its ARN names.
func onPolicy[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	arn := text(in, "PolicyArn")
	var keys awsapi.Keys
	if p, _, ok := findPolicy(c, c.World(), arn); ok {
		keys = keys.ResourceTags("iam", p.Tags)
	}
	return check(c, in, arn, keys)
}

func onNewPolicy[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	return check(c, in, arnOf(c, "policy", text(in, "Path"), text(in, "PolicyName")), nil)
}

func onProfile[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	name, path := text(in, "InstanceProfileName"), text(in, "Path")
	var keys awsapi.Keys
	if p, found, ok := profiles.Find(c.World(), c.AccountID(), name); ok {
		name, path, keys = found, p.Path, keys.ResourceTags("iam", p.Tags)
	}
	return check(c, in, arnOf(c, "instance-profile", path, name), keys)
}

func onDevice[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	if name := text(in, "VirtualMFADeviceName"); name != "" {
		return check(c, in, arnOf(c, "mfa", text(in, "Path"), name), nil)
	}
	serial := text(in, "SerialNumber")
	d, _ := devices.Get(c.World(), c.AccountID(), serial)
	return check(c, in, serial, awsapi.Keys(nil).ResourceTags("iam", d.Tags))
}

// onDeviceHolder is GetMFADevice, whose resource is the user who has the device.
func onDeviceHolder[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	name := text(in, "UserName")
	if name == "" {
		name = assignee(c, c.World(), text(in, "SerialNumber"))
	}
	if name == "" {
		return check(c, in, "*", nil)
	}
	return onEntity(c, in, "user", name)
}

func onProvider[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	arn := text(in, "OpenIDConnectProviderArn")
	if url := text(in, "Url"); url != "" {
		arn = providerARN(c, url)
	}
	p, _ := oidc.Providers.Get(c.World(), c.AccountID(), issuerOf(c, arn))
	return check(c, in, arn, awsapi.Keys(nil).ResourceTags("iam", p.Tags))
}

// onAccount is an operation that has no resource.
func onAccount[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	return check(c, in, "*", nil)
}

// onAll is an operation that lists a kind of things, below a path.
func onAll[In any](kind string) func(*awsapi.Call, *In) ([]awsapi.Check, error) {
	return func(c *awsapi.Call, in *In) ([]awsapi.Check, error) {
		return check(c, in, arnOf(c, kind, text(in, "PathPrefix"), ""), nil)
	}
}

// onPolicies is ListPolicies, whose resource is no ARN.
func onPolicies[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	path := text(in, "PathPrefix")
	if path == "" {
		path = "/"
	}
	return check(c, in, "policy path "+path, nil)
}

// onKeyHolder is an operation on an access key that names no user.
func onKeyHolder[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	if holder, ok := c.Estate.AccessKey(text(in, "AccessKeyId")); ok && holder.Account.ID == c.AccountID() {
		return check(c, in, holder.Principal, nil)
	}
	return check(c, in, "*", nil)
}

// onProfileWithRole is onProfile, and iam:PassRole on the role ("Granting a user
// permissions to pass a role to an AWS service", IAM User Guide).
func onProfileWithRole[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	checks, err := onProfile(c, in)
	if err != nil {
		return nil, err
	}
	role := arnOf(c, "role", "/", text(in, "RoleName"))
	if e, err := find(c, c.World(), "role", text(in, "RoleName")); err == nil {
		role = e.arn(c)
	}
	return append(checks, awsapi.Check{Action: "iam:PassRole", Resource: role, Keys: awsapi.Keys{}.Set("iam:PassedToService", "ec2.amazonaws.com")}), nil
}

// onServiceLinked is the making of a service-linked role.
func onServiceLinked[In any](c *awsapi.Call, in *In) ([]awsapi.Check, error) {
	return check(c, in, arnOf(c, "role", linkedPath+text(in, "AWSServiceName")+"/", "*"), nil)
}

// admit refuses credentials that cannot call IAM: "Compare AWS STS credentials" in
// the IAM User Guide.
func admit(c *awsapi.Call) error {
	s := c.Caller.Session
	if s == nil || s.Context["aws:AssumedRoot"] != "" {
		return nil
	}
	if c.Principal().Kind == iam.FederatedUser || s.UserSession() && !s.MFA {
		e := c.AccessDenied("The security token included in the request is invalid")
		e.Code = "InvalidClientTokenId"
		return e.Because("IAM takes no credentials of federated users, and those of GetSessionToken only if they were asked for with an MFA code")
	}
	return nil
}

// managedARN is the ARN of a managed policy that an entity of the account refers
// to, by its name or ARN.
func managedARN(c *awsapi.Call, ref string) string {
	if a := c.Account(); a != nil {
		if named, err := a.Managed(ref); err == nil {
			return named.ARN
		}
	}
	return ref
}
