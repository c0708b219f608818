// Package cloudtrail is AWS CloudTrail: trails that deliver what was called into a
// bucket, and the event history of management events. Package audit takes the
// records and delivers them.
package cloudtrail
