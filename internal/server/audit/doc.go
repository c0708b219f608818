// Package audit keeps the records of what was called: CloudTrail's event history,
// the files that trails deliver, and S3 server access logs.
//
// Requests only add to a queue in memory, of bounded length. It is delivered every
// few seconds, and when the endpoint stops, by the services that AWS has for it
// (cloudtrail.amazonaws.com, logging.s3.amazonaws.com), which the policy of the
// bucket has to let in. What a process had not delivered when it died is lost, as
// AWS promises no delivery either; the event history is that of the process.
package audit
