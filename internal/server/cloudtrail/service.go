package cloudtrail

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A service is CloudTrail over the records of an endpoint.
type service struct{ audit *audit.Recorder }

// New returns the service.
func New(o awsapi.Options, recorder *audit.Recorder) (*awsapi.Service, error) {
	s := &service{recorder}
	return awsapi.New("cloudtrail", o,
		awsapi.Op("CreateTrail", accessCreateTrail, s.createTrail),
		awsapi.Op("UpdateTrail", accessUpdateTrail, s.updateTrail),
		awsapi.Op("DeleteTrail", accessDeleteTrail, deleteTrail),
		awsapi.Op("DescribeTrails", onAll, describeTrails),
		awsapi.Op("ListTrails", onAll, listTrails),
		awsapi.Op("GetTrail", accessGetTrail, getTrail),
		awsapi.Op("GetTrailStatus", accessGetTrailStatus, s.getTrailStatus),
		awsapi.Op("StartLogging", accessStartLogging, startLogging),
		awsapi.Op("StopLogging", accessStopLogging, stopLogging),
		awsapi.Op("PutEventSelectors", accessPutEventSelectors, putEventSelectors),
		awsapi.Op("GetEventSelectors", accessGetEventSelectors, getEventSelectors),
		awsapi.Op("AddTags", accessAddTags, addTags),
		awsapi.Op("RemoveTags", accessRemoveTags, removeTags),
		awsapi.Op("ListTags", accessListTags, listTags),
		awsapi.Op("LookupEvents", onAll, s.lookupEvents),
	)
}

func onAll[In any](c *awsapi.Call, _ *In) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "cloudtrail:" + c.Operation, Resource: "*"}}, nil
}

// on is the access of a call about one trail.
func on(c *awsapi.Call, name *string) ([]awsapi.Check, error) {
	region, short, err := split(c, aws.ToString(name))
	if err != nil {
		return nil, err
	}
	return []awsapi.Check{{Action: "cloudtrail:" + c.Operation, Resource: trailARN(c, region, short)}}, nil
}

// split takes a trail's name, or its ARN, apart. Trails of other accounts are none of
// the caller's.
func split(c *awsapi.Call, name string) (region, short string, err error) {
	if !strings.HasPrefix(name, "arn:") {
		return c.Region, name, nil
	}
	arn, ok := iam.ParseARN(name)
	short, isTrail := strings.CutPrefix(arn.Resource, "trail/")
	switch {
	case !ok || !isTrail || arn.Service != "cloudtrail" || arn.Partition != estate.PartitionOf(arn.Region):
		return "", "", c.Errorf("CloudTrailARNInvalidException", "The specified ARN is not that of a trail, such as arn:aws:cloudtrail:us-east-2:123456789012:trail/MyTrail: %s", name)
	case arn.Account != c.AccountID():
		return "", "", unknownTrail(c, name)
	}
	return arn.Region, short, nil
}

func trailARN(c *awsapi.Call, region, name string) string {
	return "arn:" + estate.PartitionOf(region) + ":cloudtrail:" + region + ":" + string(c.AccountID()) + ":trail/" + name
}

func unknownTrail(c *awsapi.Call, arn string) error {
	return c.Errorf("TrailNotFoundException", "Unknown trail: %s for the user: %s", arn, c.AccountID())
}

// find returns a trail of the caller's account, with the name of its record.
func find(c *awsapi.Call, v world.View, name *string) (audit.Trail, string, error) {
	region, short, err := split(c, aws.ToString(name))
	if err != nil {
		return audit.Trail{}, "", err
	}
	key := audit.TrailKey(region, short)
	t, ok := audit.Trails.Get(v, c.AccountID(), key)
	if !ok {
		return t, key, unknownTrail(c, trailARN(c, region, short))
	}
	return t, key, nil
}

// change changes a trail.
func change(c *awsapi.Call, name *string, f func(*audit.Trail) error) (audit.Trail, error) {
	var out audit.Trail
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		t, key, err := find(c, w, name)
		if err != nil {
			return err
		}
		if err := f(&t); err != nil {
			return err
		}
		audit.Trails.Put(w, c.AccountID(), key, t)
		out = t
		return nil
	})
	return out, err
}
