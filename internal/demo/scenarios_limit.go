package demo

import (
	"context"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

const thisYearOnly = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/2026/*"}]}`

const modelsPoint = "arn:aws:s3:us-east-1:111122223333:accesspoint/models-from-the-vpc"

const analyst = "arn:aws:iam::111122223333:role/analyst"

// limitScenarios are about what can only take away: organizations, boundaries,
// sessions and VPC endpoints.
var limitScenarios = []Scenario{
	{
		Name:  "scp",
		Title: "A service control policy denies the Region",
		Story: "An administrator is refused in a bucket of the same account; the Deny stands in the organization, where the account cannot see it.",
		Attempts: []Attempt{{"the administrator reads from a bucket in Tokyo", denied(iam.GateSCP, iam.KindExplicitDeny, reason.DenySCP), func(ctx context.Context, s *Stage) error {
			return s.as("prod/admin").in("ap-northeast-1").get(ctx, "tokyo-backup", "backup.tar")
		}}},
	},
	{
		Name:  "rcp",
		Title: "A resource control policy denies callers from outside the organization",
		Story: "The bucket policy lets the partner in, and the organization of the bucket's account does not let outsiders in at all.",
		Attempts: []Attempt{{"the partner reads what was shared", denied(iam.GateRCP, iam.KindExplicitDeny, reason.DenyRCP), func(ctx context.Context, s *Stage) error {
			return s.as("partner/pat").get(ctx, "data-exchange", "prices.csv")
		}}},
	},
	{
		Name:  "permissions-boundary",
		Title: "The permissions boundary does not allow it",
		Story: "AmazonS3FullAccess is attached, and uploads are refused: under the boundary only reading is left.",
		Attempts: []Attempt{{"henry uploads", denied(iam.GateBoundary, iam.KindImplicitDeny, reason.NoAllowBoundary), func(ctx context.Context, s *Stage) error {
			return s.as("prod/henry").put(ctx, "reports", "2026/q2.csv", "")
		}}},
	},
	{
		Name:  "session-policy",
		Title: "The session policy does not allow it",
		Story: "The role may read it; the credentials were made with a policy that narrows the session, often by a broker that nobody thinks of.",
		Attempts: []Attempt{{"a narrowed session of the role analyst reads last year's report", denied(iam.GateSession, iam.KindImplicitDeny, reason.NoAllowSession),
			func(ctx context.Context, s *Stage) error {
				c, err := s.as("prod/admin").assume(ctx, analyst, thisYearOnly)
				if err != nil {
					return err
				}
				return c.get(ctx, "reports", "2025/q4.csv")
			}}},
	},
	{
		Name:  "vpc-endpoint-policy",
		Title: "The policy of the VPC endpoint does not allow the bucket",
		Story: "From the VPC one bucket works and all others are refused, for every caller, while the same keys work from a laptop.",
		Attempts: []Attempt{{"the administrator reads another bucket through the endpoint", denied(iam.GateVPCEndpoint, iam.KindImplicitDeny, reason.NoAllowVPCEndpoint),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").through("vpce-4d3c2b1a").get(ctx, "ledger", "2026.db")
			}}},
	},
	{
		Name:  "access-point-vpc-origin",
		Title: "The access point takes requests from its VPC alone",
		Story: "The bucket and its policies would allow it; the network origin was chosen when the access point was made, and cannot be changed.",
		Attempts: []Attempt{
			{"the administrator reads from the VPC", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").through("vpce-0a1b2c3d").get(ctx, modelsPoint, "model.bin")
			}},
			{"the administrator reads over the internet", denied(iam.GateAccessPoint, iam.KindSetting, reason.VPCOrigin), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").virtualHosted().get(ctx, modelsPoint, "model.bin")
			}},
		},
	},
}
