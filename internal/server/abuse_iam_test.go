package server

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/sigv4"
)

// limited makes a user of the account that may do what the statements say.
func (g *rig) limited(name, statements string) sigv4.Credential {
	g.t.Helper()
	client := sdk.NewFromConfig(g.aws(root))
	who := g.user(client, name)
	_, err := client.PutUserPolicy(context.Background(), &sdk.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("own"),
		PolicyDocument: aws.String(`{"Version": "2012-10-17", "Statement": [` + statements + `]}`)})
	g.wantCode("PutUserPolicy", err, "", "")
	return who
}

// "The entity making the request must have appropriate permissions on both the source
// object and the target object" (UpdateUser, IAM API Reference), and so for groups.
func TestRenameNeedsBoth(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	prod := sdk.NewFromConfig(g.aws(root))
	g.user(prod, "temp")
	_, err := prod.CreateGroup(ctx, &sdk.CreateGroupInput{GroupName: aws.String("temps")})
	g.wantCode("CreateGroup", err, "", "")
	c := sdk.NewFromConfig(g.aws(g.limited("renamer", `{"Effect": "Allow", "Action": "iam:Update*", "Resource": ["arn:aws:iam::111122223333:user/temp*", "arn:aws:iam::111122223333:group/temp*"]}`)))
	_, err = c.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: aws.String("temp"), NewUserName: aws.String("boss")})
	g.wantCode("UpdateUser", err, "AccessDenied", "user/boss")
	_, err = c.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: aws.String("temp"), NewPath: aws.String("/high/")})
	g.wantCode("UpdateUser", err, "AccessDenied", "user/high/temp")
	_, err = c.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: aws.String("temp"), NewUserName: aws.String("temp2")})
	g.wantCode("UpdateUser", err, "", "")
	_, err = c.UpdateGroup(ctx, &sdk.UpdateGroupInput{GroupName: aws.String("temps"), NewGroupName: aws.String("bosses")})
	g.wantCode("UpdateGroup", err, "AccessDenied", "group/bosses")
	_, err = c.UpdateGroup(ctx, &sdk.UpdateGroupInput{GroupName: aws.String("temps"), NewGroupName: aws.String("temps2")})
	g.wantCode("UpdateGroup", err, "", "")
}

// Identity providers and MFA devices have tags, which policies may refuse by.
func TestTagsOfProvidersAndDevices(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	c := sdk.NewFromConfig(g.aws(g.limited("tagged", `{"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
		{"Effect": "Deny", "Action": ["iam:Get*", "iam:Delete*"], "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/guarded": "yes"}}},
		{"Effect": "Deny", "Action": "iam:List*Tags", "Resource": "*", "Condition": {"StringEquals": {"iam:ResourceTag/guarded": "yes"}}}`)))
	tags := []types.Tag{{Key: aws.String("guarded"), Value: aws.String("yes")}}
	p, err := c.CreateOpenIDConnectProvider(ctx, &sdk.CreateOpenIDConnectProviderInput{Url: aws.String("https://id.example.com"), Tags: tags})
	g.wantCode("CreateOpenIDConnectProvider", err, "", "")
	_, err = c.GetOpenIDConnectProvider(ctx, &sdk.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: p.OpenIDConnectProviderArn})
	g.wantCode("GetOpenIDConnectProvider", err, "AccessDenied", "explicit deny")
	_, err = c.ListOpenIDConnectProviderTags(ctx, &sdk.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: p.OpenIDConnectProviderArn})
	g.wantCode("ListOpenIDConnectProviderTags", err, "AccessDenied", "explicit deny")
	_, err = c.DeleteOpenIDConnectProvider(ctx, &sdk.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: p.OpenIDConnectProviderArn})
	g.wantCode("DeleteOpenIDConnectProvider", err, "AccessDenied", "explicit deny")
	d, err := c.CreateVirtualMFADevice(ctx, &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone"), Tags: tags})
	g.wantCode("CreateVirtualMFADevice", err, "", "")
	_, err = c.DeleteVirtualMFADevice(ctx, &sdk.DeleteVirtualMFADeviceInput{SerialNumber: d.VirtualMFADevice.SerialNumber})
	g.wantCode("DeleteVirtualMFADevice", err, "AccessDenied", "explicit deny")
}

// GetMFADevice is about the user who has the device (Service Authorization Reference).
func TestGetMFADeviceOfUser(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	c := sdk.NewFromConfig(g.aws(g.limited("looker", `{"Effect": "Allow", "Action": "iam:GetMFADevice", "Resource": "arn:aws:iam::111122223333:mfa/*"}`)))
	_, err := c.GetMFADevice(ctx, &sdk.GetMFADeviceInput{SerialNumber: aws.String("arn:aws:iam::111122223333:mfa/admin")})
	g.wantCode("GetMFADevice", err, "AccessDenied", "user/admin")
	c = sdk.NewFromConfig(g.aws(g.limited("asker", `{"Effect": "Allow", "Action": "iam:GetMFADevice", "Resource": "arn:aws:iam::111122223333:user/admin"}`)))
	_, err = c.GetMFADevice(ctx, &sdk.GetMFADeviceInput{SerialNumber: aws.String("arn:aws:iam::111122223333:mfa/admin")})
	g.wantCode("GetMFADevice", err, "", "")
}

// Who is made later with the name of a user who was deleted is somebody else, in
// policies of access points and in grants as well.
func TestNamesakes(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	prod := sdk.NewFromConfig(g.aws(root))
	first := g.user(prod, "eve")
	g.want(g.do(admin, "PUT", "/reports/in/k", "x"), 200, "")
	g.want(g.control(admin, prodID, "PUT", "accesspoint/evens", "<CreateAccessPointRequest><Bucket>reports</Bucket></CreateAccessPointRequest>"), 200, "")
	const arn = "arn:aws:s3:us-east-1:111122223333:accesspoint/evens"
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/eve"},"Action":"s3:GetObject","Resource":"` + arn + `/object/*"}]}`
	g.want(g.control(admin, prodID, "PUT", "accesspoint/evens/policy", "<PutAccessPointPolicyRequest><Policy>"+strings.ReplaceAll(text, `"`, "&quot;")+"</Policy></PutAccessPointPolicyRequest>"), 200, "")
	g.want(g.do(admin, "PUT", "/reports?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*",
		"Condition":{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}}]}`), 204, "")
	g.wantAPI(g.api(admin, "kms", "TrentService.CreateGrant", `{"KeyId": "`+dataKey+`", "GranteePrincipal": "arn:aws:iam::111122223333:user/eve", "Operations": ["Encrypt"]}`), 200, "")
	const host = "evens-111122223333.s3-accesspoint.us-east-1.amazonaws.com"
	const encrypt = `{"KeyId": "` + dataKey + `", "Plaintext": "aGVsbG8="}`
	g.want(g.do(first, "GET", "/in/k", "", "Host", host), 200, "")
	g.wantAPI(g.api(first, "kms", "TrentService.Encrypt", encrypt), 200, "")

	_, err := prod.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: aws.String("eve"), NewPath: aws.String("/moved/")})
	g.wantCode("UpdateUser", err, "", "")
	g.want(g.do(first, "GET", "/in/k", "", "Host", host), 200, "")
	g.wantAPI(g.api(first, "kms", "TrentService.Encrypt", encrypt), 200, "")
	_, err = prod.DeleteAccessKey(ctx, &sdk.DeleteAccessKeyInput{UserName: aws.String("eve"), AccessKeyId: &first.AccessKeyID})
	g.wantCode("DeleteAccessKey", err, "", "")
	_, err = prod.DeleteUser(ctx, &sdk.DeleteUserInput{UserName: aws.String("eve")})
	g.wantCode("DeleteUser", err, "", "")
	_, err = prod.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("eve"), Path: aws.String("/moved/")})
	g.wantCode("CreateUser", err, "", "")
	out, err := prod.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("eve")})
	g.wantCode("CreateAccessKey", err, "", "")
	second := sigv4.Credential{AccessKeyID: *out.AccessKey.AccessKeyId, Secret: *out.AccessKey.SecretAccessKey}
	for range 2 {
		g.want(g.do(second, "GET", "/in/k", "", "Host", host), 403, "AccessDenied")
		g.wantAPI(g.api(second, "kms", "TrentService.Encrypt", encrypt), 400, "AccessDeniedException")
		g.restart()
	}
}

// The tags of a role refuse who would assume it, those of a KMS key who would use it.
func TestTagsOfRolesAndKeys(t *testing.T) {
	g := newRig(t, nil)
	who := g.limited("tagger", `{"Effect": "Allow", "Action": "*", "Resource": "*"},
		{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "app"}}},
		{"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "app"}}}`)
	if a := g.call(who, "AssumeRole", "RoleArn", "arn:aws:iam::111122223333:role/service/app", "RoleSessionName", "s1"); a.StatusCode != 403 {
		t.Errorf("AssumeRole: %d %s", a.StatusCode, a.body)
	}
	encrypt := `{"KeyId": "` + dataKey + `", "Plaintext": "aGVsbG8="}`
	g.wantAPI(g.api(who, "kms", "TrentService.Encrypt", encrypt), 200, "")
	g.wantAPI(g.api(who, "kms", "TrentService.TagResource", `{"KeyId": "`+dataKey+`", "Tags": [{"TagKey": "team", "TagValue": "app"}]}`), 200, "")
	g.wantAPI(g.api(who, "kms", "TrentService.Encrypt", encrypt), 400, "AccessDeniedException")
}
