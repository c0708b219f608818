package iam

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A job is a report on the services that an entity used. It is complete at once,
// and tells what is so when it is read.
type job struct {
	ARN         string    `json:"arn"`
	Granularity string    `json:"granularity,omitempty"`
	Created     time.Time `json:"created,omitzero"`
}

// jobs are the reports of an account by id.
var jobs = world.NewKind[job]("access-report")

func generateServiceLastAccessedDetails(c *awsapi.Call, in *sdk.GenerateServiceLastAccessedDetailsInput) (*sdk.GenerateServiceLastAccessedDetailsOutput, error) {
	if _, err := policiesOf(c, *in.Arn); err != nil {
		return nil, err
	}
	h := world.NewName("", 32)
	id := strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	j := job{*in.Arn, string(in.Granularity), c.Now()}
	return &sdk.GenerateServiceLastAccessedDetailsOutput{JobId: &id}, c.World().Change(c.Context(), func(ch *world.Change) error {
		jobs.Put(ch, c.AccountID(), id, j)
		return nil
	})
}

// policiesOf returns the policies of a user, group, role, or the managed policy, of
// an ARN.
func policiesOf(c *awsapi.Call, arn string) ([]source, error) {
	if strings.Contains(arn, ":policy/") {
		if err := attachable(c, arn); err != nil {
			return nil, err
		}
		s, _ := managedSource(c.World().Estate().Accounts[c.AccountID()], arn)
		return []source{s}, nil
	}
	p, err := sourceOf(c, arn)
	if err != nil {
		return nil, err
	}
	return p.identity, nil
}

// serviceNames are the names of the services that this endpoint has.
var serviceNames = map[string]string{
	"s3": "Amazon S3", "iam": "AWS Identity and Access Management", "sts": "AWS Security Token Service", "kms": "AWS Key Management Service",
	"organizations": "AWS Organizations", "cloudtrail": "AWS CloudTrail", "ec2": "Amazon EC2",
}

// granted lists the services that policies allow something of, of all that AWS
// has.
func granted(docs []source) []string {
	return slices.DeleteFunc(iamdata.Services(), func(service string) bool {
		return !slices.ContainsFunc(docs, func(d source) bool { return grants(d, service) })
	})
}

func grants(d source, service string) bool {
	for i := range d.document.Statements {
		st := &d.document.Statements[i]
		if st.Effect.String() != "Allow" {
			continue
		}
		if st.NotAction {
			return true
		}
		for _, a := range st.Actions {
			prefix, _, _ := strings.Cut(a.Text, ":")
			if prefix == "*" || strings.EqualFold(prefix, service) {
				return true
			}
		}
	}
	return false
}

func getServiceLastAccessedDetails(c *awsapi.Call, in *sdk.GetServiceLastAccessedDetailsInput) (*sdk.GetServiceLastAccessedDetailsOutput, error) {
	j, ok := jobs.Get(c.World(), c.AccountID(), *in.JobId)
	if !ok {
		return nil, c.Errorf("NoSuchEntity", "The job %s cannot be found.", *in.JobId)
	}
	docs, err := policiesOf(c, j.ARN)
	if err != nil {
		return nil, err
	}
	uses := c.World().UsesOf(j.ARN)
	var list []types.ServiceLastAccessed
	for _, service := range granted(docs) {
		name := serviceNames[service]
		if name == "" {
			name = service
		}
		s := types.ServiceLastAccessed{ServiceName: aws.String(name), ServiceNamespace: aws.String(service), TotalAuthenticatedEntities: aws.Int32(0)}
		if use, used := uses[service]; used {
			s.LastAuthenticated, s.LastAuthenticatedEntity, s.LastAuthenticatedRegion, s.TotalAuthenticatedEntities = date(use.At), aws.String(use.Entity), aws.String(use.Region), aws.Int32(1)
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b types.ServiceLastAccessed) int {
		return strings.Compare(*a.ServiceNamespace, *b.ServiceNamespace)
	})
	out := &sdk.GetServiceLastAccessedDetailsOutput{
		JobStatus: types.JobStatusTypeCompleted, JobCreationDate: date(j.Created), JobCompletionDate: date(j.Created), JobType: types.AccessAdvisorUsageGranularityTypeServiceLevel,
	}
	return out, page(c, in, out, "ServicesLastAccessed", list, func(s types.ServiceLastAccessed) string { return *s.ServiceNamespace })
}
