package server

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/sigv4"
)

// api calls a service of the JSON protocols. target is "TrentService.Encrypt".
func (g *rig) api(who sigv4.Credential, service, target, body string) answer {
	g.t.Helper()
	r := g.request("POST", "/", body, "Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", target)
	sigv4.Signer{Credential: who, Region: "us-east-1", Service: service}.Sign(r, g.now(), hashOf(body))
	return g.send(r)
}

// wantAPI fails the test unless the answer has that status and error code.
func (g *rig) wantAPI(a answer, status int, code string) answer {
	g.t.Helper()
	var e struct {
		Type string `json:"__type"`
	}
	json.Unmarshal([]byte(a.body), &e)
	if a.StatusCode != status || e.Type != code {
		g.t.Errorf("got %d %s, want %d %s\nlog:\n%s", a.StatusCode, a.body, status, code, tail(g.log.String()))
	}
	return a
}

const dataKey = "1111aaaa-12ab-34cd-56ef-1234567890ab"

// Ciphertexts, key policies and grants outlive the process.
func TestKMSRestart(t *testing.T) {
	g := newRig(t, nil)
	var sealed struct{ CiphertextBlob string }
	a := g.wantAPI(g.api(admin, "kms", "TrentService.Encrypt", `{"KeyId": "alias/data", "Plaintext": "aGVsbG8="}`), 200, "")
	if err := json.Unmarshal([]byte(a.body), &sealed); err != nil {
		t.Fatal(err)
	}
	g.wantAPI(g.api(admin, "kms", "TrentService.CreateGrant",
		`{"KeyId": "`+dataKey+`", "GranteePrincipal": "arn:aws:iam::111122223333:user/nobody", "Operations": ["Decrypt"]}`), 200, "")
	g.wantAPI(g.api(admin, "kms", "TrentService.CreateAlias", `{"AliasName": "alias/more", "TargetKeyId": "`+dataKey+`"}`), 200, "")
	for range 2 {
		a := g.wantAPI(g.api(nobody, "kms", "TrentService.Decrypt", `{"CiphertextBlob": "`+sealed.CiphertextBlob+`"}`), 200, "")
		if !strings.Contains(a.body, `"aGVsbG8="`) {
			t.Errorf("%s", a.body)
		}
		g.wantAPI(g.api(admin, "kms", "TrentService.DescribeKey", `{"KeyId": "alias/more"}`), 200, "")
		g.restart()
	}
}

// Refusals of KMS are kept and explained like S3's.
func TestKMSExplained(t *testing.T) {
	g := newRig(t, nil)
	for _, tt := range []struct {
		who          sigv4.Credential
		key, code    string
		kind, reason string
	}{
		{reader, dataKey, "AccessDeniedException", iam.KindImplicitDeny.String(), "no-allow-kms-identity"},
		{admin, "2222bbbb-12ab-34cd-56ef-1234567890ab", "DisabledException", iam.KindState.String(), "kms-key-disabled"},
		{admin, "3333cccc-12ab-34cd-56ef-1234567890ab", "KMSInvalidStateException", iam.KindState.String(), "kms-key-state"},
	} {
		a := g.wantAPI(g.api(tt.who, "kms", "TrentService.Encrypt", `{"KeyId": "`+tt.key+`", "Plaintext": "aGVsbG8="}`), 400, tt.code)
		list := g.server.decisions.get(a.Header.Get("X-Amzn-Requestid"))
		if len(list) != 1 || list[0].Cause == nil || list[0].Cause.Kind.String() != tt.kind || list[0].Cause.Reason != tt.reason || list[0].Code != tt.code {
			t.Errorf("%s: %+v", tt.key, list)
		}
	}
}

// A refusal that no policy is the reason for is explained in the log.
func TestRefusedWithoutPolicy(t *testing.T) {
	g := newRig(t, nil)
	g.wantAPI(g.api(admin, "organizations", "AWSOrganizationsV20161128.ListAccounts", "{}"), 400, "AccessDeniedException")
	if want := "o-exampleorg01 is managed by account 999999999999"; !strings.Contains(g.log.String(), want) {
		t.Errorf("the log lacks %q:\n%s", want, tail(g.log.String()))
	}
	g.wantAPI(g.api(partner, "kms", "TrentService.DisableKey", `{"KeyId": "arn:aws:kms:us-east-1:111122223333:key/`+dataKey+`"}`), 400, "AccessDeniedException")
	if want := "keys of other accounts cannot be used with DisableKey"; !strings.Contains(g.log.String(), want) {
		t.Errorf("the log lacks %q:\n%s", want, tail(g.log.String()))
	}
}

// Organizations, accounts and endpoints outlive the process.
func TestOrganizationsAndEndpointsRestart(t *testing.T) {
	g := newRig(t, nil)
	solo := sigv4.Credential{AccessKeyID: "AKIASOLO000000000001", Secret: "solo/Secret+Key0000000000000000000000001"}
	org := func(operation, body string) string {
		return g.wantAPI(g.api(solo, "organizations", "AWSOrganizationsV20161128."+operation, body), 200, "").body
	}
	org("CreateOrganization", "{}")
	org("CreateAccount", `{"AccountName": "web", "Email": "web@example.com"}`)
	accounts, roots := org("ListAccounts", "{}"), org("ListRoots", "{}")
	form := "Action=CreateVpcEndpoint&Version=2016-11-15&VpcId=vpc-1a2b3c4d&ServiceName=com.amazonaws.us-east-1.s3"
	made := g.ec2(admin, form)
	_, id, _ := strings.Cut(made, "<vpcEndpointId>")
	id, _, _ = strings.Cut(id, "<")
	g.restart()
	if got := org("ListAccounts", "{}"); got != accounts || !strings.Contains(got, "web@example.com") {
		t.Errorf("accounts before %s\nafter %s", accounts, got)
	}
	if got := org("ListRoots", "{}"); got != roots {
		t.Errorf("roots before %s\nafter %s", roots, got)
	}
	if got := g.ec2(admin, "Action=DescribeVpcEndpoints&Version=2016-11-15"); !strings.Contains(got, id) || id == "" {
		t.Errorf("no endpoint %q in %s", id, got)
	}
}

// ec2 calls EC2.
func (g *rig) ec2(who sigv4.Credential, form string) string {
	g.t.Helper()
	r := g.request("POST", "/", form, "Content-Type", "application/x-www-form-urlencoded")
	sigv4.Signer{Credential: who, Region: "us-east-1", Service: "ec2"}.Sign(r, g.now(), hashOf(form))
	a := g.send(r)
	if a.StatusCode != 200 {
		g.t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	return a.body
}
