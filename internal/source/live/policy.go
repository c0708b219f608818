package live

import (
	_ "embed" // the policy
	"strings"
)

//go:embed policy.json
var collectorPolicy string

// CollectorPolicy is the least IAM policy with which Collect reads all: reads alone,
// of no object. Each statement can be left out; what it allows is then unknown. With
// the name of a role it is also that of CollectOrganization.
func CollectorPolicy(role string) string {
	if role == "" {
		return collectorPolicy
	}
	const end = "\n  ]\n}\n"
	return strings.TrimSuffix(collectorPolicy, end) + `,
    {
      "Sid": "Accounts",
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Resource": "arn:aws:iam::*:role/` + strings.TrimPrefix(role, "/") + `"
    }` + end
}
