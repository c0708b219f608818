package demo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

var noIdentity = denied(iam.GateIdentity, iam.KindImplicitDeny, reason.NoAllowIdentity)

var explicitDeny = denied(iam.GateBucketPolicy, iam.KindExplicitDeny, reason.DenyResourcePolicy)

// policyScenarios are about policies of the caller and of the bucket, in one
// account.
var policyScenarios = []Scenario{
	{
		Name:  "missing-get-object",
		Title: "No policy allows s3:GetObject",
		Story: "The listing works, so access seems to be there; but listing a bucket and reading an object are two permissions.",
		Attempts: []Attempt{
			{"ana lists the bucket reports", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/ana").list(ctx, "reports")
			}},
			{"ana reads an object of it", noIdentity, func(ctx context.Context, s *Stage) error {
				return s.as("prod/ana").get(ctx, "reports", "2026/q1.csv")
			}},
		},
	},
	{
		Name:  "head-object",
		Title: "HeadObject needs s3:GetObject, and its 403 says nothing",
		Story: "An answer to HEAD has no body, so tools report a bare 403 Forbidden; there is no permission s3:HeadObject to look for.",
		Attempts: []Attempt{{"ana asks for the size of an object", noIdentity, func(ctx context.Context, s *Stage) error {
			_, err := s.as("prod/ana").virtualHosted().s3().HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("reports"), Key: aws.String("2026/q1.csv")})
			return err
		}}},
	},
	{
		Name:  "missing-list-bucket",
		Title: "A missing key reads as 403, as s3:ListBucket is not allowed",
		Story: "The key has a typing error, and no permission is missing for the object itself; S3 answers 404 only to those who may list the bucket.",
		Attempts: []Attempt{
			{"ben reads an object that exists", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/ben").get(ctx, "reports", "2026/q1.csv")
			}},
			{"ben reads one that does not", denied(iam.GateExistence, iam.KindNotFound, reason.MissingKeyReadsAs403), func(ctx context.Context, s *Stage) error {
				return s.as("prod/ben").get(ctx, "reports", "2026/Q1.csv")
			}},
		},
	},
	{
		Name:  "list-bucket-on-objects",
		Title: "s3:ListBucket is granted on the objects, and not on the bucket",
		Story: "Listing is asked on the bucket's ARN, to which a statement with /* does not reach.",
		Attempts: []Attempt{{"carla lists the bucket reports", noIdentity.nearly(reason.BucketActionOnObject), func(ctx context.Context, s *Stage) error {
			return s.as("prod/carla").list(ctx, "reports")
		}}},
	},
	{
		Name:  "get-object-on-bucket",
		Title: "s3:GetObject is granted on the bucket, and not on its objects",
		Story: "The policy names the bucket, the action is the right one, and still nothing can be read: /* is missing.",
		Attempts: []Attempt{{"dan reads an object", noIdentity.nearly(reason.ObjectActionOnBucket), func(ctx context.Context, s *Stage) error {
			return s.as("prod/dan").get(ctx, "reports", "2026/q1.csv")
		}}},
	},
	{
		Name:  "deny-source-ip",
		Title: "The bucket policy denies other source addresses",
		Story: "It worked in the office; at home, behind another VPN exit or from a CI runner even the administrator is refused.",
		Attempts: []Attempt{
			{"the administrator reads from the office", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").from("203.0.113.7").get(ctx, "office-files", "plan.txt")
			}},
			{"the administrator reads from elsewhere", explicitDeny, func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").from("198.51.100.23").get(ctx, "office-files", "plan.txt")
			}},
		},
	},
	{
		Name:  "source-ip-behind-endpoint",
		Title: "The bucket policy denies other source addresses, and a VPC endpoint hides the address",
		Story: "A request through a VPC endpoint carries no aws:SourceIp, so a Deny with NotIpAddress refuses it wherever it comes from.",
		Attempts: []Attempt{{"the administrator reads through a VPC endpoint", explicitDeny, func(ctx context.Context, s *Stage) error {
			return s.as("prod/admin").through("vpce-0a1b2c3d").get(ctx, "office-files", "plan.txt")
		}}},
	},
	{
		Name:  "deny-source-vpce",
		Title: "The bucket policy denies what does not come through the VPC endpoint",
		Story: "Applications in the VPC are fine, and the console, a laptop or another VPC is not.",
		Attempts: []Attempt{
			{"the administrator reads through the endpoint", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").through("vpce-0a1b2c3d").get(ctx, "vpc-only-files", "plan.txt")
			}},
			{"the administrator reads over the internet", explicitDeny, func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").from("198.51.100.23").get(ctx, "vpc-only-files", "plan.txt")
			}},
		},
	},
	{
		Name:  "deny-principal-org-id",
		Title: "The bucket policy denies callers from outside the organization",
		Story: "A partner was let in by a statement of its own, and a Deny on aws:PrincipalOrgID in the same policy wins.",
		Attempts: []Attempt{{"a partner reads an object", explicitDeny, func(ctx context.Context, s *Stage) error {
			return s.as("partner/pat").get(ctx, "org-only-files", "plan.txt")
		}}},
	},
	{
		Name:  "deny-insecure-transport",
		Title: "The bucket policy denies requests without TLS",
		Story: "An endpoint URL with http:// in some configuration is enough.",
		Attempts: []Attempt{
			{"the administrator reads over https", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").get(ctx, "tls-only-files", "plan.txt")
			}},
			{"the administrator reads over http", explicitDeny, func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").insecurely().get(ctx, "tls-only-files", "plan.txt")
			}},
		},
	},
	{
		Name:  "not-principal-lockout",
		Title: "A Deny with NotPrincipal locks everybody out, and the root user recovers",
		Story: "NotPrincipal spares the role, and not its sessions, so that nobody is left who could change the policy; the account's root user can delete it.",
		Attempts: []Attempt{
			{"a session of the role that was to be spared reads", explicitDeny, func(ctx context.Context, s *Stage) error {
				return s.asDeployer(ctx, func(c caller) error { return c.get(ctx, "deploy-artifacts", "app.zip") })
			}},
			{"the administrator deletes the bucket policy", explicitDeny, func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").deletePolicy(ctx, "deploy-artifacts")
			}},
			{"the root user deletes the bucket policy", allowed(204), func(ctx context.Context, s *Stage) error {
				return s.as("prod/root").deletePolicy(ctx, "deploy-artifacts")
			}},
			{"a session of the role reads again", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.asDeployer(ctx, func(c caller) error { return c.get(ctx, "deploy-artifacts", "app.zip") })
			}},
		},
	},
}

// asDeployer does something in a session of the role deployer.
func (s *Stage) asDeployer(ctx context.Context, do func(caller) error) error {
	c, err := s.as("prod/admin").assume(ctx, "arn:aws:iam::111122223333:role/deployer", "")
	if err != nil {
		return err
	}
	return do(c)
}

func (c caller) deletePolicy(ctx context.Context, bucket string) error {
	if c.err != nil {
		return c.err
	}
	_, err := c.s3().DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &bucket})
	return err
}
