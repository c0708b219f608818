package live

import (
	"os"
	"path/filepath"
	"testing"
)

// What a program's environment and profile say of endpoints: "Service-specific
// endpoints" of the AWS SDKs and Tools Reference Guide.
func TestSettings(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	err := os.WriteFile(config, []byte(`[default]
region = eu-west-1
[profile minio]
endpoint_url = http://localhost:9000
ca_bundle = /minio.pem
services = local
sso_region = eu-west-2
[services local]
s3 =
  endpoint_url = http://localhost:9001
s3_control =
  endpoint_url = http://localhost:9002
[profile quick]
s3 =
  use_accelerate_endpoint = true
[profile fips]
use_fips_endpoint = true
[profile ignoring]
endpoint_url = http://localhost:9000
ignore_configured_endpoint_urls = true
[sso-session one]
sso_region = eu-west-2
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	type env map[string]string
	for _, test := range []struct {
		name, profile string
		env           env
		get           func(*Settings) string
		want          string
	}{
		{"no endpoint", "", nil, func(s *Settings) string { return s.Endpoint("s3") }, ""},
		{"of the profile's services", "minio", nil, func(s *Settings) string { return s.Endpoint("s3") }, "http://localhost:9001"},
		{"of a service of two words", "minio", nil, func(s *Settings) string { return s.Endpoint("s3-control") }, "http://localhost:9002"},
		{"of the profile", "minio", nil, func(s *Settings) string { return s.Endpoint("sts") }, "http://localhost:9000"},
		{"the environment before the profile", "minio", env{"AWS_ENDPOINT_URL": "http://e"}, func(s *Settings) string { return s.Endpoint("s3") }, "http://e"},
		{"the service's variable before all", "minio", env{"AWS_ENDPOINT_URL": "http://e", "AWS_ENDPOINT_URL_S3": "http://s"}, func(s *Settings) string { return s.Endpoint("s3") }, "http://s"},
		{"ignored by the environment", "", env{"AWS_ENDPOINT_URL": "http://e", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, func(s *Settings) string { return s.Endpoint("s3") }, ""},
		{"ignored by the profile", "ignoring", nil, func(s *Settings) string { return s.Endpoint("s3") }, ""},
		{"profile of the environment", "", env{"AWS_PROFILE": "minio"}, func(s *Settings) string { return s.Endpoint("s3") }, "http://localhost:9001"},
		{"bundle of the profile", "minio", nil, (*Settings).Bundle, "/minio.pem"},
		{"bundle of the environment", "minio", env{"AWS_CA_BUNDLE": "/env.pem"}, (*Settings).Bundle, "/env.pem"},
		{"region of the profile", "", nil, (*Settings).Region, "eu-west-1"},
		{"region of the environment", "", env{"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, (*Settings).Region, "a"},
		{"nothing special", "", nil, (*Settings).Special, ""},
		{"FIPS by the environment", "", env{"AWS_USE_FIPS_ENDPOINT": "true"}, (*Settings).Special, "AWS_USE_FIPS_ENDPOINT"},
		{"FIPS by the profile", "fips", nil, (*Settings).Special, "use_fips_endpoint of profile fips"},
		{"FIPS of the profile switched off", "fips", env{"AWS_USE_FIPS_ENDPOINT": "false"}, (*Settings).Special, ""},
		{"accelerate", "quick", nil, (*Settings).Special, "use_accelerate_endpoint of profile quick"},
		{"one Region of logins", "", nil, (*Settings).LoginRegion, "eu-west-2"},
		{"no such profile", "none", nil, (*Settings).Bundle, ""},
		{"no files", "", env{"AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none"}, (*Settings).LoginRegion, ""},
	} {
		getenv := func(name string) string {
			if v, ok := test.env[name]; ok {
				return v
			}
			return map[string]string{"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": config + ".none"}[name]
		}
		if got := test.get(ReadSettings(getenv, test.profile)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
