package s3

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/document"
)

// notificationEvents are the types of events: "Event notification types and
// destinations".
var notificationEvents = strings.Fields(`s3:TestEvent s3:ReducedRedundancyLostObject
	s3:ObjectCreated:* s3:ObjectCreated:Put s3:ObjectCreated:Post s3:ObjectCreated:Copy s3:ObjectCreated:CompleteMultipartUpload
	s3:ObjectRemoved:* s3:ObjectRemoved:Delete s3:ObjectRemoved:DeleteMarkerCreated
	s3:ObjectRestore:* s3:ObjectRestore:Post s3:ObjectRestore:Completed s3:ObjectRestore:Delete
	s3:Replication:* s3:Replication:OperationFailedReplication s3:Replication:OperationNotTracked
	s3:Replication:OperationMissedThreshold s3:Replication:OperationReplicatedAfterThreshold
	s3:LifecycleTransition s3:IntelligentTiering s3:ObjectAcl:Put
	s3:LifecycleExpiration:* s3:LifecycleExpiration:Delete s3:LifecycleExpiration:DeleteMarkerCreated
	s3:ObjectTagging:* s3:ObjectTagging:Put s3:ObjectTagging:Delete`)

// destinations are the kinds of notification, the element that names the
// destination, and its service.
var destinations = []struct{ configuration, element, service string }{
	{"TopicConfiguration", "Topic", "sns"}, {"QueueConfiguration", "Queue", "sqs"}, {"CloudFunctionConfiguration", "CloudFunction", "lambda"},
}

// checkNotification is what PutBucketNotificationConfiguration refuses. Whether the
// destination exists and takes messages is not looked at: this endpoint has none.
func checkNotification(_ *exchange, d *document.Element) error {
	ids := map[string]bool{}
	for _, dest := range destinations {
		for _, c := range d.All(dest.configuration) {
			arn, ok := iam.ParseARN(c.Get(dest.element))
			if !ok { // observed at AWS
				return invalidArgument("The ARN could not be parsed", dest.element, c.Get(dest.element))
			}
			if arn.Service != dest.service || arn.Resource == "" {
				return invalidArgument("The ARN is not well formed", dest.element, c.Get(dest.element))
			}
			for _, event := range c.Texts("Event") {
				if !slices.Contains(notificationEvents, event) {
					return invalidArgument("The event '"+event+"' is not supported for notifications", "Event", event)
				}
			}
			if err := checkEventFilter(c); err != nil {
				return err
			}
			id := c.Child("Id")
			if id == nil || id.Text == "" {
				nameNotification(c)
			} else if ids[id.Text] {
				return invalidArgument("Configuration Ids must be unique. Found same Id for more than one configuration", "Id", id.Text)
			} else {
				ids[id.Text] = true
			}
		}
	}
	return nil
}

func checkEventFilter(c *document.Element) error {
	seen := map[string]bool{}
	for _, rule := range c.Find("Filter", "S3Key").All("FilterRule") {
		name := rule.Get("Name")
		switch lower := strings.ToLower(name); {
		case lower != "prefix" && lower != "suffix":
			return invalidArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", name)
		case seen[lower]:
			return invalidArgument("Cannot specify more than one "+lower+" rule in a filter.", "FilterRule.Name", name)
		case len(rule.Get("Value")) > 1024:
			return invalidArgument("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation", "FilterRule.Value", rule.Get("Value"))
		default:
			seen[lower] = true
			rule.Child("Name").Text = strings.ToUpper(lower[:1]) + lower[1:] // as S3 answers it: observed at AWS
		}
	}
	return nil
}

// nameNotification gives a notification the id that its client left to S3.
func nameNotification(c *document.Element) {
	c.Children = slices.DeleteFunc(c.Children, func(e *document.Element) bool { return e.Name == "Id" })
	named := document.New("")
	nameRule(named)
	id := named.Child("ID")
	id.Name = "Id"
	c.Children = append([]*document.Element{id}, c.Children...)
}
