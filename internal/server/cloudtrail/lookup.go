package cloudtrail

import (
	"encoding/json"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/awsapi"
)

// mostEvents is how many events a page of LookupEvents holds at most.
const mostEvents = 50

// lookupEvents finds management events, newest first. Data events are never in the
// event history.
func (s *service) lookupEvents(c *awsapi.Call, in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
	if len(in.LookupAttributes) > 1 {
		return nil, c.Errorf("InvalidLookupAttributesException", "Only one lookup attribute can be specified.")
	}
	if in.StartTime != nil && in.EndTime != nil && in.StartTime.After(*in.EndTime) {
		return nil, c.Errorf("InvalidTimeRangeException", "The start time is after the end time.")
	}
	list := []types.Event{}
	for _, r := range s.audit.History(c.AccountID(), c.Region) {
		at := r.At()
		if in.StartTime != nil && at.Before(*in.StartTime) || in.EndTime != nil && at.After(*in.EndTime) ||
			len(in.LookupAttributes) == 1 && !matches(r, in.LookupAttributes[0]) {
			continue
		}
		list = append(list, eventOf(r))
	}
	page, next, ok := awsapi.Page(list, in.NextToken, in.MaxResults, mostEvents)
	if !ok {
		return nil, c.Errorf("InvalidNextTokenException", "The token is not valid.")
	}
	return &cloudtrail.LookupEventsOutput{Events: page, NextToken: next}, nil
}

func matches(r *audit.Record, a types.LookupAttribute) bool {
	value := aws.ToString(a.AttributeValue)
	switch a.AttributeKey {
	case types.LookupAttributeKeyEventId:
		return r.EventID == value
	case types.LookupAttributeKeyEventName:
		return r.EventName == value
	case types.LookupAttributeKeyEventSource:
		return r.EventSource == value
	case types.LookupAttributeKeyReadOnly:
		return strconv.FormatBool(r.ReadOnly) == value
	case types.LookupAttributeKeyUsername:
		return r.UserName() == value
	case types.LookupAttributeKeyAccessKeyId:
		return r.Identity.AccessKey == value
	}
	for _, about := range r.Resources {
		if a.AttributeKey == types.LookupAttributeKeyResourceType && about.Type == value || a.AttributeKey == types.LookupAttributeKeyResourceName && about.Name() == value {
			return true
		}
	}
	return false
}

func eventOf(r *audit.Record) types.Event {
	text, _ := json.Marshal(r) // plain data
	e := types.Event{EventId: &r.EventID, EventName: &r.EventName, EventSource: &r.EventSource, EventTime: aws.Time(r.At()), ReadOnly: aws.String(strconv.FormatBool(r.ReadOnly)),
		AccessKeyId: orNil(r.Identity.AccessKey), Username: orNil(r.UserName()), CloudTrailEvent: aws.String(string(text)), Resources: []types.Resource{}}
	for _, about := range r.Resources {
		e.Resources = append(e.Resources, types.Resource{ResourceType: aws.String(about.Type), ResourceName: aws.String(about.Name())})
	}
	return e
}
