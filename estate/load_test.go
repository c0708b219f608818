package estate_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/node"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func load(t testing.TB, text string) *estate.Estate {
	t.Helper()
	e, err := estate.Parse("estate.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestContractExampleLoads(t *testing.T) {
	e, err := estate.Load("testdata/contract.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, ok := e.Bucket("my-bucket")
	if !ok {
		t.Fatal("no my-bucket")
	}
	st := b.Document.Statements[0]
	if got := st.Pos.String(); got != "policies/my-bucket.json:4:5" || b.Document.File != "policies/my-bucket.json" {
		t.Errorf("statement at %s of %s, want policies/my-bucket.json:4:5", got, b.Document.File)
	}
	a := e.Accounts["111122223333"]
	inline := a.Groups["dev"].Inline[0]
	if got := inline.Statements[0].Pos.String(); got != "contract.yaml:45:25" || inline.File != "contract.yaml" {
		t.Errorf("inline statement at %s of %s, want contract.yaml:45:25", got, inline.File)
	}
	// Lines of JSON text in a string are not lines of the file.
	if got := a.Users["alice"].Inline[0].Statements[0].Pos.String(); got != "contract.yaml:53:16" {
		t.Errorf("statement of the JSON text at %s, want contract.yaml:53:16", got)
	}
	if a.Users["alice"].Tags["floor"] != "3" || b.Objects["data/report.csv"].Owner != "111122223333" {
		t.Error("numbers without quotes lost their text")
	}
}

func TestLoadTakesFolderAndFile(t *testing.T) {
	for _, name := range estate.FileNames {
		dir := t.TempDir()
		text := "version: 1\n"
		if strings.HasSuffix(name, ".json") {
			text = `{"version": 1}`
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("\xef\xbb\xbf"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{dir, filepath.Join(dir, name)} {
			if _, err := estate.Load(at); err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	}
}

func TestLoadOfNothing(t *testing.T) {
	dir := t.TempDir()
	_, err := estate.Load(dir)
	if want := dir + ": the folder holds no estate.yaml, estate.yml, estate.json"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = estate.Load(filepath.Join(dir, "x.yaml"))
	if !errors.Is(err, fs.ErrNotExist) || exitCode(err) != 2 {
		t.Errorf("got %v with exit code %d, want fs.ErrNotExist with 2", err, exitCode(err))
	}
}

func exitCode(err error) int {
	var coder interface{ ExitCode() int }
	if errors.As(err, &coder) {
		return coder.ExitCode()
	}
	return 1
}

// What an error names can be opened from where the user is: the folder is part
// of it.
func TestErrorsNameFilesWithTheirFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("estate.yaml", "version: 1\naccounts: {\"111122223333\": {buckets: {b: {document: b.json}}}}\n")
	write("b.json", "{\n  \"Statements\": []}")
	_, err := estate.Load(dir)
	want := filepath.Join(dir, "b.json") + `:2:3: unknown policy element "Statements"; did you mean "Statement"?`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestParseFSReadsDocumentsOfItsFolder(t *testing.T) {
	fsys := fstest.MapFS{
		"e/estate.yaml": {Data: []byte("version: 1\naccounts: {\"111122223333\": {buckets: {b: {document: ./p/b.json}}}}\n")},
		"e/p/b.json":    {Data: []byte(`{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}`)},
	}
	e, err := estate.ParseFS(fsys, "e")
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := e.Bucket("b"); b.Document.File != "p/b.json" || len(b.Document.Statements) != 1 {
		t.Errorf("got %+v", b.Document)
	}
	delete(fsys, "e/p/b.json")
	_, err = estate.ParseFS(fsys, "e")
	want := `e/estate.yaml:2:53: document "p/b.json": no such file; paths are relative to the estate file`
	if err == nil || err.Error() != want || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// The places of the tables below are counted by hand in the texts.
func TestBadInput(t *testing.T) {
	const account = "version: 1\naccounts:\n  \"111122223333\":\n"
	const bucket = account + "    buckets:\n      b:\n"
	const org = "version: 1\norganizations:\n  o-exampleorg01:\n"
	for _, test := range []struct{ name, text, want string }{
		{"no version", "accounts: {}\n", `1:1: missing version; write "version: 1"`},
		{"other version", "version: 2\n", "1:10: version 2; this program reads version 1"},
		{"a list", "- a\n", "1:1: a list where an estate is expected: a mapping with version, organizations and accounts"},
		{"empty", "", "1:1: the file is empty"},
		{"unknown field", "version: 1\nacounts: {}\n", `2:1: unknown field "acounts"; did you mean "accounts"?`},
		{"unknown field of a bucket", bucket + "        publicAccesBlock: true\n", `6:9: unknown field "publicAccesBlock"; did you mean "publicAccessBlock"?`},
		{"short account", "version: 1\naccounts:\n  \"1234\": {}\n", `3:3: account id "1234"; an account id has twelve digits`},
		{"ownership", bucket + "        ownership: BucketOwnerEnforce\n", `6:20: ownership "BucketOwnerEnforce"; did you mean "BucketOwnerEnforced"?`},
		{"canned acl", bucket + "        acl: public\n", `6:14: canned "public"; known here: private, public-read, public-read-write, aws-exec-read, authenticated-read, bucket-owner-read, bucket-owner-full-control, log-delivery-write`},
		{"acl permission", bucket + "        acl: {grants: [{grantee: {type: CanonicalUser, id: \"111122223333\"}, permission: READACP}]}\n", `6:89: permission "READACP"; did you mean "READ_ACP"?`},
		{"acl group", bucket + "        acl: {grants: [{grantee: {type: Group, uri: AllUsers}, permission: READ}]}\n", `6:53: uri "AllUsers"; known here: http://acs.amazonaws.com/groups/global/AllUsers, http://acs.amazonaws.com/groups/global/AuthenticatedUsers, http://acs.amazonaws.com/groups/s3/LogDelivery`},
		{"acl both", bucket + "        acl: {canned: private, grants: [{grantee: {type: CanonicalUser, id: \"111122223333\"}, permission: READ}]}\n", "6:23: an acl is canned or has grants, not both"},
		{"region", bucket + "        region: us-east1\n", `6:17: region "us-east1"; a region is written like us-east-1`},
		{"algorithm", bucket + "        encryption: {algorithm: AES-256}\n", `6:33: algorithm "AES-256"; did you mean "AES256"?`},
		{"SSE-C default", bucket + "        encryption: {algorithm: SSE-C}\n", "6:33: SSE-C cannot be a bucket's default; it is AES256, aws:kms or aws:kms:dsse"},
		{"key without kms", bucket + "        encryption: {key: alias/data}\n", `6:27: a key with algorithm "AES256"; write algorithm: aws:kms`},
		{"versioning", bucket + "        versioning: {status: Disabled}\n", `6:30: status "Disabled"; known here: Enabled, Suspended`},
		{"mfaDelete", bucket + "        versioning: {mfaDelete: enabled}\n", `6:33: mfaDelete "enabled"; did you mean "Enabled"?`},
		{"requestPayer", bucket + "        requestPayer: Requestor\n", `6:23: requestPayer "Requestor"; did you mean "Requester"?`},
		{"abac", bucket + "        abac: true\n", `6:15: abac "true"; known here: Disabled, Enabled`},
		{"storage class", bucket + "        objects: {k: {storageClass: GLACIER_DEEP}}\n", `6:37: storageClass "GLACIER_DEEP"; did you mean "GLACIER_IR"?`},
		{"lock mode", bucket + "        objects: {k: {lock: {mode: governance}}}\n", `6:36: mode "governance"; did you mean "GOVERNANCE"?`},
		{"time", bucket + "        objects: {k: {lock: {until: tomorrow}}}\n", `6:37: "tomorrow" is not a time; write it as 2026-11-22T10:00:00Z`},
		{"owner", bucket + "        objects: {k: {owner: \"1111\"}}\n", `6:30: owner "1111"; an owner is an account id of twelve digits, or a canonical user id of 64 hexadecimal digits`},
		{"exists", bucket + "        objects: {k: {exists: false}}\n", `6:31: exists stands in requests only; leave the object out, and write listed: true on the bucket where its objects are complete`},
		{"block", bucket + "        publicAccessBlock: 3\n", "6:28: a number where true, false or a mapping of the four settings is expected"},
		{"block member", bucket + "        publicAccessBlock: {BlockPublicACLs: true}\n", `6:29: unknown field "BlockPublicACLs"; did you mean "BlockPublicAcls"?`},
		{"document kind", bucket + "        document: 3\n", "6:19: a number where a policy document, or the path of its file, is expected"},
		{"document text", bucket + "        document: '{\"Statement\": [}'\n", "6:19: line 1, column 16 of the JSON text: not valid JSON: invalid character '}' at start of value"},
		{"document file", bucket + "        document: nowhere.json\n", `6:19: document "nowhere.json": no such file; paths are relative to the estate file`},
		{"document folder", bucket + "        document: testdata\n", `6:19: document "testdata": it is not a file; paths are relative to the estate file`},
		{"no principal", bucket + "        document: {Statement: [{Effect: Allow, Action: s3:GetObject, Resource: \"arn:aws:s3:::b/*\"}]}\n", "6:32: missing required field Principal; a resource-based policy says to whom it applies"},
		{"origin VPC", bucket + "        accessPoints: {ap: {networkOrigin: VPC}}\n", "6:44: network origin VPC without vpc; write the id of the VPC"},
		{"origin word", bucket + "        accessPoints: {ap: {networkOrigin: Vpc, vpc: vpc-1}}\n", `6:44: networkOrigin "Vpc"; did you mean "VPC"?`},
		{"bucket of access point", bucket + "        accessPoints: {ap: {bucket: c}}\n", `6:37: bucket "c"; this access point stands under bucket "b"`},
		{"unknown of bucket", bucket + "        unknown: [{what: policyy, why: x}]\n", "6:19: unknown names \"policyy\", which is nothing of this resource; known here: region, document, publicAccessBlock, ownership, acl, encryption, versioning, objectLock, requestPayer, abac, website, tags, accessPoints, listed, objects"},
		{"unknown misspelt", bucket + "        unknown: [encrypton]\n", "6:19: unknown names \"encrypton\", which is nothing of this resource; did you mean \"encryption\"?"},
		{"bucket twice in YAML", bucket + "      b: {}\n", `6:7: not valid YAML: mapping key "b" already defined at [5:7]`},
		{"bucket in two accounts", bucket + "        website: false\n  \"444455556666\": {buckets: {b: {}}}\n", "7:30: bucket b stands in account 111122223333 already; bucket names are unique"},
		{"access key twice", account + "    users: {a: {accessKeys: {AKIA1: {}}}}\n    root: {accessKeys: {AKIA1: {}}}\n", "5:25: access key AKIA1 is held by arn:aws:iam::111122223333:user/a already"},
		{"seed", account + "    users: {a: {mfaDevices: {m: {seed: \"18\"}}}}\n", `4:40: seed "18"; a seed is base32: letters A to Z and digits 2 to 7`},
		{"key status", account + "    users: {a: {accessKeys: {AKIA1: {status: Off}}}}\n", `4:46: status "Off"; known here: Active, Inactive`},
		{"group", account + "    groups: {devs: {}}\n    users: {a: {groups: [dev]}}\n", `5:26: account 111122223333 has no group "dev"; did you mean "devs"?`},
		{"attached", account + "    managedPolicies: {app-read: {document: {Statement: []}}}\n    users: {a: {attached: [app-reed]}}\n", `5:28: account 111122223333 has no managed policy "app-reed"; did you mean "app-read"?`},
		{"attached scalar", account + "    roles: {a: {attached: app}}\n", `4:27: account 111122223333 has no managed policy "app"`},
		{"AWS managed by name", account + "    roles: {a: {attached: [AmazonS3ReadOnlyAccess]}}\n", `4:28: account 111122223333 has no managed policy "AmazonS3ReadOnlyAccess"; the one of AWS is "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"`},
		{"attached of another account", account + "    roles: {a: {boundary: \"arn:aws:iam::444455556666:policy/p\"}}\n", "4:27: managed policy arn:aws:iam::444455556666:policy/p is of another account; AWS attaches policies of the account 111122223333 alone"},
		{"attached with a wrong path", account + "    managedPolicies: {p: {path: /x/, document: {Statement: []}}}\n    roles: {a: {boundary: \"arn:aws:iam::111122223333:policy/p\"}}\n", `5:27: account 111122223333 has no managed policy "arn:aws:iam::111122223333:policy/p"; did you mean "arn:aws:iam::111122223333:policy/x/p"?`},
		{"path", account + "    users: {a: {path: app}}\n", `4:23: path "app"; a path begins and ends with a slash`},
		{"managed without document", account + "    managedPolicies: {p: {}}\n", `4:23: managed policy "p" has no document; write one, or list "document" under unknown`},
		{"identity policy with a principal", account + "    users: {a: {inline: {p: {Statement: {Effect: Allow, Principal: \"*\", Action: \"*\", Resource: \"*\"}}}}}\n", "4:41: an identity-based policy has no Principal; it applies to what it is attached to"},
		{"trust with a resource", account + "    roles: {a: {trust: {Statement: {Effect: Allow, Principal: \"*\", Action: \"sts:AssumeRole\", Resource: \"*\"}}}}\n", "4:36: a trust policy has no Resource; it speaks of the role it belongs to"},
		{"key state", account + "    keys: {k: {state: Pending}}\n", `4:23: state "Pending"; known here: Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Creating, Updating, Unavailable`},
		{"key manager", account + "    keys: {k: {manager: aws}}\n", `4:25: manager "aws"; did you mean "AWS"?`},
		{"alias", account + "    keys: {k: {aliases: [data]}}\n", `4:26: alias "data"; write it as "alias/data"`},
		{"grant operation", account + "    keys: {k: {grants: [{grantee: \"arn:aws:iam::111122223333:root\", operations: [Decript]}]}}\n", `4:82: operations "Decript"; did you mean "Decrypt"?`},
		{"grant without grantee", account + "    keys: {k: {grants: [null]}}\n", "4:25: a grant names its grantee"},
		{"canonical id", account + "    canonicalId: abc\n", `4:18: canonicalId "abc"; a canonical user id has 64 hexadecimal digits in lower case`},
		{"endpoint twice", account + "    vpcEndpoints: {vpce-1: {}}\n  \"444455556666\": {vpcEndpoints: {vpce-1: {}}}\n", "5:35: VPC endpoint vpce-1 stands in account 111122223333 already"},
		{"access point without a bucket", account + "    accessPoints: {ap: {}}\n", "4:20: access point ap names no bucket"},
		{"org policy type", org + "    policies: {p: {type: SCP, document: {Statement: []}}}\n", `4:26: type "SCP"; did you mean "scp"?`},
		{"org policy without type", org + "    policies: {p: {document: {Statement: []}}}\n", `4:16: policy "p" has no type: scp, rcp or s3`},
		{"scp name", org + "    policies: {DenyLeaks: {type: scp, document: {Statement: []}}}\n    root: {id: r-ab12, scps: [FullAWSAcess]}\n", `5:31: organization o-exampleorg01 has no policy "FullAWSAcess"; did you mean "FullAWSAccess"?`},
		{"rcp among scps", org + "    policies: {P: {type: rcp, document: {Version: \"2012-10-17\", Statement: []}}}\n    root: {id: r-ab12, scps: [P]}\n", `5:31: policy "P" is of type "rcp", and scps takes those of type "scp"`},
		{"built in", org + "    policies: {FullAWSAccess: {type: scp, document: {Statement: []}}}\n", "4:16: FullAWSAccess is built in; give this policy another name"},
		{"scp with a principal", org + "    policies: {P: {type: scp, document: {Statement: [{Effect: Deny, Principal: \"*\", Action: \"*\", Resource: \"*\"}]}}}\n", "4:54: an SCP has no Principal; it applies to all principals of the accounts under it"},
		{"rcp that allows", org + "    policies: {P: {type: rcp, document: {Version: \"2012-10-17\", Statement: [{Effect: Allow, Principal: \"*\", Action: \"s3:*\", Resource: \"*\"}]}}}\n", `4:77: an RCP denies only; "Effect": "Deny"`},
		{"rcp for one", org + "    policies: {P: {type: rcp, document: {Version: \"2012-10-17\", Statement: [{Effect: Deny, Principal: {AWS: \"111122223333\"}, Action: \"s3:*\", Resource: \"*\"}]}}}\n", `4:77: an RCP is for everyone; "Principal": "*", and conditions for the rest`},
		{"rcp for all actions", org + "    policies: {P: {type: rcp, document: {Version: \"2012-10-17\", Statement: [{Effect: Deny, Principal: \"*\", Action: \"*\", Resource: \"*\"}]}}}\n", `4:77: an RCP's Action names a service, as in "s3:*"`},
		{"rcp version", org + "    policies: {P: {type: rcp, document: {Statement: [{Effect: Deny, Principal: \"*\", Action: \"s3:*\", Resource: \"*\"}]}}}\n", `4:41: an RCP has "Version": "2012-10-17"`},
		{"s3 policy", org + "    policies: {P: {type: s3, document: {s3_attributes: {public_access_block_configuration: {\"@@assign\": some}}}}}\n", `4:105: "some"; public_access_block_configuration is "all" or "none"`},
		{"account in two places", org + "    root: {id: r-ab12, accounts: [\"111122223333\"], units: {ou-ab12-x: {accounts: [\"111122223333\"]}}}\n", "4:83: account 111122223333 stands in o-exampleorg01/r-ab12 already"},
		{"account of a unit", org + "    root: {id: r-ab12, accounts: [prod]}\n", `4:35: account id "prod"; an account id has twelve digits`},
		{"several", bucket + "        abac: on\n        ownership: None\n", "6:15: abac \"on\"; known here: Disabled, Enabled\nestate.yaml:7:20: ownership \"None\"; known here: BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter"},
	} {
		_, err := estate.Parse("estate.yaml", []byte(test.text))
		if err == nil {
			t.Errorf("%s: no error, want %s", test.name, test.want)
			continue
		}
		if got := err.Error(); got != "estate.yaml:"+test.want {
			t.Errorf("%s\ngot  %s\nwant estate.yaml:%s", test.name, got, test.want)
		}
		if exitCode(err) != 2 {
			t.Errorf("%s: exit code %d, want 2", test.name, exitCode(err))
		}
	}
}

// JSON may say a name twice; the second must not silently replace the first.
func TestRepeatedNamesInJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"version": 1, "accounts": {}, "accounts": {}}`:                                                   `estate.json:1:32: "accounts" stands here a second time`,
		`{"version": 1, "accounts": {"111122223333": {"buckets": {"b": {}, "b": {}}}}}`:                    `estate.json:1:67: "b" stands here a second time`,
		`{"version": 1, "organizations": {"o": {"root": {"accounts": ["111122223333", "111122223333"]}}}}`: `estate.json:1:78: "111122223333" stands here a second time`,
	} {
		_, err := estate.Parse("estate.json", []byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(read(f, "testdata/contract.yaml")))
	f.Add(`{"version": 1, "accounts": {"111122223333": {"buckets": {"b": {"document": {"Statement": []}}}}}}`)
	f.Add("version: 1\norganizations: {o: {root: {id: r, units: {u: null}}}}\naccounts: {\"111122223333\": null}")
	f.Fuzz(func(t *testing.T, text string) {
		fsys := fstest.MapFS{"estate.yaml": {Data: []byte(text)}}
		for _, p := range []string{"policies/my-bucket.json", "policies/only-my-org.json"} {
			fsys[p] = &fstest.MapFile{Data: []byte(`{"Statement": []}`)}
		}
		e, err := estate.ParseFS(fsys, "estate.yaml")
		if err != nil {
			if exitCode(err) != 2 {
				t.Errorf("exit code %d: %v", exitCode(err), err)
			}
			var at *node.Error
			if !errors.As(err, &at) {
				t.Errorf("%v names no place", err)
			}
			return
		}
		sameAfterEncode(t, e)
	})
}

// Account ids need no quotes, whatever number YAML would make of them.
func TestAccountIDsWithoutQuotes(t *testing.T) {
	e := load(t, "version: 1\norganizations: {o-exampleorg01: {managementAccount: 012345670123, root: {id: r-ab12, accounts: [012345670123]}}}\naccounts:\n  012345670123: {buckets: {b: {objects: {k: {owner: 012345670123}}}}}\n")
	a, ok := e.Account("012345670123")
	if !ok || a.Organization.ManagementAccount != "012345670123" || a.Buckets["b"].Objects["k"].Owner != "012345670123" {
		t.Errorf("got %+v", a)
	}
}
