package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/why403/why403/internal/server/oidc"
	"github.com/why403/why403/internal/server/sdktest"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
)

// aws is the SDK's configuration for a caller of the rig.
func (g *rig) aws(who sigv4.Credential) aws.Config { return sdktest.Config(g.http.URL, who) }

// errorCode returns the error code of an SDK's error, "" for none.
func errorCode(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// wantCode fails the test unless err has that code and its message holds says.
func (g *rig) wantCode(what string, err error, code, says string) {
	g.t.Helper()
	message := ""
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		message = e.ErrorMessage()
	}
	if errorCode(err) != code || !strings.Contains(message, says) {
		g.t.Errorf("%s: %v; want %s %s\n%s", what, err, code, says, tail(g.log.String()))
	}
}

func credential(c *ststypes.Credentials) sigv4.Credential {
	return sigv4.Credential{AccessKeyID: *c.AccessKeyId, Secret: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

// GetSessionToken gives a user's own permissions: facts on STS, 6.2.
func TestGetSessionToken(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	out, err := sts.NewFromConfig(g.aws(admin)).GetSessionToken(ctx, &sts.GetSessionTokenInput{})
	g.wantCode("GetSessionToken", err, "", "")
	session := credential(out.Credentials)
	if d := time.Until(*out.Credentials.Expiration); d < 11*time.Hour || d > 12*time.Hour {
		t.Errorf("lasts %v, want 12 hours", d)
	}
	who, err := sts.NewFromConfig(g.aws(session)).GetCallerIdentity(ctx, nil)
	if err != nil || *who.Arn != "arn:aws:iam::111122223333:user/admin" || !strings.HasPrefix(*who.UserId, "AIDA") {
		t.Errorf("identity %+v, %v", who, err)
	}
	g.want(g.do(session, "PUT", "/reports/k", "x"), 200, "")
	_, err = sts.NewFromConfig(g.aws(session)).GetSessionToken(ctx, nil)
	g.wantCode("with session credentials", err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = sts.NewFromConfig(g.aws(session)).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("bob")})
	g.wantCode("federation", err, "AccessDenied", "Cannot call GetFederationToken with session credentials")
	_, err = sts.NewFromConfig(g.aws(admin)).GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(899)})
	g.wantCode("short", err, "ValidationError", "greater than or equal to 900")
	_, err = sts.NewFromConfig(g.aws(admin)).GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: aws.String("arn:aws:iam::111122223333:mfa/admin"), TokenCode: aws.String("000000")})
	g.wantCode("wrong code", err, "AccessDenied", "invalid MFA one time pass code")
	rootOut, err := sts.NewFromConfig(g.aws(root)).GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(7200)})
	if err != nil || time.Until(*rootOut.Credentials.Expiration) > time.Hour {
		t.Errorf("root user: %+v, %v; want an hour", rootOut, err)
	}
	g.now = func() time.Time { return time.Now().Add(13 * time.Hour) }
	g.want(g.do(session, "GET", "/reports/k", ""), 400, "ExpiredToken")
}

// A federated user has what its session policies and its parent's allow:
// contract §7, facts 2.4.
func TestFederation(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sts.NewFromConfig(g.aws(admin))
	read := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::reports/*"}]}`
	out, err := client.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("bob"), Policy: aws.String(read)})
	g.wantCode("GetFederationToken", err, "", "")
	bob := credential(out.Credentials)
	if *out.FederatedUser.Arn != "arn:aws:sts::111122223333:federated-user/bob" || *out.FederatedUser.FederatedUserId != "111122223333:bob" || out.PackedPolicySize == nil {
		t.Errorf("%+v", out)
	}
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	g.want(g.do(bob, "GET", "/reports/k", ""), 200, "")
	a := g.want(g.do(bob, "PUT", "/reports/k", "x"), 403, "AccessDenied")
	if !strings.HasSuffix(a.message(), "because no session policy allows the s3:PutObject action") {
		t.Errorf("message %s", a.message())
	}
	out, err = client.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("bare")})
	g.wantCode("without a policy", err, "", "")
	g.want(g.do(credential(out.Credentials), "GET", "/reports/k", ""), 403, "AccessDenied")
	_, err = sts.NewFromConfig(g.aws(bob)).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/service/app"), RoleSessionName: aws.String("s1")})
	g.wantCode("AssumeRole", err, "AccessDenied", "session credentials")
	_, err = sts.NewFromConfig(g.aws(nobody)).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("eve")})
	g.wantCode("not allowed", err, "AccessDenied",
		"User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111122223333:federated-user/eve because no identity-based policy allows the sts:GetFederationToken action")
	_, err = client.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("ann"), Policy: aws.String(`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}}`)})
	g.wantCode("a principal", err, "MalformedPolicyDocument", "")
}

// A federated user is no more when the user behind it is deleted, and does not come back
// with another of that name.
func TestFederationEndsWithItsUser(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	people := iam.NewFromConfig(g.aws(root))
	const all = `{"Effect": "Allow", "Action": "*", "Resource": "*"}`
	ann := g.limited("ann", all)
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	out, err := sts.NewFromConfig(g.aws(ann)).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("fred"), Policy: allowAll("s3:*", "*")})
	g.wantCode("GetFederationToken", err, "", "")
	fred := credential(out.Credentials)
	g.want(g.do(fred, "GET", "/reports/k", ""), 200, "")
	_, err = people.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &ann.AccessKeyID})
	g.wantCode("DeleteAccessKey", err, "", "")
	_, err = people.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("own")})
	g.wantCode("DeleteUserPolicy", err, "", "")
	_, err = people.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")})
	g.wantCode("DeleteUser", err, "", "")
	g.want(g.do(fred, "GET", "/reports/k", ""), 403, "AccessDenied")
	g.limited("ann", all)
	g.want(g.do(fred, "GET", "/reports/k", ""), 403, "AccessDenied")
}

// The root user of a member, limited to one task: AssumeRoot in the STS API
// Reference.
func TestAssumeRoot(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::locked","arn:aws:s3:::locked/*"]}]}`
	g.want(g.do(admin, "PUT", "/locked", ""), 200, "")
	g.want(g.do(admin, "PUT", "/locked?policy", document, "x-amz-confirm-remove-self-bucket-access", "true"), 204, "")
	g.want(g.do(admin, "DELETE", "/locked?policy", ""), 403, "AccessDenied")
	task := &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy")}
	in := &sts.AssumeRootInput{TargetPrincipal: aws.String("111122223333"), TaskPolicyArn: task}
	_, err := sts.NewFromConfig(g.aws(partner)).AssumeRoot(ctx, in)
	g.wantCode("of a member", err, "AccessDenied", "is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::111122223333:root")
	client := sts.NewFromConfig(g.aws(management))
	_, err = client.AssumeRoot(ctx, &sts.AssumeRootInput{TargetPrincipal: in.TargetPrincipal, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}})
	g.wantCode("no task", err, "ValidationError", "task policy")
	out, err := client.AssumeRoot(ctx, in)
	g.wantCode("AssumeRoot", err, "", "")
	session := credential(out.Credentials)
	if d := time.Until(*out.Credentials.Expiration); d > 15*time.Minute {
		t.Errorf("lasts %v", d)
	}
	g.want(g.do(session, "GET", "/reports/2026/q1.csv", ""), 403, "AccessDenied")
	g.want(g.do(session, "PUT", "/locked/k", "x"), 403, "AccessDenied")
	g.want(g.do(session, "GET", "/locked?policy", ""), 200, "")
	g.want(g.do(session, "DELETE", "/locked?policy", ""), 204, "")
	g.want(g.do(admin, "PUT", "/locked/k", "x"), 200, "")
}

// issuer signs tokens.
type issuer struct {
	key    *ecdsa.PrivateKey
	signer jose.Signer
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{key, signer}
}

func (i *issuer) keys(t *testing.T) []byte {
	t.Helper()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &i.key.PublicKey, KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (i *issuer) token(t *testing.T, url, subject, audience string, expires time.Time, more ...map[string]any) *string {
	t.Helper()
	b := jwt.Signed(i.signer).Claims(jwt.Claims{
		Issuer: url, Subject: subject, Audience: jwt.Audience{audience}, Expiry: jwt.NewNumericDate(expires), IssuedAt: jwt.NewNumericDate(time.Now()),
	})
	for _, m := range more {
		b = b.Claims(m)
	}
	token, err := b.Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return &token
}

// AssumeRoleWithWebIdentity in the STS API Reference. The calls are not signed.
func TestWebIdentity(t *testing.T) {
	const url, role = "https://ci.example.com/org", "arn:aws:iam::111122223333:role/deploy"
	ci, stranger, ctx := newIssuer(t), newIssuer(t), context.Background()
	keys := oidc.KeySets{}
	if err := keys.Add(url, ci.keys(t)); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, func(c *Config) { c.OIDC = keys })
	err := g.server.world.Change(ctx, func(c *world.Change) error {
		oidc.Providers.Put(c, "111122223333", oidc.Issuer(url), oidc.Provider{URL: url, ClientIDs: []string{"sts.amazonaws.com"}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	client, soon := sts.NewFromConfig(g.aws(nouser)), time.Now().Add(time.Hour)
	for _, c := range []struct {
		name       string
		role       string
		token      *string
		code, says string
	}{
		{"right", role, ci.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", soon), "", ""},
		{"other subject", role, ci.token(t, url, "repo:eve/why403:ref:main", "sts.amazonaws.com", soon), "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		{"other audience", role, ci.token(t, url, "repo:why403/why403:ref:main", "eve", soon), "InvalidIdentityToken", "Incorrect token audience"},
		{"authorized party", role, ci.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", soon, map[string]any{"azp": "eve"}), "InvalidIdentityToken", "Incorrect token audience"},
		{"tags that the trust policy does not allow", role, ci.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", soon, map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"team": []string{"x"}}}}), "AccessDenied", ""},
		{"source identity that it does not allow", role, ci.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", soon, map[string]any{"https://aws.amazon.com/source_identity": "ann"}), "AccessDenied", ""},
		{"role of others", "arn:aws:iam::111122223333:role/service/app", ci.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", soon), "AccessDenied", ""},
		{"no role", "arn:aws:iam::111122223333:role/none", ci.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", soon), "AccessDenied", ""},
		{"expired", role, ci.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", time.Now().Add(-time.Minute)), "ExpiredTokenException", ""},
		{"another's signature", role, stranger.token(t, url, "repo:why403/why403:ref:main", "sts.amazonaws.com", soon), "InvalidIdentityToken", ""},
		{"another issuer", role, stranger.token(t, "https://other.example.com", "x", "sts.amazonaws.com", soon), "InvalidIdentityToken", "No OpenIDConnect provider found in your account"},
		{"no token", role, aws.String("a.b.c.d.e"), "InvalidIdentityToken", "The ID Token provided is not a valid JWT"},
		{"no role, and another issuer", "arn:aws:iam::444455556666:role/x", stranger.token(t, "https://other.example.com", "x", "sts.amazonaws.com", soon), "AccessDenied", ""},
	} {
		out, err := client.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{RoleArn: &c.role, RoleSessionName: aws.String("run-1"), WebIdentityToken: c.token})
		g.wantCode(c.name, err, c.code, c.says)
		if err != nil {
			continue
		}
		if *out.SubjectFromWebIdentityToken != "repo:why403/why403:ref:main" || *out.Audience != "sts.amazonaws.com" || *out.AssumedRoleUser.Arn != "arn:aws:sts::111122223333:assumed-role/deploy/run-1" {
			t.Errorf("%s: %+v", c.name, out)
		}
		g.want(g.do(credential(out.Credentials), "PUT", "/reports/deploy/k", "x"), 200, "")
		g.want(g.do(credential(out.Credentials), "PUT", "/reports/other/k", "x"), 403, "AccessDenied")
	}
}

// Session tags and the source identity of a token count, where the trust policy
// allows them: "Pass session tags in AWS STS" in the IAM User Guide.
func TestWebIdentityTags(t *testing.T) {
	const url, provider = "https://ci.example.com", "arn:aws:iam::111122223333:oidc-provider/ci.example.com"
	ci, ctx := newIssuer(t), context.Background()
	keys := oidc.KeySets{}
	if err := keys.Add(url, ci.keys(t)); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, func(c *Config) { c.OIDC = keys })
	client := iam.NewFromConfig(g.aws(root))
	_, err := client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(url), ClientIDList: []string{"app"}})
	g.wantCode("CreateOpenIDConnectProvider", err, "", "")
	document := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "` + provider + `"},
	  "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"], "Condition": {"StringEquals": {"aws:RequestTag/team": "red"}}}]}`
	_, err = client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("tagged"), AssumeRolePolicyDocument: &document})
	g.wantCode("CreateRole", err, "", "")
	_, err = client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("tagged"), PolicyName: aws.String("own"), PolicyDocument: allowAll("s3:PutObject", "arn:aws:s3:::reports/${aws:PrincipalTag/team}/${aws:SourceIdentity}")})
	g.wantCode("PutRolePolicy", err, "", "")
	assume := func(team string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
		return sts.NewFromConfig(g.aws(nouser)).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: aws.String("arn:aws:iam::111122223333:role/tagged"), RoleSessionName: aws.String("s1"),
			WebIdentityToken: ci.token(t, url, "s", "app", time.Now().Add(time.Hour), map[string]any{
				"https://aws.amazon.com/source_identity": "ann", "https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"team": []string{team}}},
			}),
		})
	}
	_, err = assume("blue")
	g.wantCode("blue", err, "AccessDenied", "")
	out, err := assume("red")
	if err != nil || *out.SourceIdentity != "ann" || *out.Provider != provider {
		t.Fatalf("%+v, %v", out, err)
	}
	g.want(g.do(credential(out.Credentials), "PUT", "/reports/red/ann", "x"), 200, "")
	g.want(g.do(credential(out.Credentials), "PUT", "/reports/blue/ann", "x"), 403, "AccessDenied")
}

// GetAccessKeyInfo, and what other operations say.
func TestOtherOperations(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	client := sts.NewFromConfig(g.aws(admin))
	out, err := client.GetAccessKeyInfo(ctx, &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String(partner.AccessKeyID)})
	if err != nil || *out.Account != "444455556666" {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = client.DecodeAuthorizationMessage(ctx, &sts.DecodeAuthorizationMessageInput{EncodedMessage: aws.String("nonsense")})
	g.wantCode("nonsense", err, "InvalidAuthorizationMessageException", "")
	_, err = client.AssumeRoleWithSAML(ctx, &sts.AssumeRoleWithSAMLInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/r"), PrincipalArn: aws.String("arn:aws:iam::111122223333:saml-provider/p"), SAMLAssertion: aws.String("PHg+")})
	g.wantCode("SAML", err, "NotImplemented", "AssumeRoleWithSAML")
}

// A refusal of EC2 carries a message that DecodeAuthorizationMessage opens, for
// those who may.
func TestDecodeAuthorizationMessage(t *testing.T) {
	g, ctx := newRig(t, nil), context.Background()
	_, err := ec2.NewFromConfig(g.aws(nobody)).CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{VpcId: aws.String("vpc-1a2b3c4d"), ServiceName: aws.String("com.amazonaws.us-east-1.s3")})
	g.wantCode("CreateVpcEndpoint", err, "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: ec2:CreateVpcEndpoint on resource: ")
	_, encoded, ok := strings.Cut(err.Error(), "Encoded authorization failure message: ")
	if !ok {
		t.Fatalf("no message in %v", err)
	}
	in := &sts.DecodeAuthorizationMessageInput{EncodedMessage: &encoded}
	_, err = sts.NewFromConfig(g.aws(nobody)).DecodeAuthorizationMessage(ctx, in)
	g.wantCode("by nobody", err, "AccessDenied", "sts:DecodeAuthorizationMessage")
	out, err := sts.NewFromConfig(g.aws(admin)).DecodeAuthorizationMessage(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	var message struct {
		Allowed, ExplicitDeny bool
		Context               struct {
			Principal struct{ Arn string }
			Action    string
		}
	}
	if err := json.Unmarshal([]byte(*out.DecodedMessage), &message); err != nil || message.Allowed || message.ExplicitDeny ||
		message.Context.Principal.Arn != "arn:aws:iam::111122223333:user/nobody" || message.Context.Action != "ec2:CreateVpcEndpoint" {
		t.Errorf("%s, %v", *out.DecodedMessage, err)
	}
}
