package cloudtrail

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// trailName: "CreateTrail", Name, in the CloudTrail API Reference.
var trailName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,127}$`)

func accessCreateTrail(c *awsapi.Call, in *cloudtrail.CreateTrailInput) ([]awsapi.Check, error) {
	checks, err := on(c, in.Name)
	if err != nil {
		return nil, err
	}
	checks[0].Keys = awsapi.Keys{}.RequestTags(tagMap(in.TagsList))
	return checks, nil
}

// createTrail makes a trail that does not log yet.
func (s *service) createTrail(c *awsapi.Call, in *cloudtrail.CreateTrailInput) (*cloudtrail.CreateTrailOutput, error) {
	if !trailName.MatchString(*in.Name) {
		return nil, c.Errorf("InvalidTrailNameException", "Trail name must have 3 to 128 letters, digits, periods, underscores and dashes, and begin with a letter or digit: %s", *in.Name)
	}
	t := audit.Trail{Name: *in.Name, Region: c.Region, Bucket: aws.ToString(in.S3BucketName), Prefix: aws.ToString(in.S3KeyPrefix),
		MultiRegion: aws.ToBool(in.IsMultiRegionTrail), Global: in.IncludeGlobalServiceEvents == nil || *in.IncludeGlobalServiceEvents,
		Validation: aws.ToBool(in.EnableLogFileValidation), Tags: tagMap(in.TagsList)}
	if err := s.checkBucket(c, &t); err != nil {
		return nil, err
	}
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		key := audit.TrailKey(c.Region, t.Name)
		if _, taken := audit.Trails.Get(w, c.AccountID(), key); taken {
			return c.Errorf("TrailAlreadyExistsException", "Trail %s already exists for customer: %s", t.Name, c.AccountID())
		}
		audit.Trails.Put(w, c.AccountID(), key, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &cloudtrail.CreateTrailOutput{Name: &t.Name, TrailARN: aws.String(trailARN(c, t.Region, t.Name)), S3BucketName: &t.Bucket, S3KeyPrefix: orNil(t.Prefix),
		IsMultiRegionTrail: &t.MultiRegion, IncludeGlobalServiceEvents: &t.Global, LogFileValidationEnabled: &t.Validation, IsOrganizationTrail: aws.Bool(false)}, nil
}

// checkBucket refuses buckets that CloudTrail cannot deliver to.
func (s *service) checkBucket(c *awsapi.Call, t *audit.Trail) error {
	if _, ok := c.World().Estate().Bucket(t.Bucket); !ok {
		return c.Errorf("S3BucketDoesNotExistException", "S3 bucket %s does not exist!", t.Bucket)
	}
	if err := s.audit.MayDeliver(c.AccountID(), t); err != nil {
		return c.Errorf("InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: %s", t.Bucket)
	}
	return nil
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func accessUpdateTrail(c *awsapi.Call, in *cloudtrail.UpdateTrailInput) ([]awsapi.Check, error) {
	return on(c, in.Name)
}

func (s *service) updateTrail(c *awsapi.Call, in *cloudtrail.UpdateTrailInput) (*cloudtrail.UpdateTrailOutput, error) {
	t, err := change(c, in.Name, func(t *audit.Trail) error {
		if in.S3BucketName != nil {
			t.Bucket = *in.S3BucketName
		}
		if in.S3KeyPrefix != nil {
			t.Prefix = *in.S3KeyPrefix
		}
		if in.IsMultiRegionTrail != nil {
			t.MultiRegion = *in.IsMultiRegionTrail
		}
		if in.IncludeGlobalServiceEvents != nil {
			t.Global = *in.IncludeGlobalServiceEvents
		}
		return s.checkBucket(c, t)
	})
	if err != nil {
		return nil, err
	}
	return &cloudtrail.UpdateTrailOutput{Name: &t.Name, TrailARN: aws.String(trailARN(c, t.Region, t.Name)), S3BucketName: &t.Bucket, S3KeyPrefix: orNil(t.Prefix),
		IsMultiRegionTrail: &t.MultiRegion, IncludeGlobalServiceEvents: &t.Global, LogFileValidationEnabled: &t.Validation, IsOrganizationTrail: aws.Bool(false)}, nil
}

func accessDeleteTrail(c *awsapi.Call, in *cloudtrail.DeleteTrailInput) ([]awsapi.Check, error) {
	return on(c, in.Name)
}

func deleteTrail(c *awsapi.Call, in *cloudtrail.DeleteTrailInput) (*cloudtrail.DeleteTrailOutput, error) {
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		_, key, err := find(c, w, in.Name)
		if err == nil {
			audit.Trails.Delete(w, c.AccountID(), key)
		}
		return err
	})
	return &cloudtrail.DeleteTrailOutput{}, err
}

func describe(c *awsapi.Call, t *audit.Trail) types.Trail {
	return types.Trail{Name: &t.Name, HomeRegion: &t.Region, TrailARN: aws.String(trailARN(c, t.Region, t.Name)), S3BucketName: &t.Bucket, S3KeyPrefix: orNil(t.Prefix),
		IsMultiRegionTrail: &t.MultiRegion, IncludeGlobalServiceEvents: &t.Global, LogFileValidationEnabled: &t.Validation, IsOrganizationTrail: aws.Bool(false),
		HasCustomEventSelectors: aws.Bool(len(t.Selectors) > 0), HasInsightSelectors: aws.Bool(false)}
}

// shownIn reports whether a trail is one of a Region, if as a shadow.
func shownIn(region string, t *audit.Trail) bool { return t.Region == region || t.MultiRegion }

func describeTrails(c *awsapi.Call, in *cloudtrail.DescribeTrailsInput) (*cloudtrail.DescribeTrailsOutput, error) {
	out := &cloudtrail.DescribeTrailsOutput{TrailList: []types.Trail{}}
	if len(in.TrailNameList) > 0 {
		for _, name := range in.TrailNameList {
			if t, _, err := find(c, c.World(), &name); err == nil {
				out.TrailList = append(out.TrailList, describe(c, &t))
			}
		}
		return out, nil
	}
	for _, t := range audit.Trails.All(c.World(), c.AccountID()) {
		if shownIn(c.Region, &t) && (t.Region == c.Region || in.IncludeShadowTrails == nil || *in.IncludeShadowTrails) {
			out.TrailList = append(out.TrailList, describe(c, &t))
		}
	}
	return out, nil
}

func listTrails(c *awsapi.Call, in *cloudtrail.ListTrailsInput) (*cloudtrail.ListTrailsOutput, error) {
	var list []types.TrailInfo
	for _, t := range audit.Trails.All(c.World(), c.AccountID()) {
		list = append(list, types.TrailInfo{Name: &t.Name, HomeRegion: &t.Region, TrailARN: aws.String(trailARN(c, t.Region, t.Name))})
	}
	page, next, ok := awsapi.Page(list, in.NextToken, nil, 1000)
	if !ok {
		return nil, c.Errorf("InvalidParameterException", "The token is not valid.")
	}
	return &cloudtrail.ListTrailsOutput{Trails: page, NextToken: next}, nil
}

func accessGetTrail(c *awsapi.Call, in *cloudtrail.GetTrailInput) ([]awsapi.Check, error) {
	return on(c, in.Name)
}

func getTrail(c *awsapi.Call, in *cloudtrail.GetTrailInput) (*cloudtrail.GetTrailOutput, error) {
	t, _, err := find(c, c.World(), in.Name)
	if err != nil {
		return nil, err
	}
	out := describe(c, &t)
	return &cloudtrail.GetTrailOutput{Trail: &out}, nil
}

func accessGetTrailStatus(c *awsapi.Call, in *cloudtrail.GetTrailStatusInput) ([]awsapi.Check, error) {
	return on(c, in.Name)
}

func (s *service) getTrailStatus(c *awsapi.Call, in *cloudtrail.GetTrailStatusInput) (*cloudtrail.GetTrailStatusOutput, error) {
	t, key, err := find(c, c.World(), in.Name)
	if err != nil {
		return nil, err
	}
	out := &cloudtrail.GetTrailStatusOutput{IsLogging: &t.Logging}
	if !t.Started.IsZero() {
		out.StartLoggingTime = &t.Started
	}
	if !t.Stopped.IsZero() {
		out.StopLoggingTime = &t.Stopped
	}
	if d, ok := s.audit.Delivered(c.AccountID(), key); ok {
		out.LatestDeliveryTime, out.LatestDeliveryError = &d.At, orNil(d.Error)
	}
	return out, nil
}

func accessStartLogging(c *awsapi.Call, in *cloudtrail.StartLoggingInput) ([]awsapi.Check, error) {
	return on(c, in.Name)
}

func startLogging(c *awsapi.Call, in *cloudtrail.StartLoggingInput) (*cloudtrail.StartLoggingOutput, error) {
	_, err := change(c, in.Name, func(t *audit.Trail) error {
		t.Logging, t.Started = true, c.Now()
		return nil
	})
	return &cloudtrail.StartLoggingOutput{}, err
}

func accessStopLogging(c *awsapi.Call, in *cloudtrail.StopLoggingInput) ([]awsapi.Check, error) {
	return on(c, in.Name)
}

func stopLogging(c *awsapi.Call, in *cloudtrail.StopLoggingInput) (*cloudtrail.StopLoggingOutput, error) {
	_, err := change(c, in.Name, func(t *audit.Trail) error {
		t.Logging, t.Stopped = false, c.Now()
		return nil
	})
	return &cloudtrail.StopLoggingOutput{}, err
}
