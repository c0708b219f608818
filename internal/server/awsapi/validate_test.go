package awsapi

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// model of a service, for tests.
func modelOf(t testing.TB, service string) *model {
	t.Helper()
	m, err := loadModel(service)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What AWS's services say of inputs that do not fit: issue threads of Terraform and
// the CLI quote these messages; those of IAM and STS were recorded at AWS in 2025
// and 2026 by the projects localstack and versitygw.
func TestValidation(t *testing.T) {
	for _, c := range []struct {
		name, service, op string
		in                any
		form, body        string
		want              string
	}{
		{"missing", "iam", "CreateUser", &iam.CreateUserInput{}, "Action=CreateUser", "",
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"},
		{"empty", "iam", "CreateUser", &iam.CreateUserInput{}, "UserName=", "",
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"path", "iam", "CreateUser", &iam.CreateUserInput{}, "UserName=alice&Path=bad", "",
			"The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."},
		{"new name", "iam", "UpdateUser", &iam.UpdateUserInput{}, "UserName=alice&NewUserName=bad/name", "",
			"The specified value for newUserName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{"path prefix", "iam", "ListUsers", &iam.ListUsersInput{}, "PathPrefix=team", "",
			"The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters."},
		{"pattern", "iam", "SetDefaultPolicyVersion", &iam.SetDefaultPolicyVersionInput{}, "PolicyArn=arn:aws:iam::111122223333:policy/p&VersionId=two", "",
			"1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"},
		{"texts in a list", "iam", "UntagUser", &iam.UntagUserInput{}, "UserName=u&TagKeys.member.1=NOWAY!", "",
			"1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+, Member must not be null]"},
		{"several", "iam", "CreateOpenIDConnectProvider", &iam.CreateOpenIDConnectProviderInput{}, "ClientIDList.member.1=" + strings.Repeat("c", 256) + "&ThumbprintList.member.1=a&Url=" + strings.Repeat("u", 256), "",
			"3 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]; " +
				"Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]; " +
				"Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255"},
		{"missing in a list", "iam", "TagUser", &iam.TagUserInput{}, "UserName=u&Tags.member.1.Value=v", "", "The request must contain the parameter Tags.member.1.Key."},
		{"session name", "sts", "AssumeRole", &sts.AssumeRoleInput{}, "RoleArn=arn:aws:iam::111122223333:role/app&RoleSessionName=Session1:2", "",
			"1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"},
		{"short ARN", "sts", "AssumeRole", &sts.AssumeRoleInput{}, "RoleArn=short&RoleSessionName=s1", "",
			"1 validation error detected: Value at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20"},
		{"no role", "sts", "AssumeRole", &sts.AssumeRoleInput{}, "RoleSessionName=s1", "",
			"1 validation error detected: Value at 'roleArn' failed to satisfy constraint: Member must not be null"},
		{"long", "iam", "CreateUser", &iam.CreateUserInput{}, "UserName=" + strings.Repeat("a", 65), "",
			"1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		{"enumeration", "iam", "UpdateAccessKey", &iam.UpdateAccessKeyInput{}, "AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=On", "",
			"1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]"},
		{"in a list", "iam", "TagUser", &iam.TagUserInput{}, "UserName=u&Tags.member.1.Key=&Tags.member.1.Value=v", "", "at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"number", "sts", "AssumeRole", &sts.AssumeRoleInput{}, "RoleArn=arn:aws:iam::111122223333:role/app&RoleSessionName=s1&DurationSeconds=60", "",
			"1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		{"JSON", "kms", "Encrypt", &kms.EncryptInput{}, "", `{"Plaintext": "aGk="}`,
			"1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null"},
		{"EC2", "ec2", "CreateVpcEndpoint", &ec2.CreateVpcEndpointInput{}, "ServiceName=s", "",
			"1 validation error detected: Value null at 'vpcId' failed to satisfy constraint: Member must not be null"},
		{"right", "iam", "CreateUser", &iam.CreateUserInput{}, "UserName=alice&Path=/a/&Tags.member.1.Key=k&Tags.member.1.Value=", "", ""},
	} {
		m := modelOf(t, c.service)
		in := reflect.ValueOf(c.in).Elem()
		form, err := url.ParseQuery(c.form)
		if err != nil {
			t.Fatal(err)
		}
		if c.body != "" {
			err = readJSON([]byte(c.body), m.operations[c.op].input, in)
		} else {
			err = queryReader{m.protocol}.read(form, m.operations[c.op].input, in)
		}
		if got := validation(c.service, m.operations[c.op].input, in); err != nil || got != c.want && (c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

// Patterns that Go cannot compile are not checked; there are as few as this.
func TestPatterns(t *testing.T) {
	n, unchecked := 0, 0
	for _, service := range []string{"iam", "sts", "kms", "organizations", "cloudtrail", "ec2"} {
		for name, s := range modelOf(t, service).shapes {
			if s.patternRaw == "" {
				continue
			}
			n++
			if s.pattern == nil {
				unchecked++
				t.Logf("%s %s: %s", service, name, s.patternRaw)
			}
		}
	}
	if n < 100 || unchecked > 6 {
		t.Errorf("%d patterns, %d of them unchecked", n, unchecked)
	}
}

// Values that are not of their type are refused, none panics.
func TestSyntaxErrors(t *testing.T) {
	m := modelOf(t, "kms")
	for _, body := range []string{`[]`, `{`, `"x"`, `{} {}`, `{"KeyId": 1}`, `{"KeyId": {}}`, `{"KeyId": []}`, `{"Plaintext": "*"}`, `{"EncryptionContext": {"a": 1}}`, `{"GrantTokens": "x"}`, `{"DryRun": "x"}`} {
		if err := readJSON([]byte(body), m.operations["Encrypt"].input, reflect.ValueOf(&kms.EncryptInput{}).Elem()); err == nil {
			t.Errorf("%s: no error", body)
		}
	}
	sm := modelOf(t, "sts")
	if err := (queryReader{query}).read(url.Values{"DurationSeconds": {"99999999999"}}, sm.operations["AssumeRole"].input, reflect.ValueOf(&sts.AssumeRoleInput{}).Elem()); err == nil {
		t.Error("a number of 64 bits: no error")
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("UserName=alice&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.-1.Key=&Tags.x=1&Tags.member.99999999999999999999.Key=k")
	f.Add("ActionNames.member.1=s3:GetObject&ContextEntries.member.1.ContextKeyValues.member.2=x&MaxItems=1e9&ContextEntries=")
	services := map[string]map[string]reflect.Type{
		"iam": {"TagUser": reflect.TypeFor[iam.TagUserInput](), "SimulateCustomPolicy": reflect.TypeFor[iam.SimulateCustomPolicyInput]()},
		"sts": {"AssumeRole": reflect.TypeFor[sts.AssumeRoleInput]()}, "ec2": {"CreateVpcEndpoint": reflect.TypeFor[ec2.CreateVpcEndpointInput]()},
	}
	models := map[string]*model{}
	for service := range services {
		models[service] = modelOf(f, service)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		form, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		for service, operations := range services {
			m := models[service]
			for name, in := range operations {
				v, s := reflect.New(in).Elem(), m.operations[name].input
				if (queryReader{m.protocol}).read(form, s, v) != nil {
					continue
				}
				validation(m.service, s, v)
				(&xmlWriter{protocol: m.protocol}).result(s, v)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"KeyId": "k", "Plaintext": "aGk=", "EncryptionContext": {"a": "b"}, "GrantTokens": ["x", null], "DryRun": true}`))
	m := modelOf(f, "kms")
	s := m.operations["Encrypt"].input
	f.Fuzz(func(t *testing.T, body []byte) {
		v := reflect.New(reflect.TypeFor[kms.EncryptInput]()).Elem()
		if readJSON(body, s, v) == nil {
			validation("kms", s, v)
			jsonOf(s, v)
		}
	})
}
