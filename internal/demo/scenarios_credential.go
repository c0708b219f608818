package demo

import (
	"context"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// authentication expects a refusal of the credentials, the signature or the
// Region that it is for.
func authentication(gate iam.Gate, code reason.Code, status int, s3code string) Want {
	return denied(gate, iam.KindAuthentication, code).answered(status, s3code)
}

// credentialScenarios are about the caller's keys, token and clock.
var credentialScenarios = []Scenario{
	{
		Name:  "unknown-access-key",
		Title: "No such access key",
		Story: "The key was deleted, belongs to another partition, or the request went to another endpoint than it was made for.",
		Attempts: []Attempt{{"somebody reads with a key that does not exist", authentication(iam.GateCredentials, reason.UnknownAccessKey, 403, "InvalidAccessKeyId"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/ben").keys("AKIADEMOPRODNOBODY01", "demo/prod/nobody/not-a-secret", "").get(ctx, "reports", "2026/q1.csv")
			}}},
	},
	{
		Name:  "inactive-access-key",
		Title: "The access key is inactive",
		Story: "Keys were rotated, and one job still has the old one.",
		Attempts: []Attempt{{"ana lists with her old key", authentication(iam.GateCredentials, reason.InactiveAccessKey, 403, "InvalidAccessKeyId"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/ana").keys("AKIADEMOPRODANAOLD01", "demo/prod/ana/old-not-a-secret", "").list(ctx, "reports")
			}}},
	},
	{
		Name:  "wrong-secret",
		Title: "The secret is not that of the access key",
		Story: "One character lost in copying, a quoted or truncated variable: the signature does not match, though the access key is right.",
		Attempts: []Attempt{{"ben reads with a secret that lacks its last letter", authentication(iam.GateSignature, reason.SignatureMismatch, 403, "SignatureDoesNotMatch"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/ben").keys("AKIADEMOPRODBEN00001", "demo/prod/ben/not-a-secre", "").get(ctx, "reports", "2026/q1.csv")
			}}},
	},
	{
		Name:  "expired-token",
		Title: "The session has expired",
		Story: "It worked an hour ago; temporary credentials end, and S3 answers 400 ExpiredToken, which some tools report as access denied.",
		Attempts: []Attempt{{"a session of the role analyst reads two hours later", authentication(iam.GateCredentials, reason.ExpiredToken, 400, "ExpiredToken"),
			func(ctx context.Context, s *Stage) error {
				c, err := s.as("prod/admin").assume(ctx, analyst, "")
				if err != nil {
					return err
				}
				s.later(2 * time.Hour)
				return c.clock(2*time.Hour).get(ctx, "reports", "2026/q1.csv")
			}}},
	},
	{
		Name:  "missing-token",
		Title: "The session token is missing",
		Story: "Access key and secret were copied, AWS_SESSION_TOKEN was not; S3 answers as if the key did not exist.",
		Attempts: []Attempt{{"a session of the role analyst reads without its token", authentication(iam.GateCredentials, reason.MissingToken, 403, "InvalidAccessKeyId"),
			func(ctx context.Context, s *Stage) error {
				c, err := s.as("prod/admin").assume(ctx, analyst, "")
				if err != nil {
					return err
				}
				k, err := c.creds.Retrieve(ctx)
				if err != nil {
					return err
				}
				return c.keys(k.AccessKeyID, k.SecretAccessKey, "").get(ctx, "reports", "2026/q1.csv")
			}}},
	},
	{
		Name:  "skewed-clock",
		Title: "The caller's clock is wrong",
		Story: "A virtual machine that slept, or a container without NTP: more than 15 minutes off, and every request is refused.",
		Attempts: []Attempt{{"ben reads with a clock that is 20 minutes slow", authentication(iam.GateSignature, reason.ClockSkew, 403, "RequestTimeTooSkewed"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/ben").clock(-20*time.Minute).get(ctx, "reports", "2026/q1.csv")
			}}},
	},
	{
		Name:  "wrong-region",
		Title: "The request is signed for another Region than the bucket's",
		Story: "The profile says us-east-1, the bucket is in Ireland; S3 answers 400 AuthorizationHeaderMalformed, and only some clients try again.",
		Attempts: []Attempt{{"the administrator reads from a bucket in eu-west-1", authentication(iam.GateEndpoint, reason.WrongRegion, 400, "AuthorizationHeaderMalformed"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").get(ctx, "eu-reports", "2026/q1.csv")
			}}},
	},
}
