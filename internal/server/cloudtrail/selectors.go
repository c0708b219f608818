package cloudtrail

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/awsapi"
)

// objectType is the resource type of S3's data events.
const objectType = "AWS::S3::Object"

func accessPutEventSelectors(c *awsapi.Call, in *cloudtrail.PutEventSelectorsInput) ([]awsapi.Check, error) {
	return on(c, in.TrailName)
}

func putEventSelectors(c *awsapi.Call, in *cloudtrail.PutEventSelectorsInput) (*cloudtrail.PutEventSelectorsOutput, error) {
	if len(in.EventSelectors) > 0 == (len(in.AdvancedEventSelectors) > 0) {
		return nil, c.Errorf("InvalidEventSelectorsException", "Specify either event selectors or advanced event selectors.")
	}
	var list []audit.Selector
	var advanced json.RawMessage
	for _, s := range in.EventSelectors {
		selector, err := basic(c, s)
		if err != nil {
			return nil, err
		}
		list = append(list, selector)
	}
	for _, s := range in.AdvancedEventSelectors {
		selector, err := advancedOf(c, s)
		if err != nil {
			return nil, err
		}
		list = append(list, selector)
	}
	if len(in.AdvancedEventSelectors) > 0 {
		advanced, _ = json.Marshal(in.AdvancedEventSelectors) // plain data
	}
	t, err := change(c, in.TrailName, func(t *audit.Trail) error {
		t.Selectors, t.Advanced = list, advanced
		return nil
	})
	return &cloudtrail.PutEventSelectorsOutput{TrailARN: aws.String(trailARN(c, t.Region, t.Name)), EventSelectors: in.EventSelectors,
		AdvancedEventSelectors: in.AdvancedEventSelectors}, err
}

// basic reads an event selector: "EventSelector" in the CloudTrail API Reference.
func basic(c *awsapi.Call, in types.EventSelector) (audit.Selector, error) {
	s := audit.Selector{Management: in.IncludeManagementEvents == nil || *in.IncludeManagementEvents, Excluded: in.ExcludeManagementEventSources,
		Read: in.ReadWriteType != types.ReadWriteTypeWriteOnly, Write: in.ReadWriteType != types.ReadWriteTypeReadOnly}
	for _, d := range in.DataResources {
		if aws.ToString(d.Type) != objectType {
			return s, c.Errorf("InvalidEventSelectorsException", "why403 has data events of %s alone, not of %s.", objectType, aws.ToString(d.Type))
		}
		for _, value := range d.Values {
			if !strings.HasPrefix(value, "arn:aws:s3") {
				return s, c.Errorf("InvalidEventSelectorsException", "Value %s for DataResources.Values is invalid.", value)
			}
			if value == "arn:aws:s3" {
				value = "arn:aws:s3:::"
			}
			s.Objects = append(s.Objects, value)
		}
	}
	return s, nil
}

// advancedOf reads an advanced event selector with the fields that S3's events have:
// eventCategory, readOnly, eventSource, resources.type and resources.ARN.
func advancedOf(c *awsapi.Call, in types.AdvancedEventSelector) (audit.Selector, error) {
	s, data, category := audit.Selector{Read: true, Write: true}, []string{"arn:aws:s3:::"}, ""
	for _, f := range in.FieldSelectors {
		switch field := aws.ToString(f.Field); {
		case field == "eventCategory" && len(f.Equals) == 1:
			category = f.Equals[0]
		case field == "readOnly" && len(f.Equals) == 1:
			s.Read, s.Write = f.Equals[0] == "true", f.Equals[0] == "false"
		case field == "eventSource" && len(f.NotEquals) > 0:
			s.Excluded = f.NotEquals
		case field == "resources.type" && len(f.Equals) == 1 && f.Equals[0] == objectType:
		case field == "resources.ARN" && len(f.StartsWith)+len(f.Equals) > 0:
			data = append(f.StartsWith, f.Equals...)
		default:
			return s, c.Errorf("InvalidEventSelectorsException", "why403 does not select by the field %s with these operators.", field)
		}
	}
	switch category {
	case "Management":
		s.Management = true
	case "Data":
		s.Objects = data
	default:
		return s, c.Errorf("InvalidEventSelectorsException", "An advanced event selector has eventCategory Equals Management or Data.")
	}
	return s, nil
}

func accessGetEventSelectors(c *awsapi.Call, in *cloudtrail.GetEventSelectorsInput) ([]awsapi.Check, error) {
	return on(c, in.TrailName)
}

func getEventSelectors(c *awsapi.Call, in *cloudtrail.GetEventSelectorsInput) (*cloudtrail.GetEventSelectorsOutput, error) {
	t, _, err := find(c, c.World(), in.TrailName)
	if err != nil {
		return nil, err
	}
	out := &cloudtrail.GetEventSelectorsOutput{TrailARN: aws.String(trailARN(c, t.Region, t.Name))}
	if len(t.Advanced) > 0 {
		return out, json.Unmarshal(t.Advanced, &out.AdvancedEventSelectors)
	}
	if len(t.Selectors) == 0 {
		out.EventSelectors = []types.EventSelector{{IncludeManagementEvents: aws.Bool(true), ReadWriteType: types.ReadWriteTypeAll}}
	}
	for _, s := range t.Selectors {
		e := types.EventSelector{IncludeManagementEvents: &s.Management, ExcludeManagementEventSources: s.Excluded, ReadWriteType: types.ReadWriteTypeAll}
		switch {
		case !s.Write:
			e.ReadWriteType = types.ReadWriteTypeReadOnly
		case !s.Read:
			e.ReadWriteType = types.ReadWriteTypeWriteOnly
		}
		if len(s.Objects) > 0 {
			e.DataResources = []types.DataResource{{Type: aws.String(objectType), Values: s.Objects}}
		}
		out.EventSelectors = append(out.EventSelectors, e)
	}
	return out, nil
}
