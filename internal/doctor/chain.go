package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// environment looks at the access key in the environment. It comes first, unless a
// profile is named on the command line.
func (e *examination) environment() {
	id, secret, token := e.getenv("AWS_ACCESS_KEY_ID"), e.getenv("AWS_SECRET_ACCESS_KEY"), e.getenv("AWS_SESSION_TOKEN")
	l := Link{Name: "environment", State: Absent, AccessKeyID: strings.TrimSpace(id)}
	switch {
	case id == "" && secret == "":
		if token != "" {
			e.problem("unset AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN is set without an access key")
		}
	case id == "" || secret == "":
		l.State = Broken
		missing := "AWS_SECRET_ACCESS_KEY"
		if id == "" {
			missing = "AWS_ACCESS_KEY_ID"
		}
		e.problem("set it, or unset the other: boto3 stops here, the SDK for Go looks further", "half an access key is in the environment: %s is not set", missing)
	case e.Profile != "":
		l.State, l.Detail = Hidden, "--profile passes it by"
		e.key("AWS_ACCESS_KEY_ID", id, secret, token)
	default:
		l.State, l.Detail = found, "AWS_ACCESS_KEY_ID"
		e.key("AWS_ACCESS_KEY_ID", id, secret, token)
		if _, from := e.profileOf(1); from != "no variable names one" {
			e.problem("unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name the profile with --profile", "%s is set, and so is AWS_ACCESS_KEY_ID: the key in the environment wins silently", from)
		}
	}
	e.link(l)
}

// key looks at an access key: what the prefix says about the token, and what
// pasting did to it (IAM User Guide, unique identifiers: AKIA are long-term keys,
// ASIA those of a session).
func (e *examination) key(place, id, secret, token string) {
	for _, v := range []struct{ name, text string }{{"access key id", id}, {"secret access key", secret}, {"session token", token}} {
		if how := pasted(v.text); how != "" {
			e.problem("set it again without; signatures do not match", "%s: the %s holds %s", place, v.name, how)
		}
	}
	switch prefix := strings.Trim(id, " \t\r\n\"'"); {
	case strings.HasPrefix(prefix, "AKIA") && token != "":
		e.problem("unset AWS_SESSION_TOKEN, or remove aws_session_token: it was left over from other credentials", "%s: the long-term key %s has a session token beside it, which AWS answers with InvalidToken or InvalidClientTokenId", place, prefix)
	case strings.HasPrefix(prefix, "ASIA") && token == "":
		e.problem("set AWS_SESSION_TOKEN, or get new credentials", "%s: the key %s is of a session, and its session token is missing", place, prefix)
	}
}

// webIdentity looks at the token of an OIDC provider, as EKS gives it to pods.
func (e *examination) webIdentity() {
	token, role := e.getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), e.getenv("AWS_ROLE_ARN")
	l := Link{Name: "web identity", State: Absent}
	switch {
	case token == "" && role != "":
		e.note("", "AWS_ROLE_ARN is set without AWS_WEB_IDENTITY_TOKEN_FILE, and counts for nothing")
	case token == "":
	case role == "":
		l.State = Broken
		e.problem("set AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN")
	default:
		l.State, l.Detail, l.Place = found, "assumes "+role, token
		if why := e.token(token); why != "" {
			l.State = Broken
			e.problem("", "AWS_WEB_IDENTITY_TOKEN_FILE names %s: %s", token, why)
		}
	}
	e.link(l)
}

// container looks at the variables that ECS and EKS Pod Identity set, and asks the
// endpoint that they name where no link before has credentials. What it answers is not
// looked at.
func (e *examination) container(ctx context.Context) {
	l := Link{Name: "container", State: Absent}
	at, name := e.getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"), "AWS_CONTAINER_CREDENTIALS_FULL_URI"
	if path := e.getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		at, name = "http://169.254.170.2"+path, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
	}
	if at != "" {
		l.State, l.Detail = found, name
		if why := e.containerAnswers(ctx, at); why != "" {
			l.State = Broken
			e.problem("", "%s: %s", name, why)
		}
	}
	if token := e.getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); token != "" && l.State == found {
		if why := readable(token); why != "" {
			l.State = Broken
			e.problem("", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names %s: %s", token, why)
		}
	}
	e.link(l)
}

// containerAnswers says why the endpoint of a container gives nothing, "" where it
// does, or is not asked. Plain HTTP is taken to this machine and the addresses of ECS
// and EKS alone (AWS SDKs and Tools Reference Guide, Container credential provider).
func (e *examination) containerAnswers(ctx context.Context, at string) string {
	u, err := url.Parse(at)
	switch {
	case err != nil || u.Host == "":
		return "it is no URL"
	case u.Scheme == "http" && !local(u.Hostname()) && !slices.Contains([]string{"169.254.170.2", "169.254.170.23", "fd00:ec2::23"}, u.Hostname()):
		return "plain HTTP to " + u.Hostname() + " is refused: it may be this machine, 169.254.170.2 or 169.254.170.23"
	case e.Metadata == nil || e.earlier():
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, metadataWait)
	defer cancel()
	token := e.getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if file := e.getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		data, _ := os.ReadFile(file) // that it cannot be read is told below
		token = string(data)
	}
	_, status, err := e.ask(ctx, http.MethodGet, at, "Authorization", token)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within a second"
	case err != nil:
		return "it cannot be reached"
	case status != http.StatusOK:
		return fmt.Sprintf("it answers %d", status)
	}
	return ""
}

// earlier reports a link before that has credentials.
func (e *examination) earlier() bool {
	return slices.ContainsFunc(e.report.Chain, func(l Link) bool { return l.State == found })
}

// metadataWait is how long the metadata service is waited for, as in botocore.
const metadataWait = time.Second

// metadata asks the instance's metadata service for the name of its role, where no
// link before has credentials (EC2 User Guide, Use IMDSv2).
func (e *examination) metadata(ctx context.Context) {
	l := Link{Name: "instance metadata", State: Skipped}
	switch {
	case strings.EqualFold(e.getenv("AWS_EC2_METADATA_DISABLED"), "true"):
		l.State, l.Detail = Absent, "switched off by AWS_EC2_METADATA_DISABLED"
	case e.earlier() || e.Metadata == nil:
	default:
		l.State, l.Detail = e.instanceRole(ctx)
	}
	e.link(l)
}

func (e *examination) instanceRole(ctx context.Context) (state, detail string) {
	ctx, cancel := context.WithTimeout(ctx, metadataWait)
	defer cancel()
	base := strings.TrimSuffix(e.getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"), "/")
	if base == "" {
		base = "http://169.254.169.254"
	}
	token, status, err := e.ask(ctx, http.MethodPut, base+"/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "60")
	if err != nil || status != http.StatusOK {
		if errors.Is(err, context.DeadlineExceeded) {
			return Absent, "no answer within a second; in a container on EC2 the hop limit of the token's answer has to be 2"
		}
		return Absent, "there is no metadata service"
	}
	role, status, err := e.ask(ctx, http.MethodGet, base+"/latest/meta-data/iam/security-credentials/", "X-aws-ec2-metadata-token", token)
	if err != nil || status != http.StatusOK {
		return Absent, "the instance has no role"
	}
	return found, "role " + strings.TrimSpace(role)
}

func (e *examination) ask(ctx context.Context, method, url, header, value string) (body string, status int, err error) {
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return "", 0, err
	}
	r.Header.Set(header, value)
	answer, err := e.Metadata.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, 1<<12))
	return string(data), answer.StatusCode, err
}
