package clienttest

import (
	"context"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const appRole = "arn:aws:iam::111122223333:role/service/app"

// roleConfig is a folder with a config file whose default profile assumes the role
// app.
func roleConfig(t *testing.T) (home string) {
	home = t.TempDir()
	text := "[default]\nrole_arn = " + appRole + "\nsource_profile = base\n[profile base]\naws_access_key_id = " + adminKey + "\naws_secret_access_key = " + adminSecret + "\n"
	write(t, filepath.Join(home, ".aws", "config"), text)
	return home
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// asProfile is an environment without keys, whose shared files are those of a home.
func asProfile(env []string, home string) []string {
	var out []string
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		switch name {
		case "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "HOME":
		default:
			out = append(out, entry)
		}
	}
	return append(out, "HOME="+home)
}

// refusedOfApp requires what the programs of this package leave when they were the
// role app.
func refusedOfApp(t *testing.T, status int, out, stderr string) {
	t.Helper()
	if status != 7 || out != "written and read\n" || strings.Count(stderr, "why403: refusal 1 of 1") != 1 || !strings.Contains(stderr, "no-allow-identity") {
		t.Errorf("status %d, want 7\n%s%s", status, out, stderr)
	}
	if !strings.Contains(stderr, "assumed-role/app/") || strings.Contains(stderr, "SecretAccessKey") {
		t.Errorf("not the session of the role:\n%s", stderr)
	}
}

// Programs that make their own sessions: the proxy learns them from STS's answers, so
// that it can sign with them.
func TestRunOwnSessions(t *testing.T) {
	t.Parallel()
	p := start(t)
	python := client(t, "python3", "-c", "import boto3")
	script, err := filepath.Abs(filepath.Join("testdata", "role.py"))
	if err != nil {
		t.Fatal(err)
	}
	exe, variable := goClient(t)
	profile := asProfile(p.environ("", ""), roleConfig(t))
	t.Run("boto3, role of a profile", func(t *testing.T) {
		status, out, stderr := why403(t, profile, "--", python, script)
		refusedOfApp(t, status, out, stderr)
	})
	t.Run("SDK for Go, role of a profile", func(t *testing.T) {
		status, out, stderr := why403(t, append(profile, variable), "--", exe)
		refusedOfApp(t, status, out, stderr)
	})
	t.Run("SDK for JavaScript, role of a profile", func(t *testing.T) {
		dir, err := filepath.Abs(filepath.Join("testdata", "js"))
		if err != nil {
			t.Fatal(err)
		}
		node := client(t, "node", filepath.Join(dir, "installed.mjs"))
		status, out, stderr := why403(t, profile, "--", node, "--no-warnings", filepath.Join(dir, "role.mjs"))
		refusedOfApp(t, status, out, stderr)
	})
	t.Run("boto3, AssumeRole by the program", func(t *testing.T) {
		status, out, stderr := why403(t, p.environ(adminKey, adminSecret), "--", python, script, appRole)
		refusedOfApp(t, status, out, stderr)
	})
	t.Run("a profile that the program names, with an endpoint of its own", func(t *testing.T) {
		home := t.TempDir()
		write(t, filepath.Join(home, ".aws", "config"), "[profile other]\nendpoint_url = "+p.url+"\naws_access_key_id = "+adminKey+"\naws_secret_access_key = "+adminSecret+"\n")
		env := append(asProfile(p.environ("", ""), home), "AWS_ENDPOINT_URL=")
		const named = "import boto3; print(len(boto3.Session(profile_name='other').client('s3').list_buckets()['Buckets']) > 1)"
		if status, out, stderr := why403(t, env, "--", python, "-c", named); status != 0 || out != "True\n" {
			t.Errorf("status %d\n%s%s", status, out, stderr)
		}
	})
	t.Run("a refused AssumeRole", func(t *testing.T) {
		status, _, stderr := why403(t, p.environ(readerKey, readerSecret), "--", python, script, "arn:aws:iam::111122223333:role/guarded")
		if status == 0 || !strings.Contains(stderr, "why403: refusal 1 of 1") || !strings.Contains(stderr, "sts:AssumeRole") {
			t.Errorf("status %d\n%s", status, stderr)
		}
	})
	t.Run("credentials that nobody knows", func(t *testing.T) {
		env := append(asProfile(p.environ("", ""), t.TempDir()), "PROGRAM_KEY="+adminKey, "PROGRAM_SECRET="+adminSecret)
		const own = "import boto3, os; boto3.client('s3', aws_access_key_id=os.environ['PROGRAM_KEY'], aws_secret_access_key=os.environ['PROGRAM_SECRET']).list_buckets()"
		status, _, stderr := why403(t, env, "--", python, "-c", own)
		if status != 1 || !strings.Contains(stderr, "cannot be signed anew") || !strings.Contains(stderr, "why403 run --mitm") {
			t.Errorf("status %d\n%s", status, stderr)
		}
	})
}

// portal answers GetRoleCredentials of IAM Identity Center with a session of the role
// app (AWS IAM Identity Center Portal API Reference).
func portal(t *testing.T, p *endpoint) *httptest.Server {
	t.Helper()
	res, err := sts.NewFromConfig(p.sdk(adminKey, adminSecret, "")).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: aws.String(appRole), RoleSessionName: aws.String("person")})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/federation/credentials" || r.Header.Get("X-Amz-Sso_bearer_token") != "bearer" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c := res.Credentials
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"roleCredentials": map[string]any{
			"accessKeyId": c.AccessKeyId, "secretAccessKey": c.SecretAccessKey, "sessionToken": c.SessionToken, "expiration": c.Expiration.UnixMilli()}})
	}))
	t.Cleanup(h.Close)
	return h
}

// A web identity is exchanged by a request that is not signed, as in a pod of Amazon
// EKS. The service that answers has the wire shape of STS; the session is a real one.
func TestRunWebIdentity(t *testing.T) {
	t.Parallel()
	p := start(t)
	python := client(t, "python3", "-c", "import boto3")
	script, err := filepath.Abs(filepath.Join("testdata", "role.py"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := sts.NewFromConfig(p.sdk(adminKey, adminSecret, "")).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: aws.String(appRole), RoleSessionName: aws.String("pod")})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "AssumeRoleWithWebIdentity" || r.FormValue("WebIdentityToken") != "identity" || r.Header.Get("Authorization") != "" {
			t.Errorf("asked for %v", r.Form)
		}
		c := res.Credentials
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
			*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken, c.Expiration.UTC().Format(time.RFC3339))
	}))
	defer h.Close()
	token := filepath.Join(t.TempDir(), "token")
	write(t, token, "identity")
	exe, variable := goClient(t)
	env := append(asProfile(p.environ("", ""), t.TempDir()), "AWS_ENDPOINT_URL_STS="+h.URL, "AWS_ROLE_ARN="+appRole, "AWS_WEB_IDENTITY_TOKEN_FILE="+token, variable)
	for name, args := range map[string][]string{"boto3": {python, script}, "SDK for Go": {exe}} {
		t.Run(name, func(t *testing.T) {
			status, out, stderr := why403(t, env, append([]string{"--"}, args...)...)
			refusedOfApp(t, status, out, stderr)
		})
	}
}

// Logins of IAM Identity Center, whose credentials boto3 and the SDK for Go keep in
// memory.
func TestRunLogin(t *testing.T) {
	t.Parallel()
	p := start(t)
	python := client(t, "python3", "-c", "import boto3")
	script, err := filepath.Abs(filepath.Join("testdata", "role.py"))
	if err != nil {
		t.Fatal(err)
	}
	home, h := t.TempDir(), portal(t, p)
	const start = "https://example.awsapps.com/start"
	write(t, filepath.Join(home, ".aws", "config"), "[default]\nsso_start_url = "+start+"\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = app\n")
	token, _ := json.Marshal(map[string]string{"startUrl": start, "region": "us-east-1", "accessToken": "bearer", "expiresAt": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	write(t, filepath.Join(home, ".aws", "sso", "cache", fmt.Sprintf("%x.json", sha1.Sum([]byte(start)))), string(token))
	env := append(asProfile(p.environ("", ""), home), "AWS_ENDPOINT_URL_SSO="+h.URL)
	exe, variable := goClient(t)
	for name, args := range map[string][]string{"boto3": {python, script}, "SDK for Go": {exe}} {
		t.Run(name, func(t *testing.T) {
			status, out, stderr := why403(t, append(env, variable), append([]string{"--"}, args...)...)
			refusedOfApp(t, status, out, stderr)
			if strings.Contains(stderr, "bearer") {
				t.Error("the token of the login is told")
			}
		})
	}
}
