package live

import _ "embed" // the policy

// CollectorPolicy is the least IAM policy with which Collect reads all: reads
// alone, of no object. Each statement can be left out; what it allows is then
// unknown.
//
//go:embed policy.json
var CollectorPolicy string
