package server

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/pquerna/otp/totp"

	"github.com/why403/why403/internal/sigv4"
)

// allowAll is a policy of one statement.
func allowAll(action, resource string) *string {
	return aws.String(fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": %q, "Resource": %q}]}`, action, resource))
}

func trust(principal string) *string {
	return aws.String(fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": %q}, "Action": "sts:AssumeRole"}]}`, principal))
}

// user makes a user with an access key, by whoever holds the client.
func (g *rig) user(client *sdk.Client, name string) sigv4.Credential {
	g.t.Helper()
	ctx := context.Background()
	if _, err := client.CreateUser(ctx, &sdk.CreateUserInput{UserName: &name}); err != nil {
		g.t.Fatal(err)
	}
	out, err := client.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		g.t.Fatal(err)
	}
	return sigv4.Credential{AccessKeyID: *out.AccessKey.AccessKeyId, Secret: *out.AccessKey.SecretAccessKey}
}

// Two root users make users of the same name; each has what its own account's
// policies give it, at once and after a restart, until they are gone.
func TestUsersOfAccounts(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	prod, other := sdk.NewFromConfig(g.aws(root)), sdk.NewFromConfig(g.aws(partnerRoot))
	ann, theirs := g.user(prod, "ann"), g.user(other, "ann")
	for who, account := range map[sigv4.Credential]string{ann: "111122223333", theirs: "444455556666"} {
		id, err := sts.NewFromConfig(g.aws(who)).GetCallerIdentity(ctx, nil)
		if err != nil || *id.Arn != "arn:aws:iam::"+account+":user/ann" {
			t.Errorf("identity %+v, %v", id, err)
		}
		g.want(g.do(who, "PUT", "/reports/k", "x"), 403, "AccessDenied")
	}
	_, err := prod.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("put"), PolicyDocument: allowAll("s3:PutObject", "arn:aws:s3:::reports/*")})
	g.wantCode("PutUserPolicy", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 200, "")
	g.want(g.do(theirs, "PUT", "/reports/k", "x"), 403, "AccessDenied")
	g.restart()
	prod = sdk.NewFromConfig(g.aws(root))
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 200, "")
	_, err = prod.UpdateAccessKey(ctx, &sdk.UpdateAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &ann.AccessKeyID, Status: types.StatusTypeInactive})
	g.wantCode("UpdateAccessKey", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 403, "InvalidAccessKeyId")
	_, err = prod.DeleteUser(ctx, &sdk.DeleteUserInput{UserName: aws.String("ann")})
	g.wantCode("DeleteUser", err, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
	_, err = prod.DeleteAccessKey(ctx, &sdk.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &ann.AccessKeyID})
	g.wantCode("DeleteAccessKey", err, "", "")
	_, err = prod.DeleteUserPolicy(ctx, &sdk.DeleteUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("put")})
	g.wantCode("DeleteUserPolicy", err, "", "")
	_, err = prod.DeleteUser(ctx, &sdk.DeleteUserInput{UserName: aws.String("ann")})
	g.wantCode("DeleteUser", err, "", "")
	g.restart()
	_, err = sdk.NewFromConfig(g.aws(root)).GetUser(ctx, &sdk.GetUserInput{UserName: aws.String("ann")})
	g.wantCode("GetUser", err, "NoSuchEntity", "The user with name ann cannot be found.")
	_, err = sdk.NewFromConfig(g.aws(theirs)).GetUser(ctx, &sdk.GetUserInput{UserName: aws.String("ann")})
	g.wantCode("their GetUser", err, "AccessDenied", "because no identity-based policy allows the iam:GetUser action")
}

// "Names are not distinguished by case": CreateUser and its like in the IAM API
// Reference.
func TestNames(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	made, err := client.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("Ann"), Path: aws.String("/team/"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	g.wantCode("CreateUser", err, "", "")
	if !strings.HasPrefix(*made.User.UserId, "AIDA") || *made.User.Arn != "arn:aws:iam::111122223333:user/team/Ann" || time.Since(*made.User.CreateDate) > time.Minute {
		t.Errorf("made %+v", made.User)
	}
	_, err = client.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("aNN")})
	g.wantCode("again", err, "EntityAlreadyExists", "User with name aNN already exists.")
	got, err := client.GetUser(ctx, &sdk.GetUserInput{UserName: aws.String("ANN")})
	if err != nil || *got.User.UserName != "Ann" || len(got.User.Tags) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = client.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: aws.String("ann"), NewUserName: aws.String("Bob"), NewPath: aws.String("/")})
	g.wantCode("UpdateUser", err, "", "")
	got, err = client.GetUser(ctx, &sdk.GetUserInput{UserName: aws.String("bob")})
	if err != nil || *got.User.Arn != "arn:aws:iam::111122223333:user/Bob" || *got.User.UserId != *made.User.UserId {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = client.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: aws.String("Bob"), NewUserName: aws.String("ADMIN")})
	g.wantCode("taken", err, "EntityAlreadyExists", "")
	_, err = client.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("no spaces")})
	g.wantCode("characters", err, "ValidationError", "userName")
	_, err = client.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("x"), Path: aws.String("team")})
	g.wantCode("path", err, "ValidationError", "path")
	_, err = client.CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("x"), PermissionsBoundary: aws.String("arn:aws:iam::111122223333:policy/none")})
	g.wantCode("boundary", err, "NoSuchEntity", "")
}

// Lists come in pages, below a path.
func TestPages(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("page-%d", i)
		want = append(want, name)
		_, err := client.CreateGroup(ctx, &sdk.CreateGroupInput{GroupName: &name, Path: aws.String("/pages/")})
		g.wantCode("CreateGroup", err, "", "")
	}
	var got []string
	pages := 0
	p := sdk.NewListGroupsPaginator(client, &sdk.ListGroupsInput{PathPrefix: aws.String("/pages/"), MaxItems: aws.Int32(3)})
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, group := range out.Groups {
			got = append(got, *group.GroupName)
		}
	}
	if pages != 3 || !slices.Equal(got, want) {
		t.Errorf("%d pages: %v", pages, got)
	}
	_, err := client.ListGroups(ctx, &sdk.ListGroupsInput{Marker: aws.String("*")})
	g.wantCode("marker", err, "ValidationError", "Invalid Marker.")
	empty, err := client.ListGroups(ctx, &sdk.ListGroupsInput{PathPrefix: aws.String("/none/")})
	if err != nil || empty.IsTruncated || len(empty.Groups) != 0 {
		t.Errorf("%+v, %v", empty, err)
	}
}

// Groups, boundaries and versions of policies count from the next request on.
func TestPoliciesInForce(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	ann := g.user(client, "ann")
	group, name := aws.String("writers"), aws.String("ann")
	_, err := client.CreateGroup(ctx, &sdk.CreateGroupInput{GroupName: group})
	g.wantCode("CreateGroup", err, "", "")
	p, err := client.CreatePolicy(ctx, &sdk.CreatePolicyInput{PolicyName: aws.String("write"), PolicyDocument: allowAll("s3:PutObject", "*")})
	g.wantCode("CreatePolicy", err, "", "")
	arn := p.Policy.Arn
	_, err = client.AttachGroupPolicy(ctx, &sdk.AttachGroupPolicyInput{GroupName: group, PolicyArn: arn})
	g.wantCode("AttachGroupPolicy", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 403, "AccessDenied")
	_, err = client.AddUserToGroup(ctx, &sdk.AddUserToGroupInput{GroupName: group, UserName: name})
	g.wantCode("AddUserToGroup", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 200, "")
	_, err = client.PutUserPermissionsBoundary(ctx, &sdk.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: aws.String("arn:aws:iam::111122223333:policy/read-only")})
	g.wantCode("PutUserPermissionsBoundary", err, "", "")
	a := g.want(g.do(ann, "PUT", "/reports/k", "x"), 403, "AccessDenied")
	if !strings.Contains(a.message(), "because no permissions boundary allows") {
		t.Errorf("message %s", a.message())
	}
	_, err = client.DeleteUserPermissionsBoundary(ctx, &sdk.DeleteUserPermissionsBoundaryInput{UserName: name})
	g.wantCode("DeleteUserPermissionsBoundary", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 200, "")
	v2, err := client.CreatePolicyVersion(ctx, &sdk.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allowAll("s3:GetObject", "*"), SetAsDefault: true})
	if err != nil || *v2.PolicyVersion.VersionId != "v2" {
		t.Errorf("%+v, %v", v2, err)
	}
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 403, "AccessDenied")
	_, err = client.SetDefaultPolicyVersion(ctx, &sdk.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")})
	g.wantCode("SetDefaultPolicyVersion", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 200, "")
	_, err = client.DeletePolicyVersion(ctx, &sdk.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")})
	g.wantCode("default", err, "DeleteConflict", "")
	_, err = client.DeletePolicy(ctx, &sdk.DeletePolicyInput{PolicyArn: arn})
	g.wantCode("DeletePolicy", err, "DeleteConflict", "Cannot delete a policy attached to entities.")
	users, err := client.ListEntitiesForPolicy(ctx, &sdk.ListEntitiesForPolicyInput{PolicyArn: arn})
	if err != nil || len(users.PolicyGroups) != 1 || len(users.PolicyUsers)+len(users.PolicyRoles) != 0 {
		t.Errorf("%+v, %v", users, err)
	}
	_, err = client.RemoveUserFromGroup(ctx, &sdk.RemoveUserFromGroupInput{GroupName: group, UserName: name})
	g.wantCode("RemoveUserFromGroup", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 403, "AccessDenied")
}

// What is no policy is refused in IAM's words: "Troubleshoot IAM policies" in the
// IAM User Guide, and what moto found by asking AWS.
func TestMalformedDocuments(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	statement := func(s string) string { return `{"Version": "2012-10-17", "Statement": [` + s + `]}` }
	for _, c := range []struct{ document, says string }{
		{"nonsense", "Syntax errors in policy."},
		{`{"Version": "2012-10-17"}`, "Syntax errors in policy."},
		{statement(`{"Effect": "Allow", "Resource": "*"}`), "Policy statement must contain actions."},
		{statement(`{"Effect": "Allow", "Action": "s3:*"}`), "Policy statement must contain resources."},
		{statement(`{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"}`), "Policy document should not specify a principal."},
		{statement(`{"Effect": "Allow", "Action": "GetObject", "Resource": "*"}`), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{statement(`{"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}`), `Resource bucket must be in ARN format or "*".`},
		{statement(`{"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Sid": "a", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}`), "Statement IDs (SID) in a single policy must be unique."},
		{statement(`{"Sid": "a b", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}`), "Statement IDs (SID) must be alpha-numeric."},
	} {
		_, err := client.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: aws.String("nobody"), PolicyName: aws.String("p"), PolicyDocument: &c.document})
		g.wantCode(c.document, err, "MalformedPolicyDocument", c.says)
	}
	for document, says := range map[string]string{
		*allowAll("sts:AssumeRole", "*"):                               "Missing required field Principal",
		*trust("arn:aws:iam::111122223333:user/none"):                  `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/none"`,
		strings.Replace(*trust("*"), "sts:", "s3:", 1):                 "AssumeRole policy may only specify STS AssumeRole actions.",
		strings.Replace(*trust("*"), `"Act`, `"Resource":"*","Act`, 1): "Has prohibited field Resource",
	} {
		_, err := client.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: &document})
		g.wantCode(document, err, "MalformedPolicyDocument", says)
	}
	long := statement(strings.TrimSuffix(strings.Repeat(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},`, 50), ","))
	_, err := client.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: aws.String("nobody"), PolicyName: aws.String("p"), PolicyDocument: &long})
	g.wantCode("long", err, "LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user nobody")
}

// A role that is made anew is not the one that policies named: "AWS JSON policy
// elements: Principal" in the IAM User Guide.
func TestNamesake(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	const ann, role = "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:role/r"
	first := g.user(client, "ann")
	_, err := client.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: trust(ann), MaxSessionDuration: aws.Int32(7200)})
	g.wantCode("CreateRole", err, "", "")
	g.assume(first, role, "DurationSeconds", "7200")
	_, err = client.DeleteAccessKey(ctx, &sdk.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &first.AccessKeyID})
	g.wantCode("DeleteAccessKey", err, "", "")
	_, err = client.DeleteUser(ctx, &sdk.DeleteUserInput{UserName: aws.String("ann")})
	g.wantCode("DeleteUser", err, "", "")
	second := g.user(client, "ann")
	_, err = sts.NewFromConfig(g.aws(second)).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("s1")})
	g.wantCode("namesake", err, "AccessDenied", "because no role trust policy allows the sts:AssumeRole action")
	got, err := client.GetRole(ctx, &sdk.GetRoleInput{RoleName: aws.String("r")})
	if document, _ := url.QueryUnescape(*got.Role.AssumeRolePolicyDocument); err != nil || !strings.Contains(document, `"AIDA`) || strings.Contains(document, ann) {
		t.Errorf("trust policy %s, %v", document, err)
	}
}

// Quotas: "IAM and AWS STS quotas" in the IAM User Guide.
func TestQuotas(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	g.user(client, "ann")
	_, err := client.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("ann")})
	g.wantCode("second key", err, "", "")
	_, err = client.CreateAccessKey(ctx, &sdk.CreateAccessKeyInput{UserName: aws.String("ann")})
	g.wantCode("third key", err, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	p, err := client.CreatePolicy(ctx, &sdk.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: allowAll("s3:*", "*")})
	g.wantCode("CreatePolicy", err, "", "")
	for i := 2; i <= 6; i++ {
		_, err = client.CreatePolicyVersion(ctx, &sdk.CreatePolicyVersionInput{PolicyArn: p.Policy.Arn, PolicyDocument: allowAll("s3:*", "*")})
	}
	g.wantCode("sixth version", err, "LimitExceeded", "A managed policy can have up to 5 versions.")
	tags := []types.Tag{{Key: aws.String("a"), Value: aws.String("")}, {Key: aws.String("A"), Value: aws.String("")}}
	_, err = client.TagUser(ctx, &sdk.TagUserInput{UserName: aws.String("ann"), Tags: tags})
	g.wantCode("tags", err, "InvalidInput", "Duplicate tag keys found.")
}

// A virtual MFA device: seed, picture, two codes, and a session that counts as
// made with it.
func TestVirtualMFADevice(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	now := time.Now()
	g.now = func() time.Time { return now }
	client := sdk.NewFromConfig(g.aws(root))
	ann := g.user(client, "ann")
	made, err := client.CreateVirtualMFADevice(ctx, &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("ann")})
	g.wantCode("CreateVirtualMFADevice", err, "", "")
	seed, serial := string(made.VirtualMFADevice.Base32StringSeed), made.VirtualMFADevice.SerialNumber
	if img, err := png.Decode(bytes.NewReader(made.VirtualMFADevice.QRCodePNG)); err != nil || img.Bounds().Dx() < 100 || len(seed) != 64 {
		t.Errorf("picture %v, seed of %d characters", err, len(seed))
	}
	code := func(after time.Duration) *string {
		c, err := totp.GenerateCode(seed, now.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return &c
	}
	enable := func(first, second *string) error {
		_, err := client.EnableMFADevice(ctx, &sdk.EnableMFADeviceInput{UserName: aws.String("ann"), SerialNumber: serial, AuthenticationCode1: first, AuthenticationCode2: second})
		return err
	}
	g.wantCode("one code twice", enable(code(0), code(0)), "InvalidAuthenticationCode", "Authentication code for device is not valid.")
	g.wantCode("EnableMFADevice", enable(code(-30*time.Second), code(0)), "", "")
	g.wantCode("again", enable(code(-30*time.Second), code(0)), "EntityAlreadyExists", "")
	list, err := client.ListVirtualMFADevices(ctx, &sdk.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned})
	if err != nil || !slices.ContainsFunc(list.VirtualMFADevices, func(d types.VirtualMFADevice) bool { return *d.SerialNumber == *serial && *d.User.UserName == "ann" }) {
		t.Errorf("%+v, %v", list, err)
	}
	withMFA := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iam:ListUsers", "s3:PutObject"], "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}`
	_, err = client.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("p"), PolicyDocument: &withMFA})
	g.wantCode("PutUserPolicy", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 403, "AccessDenied")
	plain, err := sts.NewFromConfig(g.aws(ann)).GetSessionToken(ctx, nil)
	g.wantCode("GetSessionToken", err, "", "")
	_, err = sdk.NewFromConfig(g.aws(credential(plain.Credentials))).ListUsers(ctx, nil)
	g.wantCode("session without MFA", err, "InvalidClientTokenId", "The security token included in the request is invalid")
	strong, err := sts.NewFromConfig(g.aws(ann)).GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code(0)})
	g.wantCode("GetSessionToken with MFA", err, "", "")
	_, err = sts.NewFromConfig(g.aws(ann)).GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code(0)})
	g.wantCode("GetSessionToken with the code again", err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
	_, err = sts.NewFromConfig(g.aws(ann)).GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code(30 * time.Second)})
	g.wantCode("GetSessionToken with the next code", err, "", "")
	g.want(g.do(credential(strong.Credentials), "PUT", "/reports/k", "x"), 200, "")
	_, err = sdk.NewFromConfig(g.aws(credential(strong.Credentials))).ListUsers(ctx, nil)
	g.wantCode("session with MFA", err, "", "")
	_, err = client.DeleteVirtualMFADevice(ctx, &sdk.DeleteVirtualMFADeviceInput{SerialNumber: serial})
	g.wantCode("in use", err, "DeleteConflict", "")
	_, err = client.DeactivateMFADevice(ctx, &sdk.DeactivateMFADeviceInput{UserName: aws.String("ann"), SerialNumber: serial})
	g.wantCode("DeactivateMFADevice", err, "", "")
	_, err = client.DeleteVirtualMFADevice(ctx, &sdk.DeleteVirtualMFADeviceInput{SerialNumber: serial})
	g.wantCode("DeleteVirtualMFADevice", err, "", "")
}

// The simulator's fields. The positions are those that AWS prints for
// AdministratorAccess: "simulate-principal-policy" in the AWS CLI Reference.
func TestSimulator(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	const administrator = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}"
	out, err := client.SimulateCustomPolicy(ctx, &sdk.SimulateCustomPolicyInput{PolicyInputList: []string{administrator}, ActionNames: []string{"s3:GetObject"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := out.EvaluationResults[0]; r.EvalDecision != "allowed" || len(r.MatchedStatements) != 1 || *r.MatchedStatements[0].StartPosition != (types.Position{Line: 3, Column: 17}) ||
		*r.MatchedStatements[0].EndPosition != (types.Position{Line: 8, Column: 6}) || *r.MatchedStatements[0].SourcePolicyId != "PolicyInputList.1" {
		t.Errorf("%+v", r)
	}
	simulate := func(in *sdk.SimulatePrincipalPolicyInput) types.EvaluationResult {
		t.Helper()
		out, err := client.SimulatePrincipalPolicy(ctx, in)
		if err != nil || len(out.EvaluationResults) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		return out.EvaluationResults[0]
	}
	key := []string{"arn:aws:s3:::reports/k"}
	reader, get := aws.String("arn:aws:iam::111122223333:user/reader"), []string{"s3:GetObject"}
	if r := simulate(&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: reader, ActionNames: get, ResourceArns: key}); r.EvalDecision != "allowed" || !r.OrganizationsDecisionDetail.AllowedByOrganizations {
		t.Errorf("allowed: %+v", r)
	}
	if r := simulate(&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: reader, ActionNames: get, ResourceArns: append(key, "arn:aws:s3:::other/k")}); r.EvalDecision != "implicitDeny" || len(r.ResourceSpecificResults) != 2 || r.ResourceSpecificResults[0].EvalResourceDecision != "allowed" {
		t.Errorf("two resources: %+v", r)
	}
	deny := strings.ReplaceAll(administrator, "Allow", "Deny")
	if r := simulate(&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: reader, ActionNames: get, ResourceArns: key, PolicyInputList: []string{deny}}); r.EvalDecision != "explicitDeny" || len(r.MatchedStatements) != 1 || *r.MatchedStatements[0].SourcePolicyId != "PolicyInputList.1" {
		t.Errorf("deny: %+v", r)
	}
	put := strings.ReplaceAll(administrator, `"*"`, `"s3:PutObject"`)
	put = strings.Replace(put, `"Resource": "s3:PutObject"`, `"Resource": "*"`, 1)
	if r := simulate(&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: reader, ActionNames: get, ResourceArns: key, PermissionsBoundaryPolicyInputList: []string{put}}); r.EvalDecision != "implicitDeny" || r.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary {
		t.Errorf("boundary: %+v", r)
	}
	bucket := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/nobody"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]}`
	nobody := aws.String("arn:aws:iam::111122223333:user/nobody")
	if r := simulate(&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: nobody, CallerArn: nobody, ActionNames: get, ResourceArns: key, ResourcePolicy: &bucket}); r.EvalDecision != "allowed" || *r.MatchedStatements[0].SourcePolicyId != "ResourcePolicy" {
		t.Errorf("resource policy: %+v", r)
	}
	r := simulate(&sdk.SimulatePrincipalPolicyInput{PolicySourceArn: nobody, CallerArn: nobody, ActionNames: get, ResourceArns: key, ResourcePolicy: &bucket, ResourceOwner: aws.String("arn:aws:iam::444455556666:root")})
	if r.EvalDecision != "implicitDeny" || r.EvalDecisionDetails["Resource Policy"] != "allowed" || r.EvalDecisionDetails["IAM Policy"] != "implicitDeny" {
		t.Errorf("other account: %+v", r)
	}
	tagged := aws.String("arn:aws:iam::111122223333:role/service/app")
	keys, err := client.GetContextKeysForPrincipalPolicy(ctx, &sdk.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: tagged})
	if err != nil || !slices.Equal(keys.ContextKeyNames, []string{"aws:PrincipalTag/team"}) {
		t.Errorf("%+v, %v", keys, err)
	}
	secure := strings.Replace(administrator, `"Effect"`, `"Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Effect"`, 1)
	in := &sdk.SimulateCustomPolicyInput{PolicyInputList: []string{secure}, ActionNames: get}
	if out, err = client.SimulateCustomPolicy(ctx, in); err != nil || out.EvaluationResults[0].EvalDecision != "implicitDeny" || !slices.Equal(out.EvaluationResults[0].MissingContextValues, []string{"aws:SecureTransport"}) {
		t.Errorf("missing: %+v, %v", out, err)
	}
	in.ContextEntries = []types.ContextEntry{{ContextKeyName: aws.String("aws:SecureTransport"), ContextKeyType: types.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{"true"}}}
	if out, err = client.SimulateCustomPolicy(ctx, in); err != nil || out.EvaluationResults[0].EvalDecision != "allowed" || len(out.EvaluationResults[0].MissingContextValues) != 0 {
		t.Errorf("given: %+v, %v", out, err)
	}
}

// The use of keys is tracked, and tells the services that a user used.
func TestLastUsed(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	last := func() *types.AccessKeyLastUsed {
		t.Helper()
		out, err := client.GetAccessKeyLastUsed(ctx, &sdk.GetAccessKeyLastUsedInput{AccessKeyId: &reader.AccessKeyID})
		if err != nil || *out.UserName != "reader" {
			t.Fatalf("%+v, %v", out, err)
		}
		return out.AccessKeyLastUsed
	}
	if l := last(); l.LastUsedDate != nil || *l.ServiceName != "N/A" {
		t.Errorf("never used: %+v", l)
	}
	g.do(reader, "GET", "/reports/2026/q1.csv", "")
	if l := last(); l.LastUsedDate == nil || *l.ServiceName != "s3" || *l.Region != "us-east-1" {
		t.Errorf("used: %+v", l)
	}
	job, err := client.GenerateServiceLastAccessedDetails(ctx, &sdk.GenerateServiceLastAccessedDetailsInput{Arn: aws.String("arn:aws:iam::111122223333:user/reader")})
	g.wantCode("GenerateServiceLastAccessedDetails", err, "", "")
	out, err := client.GetServiceLastAccessedDetails(ctx, &sdk.GetServiceLastAccessedDetailsInput{JobId: job.JobId})
	if err != nil || len(out.ServicesLastAccessed) != 1 || *out.ServicesLastAccessed[0].ServiceNamespace != "s3" || out.ServicesLastAccessed[0].LastAuthenticated == nil {
		t.Errorf("%+v, %v", out, err)
	}
}

// GetAccountAuthorizationDetails tells all, as the estate has it.
func TestAccountDetails(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(admin))
	var users, roles, policies []string
	p := sdk.NewGetAccountAuthorizationDetailsPaginator(client, &sdk.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(2)})
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range out.UserDetailList {
			users = append(users, *u.UserName)
			for _, d := range u.UserPolicyList {
				text, err := url.QueryUnescape(*d.PolicyDocument)
				if err != nil || !json.Valid([]byte(text)) {
					t.Errorf("%s: document %s", *u.UserName, *d.PolicyDocument)
				}
			}
		}
		for _, r := range out.RoleDetailList {
			roles = append(roles, *r.RoleName)
		}
		for _, m := range out.Policies {
			policies = append(policies, *m.PolicyName)
		}
	}
	if !slices.Equal(users, []string{"admin", "nobody", "reader"}) || !slices.Equal(roles, []string{"app", "deploy", "guarded"}) || !slices.Equal(policies, []string{"read-only"}) {
		t.Errorf("users %v, roles %v, policies %v", users, roles, policies)
	}
	out, err := client.GetAccountAuthorizationDetails(ctx, &sdk.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeRole}})
	if err != nil || len(out.RoleDetailList) != 3 || len(out.UserDetailList) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

// Service control policies, and the limits of those who are not of the account,
// hold for IAM as for S3; --soft lets pass.
func TestIAMIsDecided(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	_, err := sdk.NewFromConfig(g.aws(bounded)).CreateUser(ctx, &sdk.CreateUserInput{UserName: aws.String("x")})
	g.wantCode("boundary", err, "AccessDenied", "because no permissions boundary allows the iam:CreateUser action")
	_, err = sdk.NewFromConfig(g.aws(g.assume(admin, "arn:aws:iam::111122223333:role/service/app"))).ListUsers(ctx, nil)
	g.wantCode("role", err, "AccessDenied", "User: arn:aws:sts::111122223333:assumed-role/app/s1 is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::111122223333:user/ because no identity-based policy allows the iam:ListUsers action")
	_, err = sdk.NewFromConfig(g.aws(partner)).AttachUserPolicy(ctx, &sdk.AttachUserPolicyInput{UserName: aws.String("partner"), PolicyArn: aws.String("arn:aws:iam::111122223333:policy/read-only")})
	g.wantCode("policy of another account", err, "NoSuchEntity", "does not exist or is not attachable")
	_, err = sdk.NewFromConfig(g.aws(sigv4.Credential{AccessKeyID: "AKIANONE", Secret: "x"})).ListUsers(ctx, nil)
	g.wantCode("unknown key", err, "InvalidClientTokenId", "")
	soft := newRig(t, func(c *Config) { c.Soft = true })
	_, err = sdk.NewFromConfig(soft.aws(nobody)).ListUsers(ctx, nil)
	soft.wantCode("soft", err, "", "")
	if !strings.Contains(soft.log.String(), "iam:ListUsers") {
		t.Error("the log does not tell what would have been refused")
	}
}

// What no estate knows survives a restart as well.
func TestRestartKeepsIAM(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	device, err := client.CreateVirtualMFADevice(ctx, &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("d")})
	g.wantCode("CreateVirtualMFADevice", err, "", "")
	_, err = client.CreateInstanceProfile(ctx, &sdk.CreateInstanceProfileInput{InstanceProfileName: aws.String("p"), Path: aws.String("/x/")})
	g.wantCode("CreateInstanceProfile", err, "", "")
	_, err = client.AddRoleToInstanceProfile(ctx, &sdk.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("p"), RoleName: aws.String("app")})
	g.wantCode("AddRoleToInstanceProfile", err, "", "")
	provider, err := client.CreateOpenIDConnectProvider(ctx, &sdk.CreateOpenIDConnectProviderInput{Url: aws.String("https://ci.example.com"), ClientIDList: []string{"app"}})
	g.wantCode("CreateOpenIDConnectProvider", err, "", "")
	_, err = client.CreateLoginProfile(ctx, &sdk.CreateLoginProfileInput{UserName: aws.String("nobody"), Password: aws.String("Correct-Horse-403")})
	g.wantCode("CreateLoginProfile", err, "", "")
	_, err = client.CreateAccountAlias(ctx, &sdk.CreateAccountAliasInput{AccountAlias: aws.String("prod-alias")})
	g.wantCode("CreateAccountAlias", err, "", "")
	g.restart()
	client = sdk.NewFromConfig(g.aws(root))
	devices, err := client.ListVirtualMFADevices(ctx, &sdk.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeUnassigned})
	if err != nil || len(devices.VirtualMFADevices) != 1 || *devices.VirtualMFADevices[0].SerialNumber != *device.VirtualMFADevice.SerialNumber {
		t.Errorf("%+v, %v", devices, err)
	}
	profile, err := client.GetInstanceProfile(ctx, &sdk.GetInstanceProfileInput{InstanceProfileName: aws.String("P")})
	if err != nil || *profile.InstanceProfile.Arn != "arn:aws:iam::111122223333:instance-profile/x/p" || len(profile.InstanceProfile.Roles) != 1 {
		t.Errorf("%+v, %v", profile, err)
	}
	got, err := client.GetOpenIDConnectProvider(ctx, &sdk.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider.OpenIDConnectProviderArn})
	if err != nil || !slices.Equal(got.ClientIDList, []string{"app"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err = client.GetLoginProfile(ctx, &sdk.GetLoginProfileInput{UserName: aws.String("nobody")}); err != nil {
		t.Error(err)
	}
	aliases, err := client.ListAccountAliases(ctx, nil)
	if err != nil || !slices.Equal(aliases.AccountAliases, []string{"prod-alias"}) {
		t.Errorf("%+v, %v", aliases, err)
	}
	change := &sdk.ChangePasswordInput{OldPassword: aws.String("wrong-Horse-403"), NewPassword: aws.String("Another-Horse-403")}
	_, err = sdk.NewFromConfig(g.aws(admin)).ChangePassword(ctx, change)
	g.wantCode("without a login profile", err, "NoSuchEntity", "")
}

// A renamed user stays whom policies name, and nobody else is.
func TestRenamed(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	ann := g.user(client, "ann")
	g.want(g.do(root, "PUT", "/reports?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user\/ann"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::reports/*"}]}`), 204, "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 200, "")
	_, err := client.UpdateUser(ctx, &sdk.UpdateUserInput{UserName: aws.String("ann"), NewUserName: aws.String("anna")})
	g.wantCode("UpdateUser", err, "", "")
	g.want(g.do(ann, "PUT", "/reports/k", "x"), 200, "")
	g.want(g.do(g.user(client, "ann"), "PUT", "/reports/k", "x"), 403, "AccessDenied")
}

// The credential report has the columns and rows of "Get credential reports for
// your AWS account" in the IAM User Guide.
func TestCredentialReport(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sdk.NewFromConfig(g.aws(root))
	_, err := client.GetCredentialReport(ctx, nil)
	g.wantCode("none yet", err, "ReportNotPresent", "")
	started, err := client.GenerateCredentialReport(ctx, nil)
	if err != nil || started.State != types.ReportStateTypeStarted {
		t.Errorf("%+v, %v", started, err)
	}
	again, err := client.GenerateCredentialReport(ctx, nil)
	if err != nil || again.State != types.ReportStateTypeComplete {
		t.Errorf("%+v, %v", again, err)
	}
	g.do(reader, "GET", "/reports/2026/q1.csv", "")
	out, err := client.GetCredentialReport(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(out.Content)).ReadAll()
	if err != nil || len(rows) != 5 || len(rows[0]) != 22 || rows[1][0] != "<root_account>" || rows[2][0] != "admin" || rows[2][7] != "true" {
		t.Fatalf("%v, %v", rows, err)
	}
	if r := rows[4]; r[0] != "reader" || r[8] != "true" || r[12] != "s3" || r[13] != "false" || r[15] != "N/A" {
		t.Errorf("reader: %v", r)
	}
}
