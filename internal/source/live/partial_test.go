package live

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
)

// replying answers by operation: the action of query protocols, the target of JSON
// ones, else method and path with the subresource.
func replying(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name := r.Method + " " + r.URL.Path + "?" + strings.TrimSuffix(strings.SplitN(r.URL.RawQuery, "&", 2)[0], "=")
		if _, target, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
			name = target
		} else if rest, ok := strings.CutPrefix(string(body), "Action="); ok {
			name, _, _ = strings.Cut(rest, "&")
		}
		answer, ok := answers[name]
		if !ok {
			w.WriteHeader(http.StatusForbidden)
			answer = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no " + name + "</Message></Error></ErrorResponse>"
			if r.Header.Get("X-Amz-Target") != "" {
				answer = `{"__type":"AccessDeniedException","message":"no ` + name + `"}`
			}
		}
		fmt.Fprint(w, answer)
	}
}

func listed(u estate.Unknowns, what string) bool {
	_, ok := u.Why(what)
	return ok
}

// A Block Public Access that lacks a setting is not known: an absent one is not off.
func TestPartialBlock(t *testing.T) {
	const three = `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>`
	c := answering(t, replying(map[string]string{"GET /b?publicAccessBlock": three}))
	c.bucket("b", "us-east-1")
	if b := c.account.Buckets["b"]; !listed(b.Unknown, "publicAccessBlock") || b.PublicAccessBlock != nil {
		t.Errorf("%+v", b)
	}
}

// What IAM's dump names and does not tell is not known: policies without a document
// or default version, groups, boundaries.
func TestPartialIdentities(t *testing.T) {
	c := answering(t, replying(map[string]string{"GetAccountAuthorizationDetails": `<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated>
<UserDetailList><member><UserName>alice</UserName><UserId>AIDAEXAMPLE0000ALICE</UserId><Path>/</Path><GroupList><member>gone</member></GroupList>
 <UserPolicyList><member><PolicyName>empty</PolicyName></member><member><PolicyName>odd</PolicyName><PolicyDocument>%7B"Statement"%3A 1%7D</PolicyDocument></member></UserPolicyList>
 <AttachedManagedPolicies><member><PolicyName>cut</PolicyName><PolicyArn>arn:aws:iam::111122223333:policy/team/cut</PolicyArn></member><member><PolicyName>new</PolicyName><PolicyArn>arn:aws:iam::aws:policy/NotInThisProgram</PolicyArn></member></AttachedManagedPolicies>
 <PermissionsBoundary><PermissionsBoundaryType>PermissionsBoundaryPolicy</PermissionsBoundaryType></PermissionsBoundary></member></UserDetailList>
<RoleDetailList><member><RoleName>app</RoleName><RoleId>AROAEXAMPLE0000000APP</RoleId><Path>/</Path><AttachedManagedPolicies><member><PolicyName>versions</PolicyName><PolicyArn>arn:aws:iam::111122223333:policy/versions</PolicyArn></member></AttachedManagedPolicies></member></RoleDetailList>
<Policies><member><PolicyName>versions</PolicyName><Arn>arn:aws:iam::111122223333:policy/versions</Arn><Path>/</Path><PolicyVersionList><member><VersionId>v1</VersionId><IsDefaultVersion>false</IsDefaultVersion></member></PolicyVersionList></member></Policies>
</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`}))
	c.identities()
	a, u := c.account, c.account.Users["alice"]
	for what, ok := range map[string]bool{
		"inline policies": listed(u.Unknown, "inline") && len(u.Inline) == 0, "boundary": listed(u.Unknown, "boundary"), "group": listed(a.Groups["gone"].Unknown, "inline"),
		"trust": listed(a.Roles["app"].Unknown, "trust"), "default version": listed(a.ManagedPolicies["versions"].Unknown, "document"),
		"policy that the dump lacks": listed(a.ManagedPolicies["cut"].Unknown, "document") && a.ManagedPolicies["cut"].Path == "/team/",
		"AWS's policy":               listed(a.ManagedPolicies["arn:aws:iam::aws:policy/NotInThisProgram"].Unknown, "document"), "access keys": listed(u.Unknown, "accessKeys"),
	} {
		if !ok {
			t.Errorf("%s: taken for known", what)
		}
	}
	if _, err := c.finish(); err != nil {
		t.Errorf("what IAM answered does not fit together: %v", err)
	}
}

// A policy of AWS's that reads otherwise than this program's copy stands in the
// estate, and one that reads the same does not.
func TestPolicyOfAWS(t *testing.T) {
	const name = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	for document, kept := range map[string]bool{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`:                                                                         true,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}`: false,
	} {
		c := answering(t, replying(map[string]string{"GetAccountAuthorizationDetails": `<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated>
<RoleDetailList><member><RoleName>app</RoleName><Path>/</Path><AssumeRolePolicyDocument>{"Version":"2012-10-17","Statement":[]}</AssumeRolePolicyDocument><AttachedManagedPolicies><member><PolicyName>p</PolicyName><PolicyArn>` + name + `</PolicyArn></member></AttachedManagedPolicies></member></RoleDetailList>
<Policies><member><PolicyName>AmazonS3ReadOnlyAccess</PolicyName><Arn>` + name + `</Arn><PolicyVersionList><member><IsDefaultVersion>true</IsDefaultVersion><Document>` + document + `</Document></member></PolicyVersionList></member></Policies>
</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`}))
		c.identities()
		if (c.account.ManagedPolicies[name] != nil) != kept {
			t.Errorf("%s: kept %v, want %v", document, !kept, kept)
		}
	}
}

// A grant for calls on behalf of a resource, or without a grantee, is none that an
// estate can hold; a key without a state is not known to be enabled.
func TestPartialKey(t *testing.T) {
	const id = "1111aaaa-12ab-34cd-56ef-1234567890ab"
	c := answering(t, replying(map[string]string{
		"DescribeKey":  `{"KeyMetadata":{"KeyId":"` + id + `","AWSAccountId":"111122223333","Arn":"arn:aws:kms:us-east-1:111122223333:key/` + id + `"}}`,
		"GetKeyPolicy": `{}`,
		"ListGrants": `{"Grants":[{"GrantId":"a","GranteePrincipal":"arn:aws:iam::111122223333:role/app","Operations":["Decrypt"],"Constraints":{"SourceArn":"arn:aws:s3:::b"}},
			{"GrantId":"b","Operations":["Decrypt"]},{"GrantId":"c","GranteeServicePrincipal":"logging.s3.amazonaws.com","Operations":["Decrypt"]}]}`,
	}))
	c.key("arn:aws:kms:us-east-1:111122223333:key/" + id)
	k := c.account.Keys[id]
	for _, what := range []string{"state", "document", "grants", "aliases", "tags"} {
		if !listed(k.Unknown, what) {
			t.Errorf("%s of the key is taken for known: %+v", what, k)
		}
	}
	if len(k.Grants) != 1 || k.Grants[0].Grantee != "logging.s3.amazonaws.com" {
		t.Errorf("grants %+v", k.Grants)
	}
}

// An organization without a root, without a description, or that does not list the
// account, leaves the account's place unknown; a policy without a text and one that
// may not be listed leave what hangs there unknown.
func TestPartialOrganization(t *testing.T) {
	const described = `{"Organization":{"Id":"o-exampleorg01","MasterAccountId":"999999999999"}}`
	const root = `{"Roots":[{"Id":"r-ab12","PolicyTypes":[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"},{"Type":"RESOURCE_CONTROL_POLICY","Status":"PENDING_ENABLE"}]}]}`
	for name, answers := range map[string]map[string]string{
		"no description": {"DescribeOrganization": `{}`},
		"no root":        {"DescribeOrganization": described, "ListRoots": `{"Roots":[]}`},
		"no accounts":    {"DescribeOrganization": described, "ListRoots": root},
		"not listed":     {"DescribeOrganization": described, "ListRoots": root, "ListAccountsForParent": `{"Accounts":[{"Id":"999999999999"}]}`, "ListOrganizationalUnitsForParent": `{}`},
	} {
		c := answering(t, replying(answers))
		c.organization()
		if !listed(c.account.Unknown, "organization") {
			t.Errorf("%s: the organization is taken for known: %+v", name, c.estate)
		}
	}
	c := answering(t, replying(map[string]string{"DescribeOrganization": described, "ListRoots": root, "ListAccountsForParent": `{"Accounts":[{"Id":"111122223333"}]}`, "ListOrganizationalUnitsForParent": `{}`,
		"ListPoliciesForTarget": `{"Policies":[{"Id":"p-1","Name":"FullAWSAccess","AwsManaged":false},{"Id":"p-2","Name":"Limit"}]}`, "DescribePolicy": `{"Policy":{}}`}))
	c.organization()
	if _, err := c.finish(); err != nil {
		t.Fatal(err)
	}
	o := c.estate.Organizations["o-exampleorg01"]
	if o == nil || !listed(o.Policies["Limit"].Unknown, "document") || o.Policies["FullAWSAccess (p-1)"] == nil || !listed(o.Root.Unknown, "rcps") || len(*o.Root.SCPs) != 2 {
		t.Errorf("%+v", o)
	}
}
