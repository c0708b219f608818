// Package table reads logs that were put into a table before: results of Athena, of
// CloudTrail Lake and of CloudWatch Logs Insights, as CSV or JSON, the download of
// CloudTrail's event history, and access logs that S3 delivers to CloudWatch as JSON.
//
// Columns are told by their names, whatever their order, case and punctuation, and a
// table need not have all of them. Each row is written as the record that it was made
// of, a JSON object of CloudTrail or a line of an access log, for the readers of those.
package table
