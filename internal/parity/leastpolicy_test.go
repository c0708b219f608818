package parity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/source/live"
)

// fullEstate has something for each action of the collector's policy to read.
const fullEstate = `version: 1
organizations:
  o-exampleorg01:
    managementAccount: "111122223333"
    policies:
      Limit: {type: scp, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
    root:
      id: r-ab12
      scps: [Limit]
      accounts: ["111122223333"]
      units: {ou-ab12-prod0001: {name: prod, accounts: ["444455556666"]}}
accounts:
  "444455556666": {}
  "111122223333":
    users:
      collector:
        accessKeys: {AKIACOLLECTOR0000001: {secret: "collector/secret"}}
        inline: {collect: %s}
    keys:
      1234abcd-12ab-34cd-56ef-1234567890ab:
        aliases: [alias/data]
        tags: {class: secret}
        document: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:root"}, Action: "kms:*", Resource: "*"}]}
    vpcEndpoints: {vpce-1a2b3c4d: {vpc: vpc-1a2b3c4d, service: com.amazonaws.us-east-1.s3}}
    buckets:
      reports:
        encryption: {algorithm: "aws:kms", key: 1234abcd-12ab-34cd-56ef-1234567890ab}
        document: {Version: "2012-10-17", Statement: [{Effect: Deny, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/secret/*"}]}
        tags: {team: data}
        accessPoints: {ap: {}}
`

// forOthers are the actions for what IAM's dump of an endpoint never lacks.
var forOthers = []string{"iam:GetPolicy", "iam:GetPolicyVersion"}

// With exactly the policy of collect --print-policy everything is read. Without any
// one of its actions something is unknown, which names the action, and nothing of it
// has taken its default; the rest is what it was.
func TestLeastPolicy(t *testing.T) {
	var doc struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal([]byte(live.CollectorPolicy("")), &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, st := range doc.Statement {
		for _, action := range st["Action"].([]any) {
			all = append(all, action.(string))
		}
	}
	whole := collectedWith(t, all)
	if list := missing(whole); len(list) > 0 {
		t.Fatalf("with the whole policy there is not read: %v", list)
	}
	for _, without := range all {
		t.Run(without, func(t *testing.T) {
			e := collectedWith(t, slices.DeleteFunc(slices.Clone(all), func(a string) bool { return a == without }))
			list := missing(e)
			switch {
			case slices.Contains(forOthers, without):
				if len(list) > 0 {
					t.Errorf("%v", list)
				}
			case !slices.ContainsFunc(list, func(why string) bool { return strings.Contains(why, without) }):
				t.Errorf("nothing says that it is not read: %v", list)
			}
		})
	}
}

// missing is what is unknown though the permissions might have told it.
func missing(e *estate.Estate) []string {
	var list []string
	for _, u := range e.AllUnknowns() {
		if !live.Never(u.Why) && !strings.HasSuffix(u.What, " of 444455556666") {
			list = append(list, u.What+": "+u.Why)
		}
	}
	return list
}

func collectedWith(t *testing.T, actions []string) *estate.Estate {
	t.Helper()
	inline, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"}}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := estate.Parse("estate.yaml", fmt.Appendf(nil, fullEstate, inline))
	if err != nil {
		t.Fatal(err)
	}
	g := newRig(t, &setup{estate: e})
	defer g.close(t)
	clock := time.Now() // by which the SDK signs
	g.clock.Store(&clock)
	s, err := live.New(context.Background(), aws.Config{Region: "us-east-1", BaseEndpoint: &g.http.URL, HTTPClient: awshttp.NewBuildableClient(),
		Credentials: credentials.NewStaticCredentialsProvider("AKIACOLLECTOR0000001", "collector/secret", "")})
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Collect(context.Background(), live.Scope{AllRegions: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
