package doctor_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/doctor"
	"github.com/why403/why403/internal/source/live"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// examined examines an environment with a home of its own. No report holds what the
// tests have for secrets.
func examined(t *testing.T, files map[string]string, p doctor.Patient) *doctor.Report {
	t.Helper()
	home := t.TempDir()
	for name, text := range files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.Env, p.Now = append(p.Env, "HOME="+home), func() time.Time { return now }
	r := p.Examine(t.Context())
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "hush") {
		t.Errorf("a report holds a secret: %s", text)
	}
	return r
}

func state(r *doctor.Report, name string) string {
	for _, l := range r.Chain {
		if l.Name == name {
			return l.State
		}
	}
	return ""
}

func said(list []doctor.Problem, text string) bool {
	for _, p := range list {
		if strings.Contains(p.Text, text) {
			return true
		}
	}
	return false
}

const (
	keys = "AWS_ACCESS_KEY_ID=AKIAEXAMPLE0000ALICE"
	hush = "AWS_SECRET_ACCESS_KEY=hush"
)

// The surprises of AWS's chain, one environment each (AWS SDKs and Tools Reference
// Guide, Standardized credential providers; botocore's credentials and configprovider).
func TestProblems(t *testing.T) {
	region := []string{"AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true"}
	prod := map[string]string{".aws/credentials": "[default]\naws_access_key_id = AKIAEXAMPLE00DEFAULT\naws_secret_access_key = hush\n\n[prod]\naws_access_key_id = AKIAEXAMPLE0000PROD1\naws_secret_access_key = hush\n"}
	for name, c := range map[string]struct {
		files map[string]string
		env   []string
		want  string // problem; "" for none
		wins  string
	}{
		"fine":                     {nil, []string{keys, hush}, "", "environment"},
		"file alone":               {prod, []string{"AWS_PROFILE=prod"}, "", "profile prod, access key"},
		"keys over profile":        {prod, []string{keys, hush, "AWS_PROFILE=prod"}, "AWS_PROFILE is set, and so is AWS_ACCESS_KEY_ID", "environment"},
		"profile variables":        {prod, []string{"AWS_PROFILE=prod", "AWS_DEFAULT_PROFILE=default"}, "AWS_PROFILE and AWS_DEFAULT_PROFILE differ", "profile prod, access key"},
		"no such profile":          {prod, []string{keys, hush, "AWS_PROFILE=prdo"}, `profile "prdo", which neither`, "environment"},
		"stale token":              {nil, []string{keys, hush, "AWS_SESSION_TOKEN=hush"}, "AKIAEXAMPLE0000ALICE has a session token beside it", "environment"},
		"token missing":            {nil, []string{"AWS_ACCESS_KEY_ID=ASIAEXAMPLE0000ALICE", hush}, "its session token is missing", "environment"},
		"half a key":               {nil, []string{keys}, "AWS_SECRET_ACCESS_KEY is not set", ""},
		"blank":                    {nil, []string{keys, hush + " "}, "the secret access key holds a blank", "environment"},
		"line end":                 {nil, []string{keys + "\n", hush}, "the access key id holds a line end", "environment"},
		"quotes":                   {nil, []string{keys, `AWS_SECRET_ACCESS_KEY="hush"`}, "the secret access key holds quotes", "environment"},
		"nothing":                  {nil, nil, "no link of the chain gives credentials", ""},
		"forgotten endpoint":       {nil, []string{keys, hush, "AWS_ENDPOINT_URL=http://localhost:4566"}, "sends requests to localhost:4566, not to AWS", "environment"},
		"endpoint of a VPC":        {nil, []string{keys, hush, "AWS_ENDPOINT_URL_S3=https://u:hush@bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com"}, "", "environment"},
		"bundle":                   {nil, []string{keys, hush, "AWS_CA_BUNDLE=/no/such.pem"}, "AWS_CA_BUNDLE names /no/such.pem: there is no such file", "environment"},
		"proxy with a secret":      {nil, []string{keys, hush, "HTTPS_PROXY=http://me:hush@proxy:3128"}, "", "environment"},
		"web identity":             {nil, []string{"AWS_WEB_IDENTITY_TOKEN_FILE=/no/token", "AWS_ROLE_ARN=arn:aws:iam::111122223333:role/pod"}, "AWS_WEB_IDENTITY_TOKEN_FILE names /no/token", ""},
		"container":                {nil, []string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/hush"}, "", "container"},
		"[name] in config":         {map[string]string{".aws/config": "[prod]\nregion = eu-west-1\n"}, []string{keys, hush, "AWS_PROFILE=prod"}, "[prod] in the config file is no profile", "environment"},
		"role without a source":    {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\n"}, nil, "role_arn without anything to assume", ""},
		"role of a missing source": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n"}, nil, "source_profile base is in neither", ""},
		"role by another role": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = mid\n[profile mid]\nrole_arn = arn:aws:iam::111122223333:role/m\nsource_profile = base\n",
			".aws/credentials": "[base]\naws_access_key_id = AKIAEXAMPLE0000BASE1\naws_secret_access_key = hush\n"}, nil, "", "profile default, role"},
		"roles in a circle": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = a\n[profile a]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = a\n"},
			nil, "source_profile goes round: default → a → b → a", ""},
		"role by a stale token": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n",
			".aws/credentials": "[base]\naws_access_key_id = AKIAEXAMPLE0000BASE1\naws_secret_access_key = hush\naws_session_token = hush\n"}, nil, "the long-term key AKIAEXAMPLE0000BASE1 has a session token beside it", "profile default, role"},
		"role by itself": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = default\naws_access_key_id = AKIAEXAMPLE0000BASE1\naws_secret_access_key = hush\n"},
			nil, "", "profile default, role"},
		"role by nobody": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n[profile base]\nregion = eu-west-1\n"},
			nil, "source_profile base has no credentials", ""},
		"role by a container": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\ncredential_source = EcsContainer\n"},
			nil, "credential_source EcsContainer: this is no container", ""},
		"role by a word": {map[string]string{".aws/config": "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\ncredential_source = Container\n"},
			nil, "it may be Environment, EcsContainer or Ec2InstanceMetadata", ""},
		"endpoint of a service": {map[string]string{".aws/config": "[default]\nservices = local\n[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:9000\n"}, []string{keys, hush},
			"endpoint_url of s3 sends requests to 127.0.0.1:9000", "environment"},
		"no such services":    {map[string]string{".aws/config": "[default]\nservices = local\n"}, []string{keys, hush}, "there is no [services local]", "environment"},
		"container elsewhere": {nil, []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://192.0.2.1/hush"}, "plain HTTP to 192.0.2.1 is refused", ""},
		"legacy SSO": {map[string]string{".aws/config": "[default]\nsso_start_url = https://corp.example\nsso_account_id = 111122223333\nsso_role_name = reader\n"},
			nil, "nobody has logged in to https://corp.example", ""},
		"no such SSO session": {map[string]string{".aws/config": "[default]\nsso_session = corp\n"}, nil, "there is no [sso-session corp]", ""},
		"process":             {map[string]string{".aws/config": "[default]\ncredential_process = /bin/get --password hush\n"}, nil, "", "profile default, process"},
		"no SSO login":        {map[string]string{".aws/config": "[default]\nsso_session = corp\n[sso-session corp]\nsso_start_url = https://x\n"}, nil, "nobody has logged in to corp", ""},
		"expired SSO login": {map[string]string{".aws/config": "[default]\nsso_session = corp\n[sso-session corp]\nsso_start_url = https://x\n",
			ssoCache: `{"accessToken":"hush","expiresAt":"2026-11-22T09:00:00Z"}`}, nil, "the login of corp has expired, at 2026-11-22T09:00:00Z", ""},
		"valid SSO login": {map[string]string{".aws/config": "[default]\nsso_session = corp\n[sso-session corp]\nsso_start_url = https://x\n",
			ssoCache: `{"accessToken":"hush","expiresAt":"2026-11-22T11:00:00Z"}`}, nil, "", "profile default, IAM Identity Center"},
	} {
		t.Run(name, func(t *testing.T) {
			r := examined(t, c.files, doctor.Patient{Env: append(c.env, region...)})
			if c.want == "" && len(r.Problems) > 0 || c.want != "" && !said(r.Problems, c.want) {
				t.Errorf("problems %q, want %q", r.Problems, c.want)
			}
			won := ""
			for _, l := range r.Chain {
				if l.State == doctor.Wins {
					won += l.Name
				}
			}
			if won != c.wins {
				t.Errorf("%q wins, want %q: %+v", won, c.wins, r.Chain)
			}
		})
	}
}

// ssoCache is named after the SHA-1 of "corp", as botocore's SSO token loader names
// it: printf corp | sha1sum.
const ssoCache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"

// A place is a file and a line; what is hidden is said.
func TestPlacesAndHidden(t *testing.T) {
	r := examined(t, map[string]string{".aws/credentials": "# mine\n[default]\n\naws_access_key_id=AKIAEXAMPLE00DEFAULT\naws_secret_access_key=hush\n"}, doctor.Patient{Env: []string{keys, hush, "AWS_REGION=eu-west-1"}})
	if state(r, "profile default, access key") != doctor.Hidden || !said(r.Notes, "environment hides profile default, access key") {
		t.Errorf("%+v %+v", r.Chain, r.Notes)
	}
	for _, l := range r.Chain {
		if l.Name == "profile default, access key" && (!strings.HasSuffix(l.Place, "credentials:4") || l.AccessKeyID != "AKIAEXAMPLE00DEFAULT") {
			t.Errorf("%+v", l)
		}
	}
	r = examined(t, nil, doctor.Patient{Env: []string{keys, hush}, Profile: "prod"})
	if state(r, "environment") != doctor.Hidden {
		t.Errorf("--profile does not pass the environment by: %+v", r.Chain)
	}
}

// boto3 and the AWS CLI v1 do not read AWS_REGION.
func TestRegions(t *testing.T) {
	r := examined(t, map[string]string{".aws/config": "[default]\nregion = us-west-2\n"}, doctor.Patient{Env: []string{keys, hush, "AWS_REGION=eu-west-1"}})
	got := map[string]string{}
	for _, s := range r.Regions {
		got[s.Name] = s.Value
	}
	if got["AWS CLI v2"] != "eu-west-1" || got["SDK for Go v2"] != "eu-west-1" || got["AWS CLI v1, boto3"] != "us-west-2" || !said(r.Problems, "disagree about the Region") {
		t.Errorf("%v %v", got, r.Problems)
	}
	if r = examined(t, nil, doctor.Patient{Env: []string{keys, hush}}); !said(r.Problems, "no Region is configured") {
		t.Errorf("%v", r.Problems)
	}
}

// The metadata service is asked with a token (IMDSv2), and only where nothing else
// has credentials.
func TestMetadata(t *testing.T) {
	asked := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != "":
			_, _ = w.Write([]byte("hush"))
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") == "hush" && r.URL.Path == "/latest/meta-data/iam/security-credentials/":
			_, _ = w.Write([]byte("node-role"))
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer h.Close()
	at := "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + h.URL
	r := examined(t, nil, doctor.Patient{Env: []string{at}, Metadata: h.Client()})
	last := r.Chain[len(r.Chain)-1]
	if last.State != doctor.Wins || last.Detail != "role node-role" {
		t.Errorf("%+v", last)
	}
	asked = 0
	if r = examined(t, nil, doctor.Patient{Env: []string{at, keys, hush}, Metadata: h.Client()}); asked > 0 || state(r, "instance metadata") != doctor.Skipped {
		t.Errorf("asked %d times: %+v", asked, r.Chain)
	}
}

// The clock is compared with AWS's, and STS's refusal is told.
func TestCaller(t *testing.T) {
	identify := func(id live.Identity, err error) func(context.Context) (live.Identity, error) {
		return func(context.Context) (live.Identity, error) { return id, err }
	}
	r := examined(t, nil, doctor.Patient{Env: []string{keys, hush}, Identify: identify(live.Identity{Account: "111122223333", Date: now.Add(-20 * time.Minute)}, nil)})
	if !said(r.Problems, "off by 20m0s") || r.Caller.ClockOffset == nil || *r.Caller.ClockOffset != 1200 {
		t.Errorf("%+v %+v", r.Problems, r.Caller)
	}
	r = examined(t, nil, doctor.Patient{Env: []string{keys, hush}, Identify: identify(live.Identity{}, errors.New("no network"))})
	if !said(r.Problems, "STS does not say who is calling: no network") || r.Caller.ClockOffset != nil {
		t.Errorf("%+v %+v", r.Problems, r.Caller)
	}
}

// The token of an OIDC provider is looked at for its expiry alone.
func TestWebIdentity(t *testing.T) {
	token := func(claims string) string {
		return "aHVzaA." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".aHVzaA"
	}
	for text, want := range map[string]string{
		token(`{"exp":1795341600,"sub":"hush"}`): "", token(`{"sub":"hush"}`): "", // 2026-11-22T10:00:00Z
		token(`{"exp":1795338000,"sub":"hush"}`): "its token has expired, at 2026-11-22T09:00:00Z", "hush": "it holds no token of an OIDC provider", "": "it holds no token",
	} {
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := examined(t, nil, doctor.Patient{Env: []string{"AWS_WEB_IDENTITY_TOKEN_FILE=" + file, "AWS_ROLE_ARN=arn:aws:iam::111122223333:role/pod", "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true"}})
		if want == "" && len(r.Problems) > 0 || want != "" && !said(r.Problems, want) {
			t.Errorf("%q: %v, want %q", text, r.Problems, want)
		}
	}
}

// The endpoint of a container is asked, with its token, where nothing else has
// credentials; what it answers is in no report.
func TestContainer(t *testing.T) {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "hush" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte(`{"AccessKeyId":"ASIAEXAMPLE000000POD","SecretAccessKey":"hush"}`))
	}))
	defer h.Close()
	for env, want := range map[string]string{"AWS_CONTAINER_AUTHORIZATION_TOKEN=hush": "", "AWS_X=1": "it answers 401"} {
		r := examined(t, nil, doctor.Patient{Env: []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=" + h.URL + "/credentials", env}, Metadata: h.Client()})
		if want == "" && state(r, "container") != doctor.Wins || want != "" && !said(r.Problems, want) {
			t.Errorf("%s: %+v %v", env, r.Chain, r.Problems)
		}
	}
}
