package server

import (
	"net/url"
	"strings"
	"testing"

	"github.com/why403/why403/internal/sigv4"
)

// query calls an operation of IAM by its form.
func (g *rig) query(who sigv4.Credential, form string) answer {
	g.t.Helper()
	form += "&Version=2010-05-08"
	r := g.request("POST", "/", form, "Content-Type", "application/x-www-form-urlencoded")
	sigv4.Signer{Credential: who, Region: "us-east-1", Service: "iam"}.Sign(r, g.now(), hashOf(form))
	return g.send(r)
}

// A sentence is a call, and what its answer says and what it does not.
type sentence struct {
	form   string
	status int
	says   string
	lacks  string // words
}

func (g *rig) converse(who sigv4.Credential, sentences []sentence) {
	g.t.Helper()
	for _, s := range sentences {
		a := g.query(who, s.form)
		if a.StatusCode != s.status || !strings.Contains(a.body, s.says) {
			g.t.Errorf("%s\n got %d %s\nwant %d %s", s.form, a.StatusCode, a.body, s.status, s.says)
		}
		for word := range strings.FieldsSeq(s.lacks) {
			if strings.Contains(a.body, word) {
				g.t.Errorf("%s\n got %s\nwhich has %s", s.form, a.body, word)
			}
		}
	}
}

func message(code, text string) string {
	return "<Code>" + code + "</Code><Message>" + text + "</Message>"
}

var (
	anyTrust = "&AssumeRolePolicyDocument=" + url.QueryEscape(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)
	anyRead  = "&PolicyDocument=" + url.QueryEscape(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`)
)

// What answers show and how errors are worded: recorded at AWS in 2026 by the project
// localstack (tests/aws/services/iam/*.snapshot.json).
func TestIAMAnswers(t *testing.T) {
	g := newRig(t, nil)
	const none, p1 = "arn:aws:iam::111122223333:policy/none", "arn:aws:iam::111122223333:policy/p1"
	g.converse(root, []sentence{
		{"Action=CreateRole&RoleName=r1&Description=d&MaxSessionDuration=7200" + anyTrust, 200, "<RoleName>r1</RoleName>", "<Description> <MaxSessionDuration> <RoleLastUsed <Tags"},
		{"Action=GetRole&RoleName=r1", 200, "<Description>d</Description>", "<Tags"},
		{"Action=TagRole&RoleName=r1&Tags.member.1.Key=k&Tags.member.1.Value=v", 200, "", ""},
		{"Action=ListRoles&PathPrefix=/", 200, "<MaxSessionDuration>7200</MaxSessionDuration>", "<Tags <RoleLastUsed"},
		{"Action=UpdateRoleDescription&RoleName=r1&Description=e", 200, "<Description>e</Description>", "<MaxSessionDuration> <RoleLastUsed"},
		{"Action=TagRole&RoleName=r1&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=K&Tags.member.2.Value=v", 400, message("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."), ""},
		{"Action=CreatePolicy&PolicyName=p1&Description=d" + anyRead, 200, "<PolicyName>p1</PolicyName>", "<Description> <Tags"},
		{"Action=GetPolicy&PolicyArn=" + p1, 200, "<Tags></Tags>", ""},
		{"Action=TagPolicy&PolicyArn=" + p1 + "&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=A&Tags.member.2.Value=2", 200, "", ""},
		{"Action=ListPolicyTags&PolicyArn=" + p1, 200, "<Key>A</Key><Value>2</Value></member><member><Key>a</Key>", ""},
		{"Action=TagPolicy&PolicyArn=" + p1 + "&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=a&Tags.member.2.Value=2", 400, message("InvalidInput", "Duplicate tag keys found."), ""},
		{"Action=GetPolicyVersion&VersionId=v1&PolicyArn=" + none, 404, message("NoSuchEntity", "Policy "+none+" version v1 does not exist or is not attachable."), ""},
		{"Action=SetDefaultPolicyVersion&VersionId=v1&PolicyArn=" + none, 404, message("NoSuchEntity", "Policy "+none+" version v1 does not exist or is not attachable."), ""},
		{"Action=AttachRolePolicy&RoleName=r1&PolicyArn=longpolicynamebutnoarn", 400, message("ValidationError", "ARN longpolicynamebutnoarn is not valid."), ""},
		{"Action=PutRolePermissionsBoundary&RoleName=r1&PermissionsBoundary=arn:aws:iam::111122223333:not_a_policy/x", 400, message("InvalidInput", "ARN arn:aws:iam::111122223333:not_a_policy/x is not valid."), ""},
		{"Action=PutRolePermissionsBoundary&RoleName=r1&PermissionsBoundary=" + none, 404, message("NoSuchEntity", "Scope ARN: "+none+" does not exist or is not attachable."), ""},
		{"Action=CreateInstanceProfile&InstanceProfileName=ip1", 200, "<Roles></Roles>", "<Tags"},
		{"Action=RemoveRoleFromInstanceProfile&InstanceProfileName=ip1&RoleName=r1", 404, message("NoSuchEntity", "Role r1 in Instance Profile ip1 cannot be found."), ""},
		{"Action=AddRoleToInstanceProfile&InstanceProfileName=ip1&RoleName=r1", 200, "", ""},
		{"Action=GetInstanceProfile&InstanceProfileName=ip1", 200, "<Tags></Tags>", "<MaxSessionDuration> <Description>"},
		{"Action=RemoveUserFromGroup&GroupName=none&UserName=none", 404, message("NoSuchEntity", "The user with name none cannot be found."), ""},
		{"Action=CreateGroup&GroupName=g1", 200, "", ""},
		{"Action=RemoveUserFromGroup&GroupName=g1&UserName=nobody", 200, "", ""},
		{"Action=GetAccessKeyLastUsed&AccessKeyId=AKIAIOSFODNN7EXAMPLE", 403, message("AccessDenied", "User: arn:aws:iam::111122223333:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAIOSFODNN7EXAMPLE"), ""},
		{"Action=DeleteAccountPasswordPolicy", 404, message("NoSuchEntity", "The account policy with name PasswordPolicy cannot be found."), ""},
		{"Action=DeleteVirtualMFADevice&SerialNumber=arn:aws:iam::111122223333:mfa/none", 404, message("NoSuchEntity", "MFA Device with serial number arn:aws:iam::111122223333:mfa/none does not exist."), ""},
		{"Action=ListVirtualMFADevices&Marker=100", 400, message("ValidationError", "Invalid Marker."), ""},
		{"Action=CreateOpenIDConnectProvider&Url=https://o.example.com&ThumbprintList.member.1=" + strings.Repeat("b", 40), 200, "oidc-provider/o.example.com", "<Tags"},
		{"Action=DeleteOpenIDConnectProvider&OpenIDConnectProviderArn=arn:aws:iam::111122223333:oidc-provider/none.example.com", 404, message("NoSuchEntity", "OpenId connect Provider arn:aws:iam::111122223333:oidc-provider/none.example.com cannot be found."), ""},
	})
}

// Lists are in the order of names without regard to case, whole and in pages (what
// ceph/s3-tests asks of AWS: test_account_user_list, test_account_group_list and
// test_account_role_list).
func TestIAMOrder(t *testing.T) {
	g := newRig(t, nil)
	for _, name := range []string{"Ad", "ac", "Ab", "aa"} {
		g.converse(root, []sentence{
			{"Action=CreateUser&Path=/o/&UserName=" + name, 200, "", ""}, {"Action=CreateGroup&Path=/o/&GroupName=" + name, 200, "", ""},
			{"Action=CreateRole&Path=/o/&RoleName=" + name + anyTrust, 200, "", ""},
		})
	}
	for action, member := range map[string]string{"ListUsers": "UserName", "ListGroups": "GroupName", "ListRoles": "RoleName"} {
		for _, size := range []string{"100", "1", "3"} {
			var names []string
			for marker := ""; ; {
				body := g.query(root, "Action="+action+"&PathPrefix=/o/&MaxItems="+size+marker).body
				for _, part := range strings.Split(body, "<"+member+">")[1:] {
					name, _, _ := strings.Cut(part, "<")
					names = append(names, name)
				}
				_, next, more := strings.Cut(body, "<Marker>")
				if !more {
					break
				}
				next, _, _ = strings.Cut(next, "<")
				marker = "&Marker=" + next
			}
			if got := strings.Join(names, " "); got != "aa Ab ac Ad" {
				t.Errorf("%s by %s: %s", action, size, got)
			}
		}
	}
}

// Policies of service-linked roles are no one else's (AWS's message, as Terraform's
// issues quote it); of the other AWS managed policies any can be attached.
func TestAttachAWSPolicies(t *testing.T) {
	g := newRig(t, nil)
	attach := "Action=AttachUserPolicy&UserName=nobody&PolicyArn=arn:aws:iam::aws:policy/"
	g.converse(root, []sentence{
		{attach + "aws-service-role/AWSSupportServiceRolePolicy", 400, message("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role."), ""},
		{attach + "job-function/Billing", 200, "", ""},
		{attach + "AmazonAthenaFullAccess", 200, "", ""},
		{"Action=ListAttachedUserPolicies&UserName=nobody", 200, "<PolicyName>AmazonAthenaFullAccess</PolicyName></member><member><PolicyArn>arn:aws:iam::aws:policy/job-function/Billing</PolicyArn>", ""},
		{"Action=GetPolicy&PolicyArn=arn:aws:iam::aws:policy/AmazonAthenaFullAccess", 200, "<AttachmentCount>1</AttachmentCount>", ""},
		{"Action=ListPolicies&Scope=AWS&MaxItems=2", 200, "<IsTruncated>true</IsTruncated>", "<Tags"},
		{"Action=ListPolicies&Scope=AWS&OnlyAttached=true", 200, "<PolicyName>Billing</PolicyName>", ""},
		{"Action=SimulatePrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:user/nobody&ActionNames.member.1=s3:GetObject&ResourceArns.member.1=arn:aws:s3:::aws-athena-query-results-1/k", 200, "<EvalDecision>allowed</EvalDecision>", ""},
		{"Action=SimulatePrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:user/nobody&ActionNames.member.1=s3:GetObject&ResourceArns.member.1=arn:aws:s3:::elsewhere/k", 200, "<EvalDecision>implicitDeny</EvalDecision>", ""},
	})
}

// The query services answer in JSON where they are asked to.
func TestQueryJSON(t *testing.T) {
	g := newRig(t, nil)
	for _, tt := range []struct {
		form, says string
		status     int
	}{
		{"Action=GetUser&UserName=nobody", `{"GetUserResponse":{"GetUserResult":{"User":{"Arn":"arn:aws:iam::111122223333:user/nobody"`, 200},
		{"Action=DeleteUserPolicy&UserName=nobody&PolicyName=none", `{"Error":{"Code":"NoSuchEntity","Message":"`, 404},
	} {
		form := tt.form + "&Version=2010-05-08"
		r := g.request("POST", "/", form, "Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json")
		sigv4.Signer{Credential: root, Region: "us-east-1", Service: "iam"}.Sign(r, g.now(), hashOf(form))
		a := g.send(r)
		if a.StatusCode != tt.status || !strings.HasPrefix(a.body, tt.says) || a.Header.Get("Content-Type") != "application/json" || !strings.Contains(a.body, `"RequestId":"`) {
			t.Errorf("%s: %d %s", tt.form, a.StatusCode, a.body)
		}
	}
}

// Issuers that are none, thumbprints, and requests that come to no operation: as
// recorded at AWS in 2026 by the projects localstack and versitygw.
func TestProvidersAndActions(t *testing.T) {
	g := newRig(t, nil)
	const create, thumb = "Action=CreateOpenIDConnectProvider&ThumbprintList.member.1=6938FD4D98BAB03FAADB97B34396831E3780AEA1&Url=", "<member>6938fd4d98bab03faadb97b34396831e3780aea1</member>"
	const arn = "arn:aws:iam::111122223333:oidc-provider/idp.example.com"
	g.converse(root, []sentence{
		{create + "example.com", 400, message("ValidationError", "Invalid Open ID Connect Provider URL"), ""},
		{create + "http://example.com", 400, message("InvalidInput", "Invalid Open ID Connect Provider URL. The URL must begin with https://."), ""},
		{create + "https://me:pw@example.com", 400, message("InvalidInput", "Invalid Open ID Connect Provider URL."), ""},
		{create + "https://example.com?a=b", 400, message("InvalidInput", "Invalid Open ID Connect Provider URL."), ""},
		{create + "https://exa_mple.com", 400, message("InvalidInput", "Invalid Open ID Connect Provider URL."), ""},
		{create + "https://idp.example.com", 200, arn + "<", ""},
		{create + "https://idp.example.com/", 200, arn + "/<", ""}, // another provider
		{"Action=GetOpenIDConnectProvider&OpenIDConnectProviderArn=" + arn, 200, thumb, ""},
		{"Action=Nothing", 400, `<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error><Type>Sender</Type>` +
			message("InvalidAction", "Could not find operation Nothing for version 2010-05-08"), ""},
	})
	unsigned := g.send(g.request("GET", "/?Action=ListUsers&Version=2010-05-08", ""))
	if unsigned.StatusCode != 403 || !strings.Contains(unsigned.body, message("MissingAuthenticationToken", "Request is missing Authentication Token")) {
		t.Errorf("%d %s", unsigned.StatusCode, unsigned.body)
	}
	const other = "Action=ListUsers&Version=2011-06-15"
	r := g.request("POST", "/", other, "Content-Type", "application/x-www-form-urlencoded")
	sigv4.Signer{Credential: root, Region: "us-east-1", Service: "iam"}.Sign(r, g.now(), hashOf(other))
	if a := g.send(r); a.StatusCode != 400 || !strings.Contains(a.body, message("InvalidAction", "Could not find operation ListUsers for version 2011-06-15")) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}
