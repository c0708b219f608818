package estate_test

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
)

const twoAccounts = `
version: 1
accounts:
  "111122223333":
    users:
      alice: {path: /team/, accessKeys: {AKIAALICE: {status: Inactive}}}
    root: {accessKeys: {AKIAROOT: {}}}
    keys:
      1234abcd-12ab-34cd-56ef-1234567890ab: {aliases: [alias/data]}
      0987dcba-09fe-87dc-65ba-ab0987654321: {region: eu-west-1, aliases: [alias/data]}
      arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab: {}
      arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab: {state: Disabled}
    vpcEndpoints: {vpce-2: {vpc: vpc-1}, vpce-1: {vpc: vpc-1}}
    accessPoints:
      shared-ap: {bucket: theirs}
    buckets:
      ours:
        accessPoints: {ap: {}, another-access-point-with-a-long-name: {}}
  "444455556666":
    keys:
      dddddddd-12ab-34cd-56ef-1234567890ab: {region: eu-west-1, manager: AWS, aliases: [alias/aws/s3]}
    buckets:
      theirs: {region: eu-west-1, accessPoints: {ap: {vpc: vpc-1}}}
  "777788889999":
    unknown: {keys: "AccessDeniedException: kms:ListKeys"}
`

func TestResolveKey(t *testing.T) {
	const (
		own   = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
		euOwn = "arn:aws:kms:eu-west-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
		other = "ffffffff-12ab-34cd-56ef-1234567890ab"
	)
	e := load(t, twoAccounts)
	for _, test := range []struct {
		ref     string
		account iam.AccountID
		region  string
		arn     string
		what    string
	}{
		{"1234abcd-12ab-34cd-56ef-1234567890ab", "111122223333", "us-east-1", own, "key"},
		{"1234abcd-12ab-34cd-56ef-1234567890ab", "111122223333", "eu-west-1", strings.Replace(own, "us-east-1", "eu-west-1", 1), "missing"},
		{"alias/data", "111122223333", "us-east-1", own, "key"},
		{"alias/data", "111122223333", "eu-west-1", euOwn, "key"},
		{"alias/data", "111122223333", "", own, "key"},
		{"alias/data", "444455556666", "us-east-1", "arn:aws:kms:us-east-1:444455556666:alias/data", "missing"},
		{"arn:aws:kms:us-east-1:111122223333:alias/data", "444455556666", "us-east-1", own, "key"},
		{own, "444455556666", "us-east-1", own, "key"},
		{own, "444455556666", "eu-west-1", own, "wrong-region"},
		{"mrk-1234abcd12ab34cd56ef1234567890ab", "111122223333", "eu-west-1", "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab", "key"},
		{other, "111122223333", "us-east-1", "arn:aws:kms:us-east-1:111122223333:key/" + other, "missing"},
		{other, "777788889999", "us-east-1", "arn:aws:kms:us-east-1:777788889999:key/" + other, "unknown: AccessDeniedException: kms:ListKeys"},
		{"alias/data", "999999999999", "us-east-1", "arn:aws:kms:us-east-1:999999999999:alias/data", "unknown: account 999999999999 is not in the estate"},
		{"fake-key-id", "111122223333", "us-east-1", "", "bad-id"},
		{"arn:aws:kms:us-east-1:111122223333:1234", "111122223333", "us-east-1", "arn:aws:kms:us-east-1:111122223333:1234", "bad-arn"},
		{"arn:aws:s3:us-east-1:111122223333:key/1234", "111122223333", "us-east-1", "arn:aws:s3:us-east-1:111122223333:key/1234", "bad-arn"},
		{"", "444455556666", "eu-west-1", "arn:aws:kms:eu-west-1:444455556666:key/dddddddd-12ab-34cd-56ef-1234567890ab", "aws/s3 key"},
		{"alias/aws/s3", "444455556666", "eu-west-1", "arn:aws:kms:eu-west-1:444455556666:key/dddddddd-12ab-34cd-56ef-1234567890ab", "aws/s3 key"},
	} {
		r := e.ResolveKey(test.ref, test.account, test.region)
		if r.ARN != test.arn || describe(r) != test.what {
			t.Errorf("ResolveKey(%q, %s, %q)\ngot  %s %s\nwant %s %s", test.ref, test.account, test.region, r.ARN, describe(r), test.arn, test.what)
		}
	}
}

func describe(r estate.KeyRef) string {
	var words []string
	if r.AWSManagedS3 {
		words = append(words, "aws/s3")
	}
	if r.Key != nil {
		words = append(words, "key")
	}
	if r.Missing {
		words = append(words, "missing")
	}
	if r.Unknown != "" {
		words = append(words, "unknown: "+r.Unknown)
	}
	return strings.Join(append(words, strings.Fields(r.Problem)...), " ")
}

// aws/s3 exists everywhere, with one id that does not change from run to run.
func TestAWSManagedS3KeyExistsEverywhere(t *testing.T) {
	e := load(t, twoAccounts)
	arn := regexp.MustCompile(`^arn:aws:kms:us-east-1:(\d{12}):key/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, account := range []iam.AccountID{"111122223333", "777788889999", "999999999999"} {
		r := e.ResolveKey("", account, "us-east-1")
		if describe(r) != "aws/s3" || !arn.MatchString(r.ARN) {
			t.Errorf("%s: %s %s", account, r.ARN, describe(r))
		}
		if again := e.ResolveKey(r.ARN, "111122223333", "us-east-1"); again != r {
			t.Errorf("its own ARN leads to %+v, not %+v", again, r)
		}
		if st := r.Policy().Statements[0]; st.Conditions[0].Values[0].Text != string(account) || st.Conditions[1].Values[0].Text != "s3.us-east-1.amazonaws.com" {
			t.Errorf("%s: policy is conditional on %v", account, st.Conditions)
		}
	}
}

func TestDefaultKeyPolicyLeavesTheKeyToTheAccount(t *testing.T) {
	e := load(t, twoAccounts)
	st := e.ResolveKey("alias/data", "111122223333", "us-east-1").Policy().Statements[0]
	if st.Principals[0].Text != "arn:aws:iam::111122223333:root" || st.Actions[0].Text != "kms:*" || st.Pos.File != estate.BuiltIn {
		t.Errorf("got %+v", st)
	}
	china := load(t, `{version: 1, accounts: {"111122223333": {keys: {k: {region: cn-north-1}, u: {unknown: [GetKeyPolicy]}}}}}`).Accounts["111122223333"]
	if got := china.Keys["k"].Policy().Statements[0].Principals[0].Text; got != "arn:aws-cn:iam::111122223333:root" {
		t.Errorf("principal %s, want that of the partition aws-cn", got)
	}
	if china.Keys["u"].Policy() != nil {
		t.Error("a policy that could not be read has become the default")
	}
}

func TestAccessPoint(t *testing.T) {
	e := load(t, twoAccounts)
	find := func(ref string, prefer ...iam.AccountID) string {
		p, ok := e.AccessPoint(ref, prefer...)
		if !ok {
			return ""
		}
		return p.ARN("aws") + " of " + p.Bucket
	}
	const (
		ours   = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap of ours"
		theirs = "arn:aws:s3:eu-west-1:444455556666:accesspoint/ap of theirs"
		shared = "arn:aws:s3:eu-west-1:111122223333:accesspoint/shared-ap of theirs"
	)
	alias := e.Accounts["111122223333"].Buckets["ours"].AccessPoints["ap"].Alias
	for _, test := range []struct{ got, want string }{
		{find("ap", "111122223333", "444455556666"), ours},
		{find("ap", "444455556666", "111122223333"), theirs},
		{find("ap", "777788889999"), ""},
		{find("ap"), ""}, // of two accounts
		{find("shared-ap"), shared},
		{find("shared-ap", "444455556666", "111122223333"), shared},
		{find("arn:aws:s3:eu-west-1:444455556666:accesspoint/ap"), theirs},
		{find("arn:aws:s3:us-east-1:444455556666:accesspoint/ap"), ""},
		{find("arn:aws-cn:s3:eu-west-1:444455556666:accesspoint/ap"), ""},
		{find(alias), ours},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
	for _, p := range e.Accounts["111122223333"].Buckets["ours"].AccessPoints {
		if !regexp.MustCompile(`^[a-z0-9-]{1,20}-[a-z0-9]{34}-s3alias$`).MatchString(p.Alias) {
			t.Errorf("alias %s", p.Alias)
		}
	}
	if p, _ := e.AccessPoint("shared-ap"); p.BucketAccount != "444455556666" || p.Account != "111122223333" || p.Region != "eu-west-1" {
		t.Errorf("shared-ap: %+v", p)
	}
	if p, _ := e.AccessPoint("ap", "444455556666"); p.Origin() != "VPC" {
		t.Error("an access point with a VPC has network origin Internet")
	}
}

func TestOtherLookups(t *testing.T) {
	e := load(t, twoAccounts)
	h, ok := e.AccessKey("AKIAALICE")
	if !ok || h.Principal != "arn:aws:iam::111122223333:user/team/alice" || h.Account.ID != "111122223333" || h.Key.IsActive() {
		t.Errorf("AKIAALICE: %+v", h)
	}
	if h, _ := e.AccessKey("AKIAROOT"); h.Principal != "arn:aws:iam::111122223333:root" || !h.Key.IsActive() {
		t.Errorf("AKIAROOT: %+v", h)
	}
	if list := e.VPCEndpoints(); len(list) != 2 || list[0].ID != "vpce-1" || list[1].Account != "111122223333" {
		t.Errorf("endpoints: %v", list)
	}
	canonical := e.Accounts["444455556666"].Canonical()
	if a, ok := e.AccountOfCanonicalID(canonical); !ok || a.ID != "444455556666" || len(canonical) != 64 {
		t.Errorf("canonical id %s", canonical)
	}
	if _, ok := e.AccountOfCanonicalID(strings.Repeat("0", 64)); ok {
		t.Error("a stranger has an account")
	}
	a := e.Accounts["111122223333"]
	if _, name, ok := a.UserByARN("arn:aws:iam::111122223333:user/team/alice"); !ok || name != "alice" {
		t.Error("alice not found by her ARN")
	}
	if _, _, ok := a.UserByARN("arn:aws:iam::111122223333:user/alice"); ok {
		t.Error("alice found by an ARN without her path")
	}
	if id := a.Users["alice"].UniqueID("111122223333", "alice"); !regexp.MustCompile(`^AIDA[A-Z2-7]{17}$`).MatchString(id) {
		t.Errorf("unique id %s", id)
	}
}

func TestManaged(t *testing.T) {
	a := load(t, `
version: 1
accounts:
  "111122223333":
    managedPolicies:
      app-read: {path: /app/, document: {Version: "2012-10-17", Statement: []}}
      secret: {unknown: {document: "AccessDenied: iam:GetPolicyVersion"}}
      "arn:aws:iam::aws:policy/BrandNewAccess": {document: {Version: "2012-10-17", Statement: []}}
`).Accounts["111122223333"]
	const arn = "arn:aws:iam::111122223333:policy/app/app-read"
	for ref, want := range map[string]string{
		"app-read": arn, arn: arn,
		"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
		"arn:aws:iam::aws:policy/BrandNewAccess":         "arn:aws:iam::aws:policy/BrandNewAccess",
	} {
		if p, err := a.Managed(ref); err != nil || p.ARN != want || p.Document == nil {
			t.Errorf("Managed(%q) = %+v, %v; want %s", ref, p, err, want)
		}
	}
	for ref, want := range map[string]string{
		"secret": "managed policy secret of account 111122223333 not collected: AccessDenied: iam:GetPolicyVersion",
		"arn:aws:iam::111122223333:policy/app-read": "managed policy arn:aws:iam::111122223333:policy/app-read of account 111122223333 not collected: the estate does not hold it",
		"arn:aws:iam::aws:policy/NoSuchPolicy":      "AWS managed policy arn:aws:iam::aws:policy/NoSuchPolicy not collected: this program holds no copy of it",
	} {
		_, err := a.Managed(ref)
		var missing *estate.NotCollectedError
		if !errors.As(err, &missing) || err.Error() != want || missing.Hint() != "collect again with iam:GetPolicyVersion allowed" {
			t.Errorf("Managed(%q): %v, want %s", ref, err, want)
		}
	}
}

// Every AWS managed policy reads as a policy, and says which copy it is.
func TestManagedOfAWS(t *testing.T) {
	a := load(t, "version: 1\naccounts:\n  \"111122223333\": {}\n").Accounts["111122223333"]
	for _, arn := range iamdata.ManagedPolicies() {
		p, err := a.Managed(arn)
		if err != nil || len(p.Document.Statements) == 0 {
			t.Fatalf("Managed(%q) = %+v, %v", arn, p, err)
		}
		if file := p.Document.Statements[0].Pos.File; !strings.HasPrefix(file, "(AWS managed policy ") {
			t.Errorf("%s stands in %s", arn, file)
		}
	}
}

func TestUnknownsWhy(t *testing.T) {
	for _, test := range []struct {
		what, asked string
		want        bool
	}{
		{"document", "document", true}, {"GetBucketPolicy", "document", true}, {"s3:GetBucketPolicy", "document", true},
		{"bucket policy", "document", true}, {"policy", "document", true}, {"key policy", "document", true}, {"kms:GetKeyPolicy", "document", true},
		{"document", "bucket policy", true}, {"acl", "document", false}, {"GetBucketAcl", "acl", true}, {"bucket acl", "acl", true},
		{"GetPublicAccessBlock", "publicAccessBlock", true}, {"Block Public Access", "publicAccessBlock", true}, {"public-access-block", "publicAccessBlock", true},
		{"GetBucketEncryption", "encryption", true}, {"ListGrants", "grants", true}, {"DescribeKey", "state", true},
		{"scps", "scps", true}, {"service control policies", "scps", true}, {"rcps", "scps", false}, {"ListPoliciesForTarget", "rcps", true},
		{"organization", "scps", true}, {"organization", "rcps", true}, {"scps", "organization", true},
		{"*", "document", true}, {"everything", "acl", true}, {"inline policies", "inline", true}, {"ListAttachedRolePolicies", "attached", true},
		{"permissions boundary", "boundary", true}, {"keys", "keys", true}, {"tags", "document", false},
	} {
		why, ok := estate.Unknowns{{What: test.what}}.Why(test.asked)
		if ok != test.want || ok && why != "not collected" {
			t.Errorf("%q, asked for %q: %q, %v, want %v", test.what, test.asked, why, ok, test.want)
		}
	}
}

// Every form in which a file may say what is unknown.
func TestUnknownForms(t *testing.T) {
	for _, text := range []string{
		`[{what: document, why: refused}]`, `{document: refused}`, `{what: document, why: refused}`, `[acl, {what: GetBucketPolicy, why: refused}]`,
	} {
		b, _ := load(t, `{version: 1, accounts: {"111122223333": {buckets: {b: {unknown: `+text+`}}}}}`).Bucket("b")
		if why, ok := b.Unknown.Why("document"); !ok || why != "refused" {
			t.Errorf("%s: %q, %v", text, why, ok)
		}
	}
}

const organization = `
version: 1
organizations:
  o-exampleorg01:
    managementAccount: "999999999999"
    policies:
      DenyLeaks: {type: scp, document: {Statement: {Effect: Deny, Action: "*", Resource: "*"}}}
      Hidden: {type: scp, unknown: {document: "AccessDeniedException: organizations:DescribePolicy"}}
      Perimeter: {type: rcp, document: {Version: "2012-10-17", Statement: {Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*"}}}
      AllBlocked: {type: s3, document: {s3_attributes: {public_access_block_configuration: {"@@assign": all}}}}
      Free: {type: s3, document: '{"s3_attributes": {"public_access_block_configuration": "none"}}'}
    root:
      id: r-ab12
      s3: [AllBlocked]
      accounts: ["999999999999"]
      units:
        ou-ab12-prod:
          scps: [FullAWSAccess, DenyLeaks]
          rcps: [Perimeter]
          accounts: [111122223333]
          units:
            ou-ab12-web:
              accounts: {"444455556666": {scps: [Hidden], s3: [Free]}}
accounts:
  111122223333: {}
  444455556666: {}
  777788889999: {}
`

func TestOrganizationPath(t *testing.T) {
	e := load(t, organization)
	var got []string
	for _, level := range e.Accounts["444455556666"].Path {
		line := level.Name + ":"
		for _, p := range level.SCPs {
			line += " " + p.Name
		}
		line += " |"
		for _, p := range level.RCPs {
			line += " " + p.Name
		}
		if why, ok := level.Unknown.Why("scps"); ok {
			line += " | " + why
		}
		got = append(got, line)
	}
	want := `root r-ab12: FullAWSAccess | RCPFullAWSAccess
unit ou-ab12-prod: FullAWSAccess DenyLeaks | RCPFullAWSAccess Perimeter
unit ou-ab12-web: FullAWSAccess | RCPFullAWSAccess
account 444455556666: | RCPFullAWSAccess | policy Hidden: AccessDeniedException: organizations:DescribePolicy`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	for id, want := range map[iam.AccountID]string{
		"444455556666": "o-exampleorg01/r-ab12/ou-ab12-prod/ou-ab12-web/", "999999999999": "o-exampleorg01/r-ab12/", "777788889999": "",
	} {
		if got := e.OrgPath(id); got != want {
			t.Errorf("OrgPath(%s) = %q, want %q", id, got, want)
		}
	}
	if a := e.Accounts["777788889999"]; a.Organization != nil || a.Path != nil {
		t.Error("an account outside is in an organization")
	}
	if a := e.Accounts["111122223333"]; a.OrganizationID != "o-exampleorg01" || a.Organization.ManagementAccount != "999999999999" || len(a.Path) != 3 {
		t.Errorf("111122223333: %+v", a)
	}
}

// The assignment nearest to the account wins.
func TestOrganizationPublicAccessBlock(t *testing.T) {
	e := load(t, organization)
	if b, p, ok := e.Accounts["111122223333"].OrganizationPublicAccessBlock(); !ok || !b.RestrictPublicBuckets || p.S3PublicAccessBlock() != "all" {
		t.Errorf("111122223333: %+v %v", b, ok)
	}
	if b, _, ok := e.Accounts["444455556666"].OrganizationPublicAccessBlock(); !ok || b.BlockPublicAcls {
		t.Errorf("444455556666: %+v %v", b, ok)
	}
	if _, _, ok := e.Accounts["777788889999"].OrganizationPublicAccessBlock(); ok {
		t.Error("an account outside an organization is assigned settings")
	}
}

func TestDefaults(t *testing.T) {
	e := load(t, `
version: 1
accounts:
  "111122223333":
    buckets:
      new: {accessPoints: {ap: {}}}
      set: {publicAccessBlock: {BlockPublicAcls: true}, encryption: {algorithm: aws:kms, key: alias/data}, ownership: ObjectWriter}
      open: {publicAccessBlock: false, encryption: {blocked: []}, versioning: {status: Suspended}, requestPayer: Requester}
      none: {encryption: {blocked: [NONE]}}
`)
	bucket := func(name string) *estate.Bucket {
		b, _ := e.Bucket(name)
		return b
	}
	b := bucket("new")
	all := estate.PublicAccessBlock{BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
	if b.BlockPublicAccess() != all || b.AccessPoints["ap"].BlockPublicAccess() != all {
		t.Error("a new bucket or access point does not block public access")
	}
	if (e.Accounts["111122223333"].BlockPublicAccess() != estate.PublicAccessBlock{}) {
		t.Error("an account without settings blocks public access")
	}
	if b.Region != "us-east-1" || !b.ACLsDisabled() || b.DefaultEncryption().Algorithm != "AES256" || !b.Blocks("SSE-C") || b.Versioning.Ever() || b.RequesterPays() {
		t.Errorf("new bucket: %+v", b)
	}
	b = bucket("set")
	if got := b.BlockPublicAccess(); !got.BlockPublicAcls || got.IgnorePublicAcls || got.RestrictPublicBuckets {
		t.Errorf("absent members of a given mapping: %+v", got)
	}
	if b.ACLsDisabled() || b.DefaultEncryption().Algorithm != "aws:kms" || !b.Blocks("SSE-C") {
		t.Errorf("set bucket: %+v", b)
	}
	b = bucket("open")
	if b.BlockPublicAccess().BlockPublicPolicy || b.Blocks("SSE-C") || b.Versioning.Enabled() || !b.Versioning.Ever() || !b.RequesterPays() {
		t.Errorf("open bucket: %+v", b)
	}
	if bucket("none").Blocks("SSE-C") {
		t.Error("NONE blocks SSE-C")
	}
}

// An estate made in memory is linked before its first lookup, and again after a
// change.
func TestLink(t *testing.T) {
	e := &estate.Estate{Accounts: map[iam.AccountID]*estate.Account{"111122223333": {Buckets: map[string]*estate.Bucket{"b": {}}}}}
	if err := e.Link(); err != nil {
		t.Fatal(err)
	}
	if b, ok := e.Bucket("b"); !ok || b.Account != "111122223333" || b.Name != "b" {
		t.Errorf("got %+v, %v", b, ok)
	}
	e.Accounts["111122223333"].Buckets["c"] = &estate.Bucket{Ownership: "Mine"}
	if err := e.Link(); err == nil || err.Error() != `ownership "Mine"; known here: BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter` {
		t.Errorf("got %v", err)
	}
	if _, ok := e.Bucket("c"); !ok {
		t.Error("c is not found")
	}
	sameAfterEncode(t, load(t, twoAccounts))
	sameAfterEncode(t, load(t, organization))
}

func TestLookupsAreSafeForConcurrentUse(t *testing.T) {
	e := load(t, twoAccounts)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			e.ResolveKey("", "111122223333", "us-east-1").Policy()
			e.AccessPoint("ap", "111122223333")
			_, _ = e.Accounts["111122223333"].Managed("arn:aws:iam::aws:policy/AmazonS3FullAccess")
		})
	}
	wg.Wait()
}
